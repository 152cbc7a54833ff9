"""Whatever a model knows between two steps is in its state, so that a resumed run is the uninterrupted one.

The test does not trust a list of what matters: it walks through everything that hangs on a model, compares a restored
model with the original, and accepts no difference but in the scratch declared below. A new attribute that is remembered
from step to step makes it fail until it is part of a `state`; one that is not belongs on the list, with its reason.
"""

import numpy as np
import pytest
from contracts.every_feature import BODY, HEAD, LATTICE

from autocrine_abm.scenario.files import parse_text
from autocrine_abm.simulation.agent import CellAgent
from autocrine_abm.simulation.model import TumorModel

#: Class and attribute of what a step writes before it reads it.
SCRATCH = {
    ("LigandField", "average"): "mean over a step, made by each step",
    ("LigandField", "wall_exchange"): "made when a field is first moved; parameters",
    ("Transport", "stages"): "stages of a substep",
    ("Transport", "partial"): "sums over planes",
    ("Solver", "*"): "work arrays of one linear solve; `prepare` and `shift` set the operator anew",
    ("Multigrid", "*"): "work arrays of one cycle",
    ("Exchange", "source"): "laid on the mesh in each step",
    ("Exchange", "loss"): "laid on the mesh in each step",
    ("Exchange", "last"): "the passage just done, for the tags that follow it",
    ("Exchange", "_places"): "found by `locate`",
    ("Exchange", "_close"): "found by `locate`",
    ("Exchange", "_located"): "where scratch begins after that",
    ("Exchange", "near"): "screened by `locate` from the present concentration of traps",
    ("Exchange", "_woken"): "made from parameters when first needed",
    ("NeighborBins", "*"): "sorted anew for each search",
    ("Mechanics", "_*"): "every call starts from positions alone",
    ("Mechanics", "pressure"): "copied to the column",
    ("Mechanics", "neighbors"): "copied to the column",
    ("Provenance", "_source"): "laid on the mesh in each step",
    ("Provenance", "_spare"): "scratch",
    ("Provenance", "_scratch"): "scratch",
    ("Tissue", "origins"): "result of the last trace, already written",
    ("Turnover", "_departing"): "taken up in the same step",
    ("Tissue", "events"): "decided in each step",
    ("CellState", "_arrays"): "longer than there are cells; the live rows are compared",
    ("TumorModel", "_event_generators"): "Mesa's own clock, which counts steps",
    ("TumorModel", "_doses"): "due in this step",
    ("TumorModel", "observers"): "who looks on",
    ("TumorModel", "_views"): "windows made when asked for; what they remember is compared",
    ("TumorModel", "_cell_set"): "a window",
    ("Team", "*"): "threads",
    ("Scratch", "*"): "overwritten by the next phase",
}


class Counting(CellAgent):
    """An agent that remembers how often it has acted, and whom it saw last."""

    def step(self):
        self.count = getattr(self, "count", 0) + 1
        self.seen = (self.count, self.model.steps)
        if self.count == 4 and self.is_alive and self.model.rng.random() < 0.3:
            self.divide()


class WithAgents(TumorModel):
    agent_class = Counting


def calm(tissue, dt):
    """A function that remembers nothing."""
    tissue.cells.division_rate[tissue.cells.pressure > 2] = 0


class Ramp:
    """A function that remembers."""

    def __init__(self):
        self.calls = 0

    def __call__(self, tissue, dt):
        self.calls += 1
        tissue.cells.apoptosis_rate[:] = 1e-5 * self.calls

    def state(self):
        return self.calls

    def restore(self, state):
        self.calls = state


MODELS = {
    "tissues and blood": lambda: TumorModel(parse_text(HEAD + BODY)),
    "lattice": lambda: TumorModel(parse_text(HEAD + LATTICE)),
    "agents and functions from Python": lambda: WithAgents(parse_text(HEAD + LATTICE), behaviors=[calm, Ramp()]),
}


def is_scratch(owner, name):
    kinds = [kind.__name__ for kind in type(owner).__mro__]
    return any((kind, entry) in SCRATCH for kind in kinds for entry in (name, "*", "_*" if name[0] == "_" else name))


def differences(a, b, path="model", seen=None):
    """Paths of all that differs between two object graphs, but for scratch."""
    seen = set() if seen is None else seen
    if (id(a), id(b)) in seen:
        return
    seen.add((id(a), id(b)))
    if type(a) is not type(b):
        yield f"{path}: {type(a).__name__} against {type(b).__name__}"
    elif isinstance(a, np.ndarray):
        if a.dtype != b.dtype or a.shape != b.shape or a.tobytes() != b.tobytes():
            yield path
    elif isinstance(a, np.random.Generator):
        yield from differences(a.bit_generator.state, b.bit_generator.state, path, seen)
    elif isinstance(a, dict):
        if list(a) != list(b):
            yield f"{path}: keys {list(a)[:9]} against {list(b)[:9]}"
        for key in a.keys() & b.keys():
            yield from differences(a[key], b[key], f"{path}[{key!r}]", seen)
    elif isinstance(a, (list, tuple)):
        if len(a) != len(b):
            yield f"{path}: {len(a)} against {len(b)} entries"
        for place, (one, other) in enumerate(zip(a, b)):
            yield from differences(one, other, f"{path}[{place}]", seen)
    elif isinstance(a, (bool, int, float, str, bytes, set, frozenset, np.generic)):
        if a != b and not (a != a and b != b):
            yield f"{path}: {a} against {b}"
    elif type(a).__module__.split(".")[0] in ("autocrine_abm", __name__.split(".")[0]):
        if type(a).__name__ == "CellState":
            yield from differences(a.state(), b.state(), f"{path}.state()", seen)
        if type(a).__name__ in ("Scenario", "WithAgents", "Counting") and path != "model":
            return
        names = [name for name in vars(a) if not is_scratch(a, name)]
        others = [name for name in vars(b) if not is_scratch(b, name)]
        if set(names) != set(others):
            yield f"{path}: has {sorted(set(names) ^ set(others))} or has not"
        for name in sorted(set(names) & set(others)):
            yield from differences(vars(a)[name], vars(b)[name], f"{path}.{name}", seen)


def memories(model):
    own = ("model", "_where", "unique_id", "pos")
    return {
        cell_id: {name: value for name, value in vars(view).items() if name not in own}
        for cell_id, view in sorted(model._views.items())
        if view.exists
    }


@pytest.mark.parametrize("kind", MODELS)
def test_a_restored_model_is_the_original_but_for_scratch(kind):
    model = MODELS[kind]()
    for _ in range(7):
        model.step()
    if kind == "tissues and blood":
        model.trace()  # makes the share columns and moves steady tags
    restored = MODELS[kind]()
    restored.restore(model.state())
    assert list(differences(model, restored)) == []
    assert memories(model) == memories(restored)
    if kind == "tissues and blood":
        assert len(model.circulation.cells) and any(tissue.change.counts.any() for tissue in model.tissues.values())
    births = model.births
    for _ in range(8):
        model.step()
        restored.step()
    assert model.births > births and list(differences(model, restored)) == []
    assert memories(model) == memories(restored)
    assert model.steps == restored.steps == 15 and getattr(model, "time", 15) == getattr(restored, "time", 15)


def test_the_walk_finds_what_a_state_leaves_out():
    model, restored = MODELS["lattice"](), MODELS["lattice"]()
    model.tissues["dish"].birth_quota = 3
    assert list(differences(model, restored)) == ["model.tissues['dish']: has ['birth_quota'] or has not"]
    restored.tissues["dish"].birth_quota = 4
    assert list(differences(model, restored)) == ["model.tissues['dish'].birth_quota: 3 against 4"]
    del model.tissues["dish"].birth_quota, restored.tissues["dish"].birth_quota
    concentration = model.fields["oxygen"].concentration
    concentration[3, 4, 0] = np.nextafter(concentration[3, 4, 0], 0)
    assert [path.rpartition(".")[2] for path in differences(model, restored)] == ["concentration"]


def test_a_state_of_another_seed_is_refused():
    model = MODELS["lattice"]()
    with pytest.raises(ValueError, match="seed 6"):
        model.restore(model.state() | {"seed": 6})
