"""A sweep as its analysis sees it: one row per run, the measures that are asked for, and names fit for people."""

import re
from functools import cached_property

import numpy as np

from autocrine_abm.analysis.replicates import summarize
from autocrine_abm.errors import AutocrineError
from autocrine_abm.experiments.folder import SweepFolder
from autocrine_abm.measure.signaling import HEADLINES
from autocrine_abm.output.markup import duration
from autocrine_abm.output.surfaces import Axis
from autocrine_abm.units import parse

__all__ = ["SURVIVAL", "Study"]

SURVIVAL = "survival"
_NOUNS = {"secretes": "secretion", "takes_up": "uptake", "exchanges": "exchange"}  # of tables with a verb for a name
_QUESTION = re.compile(r"(.+?)\s*(>=|<=|>|<)\s*(?:([-+.\deE]+)|([.\d]*)\s*start)")


class Study:
    """The runs of a sweep at one time.

    Parameters
    ----------
    folder, measures, time, contour, doses, level
        As in `analyze.analyze`.

    Attributes
    ----------
    final : DataFrame
        One row per run, with all measures; those that are questions hold bool.
    measures : list of str
    groups : dict of str to list of str
        Columns of shares of a signal's origins, by tissue and ligand.
    """

    def __init__(self, folder, measures=(), time=None, contour=None, doses=(), level=0.95):
        self.folder, self.level, self.contour = SweepFolder(folder), level, contour
        self.sweep, self.parameters = self.folder.scenario.sweep, self.folder.parameters
        self.table = self.folder.table()
        if self.table.empty:
            raise AutocrineError(f"{folder}: no run has ended well yet, so there is nothing to analyze")
        time = time or (self.sweep.at and self.sweep.at.text)
        if time is None:
            self.final = self.table.groupby("run", sort=False).tail(1).reset_index(drop=True)
        else:
            apart = (self.table["time"] - parse(time)).abs()
            self.final = self.table.loc[apart.groupby(self.table["run"], sort=False).idxmin()].reset_index(drop=True)
        for path in doses:
            self._check(path, self.parameters, "--dose")
        self.doses = list(doses) or [path for path in self.sweep.doses if path in self.parameters]
        where = "--measure" if measures else f"{folder}: sweep.measures"
        measures = measures or self.sweep.measures
        self.groups = {} if measures else self._origins()
        self.measures = [self._add(text, where) for text in measures] or self._usual()
        self.asked = bool(measures)

    def _check(self, name, known, where):
        if name not in known:
            raise AutocrineError(f"{where}: got '{name}'; accepted: {', '.join(known)}")

    def _add(self, text, where=""):
        """A measure that is asked for `where`: a column, or a question about one."""
        match = _QUESTION.fullmatch(text.strip())
        name = match[1] if match else text.strip()
        if name == SURVIVAL and not match:
            self.final[SURVIVAL] = self.final["alive"] > 0
            return SURVIVAL
        self._check(name, [*self.folder.measures, SURVIVAL], where)
        if match:
            compare = {">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal}[match[2]]
            self.final[text.strip()] = compare(self.final[name], self._limit(name, match))
        return text.strip()

    def _limit(self, name, match):
        """What a question compares with: a number, or a multiple of what each run had at its first record."""
        if match[3]:
            return float(match[3])
        return float(match[4] or 1) * self.final["run"].map(self.table.groupby("run")[name].first())

    def _origins(self):
        """Columns of shares that have numbers, by what is before the last dot."""
        found = {}
        for column in self.final.columns:
            prefix, _, label = column.rpartition(".")
            if label in HEADLINES and self.final[column].notna().any():
                found.setdefault(prefix, []).append(column)
        return found

    def _usual(self):
        usual = [] if self.groups and self.final["alive"].nunique() == 1 else ["alive"]
        if (self.final["alive"] == 0).any():
            usual.append(self._add(SURVIVAL))
        return usual + [column for columns in self.groups.values() for column in columns if (self.final[column] > 0).any()]

    @property
    def when(self):
        """The time that is looked at, for people."""
        low, high = self.final["time"].min(), self.final["time"].max()
        return duration(low) if low == high else f"{duration(low)} to {duration(high)}"

    @cached_property
    def summary(self):
        """Mean and interval of every measure at every point, see `replicates.summarize`."""
        return summarize(self.final, ["point", *self.parameters], self.measures, self.level)

    def of(self, measure):
        """The rows of the summary of one measure, by point."""
        return self.summary[self.summary["measure"] == measure].reset_index(drop=True)

    def is_share(self, measure):
        """Whether a measure is a share, from 0 to 1."""
        return self.final[measure].dtype == bool or measure.rpartition(".")[2] in HEADLINES

    def name(self, measure):
        """A measure with its unit, for an axis."""
        unit = "share" if self.is_share(measure) else self.folder.units.get(measure, "")
        signal, _, label = measure.rpartition(".")
        if label in HEADLINES:
            return f"{label} share of {self.signal(signal)}"
        words = measure.replace("_", " ")
        if self.final[measure].dtype == bool and measure != SURVIVAL:
            words = words.replace("alive", "living cells").replace(" start", " × start")
            return f"share of runs with {words}"
        words = {"alive": "living cells", SURVIVAL: "share of runs that live"}.get(words, words)
        return f"{words} [{unit}]".replace("um", "µm") if unit and unit != "share" else words

    @staticmethod
    def signal(prefix):
        """A ligand, with its tissue if there are several: "VEGF in tumor" of "tumor.VEGF"."""
        tissue, _, ligand = prefix.rpartition(".")
        return f"{ligand} in {tissue}" if tissue else ligand

    def scale(self, measure):
        """The axis of a measure: its name, or "share of runs" where its title says which."""
        return "share of runs" if self.final[measure].dtype == bool else self.name(measure)

    def title(self, measure):
        """A measure as a heading, without its unit."""
        words = self.name(measure).split(" [")[0]
        return words[0].upper() + words[1:]

    def label(self, parameter):
        """A parameter with its unit, for an axis: without the word for its table, and numbers of lists."""
        unit, words = self.folder.units.get(parameter, ""), parameter.split(".")
        items = getattr(self.folder.scenario, words[0], None)
        if isinstance(items, tuple) and words[1].isdigit():  # of a list, what the item is about
            words[0] = words[1]
            words[1] = str(getattr(items[int(words[0])], "ligand", None) or getattr(items[int(words[0])], "cell", words[0]))
        words = [word for word in words[1 if len(words) > 2 else 0 :] if not word.isdigit()]
        text = " ".join(_NOUNS.get(word, word) for word in words).replace("_", " ")
        return f"{text} [{unit.replace('um', 'µm')}]" if unit else text

    def axis(self, parameter):
        """The different values of a parameter, in order, as an `Axis`; words in the order of the sweep."""
        values = list(dict.fromkeys(self.final[parameter]))
        return Axis(values if isinstance(values[0], str) else sorted(values), self.label(parameter))

    def is_logarithmic(self, parameter):
        """Whether a parameter was drawn by its logarithm, so that its axis should show it."""
        shapes = {variation.name: variation.text.split()[0] for variation in self.sweep.variations}
        return shapes[parameter].startswith("log")

    @property
    def is_grid(self):
        """Whether every combination was asked for."""
        return self.sweep.design == "grid"

    def grid(self, measure, first, second, column="mean"):
        """A column of the summary over two parameters, ndarray of shape (n, m); means over all others."""
        table = self.of(measure).pivot_table(index=first, columns=second, values=column, sort=False)
        return table.reindex(index=self.axis(first).values, columns=self.axis(second).values).to_numpy(float)
