"""Ctrl-C, and the signal with which batch systems announce the end, let a run finish its step and write a checkpoint."""

import signal
import threading

__all__ = ["Interruption"]


class Interruption:
    """While entered, the first signal to stop is remembered, and the second one interrupts at once.

    ``interruption()`` tells whether there was one. Signals that the process was started to ignore stay ignored.

    Parameters
    ----------
    notice : callable
        Takes a sentence for the user.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self, notice):
        self.notice, self.asked, self._before = notice, False, {}

    def __call__(self):
        return self.asked

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            for number in self.SIGNALS:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *exception):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number, frame):
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        self.notice("finishing the step and writing a checkpoint; once more to stop at once")
