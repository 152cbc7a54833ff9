"""A team of threads that shares one loop: each takes a contiguous slab of it.

Kernels hold no interpreter lock, so plain Python threads run them side by side. Because a slab writes only
its own part of the output, and sums are kept per plane and added in order, results do not depend on the
number of threads. Where many short loops follow each other, one compiled function does them all, on all
threads at once, which wait for each other inside it (`meeting`). No numba threading layer is involved:
nothing to configure, and two models may run at once in one process.
"""

import os
import threading
import weakref
from queue import SimpleQueue

import numpy as np
from numba import config

from autocrine_abm.meeting import ABANDONED, GATE_SIZE

__all__ = ["Team"]

STRETCH = 65_536  # rows for each thread in one stretch of a loop: columns of so many stay in the processor's cache


def _work(tasks):
    """Do slabs until a None comes. (Handing one over takes half the time that it takes an executor of the
    standard library, and a solve hands over dozens.)"""
    while (task := tasks.get()) is not None:
        done, kernel, low, high, arguments = task
        try:
            kernel(low, high, *arguments)
        except BaseException as raised:
            done.put(raised)
        else:
            done.put(None)
        del task, done, kernel, arguments  # nothing is kept alive by a thread that waits


def _take_part(member, members, gate, kernel, arguments):
    """Call a kernel that meets others; if it fails, they do not wait for it."""
    try:
        kernel(member, members, gate, *arguments)
    except BaseException:
        gate[ABANDONED] = 1
        raise


def _dismiss(tasks, number, process):
    if process == os.getpid():
        for _ in range(number):
            tasks.put(None)


class Team:
    """Threads that split loops between them.

    A team can be copied and pickled: the copy has threads of its own, which start when they are first needed.

    Parameters
    ----------
    threads : int
        How many threads work, counting the caller; 1 runs everything in the caller.
    smallest_slab : int
        Least amount of work (elements) worth handing to another thread; smaller loops stay with the caller.

    Examples
    --------
    >>> import numpy as np
    >>> squares = np.zeros(10)
    >>> def fill(low, high, out):
    ...     out[low:high] = np.arange(low, high) ** 2
    >>> Team(2).run(fill, 10, squares, work=10**6)
    >>> squares[-1]
    np.float64(81.0)
    """

    def __init__(self, threads=1, smallest_slab=60_000):
        if threads < 1:
            raise ValueError(f"threads: got {threads}, accepted is 1 or more")
        self.threads = int(threads)
        self.smallest_slab = smallest_slab
        self._tasks, self._process, self._dismiss = None, None, None
        self._gate, self._meeting = np.zeros(GATE_SIZE, np.int64), threading.Lock()

    def __reduce__(self):
        return Team, (self.threads, self.smallest_slab)

    def run(self, kernel, count, *arguments, work=None):
        """Call ``kernel(low, high, *arguments)`` so that the slabs cover ``range(count)`` exactly once.

        Returns, or raises what a slab raised, when all slabs are done.

        Parameters
        ----------
        kernel : callable
            Takes the two ends of a slab, then `arguments`; writes nothing that another slab reads or writes.
        count : int
            Length of the loop: planes, rows or cells.
        work : int, optional
            Size of the whole loop in elements, which decides whether sharing pays; default `count`.
        """
        if self.threads == 1:
            kernel(0, count, *arguments)
            return
        work = count if work is None else work
        slabs = min(self.threads, max(1, work // self.smallest_slab), max(1, count))
        if slabs == 1:
            kernel(0, count, *arguments)
            return
        edges = [count * slab // slabs for slab in range(slabs + 1)]
        tasks, done = self._waiting(), SimpleQueue()
        for slab in range(1, slabs):
            tasks.put((done, kernel, edges[slab], edges[slab + 1], arguments))
        try:
            kernel(0, edges[1], *arguments)
        finally:
            raised = [done.get() for _ in range(1, slabs)]  # nobody writes into the arrays of a loop that is over
        for error in raised:
            if error is not None:
                raise error

    def stretches(self, count):
        """Slices that cover ``range(count)`` one after the other, for work that needs arrays as long as what it works on.

        Arrays of a stretch stay small and in the cache, however many rows there are, and occupy all threads.

        >>> list(Team().stretches(100_000))
        [slice(0, 65536, None), slice(65536, 100000, None)]
        """
        length = self.threads * STRETCH
        return (slice(low, min(low + length, count)) for low in range(0, count, length))

    def together(self, kernel, *arguments, work):
        """Call ``kernel(member, members, gate, *arguments)`` on all threads at once, for members 0, 1, ….

        They share the loops in it as they like (`part`) and wait for each other by ``meet(gate, members)``: one
        hand-over serves many loops. Returns, or raises what a member raised, when all are done.

        Parameters
        ----------
        kernel : callable
        work : int
            Size of it all in elements, which decides how many threads it pays to call.
        """
        members = 1 if config.DISABLE_JIT else min(self.threads, max(1, work // self.smallest_slab))
        if members == 1:
            kernel(0, 1, self._gate, *arguments)
            return
        with self._meeting:  # members of two meetings, of which neither is complete, would wait for ever
            self._gate[:] = 0
            tasks, done, called = self._waiting(), SimpleQueue(), 0
            try:
                for member in range(1, members):
                    tasks.put((done, _take_part, member, members, (self._gate, kernel, arguments)))
                    called += 1
                kernel(0, members, self._gate, *arguments)
            except BaseException:
                self._gate[ABANDONED] = 1
                raise
            finally:
                raised = [done.get() for _ in range(called)]
        for error in raised:
            if error is not None:
                raise error

    def _waiting(self):
        """Where threads wait for slabs."""
        if self._process != os.getpid():  # the first loop, or the first after a fork, which copies no threads
            self._tasks, self._process = SimpleQueue(), os.getpid()
            for _ in range(self.threads - 1):
                threading.Thread(target=_work, args=(self._tasks,), name="autocrine_abm", daemon=True).start()
            self._dismiss = weakref.finalize(self, _dismiss, self._tasks, self.threads - 1, self._process)
        return self._tasks

    def close(self):
        """Let the threads go; the team then works with the caller alone."""
        if self._dismiss is not None:
            self._dismiss()
        self._tasks, self._process, self._dismiss, self.threads = None, None, None, 1
