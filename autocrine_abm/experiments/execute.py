"""The one loop that runs a sweep: hands tasks to an executor, takes outcomes, tries what failed once more.

Whatever has the interface of `concurrent.futures.Executor` will do: processes of this machine (`processes`), a Dask
cluster (`cluster`), or another. Only as many tasks are handed out as can run soon, so that memory does not grow with the
sweep and whatever is killed takes little along.
"""

from collections import deque
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, wait

from autocrine_abm.experiments.single import Outcome, simulate

__all__ = ["ATTEMPTS", "execute"]

ATTEMPTS = 2  # a run that fails or whose process dies gets another try
_LOOK = 0.5  # s at most between two looks at the progress


def execute(numbers, task_of, executor, slots, store, look, is_there=None, function=simulate):
    """Run tasks until none is left.

    Parameters
    ----------
    numbers : iterable of int
        Runs to do, in this order.
    task_of : callable
        Gives the `Task` of a number.
    executor : concurrent.futures.Executor
        Runs ``function(task)``; is not shut down here.
    slots : callable
        Tells how many runs the executor does at once now.
    store : callable
        ``store(outcome, attempts)`` is called with the last `Outcome` of each run.
    look : callable
        ``look(running)`` is called now and then with the number of runs that are under way.
    is_there : callable, optional
        False when the executor has lost its workers for good.
    function : callable
        What is called with each task; returns an `Outcome`.

    Raises
    ------
    ConnectionError
        When nobody is left to run anything; what was stored stays.
    """
    waiting, retries, running = iter(numbers), deque(), {}
    exhausted = False
    while True:
        limit = slots()
        while not exhausted and len(running) < 2 * limit:  # one ahead for each
            number, attempt = retries.popleft() if retries else (next(waiting, None), 1)
            if number is None:
                exhausted = True
                break
            running[_submit(executor, function, task_of(number))] = number, attempt
        while exhausted and retries:
            number, attempt = retries.popleft()
            running[_submit(executor, function, task_of(number))] = number, attempt
        if not running and exhausted:
            return
        if is_there is not None and not is_there():
            raise _gone()
        look(min(len(running), limit))
        for future in wait(running, _LOOK, FIRST_COMPLETED).done if running else _pause():
            number, attempt = running.pop(future)
            outcome = _outcome(future, number)
            if outcome.message and attempt < ATTEMPTS:
                retries.append((number, attempt + 1))
            else:
                store(outcome, attempt)


def _submit(executor, function, task):
    try:
        return executor.submit(function, task)
    except BrokenExecutor:
        raise _gone() from None


def _outcome(future, number):
    """What became of a run, even if nobody could tell."""
    try:
        return future.result()
    except (BrokenExecutor, CancelledError):
        raise _gone() from None
    except Exception as error:
        text = str(error).split("\n")[0]
        kind = type(error).__name__
        return Outcome(number, message=text if kind == "WorkerDied" else f"{kind}: {text}")


def _gone():
    return ConnectionError(
        None, "the scheduler or the pool of workers is gone; what is finished is kept, and the same command continues"
    )


def _pause():
    """Nothing to wait for yet: no worker is there."""
    from time import sleep

    sleep(_LOOK)
    return ()
