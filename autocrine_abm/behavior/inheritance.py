"""Traits: drawn for the cells of the start, passed on at division with noise, changed by mutations.

A trait x of a cell with coefficient of variation c is x = mean·f(c) at the start, with a random factor f of
mean 1:

    lognormal  f = exp(σz − σ²/2), σ² = ln(1 + c²)
    normal     f = max(1 + cz, 0)
    uniform    f = 1 + c√3 (2u − 1)

At a division both cells take the mother's value times a factor f(inherit_noise) of their own. With
probability `mutation_rate` the one with the new cell_id mutates: its value is multiplied by
mutation_factor·f(mutation_spread), and it may found a clone. Which of the two cells that is makes no
difference, since they are alike; that the other one keeps who it is means that a cell never changes its clone
in its life.

A trait may multiply a behavior: the base value, or what rules made of it. It may also be the signal of a
rule.
"""

import numpy as np
from scipy.special import ndtri

from autocrine_abm.behavior.rules import behavior_column
from autocrine_abm.cells.columns import ALIVE
from autocrine_abm.cells.trait import trait_names
from autocrine_abm.compilation import kernel
from autocrine_abm.randomness import Purpose, uniforms

__all__ = ["Inheritance", "factor"]

_REPEATS = 18  # bits of a draw's repeat that count divisions in a step; the six above say which trait


def factor(uniform, distribution, variation):
    """Random factor of mean 1.

    Parameters
    ----------
    uniform : ndarray of float, shape (n,)
        Draws in (0, 1).
    distribution : str
        "lognormal", "normal" or "uniform".
    variation : float
        Coefficient of variation, c ≥ 0.

    Returns
    -------
    ndarray of float, shape (n,)
        ≥ 0. A new array.

    Examples
    --------
    >>> factor(np.array([0.25, 0.5]), "uniform", 0.1).round(3)
    array([0.913, 1.   ])
    """
    if variation == 0:
        return np.ones(len(uniform))
    if distribution == "uniform":
        return 1 + variation * 3**0.5 * (2 * uniform - 1)
    if distribution == "normal":
        return np.maximum(1 + variation * ndtri(uniform), 0)
    variance = np.log1p(variation**2)
    return np.exp(np.sqrt(variance) * ndtri(uniform) - variance / 2)


@kernel
def _scale(low, high, cell_type, phase, traits, trait, scaled, base, out, out_column):
    """Multiply a behavior by a trait; `scaled` per type: not (0), its base anew (1), what is there (2)."""
    for row in range(low, high):
        own = cell_type[row]
        if scaled[own] == 0 or phase[row] != ALIVE:
            continue
        value = base[own] if scaled[own] == 1 else out[row, out_column]
        out[row, out_column] = value * traits[row, trait]


class Inheritance:
    """The traits of all cell types.

    Parameters
    ----------
    cell_types : dict of str to CellType
    axes : dict of str to tuple of str
        What the second axis of columns stands for, ``cells.names``.
    seed : int
        Key of all random draws.
    team : Team

    Attributes
    ----------
    names : tuple of str
        Names of the traits.
    scaled : set of str
        Columns that traits multiply.
    """

    def __init__(self, cell_types, axes, seed, team):
        self.seed, self.team = seed, team
        self.names = trait_names(cell_types)
        self.types = list(cell_types.values())
        self._scalings, seen = [], set()
        for index, name in enumerate(self.names):
            having = [own.trait.get(name) for own in self.types]
            for behavior in sorted({trait.scales for trait in having if trait is not None and trait.scales}):
                scaled = np.zeros(len(self.types), np.int64)
                for kind, (own, trait) in enumerate(zip(self.types, having)):
                    if trait is not None and trait.scales == behavior:
                        ruled = any(rule.behavior == behavior for rule in own.rule)
                        scaled[kind] = 2 if ruled or (kind, behavior) in seen else 1
                        seen.add((kind, behavior))
                base = np.array(
                    [float(own.base_value(behavior)) if s else 0.0 for own, s in zip(self.types, scaled)]
                )
                self._scalings.append((index, scaled, base, *behavior_column(behavior, axes)))
        self.scaled = {column for *_, column, _ in self._scalings}

    def _having(self, cells, rows):
        """(index of the trait, its `Trait`, places in `rows` of who has it) for every type and trait."""
        kind = cells.cell_type[rows]
        for type_index, own in enumerate(self.types):
            places = np.flatnonzero(kind == type_index) if own.trait else ()
            if len(places):
                for name, trait in own.trait.items():
                    yield self.names.index(name), trait, places

    def _draw(self, cells, rows, step, purpose, repeat, index):
        return uniforms(self.seed, cells.cell_id[rows], step, purpose, (index << _REPEATS) + repeat)

    def _endow(self, cells, rows, index, trait, step, repeat):
        """Draw a trait of cells that have none from elsewhere."""
        draws = self._draw(cells, rows, step, Purpose.TRAIT, repeat, index)[:, 0]
        cells.traits[rows, index] = trait.mean * factor(draws, trait.distribution, trait.spread)

    def seed_traits(self, cells, rows):
        """Draw the traits of new cells and let them act.

        Parameters
        ----------
        cells : CellState
        rows : ndarray of int64, shape (m,)
            Their rows; behaviors hold the base values.
        """
        for index, trait, places in self._having(cells, rows):
            self._endow(cells, rows[places], index, trait, step=0, repeat=0)  # once in a life
        for index, scaled, _, column, place in self._scalings:
            _multiply(cells, rows, scaled, column, place, cells.traits[rows, index])

    def change_type(self, cells, rows, before, step, repeat):
        """Draw the traits that cells had not in the type that they leave.

        Parameters
        ----------
        cells : CellState
        rows, before : ndarray of int, shape (m,)
            Who, and index of the type until now.
        step, repeat : int
            Key of the draws.
        """
        for index, trait, places in self._having(cells, rows):
            had = np.array([self.names[index] in own.trait for own in self.types])
            self._endow(cells, rows[places[~had[before[places]]]], index, trait, step, repeat)

    def scale_anew(self, cells, rows, column, place):
        """Multiply new base values in one place of a column by the traits that scale it.

        Parameters
        ----------
        cells : CellState
        rows : ndarray of int64, shape (m,)
        column, place : str, int
            As `behavior_column` gives them.
        """
        for index, scaled, _, own_column, own_place in self._scalings:
            if (own_column, own_place) == (column, place):
                _multiply(cells, rows, scaled, column, place, cells.traits[rows, index])

    def inherit(self, cells, mothers, daughters, step, repeat):
        """Pass the traits on; the daughters' rows are copies of the mothers'. What they scale follows.

        Parameters
        ----------
        cells : CellState
        mothers, daughters : ndarray of int64, shape (m,)
            Rows of the two cells of each division.
        step, repeat : int
            Key of the draws; `repeat` counts the divisions of a cell within the step.

        Returns
        -------
        ndarray of bool, shape (m,)
            Which daughters are mutants, in any trait. A new array.
        """
        mutants = np.zeros(len(daughters), bool)
        if not self.names or not len(daughters):
            return mutants
        both = np.concatenate([mothers, daughters])
        before = cells.traits[both]
        for index, trait, places in self._having(cells, daughters):
            born = daughters[places]
            draws = self._draw(cells, born, step, Purpose.INHERIT, repeat, index)
            cells.traits[born, index] *= factor(draws[:, 0], trait.distribution, trait.inherit_noise)
            if trait.inherit_noise:
                own = self._draw(cells, mothers[places], step, Purpose.INHERIT, repeat, index)[:, 0]
                cells.traits[mothers[places], index] *= factor(own, trait.distribution, trait.inherit_noise)
            mutated = np.flatnonzero(draws[:, 1] < trait.mutation_rate)
            if len(mutated):
                rows = born[mutated]
                draws = self._draw(cells, rows, step, Purpose.MUTATION, repeat, index)[:, 0]
                change = trait.mutation_factor * factor(draws, trait.distribution, trait.mutation_spread)
                cells.traits[rows, index] *= change
                mutants[places[mutated]] = True
                if trait.new_clone:
                    cells.clone_id[rows] = cells.cell_id[rows]
        after = cells.traits[both]
        with np.errstate(divide="ignore", invalid="ignore"):
            change = np.where(before > 0, after / before, 1.0)
        for index, scaled, _, column, place in self._scalings:
            _multiply(cells, both, scaled, column, place, change[:, index])
        return mutants

    def scale(self, cells, rows=None):
        """Multiply the behaviors that traits scale, of all cells or those in `rows`; after the rules have written theirs."""
        chosen = slice(None) if rows is None else rows
        for index, scaled, base, column, place in self._scalings:
            out = _two_dimensional(cells[column])
            values, at = (out, place) if rows is None else (np.ascontiguousarray(out[rows, place, None]), 0)
            kind, phase, traits = cells.cell_type[chosen], cells.phase[chosen], cells.traits[chosen]
            self.team.run(_scale, len(kind), kind, phase, traits, index, scaled, base, values, at)
            if rows is not None:
                out[rows, place] = values[:, 0]


def _multiply(cells, rows, scaled, column, place, by):
    """Multiply one place of a column in `rows`, where the type of the cell is among the `scaled`."""
    out = _two_dimensional(cells[column])
    out[rows, place] *= np.where(scaled[cells.cell_type[rows]] > 0, by, 1.0)


def _two_dimensional(column):
    return column if column.ndim == 2 else column.reshape(-1, 1)
