"""Memory that phases of a step share: what one of them works with, the next may overwrite.

Taking all work arrays anew from the operating system costs a fifth of a step of a million cells, and keeping those of every
phase as much memory as the cells themselves.
"""

from math import prod

import numpy as np

__all__ = ["Scratch"]

_LINE = 64  # bytes of a line of the processor's cache; every array begins one


class Scratch:
    """A block of memory from which one phase after the other takes its work arrays.

    Examples
    --------
    >>> scratch = Scratch()
    >>> for step in range(2):
    ...     scratch.clear()
    ...     weight, count = scratch.take((1000, 3)), scratch.take(1000, np.int32)
    >>> weight.shape, scratch.nbytes > 28_000
    ((1000, 3), True)
    """

    def __init__(self):
        self._block = np.empty(0, np.uint8)
        self._used = self._level = self._asked = 0

    @property
    def nbytes(self):
        """Size of the block [bytes]; what nobody has written to yet takes no memory."""
        return self._block.nbytes

    def clear(self):
        """A phase begins: whatever was taken before may be overwritten."""
        if self._asked > self._block.size:  # an eighth more, since tumors grow
            self._block = np.empty(0, np.uint8)
            self._block = np.empty(self._asked + self._asked // 8, np.uint8)
        self._used = -self._block.ctypes.data % _LINE
        self._level = self._asked = _LINE

    def mark(self):
        """What has been taken so far, for `release`."""
        return self._used, self._level

    def release(self, mark):
        """Whatever has been taken since `mark` may be overwritten."""
        self._used, self._level = mark

    def take(self, shape, dtype=np.float64):
        """An array to work with until somebody calls `clear`; its values are not set."""
        shape = shape if isinstance(shape, tuple) else (shape,)
        dtype = np.dtype(dtype)
        size = dtype.itemsize * prod(shape)
        if size == 0:
            return np.empty(shape, dtype)
        begin, room = self._used, -(-size // _LINE) * _LINE
        self._level += room
        self._asked = max(self._asked, self._level)
        if begin + size > self._block.size:  # until the next phase makes the block larger
            return _aligned(size).view(dtype).reshape(shape)
        self._used += room
        return self._block[begin : begin + size].view(dtype).reshape(shape)


def _aligned(size):
    room = np.empty(size + _LINE, np.uint8)
    begin = -room.ctypes.data % _LINE
    return room[begin : begin + size]
