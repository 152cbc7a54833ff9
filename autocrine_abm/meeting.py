"""Where threads that work on one thing wait for each other, without leaving compiled code.

A hand-over between Python threads takes 20 to 100 µs, as each of them has to be woken and to get the
interpreter lock; `meet` takes less than one. It suits threads that do equal shares of many short loops
(`Team.together`). Whoever waits for long sleeps in between, since where other programs are busy too, it may
stand in the way of the very thread that it waits for.
"""

import os

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from autocrine_abm.compilation import kernel

__all__ = ["ABANDONED", "GATE_SIZE", "meet", "part"]

GATE_SIZE, ABANDONED = 16, 8  # length of a gate; where it says that somebody will never come (another cache line)
# Looks, 1 to 2 ns each: longer than the first thread is busy with the small levels of a mesh (0.1 ms), and than the
# shares of 128³ voxels come apart (0.3 ms), as who naps comes back 0.1 ms late: 3 to 10 % of a solve by two threads.
_PATIENCE = 300_000


@intrinsic
def _arrive(typing, gate):
    """gate[0] += 1 as one indivisible operation; the value before."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.atomic_rmw("add", data, ir.Constant(ir.IntType(64), 1), "seq_cst")

    return types.int64(gate), generate


@intrinsic
def _look(typing, gate, place):
    """gate[place] as other threads left it, read anew each time."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.load_atomic(builder.gep(data, [arguments[1]]), "seq_cst", 8)

    return types.int64(gate, types.int64), generate


@intrinsic
def _nap(typing):
    """Leave the core to others for some 100 µs, where the system has a word for it."""

    def generate(context, builder, signature, arguments):
        if os.name == "posix":
            time = ir.IntType(32)
            usleep = cgutils.get_or_insert_function(builder.module, ir.FunctionType(time, [time]), "usleep")
            builder.call(usleep, [ir.Constant(time, 50)])
        return context.get_dummy_value()

    return types.void(), generate


@kernel
def meet(gate, members):
    """Wait until all members have come here, or one has given up.

    Parameters
    ----------
    gate : ndarray of int64, shape (GATE_SIZE,)
        Counts who came; all zero before the first meeting.
    members : int
        How many meet; one alone goes on at once.
    """
    if members == 1:
        return
    meetings_before = _arrive(gate) // members
    looks = 0
    while _look(gate, 0) < (meetings_before + 1) * members and _look(gate, ABANDONED) == 0:
        looks += 1
        if looks > _PATIENCE:
            _nap()


@kernel
def part(count, member, members, shared):
    """The slab of a loop that is this member's: low, high. A loop that is not shared is all the first one's."""
    low, high = member * count // members, (member + 1) * count // members
    if not shared:
        low, high = 0, count if member == 0 else 0
    return low, high
