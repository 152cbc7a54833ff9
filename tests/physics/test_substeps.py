"""A growing spheroid is the same, whether mechanics takes its long substeps or ten times as many."""

from benchmarks.substeps import FINER, ball, compare, grow


def test_a_growing_spheroid_agrees_with_ten_times_as_many_substeps():
    position, mesh = ball(800)
    reference, packing = (grow(position, mesh, 40, factor, seed=3) for factor in (FINER, 1))
    assert len(packing.position) > 1100 and reference.substeps > 9.5 * packing.substeps
    difference = compare(packing, reference)
    # 2 % is what may be lost for the sake of speed; the radius is a mean over all cells of what stays put in most of them
    assert abs(difference["radius of gyration"]) < 0.002
    for name in ("mean pressure", "spread of pressure", "mean overlap", "contacts per cell"):
        assert abs(difference[name]) < 0.02, name
    # the same distribution: two samples of n differ by less than 1.95 √(2/n) in 999 of 1000 cases, n ~ 1200
    assert difference["pressure, Kolmogorov distance"] < 1.95 * (2 / len(packing.position)) ** 0.5
    assert difference["median distance between twins / radius"] < 0.1  # what one substep may move a cell
