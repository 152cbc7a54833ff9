"""The model: what a step does, what Mesa expects, and that nothing but the seed decides."""

import mesa
import numpy as np
import pandas as pd
import pytest

from autocrine_abm.simulation.model import TumorModel


def state(model):
    parts = [model.cells[name].tobytes() for name in ("cell_id", "position", "volume", "sensed", "phase", "pressure")]
    return b"".join(parts + [field.concentration.tobytes() for field in model.fields.values()])


def test_run_model_stops_at_the_duration(model):
    model.run_model()
    assert model.clock.step == 20 and model.clock.time == 600 and not model.running


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(spec):
    one, same, other = TumorModel(spec), TumorModel(spec), TumorModel(spec, rng=4)
    for model in (one, same, other):
        model.run_model()
    assert state(one) == state(same) != state(other)


def test_two_threads_give_the_same_bytes_as_one(spec):
    one, two = TumorModel(spec, threads=1), TumorModel(spec, threads=2)
    two.team.smallest_slab = 1
    one.run_model()
    two.run_model()
    assert state(one) == state(two)


def test_ledgers_close_and_agents_match_the_columns(model):
    model.run_model()
    for field in model.fields.values():
        assert field.ledger.secreted > 0 and field.ledger.imbalance() < 1e-12
    assert len(model.agents) == model.n_cells == model.datacollector.model_vars["cells"][-1]
    alive_and_dead = 50 + model.births
    assert model.n_cells <= alive_and_dead and model.births > 0


def test_overrides_by_dotted_path(spec):
    model = TumorModel(spec, **{"cell.cancer.division_rate": "0 1/hour", "seed.0.number": 5})
    assert len(model.agents) == 25


def test_data_collector_takes_model_and_agent_reporters(spec):
    class Watched(TumorModel):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            self.datacollector = mesa.DataCollector({"births": "births"}, {"volume": "volume", "kind": "type_name"})
            self.datacollector.collect(self)

    model = Watched(spec)
    model.step()
    model.step()
    table = model.datacollector.get_model_vars_dataframe()
    assert table["births"].tolist()[0] == 0 and len(table) == 3
    agents = model.datacollector.get_agent_vars_dataframe()
    assert set(agents["kind"]) == {"cancer", "stroma"} and len(agents.xs(0, level=0)) == 50


def test_mesa_batch_run(spec):
    seeds = {"rng": [1, 2]} if "rng" in mesa.batch_run.__code__.co_varnames else {"iterations": 2}
    results = mesa.batch_run(
        TumorModel, {"spec": spec, "cell.cancer.apoptosis_rate": ["0 1/hour", "1 1/hour"]}, number_processes=1,
        display_progress=False, **seeds,
    )  # fmt: skip
    table = pd.DataFrame(results)
    assert len(table) == 4 and {"cells", "cells.cancer", "time"} <= set(table)
    final = table.groupby("cell.cancer.apoptosis_rate")["cells"].mean()
    assert final["0 1/hour"] > final["1 1/hour"]


def test_observers_see_the_start_and_every_step(spec):
    class Witness:
        seen = []

        def observe(self, model):
            self.seen.append((model.clock.step, model.n_cells))

    model = TumorModel(spec, observers=[Witness()])
    model.step()
    assert Witness.seen[0] == (0, 50) and [step for step, _ in Witness.seen] == [0, 1]


def test_several_rng_kinds_are_accepted(spec):
    for rng in (np.random.SeedSequence(5), np.random.default_rng(5), np.int64(5)):
        assert TumorModel(spec, rng=rng).draw_seed >= 0
    assert TumorModel(spec, rng=8).draw_seed == 8


def test_birth_and_death_have_the_exact_mean_variance_and_extinction():
    """Linear birth-death: mean e^{(b−d)t}, variance (b+d)/(b−d) e^{(b−d)t}(e^{(b−d)t}−1), extinction d(e−1)/(be−d)."""
    from autocrine_abm.scenario.files import parse_text

    births, deaths, hours, founders = 0.06, 0.03, 24.0, 20_000
    model = TumorModel(
        parse_text(f"""
        title = "independent cells"
        [run]
        duration = "{hours} hour"
        behavior_step = "4 hour"
        [tissue.dish]
        size = ["20 mm", "20 mm", "20 um"]
        spacing = "2 mm"
        [cell.free]
        radius = "1 um"
        repulsion = "0 um/min"
        adhesion = "0 um/min"
        division_rate = "{births} 1/hour"
        apoptosis_rate = "{deaths} 1/hour"
        apoptosis_duration = "0 min"
        [[seed]]
        cell = "free"
        pattern = "random"
        number = {founders}
        """.replace("spacing = \"2 mm\"", 'spacing = ["2 mm", "2 mm", "20 um"]'))
    )
    model.run_model()
    sizes = np.bincount(model.cells.clone_id, minlength=founders + 1)[1:]
    growth = np.exp((births - deaths) * hours)
    variance = (births + deaths) / (births - deaths) * growth * (growth - 1)
    extinction = deaths * (growth - 1) / (births * growth - deaths)
    # five standard errors: fails once in two million seeds, and the seed is fixed
    assert sizes.mean() == pytest.approx(growth, abs=5 * np.sqrt(variance / founders))
    fourth = ((sizes - sizes.mean()) ** 4).mean()
    assert sizes.var() == pytest.approx(variance, abs=5 * np.sqrt((fourth - variance**2) / founders))
    assert (sizes == 0).mean() == pytest.approx(extinction, abs=5 * np.sqrt(extinction / founders))


def test_cells_sense_the_field_they_are_put_into(spec):
    model = TumorModel(spec, **{"ligand.growth_factor.initial": "2 nM"})
    assert model.cells.sensed == pytest.approx(2 * 0.602214076)


def test_an_open_boundary_does_not_open_a_slab_above_and_below(spec):
    model = TumorModel(spec, **{"ligand.growth_factor.boundary": "open"})
    faces = model.fields["growth_factor"].walls.faces
    assert [kind for kind, _ in faces] == ["open"] * 4 + ["no-flux"] * 2
    model = TumorModel(spec, **{"ligand.growth_factor.boundary": {"others": "open", "z_high": "fixed 1 nM"}})
    assert [kind for kind, _ in model.fields["growth_factor"].walls.faces][4:] == ["no-flux", "fixed"]


def test_a_function_on_columns_is_a_behavior(spec):
    seen = []

    def stop_at_the_left(tissue, dt):
        seen.append(dt)
        cells = tissue.cells
        cells.division_rate[cells.position[:, 0] < 100] = 0.0

    model = TumorModel(spec, behaviors=[stop_at_the_left])
    model.run_model()
    assert seen == [30.0] * 20
    mothers = model.cells.parent_id > 0
    assert mothers.any() and (model.cells.division_rate[model.cells.position[:, 0] < 95] == 0).all()


@pytest.mark.parametrize("transport", ["transient", "steady"])
def test_a_tissue_of_one_voxel_is_well_mixed(transport):
    """c = Σq/(Σu + kV); of what a cell senses, its own share is its share of the release."""
    from autocrine_abm.scenario.files import parse_text

    model = TumorModel(
        parse_text(f"""
        title = "a droplet"
        [run]
        duration = "20 hour"
        behavior_step = "1 hour"
        [tissue.drop]
        size = ["40 um", "40 um", "40 um"]
        spacing = "40 um"
        [ligand.G]
        diffusion = "600 um^2/min"
        decay = "0.1 1/min"
        transport = "{transport}"
        [cell.c]
        radius = "6 um"
        [[cell.c.secretes]]
        ligand = "G"
        rate = "600 molecules/min"
        [[cell.c.takes_up]]
        ligand = "G"
        clearance = "1000 um^3/min"
        [[seed]]
        cell = "c"
        pattern = "random"
        number = 4
        """)
    )
    model.trace()  # from the start, so that senders are kept apart
    model.run_model()
    model.trace()
    assert model.cells.sensed == pytest.approx(2400 / (4000 + 0.1 * 64000), rel=1e-4)
    assert model.cells.share_self == pytest.approx(0.25, rel=1e-4)
    assert model.cells.share_same_type == pytest.approx(0.75, rel=1e-4)


def test_an_integer_seed_is_taken_as_in_older_mesa(spec):
    assert TumorModel(spec, seed=3).draw_seed == 3
