"""A running Dask cluster as a place to run: its executor, how many runs it takes at once, and whether it is still there.

Nothing is started here. A cluster is started with ``dask scheduler`` and ``dask worker``, or with dask-jobqueue on SLURM
and the like (see docs/cluster.md), and is left running at the end.
"""

import time

from autocrine_abm.errors import AutocrineError

__all__ = ["Cluster"]


class Cluster:
    """A Dask cluster whose scheduler runs somewhere.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``"tcp://10.0.0.7:8786"``.
    client : dask.distributed.Client, optional
        One that is connected already; it is left open at the end.

    Raises
    ------
    AutocrineError
        If dask is not installed or no scheduler answers.
    """

    CONNECT = "10 s"  # how long to look for the scheduler
    PATIENCE = 10.0  # s without a connection after which the scheduler counts as gone

    def __init__(self, address, client=None):
        try:
            from distributed import Client
        except ImportError:
            raise AutocrineError(
                "--scheduler needs dask, which is not installed; pip install 'autocrine-abm[cluster]'"
            ) from None
        self.address, self._own = address, client is None
        try:
            self._client = client or Client(address, timeout=self.CONNECT, set_as_default=False, name="sweep")
        except (OSError, ValueError) as error:
            raise AutocrineError(
                f"--scheduler: no Dask scheduler answers at '{address}' ({str(error).splitlines()[0]}); "
                "start one with 'dask scheduler'"
            ) from None
        self.executor = self._client.get_executor(pure=False)
        self._asked, self._slots, self._seen = 0.0, 0, time.monotonic()

    def slots(self):
        """Runs that the cluster does at once, int: threads of all its workers, which may come and go."""
        now = time.monotonic()
        if now - self._asked > 2.0 and self._client.status == "running":
            self._asked = now
            self._slots = sum(self._client.nthreads().values())
        return self._slots

    def is_there(self):
        """Whether the scheduler answers, or did a moment ago."""
        now = time.monotonic()
        if self._client.status == "running":
            self._seen = now
        return now - self._seen < self.PATIENCE

    def close(self):
        """Give back what is not done yet and go; the cluster stays."""
        if self._client.status == "running":
            self.executor.shutdown(wait=False)
        if self._own:
            self._client.close(timeout=2)
