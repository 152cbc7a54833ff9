"""Traits: drawn, passed on and mutated with exact statistics, and selected as they must be.

Statistical tests fail by chance with probability `UNLIKELY`; seeds are fixed, so they fail always or never.
"""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from autocrine_abm.behavior.division import divide
from autocrine_abm.behavior.inheritance import Inheritance, factor
from autocrine_abm.behavior.rules import RuleBook
from autocrine_abm.cells.cell_type import CellType, Secretion
from autocrine_abm.cells.columns import APOPTOTIC
from autocrine_abm.cells.rule import Rule
from autocrine_abm.cells.state import CellState
from autocrine_abm.cells.trait import Trait
from autocrine_abm.ligands.ligand import Ligand
from autocrine_abm.team import Team

UNLIKELY = 1e-6
SIGMAS = stats.norm.isf(UNLIKELY / 2)
DISTRIBUTIONS = ("lognormal", "normal", "uniform")
RATE = 0.01  # 1/min


def population(n, team=None, seed=5, **types):
    """n cells of the first of the types, with their traits drawn."""
    if not all(isinstance(own, CellType) for own in types.values()):
        types = {"cancer": CellType(radius="5 um", division_rate="0.01 1/min", trait=types)}
    names = sorted({name for own in types.values() for name in own.trait})
    cells = CellState(types, ["IL6"], trait_names=names)
    inheritance = Inheritance(types, cells.names, seed, team or Team())
    cells.add(
        n,
        cell_id=np.arange(1, n + 1),
        clone_id=np.arange(1, n + 1),
        division_rate=RATE,
        radius=5.0,
        volume=500.0,
    )
    inheritance.seed_traits(cells, np.arange(n))
    return cells, inheritance


def split(cells, inheritance, mothers, step=0, repeat=0):
    """Divide; returns rows of the daughters and which are mutants."""
    first_id = int(cells.cell_id[-1]) + 1
    renewed = np.zeros((len(cells.type_names), 0), bool)
    born = divide(cells, mothers, first_id, np.zeros(len(mothers)), renewed)
    daughters = np.arange(born.start, born.stop)
    return daughters, inheritance.inherit(cells, mothers, daughters, step, repeat)


def grow(cells, inheritance, duration, dt, random):
    """Divide at the rates in the table, each cell at exponential times, in steps of dt."""
    divisions = 0
    for step in range(round(duration / dt)):
        rows, start, repeat = np.arange(len(cells)), np.zeros(len(cells)), 0
        while len(rows):
            when = start + random.exponential(1 / cells.division_rate[rows])
            mothers, when = rows[when < dt], when[when < dt]
            daughters, _ = split(cells, inheritance, mothers, step, repeat)
            divisions += len(mothers)
            rows, start, repeat = (
                np.concatenate([mothers, daughters]),
                np.concatenate([when, when]),
                repeat + 1,
            )
    return divisions


# -- distributions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("variation", [0.05, 0.3])
def test_factors_have_mean_one_and_the_stated_variation(distribution, variation):
    law = {
        "lognormal": stats.lognorm(np.log1p(variation**2) ** 0.5, scale=(1 + variation**2) ** -0.5),
        "normal": stats.norm(1, variation),
        "uniform": stats.uniform(1 - 3**0.5 * variation, 2 * 3**0.5 * variation),
    }[distribution]
    assert law.mean() == pytest.approx(1) and law.std() == pytest.approx(variation)
    uniform = (np.arange(1000) + 0.5) / 1000
    # the same quantiles, but for normal ones below 0, which are cut off
    assert factor(uniform, distribution, variation) == pytest.approx(
        np.maximum(law.ppf(uniform), 0), rel=1e-9
    )


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_traits_at_the_start(distribution):
    cells, _ = population(100_000, size=Trait(mean=3.0, spread=0.2, distribution=distribution))
    values = cells.traits[:, 0]
    assert abs(values.mean() - 3.0) < SIGMAS * 0.6 / 1e5**0.5
    spread_error = ((values - 3.0) ** 2).std() / 1e5**0.5
    assert abs(values.var() - 0.36) < SIGMAS * spread_error


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_both_cells_inherit_with_noise_of_their_own(distribution):
    n, spread, noise = 100_000, 0.2, 0.15
    cells, inheritance = population(n, x=Trait(spread=spread, inherit_noise=noise, distribution=distribution))
    mothers = np.arange(n)
    before = cells.traits[:, 0].copy()
    daughters, _ = split(cells, inheritance, mothers)
    factors = cells.traits[:n, 0] / before, cells.traits[daughters, 0] / before
    for each in factors:
        assert abs(each.mean() - 1) < SIGMAS * noise / n**0.5
        assert abs(each.var() - noise**2) < SIGMAS * ((each - 1) ** 2).std() / n**0.5
        assert abs(stats.pearsonr(each, before).statistic) < SIGMAS / n**0.5
    assert abs(stats.pearsonr(*factors).statistic) < SIGMAS / n**0.5
    # what sisters share is their mother: correlation s²/(s² + c² + s²c²), on Fisher's scale with error 1/√n;
    # the law of lognormal products is not normal, for which the error is doubled
    expected = spread**2 / (spread**2 + noise**2 + (spread * noise) ** 2)
    found = stats.pearsonr(cells.traits[:n, 0], cells.traits[daughters, 0]).statistic
    assert abs(np.arctanh(found) - np.arctanh(expected)) < 2 * SIGMAS / n**0.5


def test_variance_builds_up_over_generations():
    n, noise, generations = 100_000, 0.1, 8
    cells, inheritance = population(n, x=Trait(inherit_noise=noise))
    rows = np.arange(n)
    for step in range(generations):  # along the line of the daughters
        rows, _ = split(cells, inheritance, rows, step)
    values = cells.traits[rows, 0]
    assert abs(values.mean() - 1) < SIGMAS * values.std() / n**0.5
    squares = values**2  # E x² = (1 + c²)^generations exactly
    assert abs(squares.mean() - (1 + noise**2) ** generations) < SIGMAS * squares.std() / n**0.5


def test_without_noise_nothing_changes():
    cells, inheritance = population(1000, x=Trait(spread=0.5))
    daughters, mutants = split(cells, inheritance, np.arange(1000))
    assert np.array_equal(cells.traits[daughters], cells.traits[:1000]) and not mutants.any()


# -- mutation --------------------------------------------------------------------------------------


def test_mutations_come_at_their_rate_and_do_what_they_say():
    n, rate = 200_000, 0.003
    cells, inheritance = population(
        n, x=Trait(spread=0.1, mutation_rate=rate, mutation_factor=2.0, new_clone=True)
    )
    before = cells.traits[:, 0].copy()
    daughters, mutants = split(cells, inheritance, np.arange(n))
    assert stats.binomtest(int(mutants.sum()), n, rate).pvalue > UNLIKELY
    assert np.array_equal(cells.traits[:n, 0], before)  # the mutant is the cell with the new cell_id
    assert np.array_equal(cells.traits[daughters, 0], np.where(mutants, 2.0 * before, before))
    expected = np.where(mutants, cells.cell_id[daughters], cells.clone_id[:n])
    assert np.array_equal(cells.clone_id[daughters], expected)


def test_the_size_of_mutations_varies():
    n = 50_000
    cells, inheritance = population(n, x=Trait(mutation_rate=1.0, mutation_factor=1.5, mutation_spread=0.3))
    daughters, mutants = split(cells, inheritance, np.arange(n))
    values = cells.traits[daughters, 0] / 1.5
    assert (
        mutants.all() and (cells.clone_id[daughters] == cells.clone_id[:n]).all()
    )  # no clones unless asked for
    assert abs(values.mean() - 1) < SIGMAS * 0.3 / n**0.5
    assert abs(values.var() - 0.09) < SIGMAS * ((values - 1) ** 2).std() / n**0.5


def test_mutants_in_a_growing_population_are_binomial_in_its_divisions():
    rate = 0.02
    cells, inheritance = population(1000, x=Trait(mutation_rate=rate, new_clone=True))
    divisions = grow(cells, inheritance, 300.0, 100.0, np.random.default_rng(1))
    founded = np.count_nonzero(cells.clone_id == cells.cell_id) - 1000
    assert divisions == len(cells) - 1000 > 10_000
    assert stats.binomtest(founded, divisions, rate).pvalue > UNLIKELY
    founders = {int(cell) for cell in cells.cell_id[cells.clone_id == cells.cell_id]}
    clone_of = dict(zip(cells.cell_id.tolist(), cells.clone_id.tolist()))
    for cell, mother, clone in zip(cells.cell_id.tolist(), cells.parent_id.tolist(), cells.clone_id.tolist()):
        assert clone == cell if cell in founders else clone == clone_of[mother]


def test_traits_draw_independently_of_each_other():
    alone, _ = population(500, b=Trait(spread=0.3))
    cells, inheritance = population(
        20_000, b=Trait(spread=0.3, inherit_noise=0.1), c=Trait(spread=0.3, inherit_noise=0.1)
    )
    assert abs(stats.pearsonr(*cells.traits.T).statistic) < SIGMAS / 20_000**0.5
    assert np.array_equal(
        cells.traits[:500, 0], alone.traits[:, 0]
    )  # and one more trait does not change the others


# -- selection -------------------------------------------------------------------------------------


def test_two_types_compete_as_two_birth_processes():
    n, time = 3000, 150.0
    cells, inheritance = population(2 * n, fitness=Trait(scales="division_rate"))
    cells.traits[n:, 0] = 1.5
    inheritance.scale(cells)
    grow(cells, inheritance, time, 50.0, np.random.default_rng(2))
    values = cells.traits[:, 0]
    number, mean, variance = {}, {}, {}
    for fitness in (1.0, 1.5):
        growth = np.exp(fitness * RATE * time)
        number[fitness], mean[fitness] = np.count_nonzero(values == fitness), n * growth
        variance[fitness] = n * growth * (growth - 1)  # of a Yule process
        assert abs(number[fitness] - mean[fitness]) < SIGMAS * variance[fitness] ** 0.5
    assert sum(number.values()) == len(cells)


@pytest.mark.parametrize("dt", [10.0, 120.0])
def test_mean_trait_under_selection(dt):
    """Each cell of the start grows by e^(x r t) on average, which gives the mean of x; so does Price."""
    n, time = 4000, 120.0
    cells, inheritance = population(n, x=Trait(spread=0.25, scales="division_rate"))
    start = cells.traits[:, 0].copy()
    assert cells.division_rate == pytest.approx(RATE * start, rel=1e-12)
    growth = np.exp(start * RATE * time)
    expected = (start * growth).sum() / growth.sum()
    price = np.cov(growth, start, ddof=0)[0, 1] / growth.mean()
    assert expected - start.mean() == pytest.approx(price, rel=1e-9)  # nothing is lost in transmission
    grow(cells, inheritance, time, dt, np.random.default_rng(3))
    error = np.sqrt(((start - expected) ** 2 * growth * (growth - 1)).sum()) / growth.sum()
    assert abs(cells.traits[:, 0].mean() - expected) < SIGMAS * error
    assert price > 3 * SIGMAS * error  # selection is seen


def test_price_equation_holds_with_noise_and_mutation():
    """Change of the mean = selection + transmission, offspring counted by following mothers: an identity."""
    trait = Trait(
        spread=0.2, inherit_noise=0.1, mutation_rate=0.05, mutation_factor=1.2, scales="division_rate"
    )
    n = 2000
    cells, inheritance = population(n, x=trait)
    start = cells.traits[:, 0].copy()
    grow(cells, inheritance, 100.0, 25.0, np.random.default_rng(4))
    ancestor = np.arange(len(cells))
    for row in range(n, len(cells)):  # mothers have lower rows; cell_id = row + 1
        ancestor[row] = ancestor[cells.parent_id[row] - 1]
    offspring = np.bincount(ancestor, minlength=n)
    heirs = np.bincount(ancestor, cells.traits[:, 0], minlength=n) / offspring
    selection = np.cov(offspring, start, ddof=0)[0, 1] / offspring.mean()
    transmission = (offspring * (heirs - start)).mean() / offspring.mean()
    change = cells.traits[:, 0].mean() - start.mean()
    assert change == pytest.approx(selection + transmission, rel=1e-9)
    assert selection > 0 and transmission > 0  # mutations help here


def test_a_neutral_trait_has_no_trend():
    n = 3000
    cells, inheritance = population(n, x=Trait(spread=0.2, inherit_noise=0.2))
    grow(cells, inheritance, 150.0, 50.0, np.random.default_rng(6))
    values, family = (
        cells.traits[:, 0],
        cells.clone_id,
    )  # families are independent of each other, cells are not
    sums, sizes = np.bincount(family, values - 1.0)[1:], np.bincount(family)[1:]
    error = np.sqrt((sums**2).sum()) / sizes.sum()
    assert abs(values.mean() - 1.0) < SIGMAS * error


# -- behaviors -------------------------------------------------------------------------------------


def test_a_trait_multiplies_base_values_and_what_rules_made_of_them():
    types = {
        "cancer": CellType(
            radius="5 um",
            division_rate="0.01 1/min",
            apoptosis_rate="0.001 1/min",
            secretes=[Secretion(ligand="IL6", rate="60 molecules/min")],
            trait={"vigor": Trait(scales="division_rate"), "voice": Trait(scales="secretion of IL6")},
            rule=[Rule(signal="IL6", increases="division_rate", to="0.03 1/min", half="1 nM")],
        ),
        "stroma": CellType(radius="5 um", division_rate="0.002 1/min"),
    }
    cells, inheritance = population(4, **types)
    rules = RuleBook(types, {"IL6": Ligand(diffusion="600 um^2/min")})
    cells.cell_type[3], cells.phase[2] = 1, APOPTOTIC
    cells.traits[:] = [3.0, 0.5]
    cells.division_rate[3], cells.division_rate[2], cells.secretion_rate[2] = 0.002, 0.0, 0.0
    cells.sensed[:, 0] = 0.602214076
    for _ in range(3):  # again and again, without building up
        rules.apply(cells, Team())
        inheritance.scale(cells)
    assert cells.division_rate == pytest.approx([0.06, 0.06, 0.0, 0.002])
    assert cells.secretion_rate[:, 0] == pytest.approx([30.0, 30.0, 0.0, 0.0])


def test_two_traits_may_scale_one_behavior():
    cells, inheritance = population(
        10,
        a=Trait(mean=2.0, scales="division_rate"),
        b=Trait(mean=3.0, scales="division_rate"),
        c=Trait(mean=7.0),
    )
    assert cells.division_rate == pytest.approx(6 * RATE)
    inheritance.scale(cells)
    assert cells.division_rate == pytest.approx(6 * RATE)


def test_behaviors_follow_at_once_when_a_trait_is_inherited():
    cells, inheritance = population(
        1000,
        x=Trait(
            spread=0.2, inherit_noise=0.2, mutation_rate=0.5, mutation_factor=3.0, scales="division_rate"
        ),
    )
    split(cells, inheritance, np.arange(1000))
    assert cells.division_rate == pytest.approx(RATE * cells.traits[:, 0], rel=1e-12)


def test_a_trait_may_be_the_signal_of_a_rule():
    cell = CellType(
        radius="5 um",
        trait={"resistance": Trait()},
        apoptosis_rate="0.04 1/min",
        rule=[Rule(signal="trait resistance", decreases="apoptosis_rate", to="0 1/min", half=2.0, hill=2)],
    )
    cells, _ = population(2, cancer=cell)
    cells.traits[:, 0] = [0.0, 2.0]
    RuleBook({"cancer": cell}, {"IL6": Ligand(diffusion="600 um^2/min")}).apply(cells, Team())
    assert cells.apoptosis_rate == pytest.approx([0.04, 0.02])


@pytest.mark.parametrize("key", ["spread", "inherit_noise", "mutation_spread"])
@pytest.mark.parametrize("distribution, too_wide", [("normal", 0.4), ("uniform", 0.6), ("lognormal", 11)])
def test_spreads_that_would_reach_below_zero_are_refused(key, distribution, too_wide):
    with pytest.raises(
        ValidationError, match=f"{key}: got {too_wide}; accepted with distribution '{distribution}'"
    ):
        Trait(distribution=distribution, **{key: too_wide})
