"""Snapshots of a run: the cells as one Parquet file per recorded time, the fields as growing zarr arrays.

Both survive a kill at any moment. A cell table is written under a temporary name and renamed. A time belongs
to the fields once it stands in the array `t`, which is written after all others; what lies beyond it in the
other arrays does not count.
"""

import os

import numpy as np

from autocrine_abm.cells.columns import COLUMNS, PHASE_NAMES
from autocrine_abm.errors import RunFolderError
from autocrine_abm.output.layout import replacing
from autocrine_abm.output.series import NANOMOLAR

__all__ = ["PARTS", "FieldWriter", "cell_units", "part_name", "step_of", "write_cells"]

PARTS = "[0-9]*.parquet"  # the files of a folder that holds a part per recorded time
_CONCENTRATION = "molecules/um^3"
_LARGEST_CHUNK = 2**23  # voxels; a part of a field that is compressed and read as one piece, 32 MB as float32


def part_name(step):
    """Name of the part of a step: twelve digits, so that names sort in time."""
    return f"{step:012d}.parquet"


def step_of(path):
    """The step that a part was written at; the inverse of `part_name`."""
    return int(path.stem)


def _columns(names):
    """(name in the file, column, index along its second axis, unit in the file) of every number per cell."""
    for column in COLUMNS.values():
        if column.name in ("cell_type", "phase"):
            continue  # written as names
        unit = "nM" if column.unit == _CONCENTRATION else column.unit
        if column.shape == "xyz":
            for axis, letter in enumerate("xyz"):
                yield letter if column.name == "position" else f"{column.name}.{letter}", column, axis, unit
        elif column.shape:
            for index, name in enumerate(names[column.shape]):
                yield f"{column.name}.{name}", column, index, unit
        else:
            yield column.name, column, None, unit


def cell_units(cells):
    """Unit of each column of the tables of `cells`, dict of str to str; columns without a unit are left out."""
    return {"time": "min"} | {name: unit for name, _, _, unit in _columns(cells.names) if unit}


def _numbers(cells, column, index):
    values = cells.values(column.name, index)
    if column.unit == _CONCENTRATION:
        values = values / NANOMOLAR
    if values.dtype == np.float64 and column.unit != "min":
        return values.astype(np.float32)  # seven digits; times keep all of theirs
    return values


def _names(pa, codes, names):
    """A dictionary-encoded column of text."""
    return pa.DictionaryArray.from_arrays(
        pa.array(np.asarray(codes, np.int32)), pa.array(list(names), pa.string())
    )


def write_cells(folder, model):
    """Write one part with every cell of every tissue.

    Columns: time [min], tissue (if there are several), cell_type and phase as names, x, y, z [µm], and all
    columns of `cells.columns`; concentrations in nM; one column per ligand or receptor (``sensed.IL6``) where
    there is one number for each.

    Parameters
    ----------
    folder : Path
        The folder of the parts.
    model : TumorModel
        Read, not changed.

    Returns
    -------
    Path
        The file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = []
    several = len(model.tissues) > 1
    for number, tissue in enumerate(model.tissues.values()):
        cells = tissue.cells
        data = {"time": pa.array(np.full(len(cells), float(model.clock.time)))}
        if several:
            data["tissue"] = _names(pa, np.full(len(cells), number), model.tissues)
        data["cell_type"] = _names(pa, cells["cell_type"], cells.type_names)
        data["phase"] = _names(pa, cells["phase"], PHASE_NAMES)
        for name, column, index, _ in _columns(cells.names):
            data[name] = pa.array(np.ascontiguousarray(_numbers(cells, column, index)))
        tables.append(pa.table(data))
    table = pa.concat_tables(tables).combine_chunks()
    units = cell_units(cells)
    fields = [
        field.with_metadata({"unit": units[field.name]}) if field.name in units else field
        for field in table.schema
    ]
    folder.mkdir(exist_ok=True)
    path = folder / part_name(model.clock.step)
    with replacing(path) as temporary:
        pq.write_table(table.cast(pa.schema(fields)), temporary, compression="zstd")
    return path


class FieldWriter:
    """Appends the ligand fields of every tissue to ``fields.zarr``.

    One group per tissue, and in it: an array per ligand, shape (t, x, y, z), float32 [nM]; `x`, `y`, `z`, the
    centers of the voxels [µm]; `step`; and `t` [min], the commit mark.

    Parameters
    ----------
    path : path
        Where the store is made.
    tissues : dict of str to Tissue
        Only meshes and names of ligands are used, and only to make a store.
    count : int, optional
        Go on with a store that is there, after so many times; those beyond are removed. Left out, a new store is made.

    Raises
    ------
    RunFolderError
        If the store has fewer times than that.
    """

    def __init__(self, path, tissues, count=None):
        import zarr

        self.path = path
        if count is None:
            root = zarr.open_group(str(path), mode="w", zarr_format=3)
            self._groups = {name: _create(root.create_group(name), tissue) for name, tissue in tissues.items()}
            self._count = self._safe = 0
            return
        try:
            root = zarr.open_group(str(path), mode="r+")
            self._groups = {name: dict(group.arrays()) for name, group in root.groups()}
            fewest = min(int(np.sum(~np.isnan(arrays["t"][:count]))) for arrays in self._groups.values())
        except (OSError, ValueError, KeyError) as error:
            raise RunFolderError(f"{path}: cannot be gone on with: {error}") from None
        if fewest < count:
            raise RunFolderError(f"{path}: holds {fewest} of the {count} times that the checkpoint goes on from")
        for arrays in self._groups.values():
            arrays["t"][count:] = np.nan  # taken back before what they stand for
            for array in (own for own in arrays.values() if own.metadata.dimension_names[0] == "t"):
                array.resize((count, *array.shape[1:]))
        self._count = self._safe = count

    def mark(self):
        """Push to disk what the system may still hold back; returns how many times there are."""
        if self._safe < self._count:
            for entry in sorted(self.path.rglob("*")):
                if entry.is_file() and self._is_new(entry):
                    with open(entry, "rb") as file:
                        os.fsync(file.fileno())
        self._safe = self._count
        return self._count

    def _is_new(self, entry):
        """Whether a file of the store was touched by times that are not yet on disk for certain."""
        parts = entry.relative_to(self.path).parts  # tissue, array, "c", place along t, …
        return len(parts) < 5 or int(parts[3]) >= self._safe

    def append(self, model):
        """Write the fields of all tissues now."""
        count = self._count + 1
        for name, tissue in model.tissues.items():
            arrays = self._groups[name]
            for ligand, field in tissue.fields.items():
                self._put(arrays[ligand], (field.concentration / NANOMOLAR).astype(np.float32))
            self._put(arrays["step"], int(model.clock.step))
        for name in model.tissues:
            self._put(self._groups[name]["t"], float(model.clock.time))
        self._count = count

    def _put(self, array, value):
        array.resize((self._count + 1, *array.shape[1:]))
        array[self._count] = value


def _create(group, tissue):
    """The empty arrays of one tissue, dict of str to zarr array; ligands by name."""
    mesh = tissue.mesh
    group.attrs.update(
        {"spacing": list(mesh.spacing), "size": list(mesh.size), "ligands": list(tissue.fields)}
    )
    for axis, letter in enumerate("xyz"):
        centers = (np.arange(mesh.shape[axis]) + 0.5) * mesh.spacing[axis]
        group.create_array(letter, data=centers, dimension_names=(letter,), attributes={"unit": "um"})
    arrays = {
        ligand: group.create_array(
            ligand,
            shape=(0, *mesh.shape),
            chunks=(1, *_chunk(mesh.shape)),
            dtype="float32",
            fill_value=np.nan,
            dimension_names=("t", "x", "y", "z"),
            attributes={"unit": "nM"},
            compressors=_compressor(),
        )
        for ligand in tissue.fields
    }
    for name, dtype, missing, unit in (("step", "int64", -1, ""), ("t", "float64", np.nan, "min")):
        arrays[name] = group.create_array(
            name,
            shape=(0,),
            chunks=(512,),
            dtype=dtype,
            fill_value=missing,
            dimension_names=("t",),
            attributes={"unit": unit},
        )
    return arrays


def _chunk(shape):
    """The field itself, or slabs of it along x if it is large."""
    planes = max(1, _LARGEST_CHUNK // (shape[1] * shape[2]))
    return (min(planes, shape[0]), shape[1], shape[2])


def _compressor():
    from zarr.codecs import BloscCodec

    return BloscCodec(
        cname="zstd", clevel=3, shuffle="shuffle"
    )  # smallest of four that were tried, as fast as any
