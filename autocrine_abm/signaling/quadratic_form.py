"""The answer of a small linear system to its own right-hand side, s·A⁻¹s, by conjugate gradients.

The sum of the gains of the sweeps converges to it twice as fast as the solution does. A is that of a box of
voxels with a layer of ghosts around it; what it stands for is told in `self_signal`.
"""

from autocrine_abm.compilation import kernel

__all__ = ["quadratic_form"]

_MOST = 200  # sweeps


@kernel
def quadratic_form(size, steps, w0, w1, w2, diagonal, inverse, r, p, q, answer, enough):
    """s·A⁻¹s and, in `answer`, A⁻¹s by conjugate gradients with s in r.

    Stops when a sweep adds less than `enough`[0] times the result plus `enough`[1].
    """
    s0, s1, s2 = steps
    first, count = s0 + s1 + s2, size - 2 * (s0 + s1 + s2)
    middle, out = p[first : first + count], q[first : first + count]
    b0, a0 = p[first - s0 : first - s0 + count], p[first + s0 : first + s0 + count]
    b1, a1 = p[first - s1 : first - s1 + count], p[first + s1 : first + s1 + count]
    b2, a2 = p[first - s2 : first - s2 + count], p[first + s2 : first + s2 + count]
    x = answer[first : first + count]
    rest, here, inv = (
        r[first : first + count],
        diagonal[first : first + count],
        inverse[first : first + count],
    )
    rho, value = 0.0, 0.0
    for v in range(count):
        middle[v] = inv[v] * rest[v]
        rho += rest[v] * middle[v]
    for _ in range(_MOST):
        for v in range(count):
            out[v] = here[v] * middle[v] - w0 * (b0[v] + a0[v]) - w1 * (b1[v] + a1[v]) - w2 * (b2[v] + a2[v])
        d0, d1, d2, d3 = 0.0, 0.0, 0.0, 0.0  # four sums at a time: one would wait for itself
        for v in range(0, count - 3, 4):
            d0 += middle[v] * out[v]
            d1 += middle[v + 1] * out[v + 1]
            d2 += middle[v + 2] * out[v + 2]
            d3 += middle[v + 3] * out[v + 3]
        for v in range(count - count % 4, count):
            d0 += middle[v] * out[v]
        step = rho / (d0 + d1 + d2 + d3)
        gained = step * rho
        value += gained
        for v in range(count):
            x[v] += step * middle[v]
        if gained < enough[0] * value + enough[1]:
            break
        for v in range(count):
            rest[v] -= step * out[v]
            out[v] = inv[v] * rest[v]
        d0, d1, d2, d3 = 0.0, 0.0, 0.0, 0.0
        for v in range(0, count - 3, 4):
            d0 += rest[v] * out[v]
            d1 += rest[v + 1] * out[v + 1]
            d2 += rest[v + 2] * out[v + 2]
            d3 += rest[v + 3] * out[v + 3]
        for v in range(count - count % 4, count):
            d0 += rest[v] * out[v]
        before, rho = rho, d0 + d1 + d2 + d3
        keep = rho / before
        for v in range(count):
            middle[v] = out[v] + keep * middle[v]
    return value
