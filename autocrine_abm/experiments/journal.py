"""A diary on disk that survives anything: one line per entry, added at the end and pushed to disk.

Each line opens with a checksum of the rest. What a kill, a full disk or a power cut leaves of a line does not match
its checksum and counts as never written; the torn end is cut off before the next line is added. What the entries say
is left to `collect`.
"""

import json
import os
import time
import zlib
from pathlib import Path

__all__ = ["Journal"]


class Journal:
    """Entries in the order in which they were added.

    Parameters
    ----------
    path : path
        The file; made if it is missing.

    Examples
    --------
    >>> import tempfile
    >>> journal = Journal(Path(tempfile.mkdtemp()) / "journal")
    >>> journal.append({"run": 1})
    (0, 19)
    >>> journal.close()
    >>> list(Journal.entries(journal.path))
    [((0, 19), {'run': 1})]
    """

    LONGEST_UNSYNCED = 0.5  # s of wall time; a power cut may lose as much, a kill nothing

    def __init__(self, path):
        self.path = Path(path)
        self.path.touch()
        self._file = open(self.path, "r+b", buffering=0)
        self._end = self._whole()
        self._file.truncate(self._end)
        self._synced = time.monotonic()

    def _whole(self):
        """Where the last whole line ends."""
        end = self._file.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - 65536)
            self._file.seek(start)
            newline = self._file.read(end - start).rfind(b"\n")
            if newline >= 0:
                return start + newline + 1
            end = start
        return 0

    def append(self, entry):
        """Add an entry.

        Parameters
        ----------
        entry : dict
            Of text, numbers, lists and the like.

        Returns
        -------
        (int, int)
            Where it stands: offset and length [bytes].

        Raises
        ------
        OSError
            If the disk is full, say; what was written of the entry is taken back if that is possible.
        """
        body = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()
        line = b"%08x %s\n" % (zlib.crc32(body), body)
        try:
            self._write(line)
            if time.monotonic() - self._synced > self.LONGEST_UNSYNCED:
                self.sync()
        except OSError as error:
            self._file.truncate(self._end)
            raise OSError(error.errno, error.strerror, str(self.path)) from None
        place = self._end, len(line)
        self._end += len(line)
        return place

    def _write(self, line):
        self._file.seek(self._end)
        while line:
            line = line[self._file.write(line) :]

    def sync(self):
        """Push everything to disk."""
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def close(self):
        """Push everything to disk and close the file."""
        if not self._file.closed:
            try:
                self.sync()
            finally:
                self._file.close()

    @staticmethod
    def entries(path):
        """Every whole entry, in order; yields ((offset, length), dict)."""
        offset = 0
        try:
            file = open(path, "rb")
        except FileNotFoundError:
            return
        with file:
            for line in file:
                entry = Journal.decode(line)
                if entry is not None:
                    yield (offset, len(line)), entry
                offset += len(line)

    @staticmethod
    def decode(line):
        """The dict that a line (bytes) holds; None if it is torn or damaged."""
        if line[8:9] != b" " or not line.endswith(b"\n"):
            return None
        body = line[9:-1]
        return json.loads(body) if b"%08x" % zlib.crc32(body) == line[:8] else None
