"""Memory that phases of a step share: what one of them works with, the next may overwrite.

Taking all work arrays anew from the operating system costs a fifth of a step of a million cells, and keeping those of every
phase as much memory as the cells themselves.
"""

from math import prod

import numpy as np

__all__ = ["Scratch", "mapped"]

_LINE = 64  # bytes of a line of the processor's cache; every array begins one
_LARGE, _MAPPED = 1 << 22, 1 << 26  # bytes of arrays that are worth it, and from which on C libraries map memory for them alone


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

    @property
    def is_short(self):
        """Whether more has been taken since `clear` than there is room for."""
        return self._asked > self._block.size

    def clear(self):
        """A phase begins: whatever was taken before may be overwritten."""
        if self._asked > self._block.size:  # an eighth more, since tumors grow
            self._block = np.empty(0, np.uint8)
            self._block = np.empty(self._asked + self._asked // 8, np.uint8)
        self._used = -self._block.ctypes.data % _LINE
        self._level = self._asked = _LINE

    def let_go(self):
        """Give the memory back, for a moment when others need much; the next phase takes as much again."""
        self._block, self._used = np.empty(0, np.uint8), 0

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


def mapped(size):
    """Bytes whose memory, if they are many, goes back to the operating system whole as soon as nobody holds them.

    C libraries keep up to 64 MB of what is freed, and gaps between what is not, unless it was mapped for itself; so more is
    asked for than is needed. What nobody writes to takes no memory.

    Parameters
    ----------
    size : int
        How many.

    Returns
    -------
    ndarray of uint8, shape (size,)
        A new array; its values are not set.
    """
    return np.empty(max(size, _MAPPED if size > _LARGE else 0), np.uint8)[:size]


def _aligned(size):
    room = mapped(size + _LINE)
    begin = -room.ctypes.data % _LINE
    return room[begin : begin + size]
