"""The one thread of a page that touches its models: it steps them, changes them, and hands out snapshots.

Whoever wants something of a model leaves an action; actions are done between steps, in their order, so nothing is ever read
while it is half written. What goes wrong in an action or a step is told, and the thread goes on.
"""

import contextlib
import os
import sys
import threading
from collections import deque
from threading import Condition, Thread
from time import perf_counter

__all__ = ["Runner"]

_NICE = 10  # how far the model stands back behind painting and the browser, which need little but need it at once


class Runner:
    """Steps worlds (`Live` or `Recording`) in a thread of its own.

    Parameters
    ----------
    after : callable
        ``after(worlds)`` is called in the thread after every step and action, to publish what is new.
    failed : callable
        ``failed(error)`` is called in the thread when a step or an action raises.

    Attributes
    ----------
    worlds : list
        Only the thread touches them.
    playing : bool
    interval : float
        Least wall time between steps [s].
    rate : float
        Steps per second lately; 0 while paused.
    """

    def __init__(self, after, failed):
        self.worlds = []
        self.playing, self.interval, self.rate = False, 0.0, 0.0
        self._after, self._failed = after, failed
        self._actions, self._condition, self._closed = deque(), Condition(), False
        self._due = 0.0
        self._thread = Thread(target=self._run, name="autocrine-runner", daemon=True)

    def start(self):
        """Start the thread."""
        self._thread.start()

    def do(self, action):
        """Have ``action(worlds)`` done between steps; worlds is the list of the runner and may be changed."""
        with self._condition:
            self._actions.append(action)
            self._condition.notify()

    def play(self, playing):
        """Play or pause."""
        with self._condition:
            self.playing = playing
            self._condition.notify()

    def close(self):
        """End the thread after the step under way and let go of the models."""
        with self._condition:
            self._closed = True
            self._condition.notify()

    @property
    def is_alive(self):
        """Whether the thread runs."""
        return self._thread.is_alive()

    def _run(self):
        _step_back()
        while True:
            with self._condition:
                while not self._actions and not self._closed and not self._may_step():
                    self._condition.wait(self._patience())
                if self._closed:
                    break
                action = self._actions.popleft() if self._actions else None
            try:
                if action is not None:
                    action(self.worlds)
                else:
                    self.step()
                self._after(self.worlds)
            except Exception as error:
                self.playing = False
                self._failed(error)
        self.worlds.clear()

    def _may_step(self):
        return self.playing and bool(self.worlds) and perf_counter() >= self._due

    def _patience(self):
        """How long to wait for an action [s]; None for as long as it takes."""
        return max(self._due - perf_counter(), 0.001) if self.playing and self.worlds else None

    def step(self):
        """One step of the world that is behind, and of all that are equally far; pauses at the end."""
        began = perf_counter()
        earliest = min(world.time for world in self.worlds)
        behind = [world for world in self.worlds if world.time <= earliest]
        going = [world.advance() for world in behind]
        if not any(going) and all(world.time >= world.end for world in self.worlds):
            self.playing = False
        self._due = began + self.interval
        taken = max(perf_counter() - began, self.interval, 1e-6)
        self.rate = 0.8 * self.rate + 0.2 / taken if self.rate else 1 / taken


def _step_back():
    """Let the threads that paint and serve go first; on Linux each thread has a priority of its own."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
