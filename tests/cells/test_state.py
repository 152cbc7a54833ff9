"""The cell table: rows come and go in batches, keep their order, and are found by cell_id."""

import tracemalloc

import numpy as np
import pytest

from autocrine_abm.cells.columns import COLUMNS
from autocrine_abm.cells.state import CellState


@pytest.fixture
def cells():
    table = CellState(["a", "b"], ["IL6", "TNF"])
    table.add(100, cell_id=np.arange(1, 101), position=np.arange(300.0).reshape(100, 3), volume=np.arange(100.0))
    return table


def test_new_rows_take_given_values_and_defaults(cells):
    assert len(cells) == 100
    assert cells.position[7].tolist() == [21, 22, 23]
    assert cells.sensed.shape == (100, 2) and not cells.sensed.any()


def test_every_column_keeps_its_value_through_removals(cells):
    rng = np.random.default_rng(1)
    for name in COLUMNS:
        if name != "cell_id":
            cells[name][:] = rng.integers(0, 100, cells[name].shape)
    kept = rng.random(100) < 0.6
    expected = {name: cells[name][kept].copy() for name in COLUMNS}
    cells.keep(kept)
    for name in COLUMNS:
        assert np.array_equal(cells[name], expected[name]), name


def test_cells_are_found_by_id_or_said_to_be_gone(cells):
    kept = np.ones(100, bool)
    kept[[0, 50, 99]] = False
    cells.keep(kept)
    assert cells.rows_of(np.array([1, 2, 51, 52, 100, 99, 4000])).tolist() == [-1, 0, -1, 49, -1, 96, -1]


def test_growth_beyond_capacity_keeps_everything(cells):
    cells.add(10_000, cell_id=np.arange(200, 10_200))
    assert len(cells) == 10_100
    assert cells.volume[:100].tolist() == list(range(100))
    assert cells.rows_of(np.array([10_199]))[0] == 10_099


def test_a_growing_table_is_never_there_twice():
    cells = CellState(["cancer"], ["IL6", "EGF"])
    cells.add(50_000, cell_id=np.arange(50_000))
    tracemalloc.start()
    cells.add(10_000, cell_id=np.arange(50_000, 60_000))
    held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert cells.nbytes > 100 * 60_000 and most - held < 40 * 60_000  # one old column, of 24 bytes at most; not all of them


def test_removing_nobody_changes_nothing(cells):
    version = cells.version
    cells.keep(np.ones(100, bool))
    assert (len(cells), cells.version) == (100, version)


def test_removing_everybody_leaves_an_empty_table_that_can_be_filled_again(cells):
    cells.keep(np.zeros(100, bool))
    assert len(cells) == 0 and cells.rows_of(np.array([5]))[0] == -1
    cells.add(1, cell_id=np.array([500]))
    assert cells.cell_id.tolist() == [500]


def test_an_unknown_column_is_refused(cells):
    with pytest.raises(TypeError, match="colour"):
        cells.add(1, cell_id=np.array([900]), colour=1)
    with pytest.raises(AttributeError, match="colour"):
        cells.colour  # noqa: B018
