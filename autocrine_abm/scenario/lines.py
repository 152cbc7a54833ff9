"""On which line of a scenario file each value stands, so that a fault can point at it.

The TOML reader of Python forgets lines. This scanner walks over text that the reader has already accepted,
and notes the line of every table, key and list item. It understands nothing but brackets, quotes and keys.
"""

import re
import tomllib
from bisect import bisect_right

__all__ = ["key_lines", "line_of"]

_SPACE = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_REST_OF_LINE = re.compile(r"[^\n]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_STRING = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}(?!")|\'\'\'.*?'{3,5}(?!')|"(?:\\.|[^"\\])*"|'[^']*\'''', re.DOTALL
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


class _Scanner:
    def __init__(self, text):
        self.text, self.at = text, 0
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.lines = {}
        self.counts = {}

    def skip(self, pattern):
        self.at = pattern.match(self.text, self.at).end()

    def note(self, path):
        self.lines.setdefault(path, bisect_right(self.starts, self.at))

    def dotted(self):
        """The parts of a key such as ``a."b c".d``."""
        parts = []
        while True:
            self.skip(_SPACE)
            match = _KEY.match(self.text, self.at)
            name = match[0]
            parts.append(tomllib.loads(f"k = {name}")["k"] if name[0] in "\"'" else name)
            self.at = match.end()
            self.skip(_SPACE)
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def header(self):
        """A line ``[a.b]`` or ``[[a.b]]``; returns the path of the table that it opens."""
        start, is_list = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if is_list else 1
        parts = self.dotted()
        end, self.at, path = self.at, start, ()
        for position, part in enumerate(parts):
            path += (part,)
            self.note(path)
            if is_list and position == len(parts) - 1:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path += (self.counts[path] - 1,)
                self.note(path)
        self.at = end
        return path

    def assignment(self, path):
        """``key = value``, in a table or between braces."""
        start = self.at
        parts = self.dotted()
        end, self.at = self.at, start
        self.skip(_SPACE)
        for part in parts:
            path += (part,)
            self.note(path)
        self.at = end + 1  # the equals sign
        self.value(path)

    def value(self, path):
        self.skip(_SPACE)
        opening = self.text[self.at]
        if opening not in "[{":
            self.skip(_STRING if opening in "\"'" else _SCALAR)
            return
        closing = "]" if opening == "[" else "}"
        self.at += 1
        index = 0
        while True:
            self.skip(_GAP)
            if self.text[self.at] == closing:
                self.at += 1
                return
            if opening == "[":
                self.note((*path, index))
                self.value((*path, index))
                index += 1
            else:
                self.assignment(path)
            self.skip(_GAP)
            if self.text[self.at] == ",":
                self.at += 1

    def scan(self):
        table = ()
        self.skip(_GAP)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.assignment(table)
            self.skip(_REST_OF_LINE)
            self.skip(_GAP)


def key_lines(text):
    """Line of every table, key and list item of a TOML text.

    Parameters
    ----------
    text : str
        Valid TOML.

    Returns
    -------
    dict of tuple to int
        Line, counted from 1, by path: ``("cell", "cancer", "rule", 0, "half")``.

    Examples
    --------
    >>> key_lines('[run]\\nduration = "1 day"')
    {('run',): 1, ('run', 'duration'): 2}
    """
    scanner = _Scanner(text + "\n")
    try:
        scanner.scan()
    except (AttributeError, IndexError, TypeError, RecursionError):
        pass  # an unforeseen spelling: the lines found so far are still right
    return scanner.lines


def line_of(path, lines):
    """Line of the value at `path`, or of the nearest table around it; 1 if there is none."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1
