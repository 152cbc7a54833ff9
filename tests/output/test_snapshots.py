import numpy as np
import pandas as pd
import pytest
from output.stand_in import NANOMOLAR, StandInModel, scenario

from autocrine_abm.cells.columns import COLUMNS
from autocrine_abm.output.snapshots import FieldWriter, cell_units, part_name, step_of, write_cells


def test_every_declared_column_arrives(tmp_path):
    model = StandInModel(scenario())
    path = write_cells(tmp_path / "cells", model)
    table, cells = pd.read_parquet(path), model.tissues["tumor"].cells
    written = {name.split(".")[0] for name in table} - {"time"}
    assert written == (set(COLUMNS) - {"position"}) | {"x", "y", "z"}
    assert table["cell_id"].tolist() == cells.cell_id.tolist()
    assert table["cell_type"].tolist() == [("cancer", "stroma")[kind] for kind in cells.cell_type]
    assert table["phase"].tolist() == [("alive", "apoptotic", "necrotic")[phase] for phase in cells.phase]
    single = np.finfo(np.float32).eps  # numbers are stored with seven digits
    np.testing.assert_allclose(table[["x", "y", "z"]], cells.position, rtol=single)
    np.testing.assert_allclose(table["sensed.IL6"], cells.sensed[:, 1] / NANOMOLAR, rtol=single)
    assert (table["time"] == 0.0).all()


def test_units_stand_in_the_file(tmp_path):
    import pyarrow.parquet as pq

    model = StandInModel(scenario())
    schema = pq.read_schema(write_cells(tmp_path / "cells", model))
    units = cell_units(model.tissues["tumor"].cells)
    assert units["sensed.IL6"] == "nM" and units["x"] == "um" and units["division_rate"] == "1/min"
    for name, unit in units.items():
        assert schema.field(name).metadata == {b"unit": unit.encode()}


def test_several_tissues_share_a_part(tmp_path):
    table = pd.read_parquet(write_cells(tmp_path / "cells", StandInModel(scenario(tissues=2))))
    assert table["tissue"].value_counts().to_dict() == {"tumor": 12, "marrow": 12}


def test_no_cells_give_a_part_without_rows(tmp_path):
    model = StandInModel(scenario())
    model.tissues["tumor"].cells.keep(np.zeros(12, bool))
    assert len(pd.read_parquet(write_cells(tmp_path / "cells", model))) == 0


def test_names_of_parts_sort_in_time(tmp_path):
    names = [part_name(step) for step in (2, 10, 100_000)]
    assert names == sorted(names)
    assert [step_of(tmp_path / name) for name in names] == [2, 10, 100_000]


@pytest.mark.parametrize("depth", [1, 5])
def test_fields_arrive_with_coordinates(tmp_path, depth):
    import zarr

    model = StandInModel(scenario(tissues=2, depth=depth))
    writer = FieldWriter(tmp_path / "fields.zarr", model.tissues)
    expected = []
    for _ in range(3):
        model.step()
        writer.append(model)
        expected.append(model.tissues["marrow"].fields["IL6"].concentration / NANOMOLAR)
    group = zarr.open_group(str(tmp_path / "fields.zarr"), mode="r")["marrow"]
    assert group["t"][:].tolist() == [6.0, 12.0, 18.0]
    assert group["step"][:].tolist() == [1, 2, 3]
    assert group["x"][:].tolist() == [20.0 * i + 10 for i in range(10)]
    assert group["IL6"].shape == (3, 10, 8, depth)
    assert group["IL6"].metadata.dimension_names == ("t", "x", "y", "z")
    np.testing.assert_allclose(group["IL6"][:], expected, rtol=np.finfo(np.float32).eps)


def test_large_fields_are_cut_into_slabs():
    from autocrine_abm.output.snapshots import _chunk

    assert _chunk((100, 100, 100)) == (100, 100, 100)
    assert _chunk((512, 512, 512)) == (32, 512, 512)
    assert _chunk((2, 4000, 4000)) == (1, 4000, 4000)
