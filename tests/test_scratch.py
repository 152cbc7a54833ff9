"""Work arrays of one phase lie where those of another lay, never on top of each other, and each begins a line of the cache."""

import numpy as np

from autocrine_abm.scratch import Scratch


def phase(scratch, n):
    scratch.clear()
    return [scratch.take((n, 3)), scratch.take(n, np.int32), scratch.take(n, np.bool_), scratch.take((0, 3)), scratch.take(n)]


def test_arrays_of_a_phase_keep_what_is_written_to_them():
    scratch = Scratch()
    for n in (5, 1000, 1100, 10, 40_000):
        arrays = phase(scratch, n)
        for number, array in enumerate(arrays):
            array.fill(number % 2)
        assert all((array == number % 2).all() for number, array in enumerate(arrays))
        assert all(array.ctypes.data % 64 == 0 for array in arrays if array.size)
        assert [array.shape for array in arrays] == [(n, 3), (n,), (n,), (0, 3), (n,)]


def test_the_next_phase_takes_the_same_memory():
    scratch = Scratch()
    phase(scratch, 1000)
    first = [array.ctypes.data for array in phase(scratch, 1000)]
    assert [array.ctypes.data for array in phase(scratch, 1000)] == first
    assert 37_000 <= scratch.nbytes < 1.2 * 37_000
