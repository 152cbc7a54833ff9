"""The numbers that a sweep keeps of a run: its time series, and the origins of signals where they are recorded.

Times are those of the scenario's ``[record]`` table: a row ``every`` so often, with the shares of each signal's
origins where ``signaling`` is due too. What the numbers mean is told by `output.series` and `measure.signaling`.
"""

from autocrine_abm.measure.signaling import HEADLINES, cell_table, headlines
from autocrine_abm.output.record import Recorder
from autocrine_abm.output.series import series_row

__all__ = ["ORIGINS", "Measures"]

#: Columns per tissue and ligand where origins are recorded, with their units.
ORIGINS = {
    "captured": "molecules/min", **dict.fromkeys(HEADLINES, ""), "rms_distance": "um", "mean_distance": "um",
}  # fmt: skip


class Measures:
    """Watches a model and notes a line of numbers at each recorded time.

    Parameters
    ----------
    spec : Scenario

    Attributes
    ----------
    columns : list of (str, str, str)
        Name, unit and kind (``"int"`` or ``"float"``) of each number.
    lines : list of str
        The numbers, with commas between, nothing for "not a number", and a line end.
    """

    def __init__(self, spec):
        self.columns, self.lines = [], []
        self._schedule = Recorder(".", spec)
        self._origins = {}
        if spec.record.signaling is not None:
            for tissue in spec.tissue:
                prefix = "" if len(spec.tissue) == 1 else f"{tissue}."
                for ligand in spec.ligand:
                    self._origins[tissue, ligand] = f"{prefix}{ligand}."

    def observe(self, model):
        """Note what is due; called at the start and after every step."""
        step = model.clock.step
        if not self._schedule.is_due("series", step):
            return
        row = series_row(model)
        for prefix in self._origins.values():
            row |= {f"{prefix}{column}": (float("nan"), unit) for column, unit in ORIGINS.items()}
        if self._origins and step > 0 and self._schedule.is_due("signaling", step):
            model.trace()
            for found in headlines(cell_table(model.tissues)).to_dict("records"):
                prefix = self._origins[found["tissue"], found["ligand"]]
                row |= {f"{prefix}{column}": (float(found[column]), unit) for column, unit in ORIGINS.items()}
        if not self.columns:
            self.columns = [
                (name, unit, "int" if isinstance(value, int) else "float") for name, (value, unit) in row.items()
            ]
        self.lines.append(",".join("" if value != value else repr(value) for value, _ in row.values()) + "\n")
