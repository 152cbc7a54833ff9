"""Worker processes on this machine, behind the interface of `concurrent.futures`.

Every slot has one process, which does one call at a time. So whoever dies takes only its own call along, is known by
name, and is replaced; and a call that exceeds its limits can be ended from outside, even in the middle of a step. Processes
come out of a fork server that has imported the simulator once. A process whose parent is gone ends at once.
"""

import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait

from autocrine_abm.experiments.single import resident_memory

__all__ = ["LocalProcesses", "WorkerDied"]

_PRELOAD = ["autocrine_abm.simulation.model", "autocrine_abm.experiments.measures", "autocrine_abm.experiments.single"]
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_LOOK = 0.2  # s between two looks at time and memory of a call with limits
_GRACE = 5.0  # s that a call may take beyond its limit before it is killed; most end by themselves between two steps


class WorkerDied(Exception):
    """A worker process ended before its call did."""


class LocalProcesses(Executor):
    """An executor of worker processes, one call each at a time.

    Parameters
    ----------
    workers : int
        How many.
    time_limit : float, optional
        Wall time after which a call is ended with its process [s].
    memory_limit : int, optional
        Memory of its process at which a call is ended with it [bytes].
    prepare : (callable, tuple), optional
        Called with its arguments in the first process before the others start, such as to compile.

    Examples
    --------
    >>> with LocalProcesses(1) as executor:
    ...     executor.submit(pow, 2, 10).result()
    1024
    """

    def __init__(self, workers, time_limit=None, memory_limit=None, prepare=None):
        self.time_limit, self.memory_limit = time_limit, memory_limit
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        self._context = multiprocessing.get_context(method)
        if method == "forkserver":
            self._context.set_forkserver_preload(_PRELOAD)
        self._prepare, self._prepared = prepare, threading.Event()
        self._calls, self._closed = queue.SimpleQueue(), False
        self._workers = [None] * workers
        self._lock = threading.Lock()  # processes are started one after the other
        self._threads = [
            threading.Thread(target=self._serve, args=(slot,), daemon=True, name=f"slot {slot}") for slot in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, function, /, *arguments):
        """Hand out ``function(*arguments)``; returns a `concurrent.futures.Future`."""
        if self._closed:
            raise RuntimeError("the executor is closed")
        future = Future()
        self._calls.put((future, function, arguments))
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        """End all processes: after the calls that were handed out, or, with `cancel_futures`, at once."""
        self._closed = True
        if cancel_futures:
            with suppress(queue.Empty):
                while True:
                    self._calls.get_nowait()[0].cancel()
        for _ in self._threads:
            self._calls.put(None)
        if cancel_futures:
            self._prepared.set()
            with self._lock:
                for worker in filter(None, self._workers):
                    worker.kill()
        if wait:
            for thread in self._threads:
                thread.join()

    def process_ids(self):
        """Ids of the worker processes that are there now, list of int."""
        return [worker.process.pid for worker in self._workers if worker is not None]

    def _serve(self, slot):
        """What the thread of a slot does: pass calls to its process, and results back."""
        if slot == 0:
            self._start_first()
        self._prepared.wait()
        while (call := self._calls.get()) is not None:
            future, function, arguments = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if self._workers[slot] is None:
                    self._start(slot)
                future.set_result(self._workers[slot].call(function, arguments, self.time_limit, self.memory_limit))
            except WorkerDied as error:
                self._end(slot)
                future.set_exception(error)
            except BaseException as error:
                future.set_exception(error)
        self._end(slot)

    def _start_first(self):
        try:
            if self._prepare is not None:
                self._start(0)
                function, arguments = self._prepare
                self._workers[0].call(function, arguments, None, None)
        except Exception:  # its first call will tell
            self._end(0)
        finally:
            self._prepared.set()

    def _start(self, slot):
        with self._lock:
            if self._closed and self._calls.empty():
                raise WorkerDied("the executor is closed")
            with _one_thread_each():
                self._workers[slot] = _Worker(self._context)
        self._workers[slot].greet()

    def _end(self, slot):
        worker = self._workers[slot]
        if worker is not None:
            worker.kill()
            self._workers[slot] = None


class _Worker:
    """A process, the pipe to it, and a pipe whose closing tells it that nobody waits for it any more."""

    def __init__(self, context):
        self._pipe, there = context.Pipe()
        watched, self._lifeline = context.Pipe(duplex=False)
        self.process = context.Process(target=_work, args=(there, watched), daemon=True, name="sweep worker")
        self.process.start()
        there.close()
        watched.close()

    def greet(self):
        """Wait until the process is ready."""
        try:
            self._pipe.recv()
        except (EOFError, OSError):
            raise WorkerDied(
                f"{self._death()} while it started; a script that starts a sweep does so below "
                "'if __name__ == \"__main__\":'"
            ) from None

    def call(self, function, arguments, time_limit, memory_limit):
        """The result of a call in the process; raises what it raised, or WorkerDied."""
        begin = time.monotonic()
        look = None if time_limit is None and memory_limit is None else _LOOK
        try:
            self._pipe.send((function, arguments))
            while not wait([self._pipe, self.process.sentinel], look):
                if time_limit is not None and time.monotonic() - begin > time_limit + _GRACE:
                    raise WorkerDied(f"took longer than its time limit of {time_limit:g} s; ended in the middle of a step")
                if memory_limit is not None and resident_memory(self.process.pid) > memory_limit:
                    raise WorkerDied(
                        f"needed more than its memory limit of {memory_limit / 1e6:,.0f} MB; ended in the middle of a step"
                    )
            ended_well, result = self._pipe.recv()
        except (EOFError, OSError):
            raise WorkerDied(self._death()) from None
        if ended_well:
            return result
        raise result

    def _death(self):
        """How the process ended, in words."""
        self.process.join(2)
        code = self.process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
            hint = ", as the system does when memory runs out" if name == "SIGKILL" else ""
            return f"the worker process was killed by {name}{hint}"
        return "the worker process ended" + ("" if code is None else f" with exit code {code}")

    def kill(self):
        """End the process, whatever it does."""
        with suppress(OSError):
            self._lifeline.close()
        with suppress(ValueError, OSError, AttributeError):
            self.process.kill()
            self.process.join(5)
        with suppress(OSError):
            self._pipe.close()


@contextmanager
def _one_thread_each():
    """Environment in which numerical libraries start no threads; a fork server that starts now keeps it."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _work(pipe, lifeline):
    """What a worker process does: one call after the other until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the coordinator
    threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True).start()
    with suppress(EOFError, OSError):
        pipe.send("ready")
        while True:
            function, arguments = pipe.recv()
            try:
                answer = True, function(*arguments)
            except BaseException as error:
                answer = False, error
            try:
                pipe.send(answer)
            except OSError:
                raise
            except Exception as error:  # what cannot be pickled
                pipe.send((False, RuntimeError(f"{type(answer[1]).__name__}: {answer[1]} ({error})")))
    sys.exit(0)


def _end_with_parent(lifeline):
    """Wait for the end of the parent, which closes its end of the pipe, however it ends."""
    with suppress(EOFError, OSError):
        lifeline.recv()
    os._exit(1)
