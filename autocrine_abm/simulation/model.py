"""The experiment as a Mesa model."""

import weakref
from functools import partial

import numpy as np
from mesa import DataCollector

from autocrine_abm.cells.seeding import place
from autocrine_abm.drugs.dosing import Dosing
from autocrine_abm.errors import Fault, ScenarioError, shown
from autocrine_abm.scenario.change import Change
from autocrine_abm.scenario.files import locate, read
from autocrine_abm.scenario.live import refuse_change
from autocrine_abm.scenario.overrides import override
from autocrine_abm.scenario.scenario import Scenario
from autocrine_abm.scenario.validation import refuse_faults
from autocrine_abm.scenario.vocabulary import split
from autocrine_abm.signaling.blood import Blood, Pulse
from autocrine_abm.simulation import continuation
from autocrine_abm.simulation.cell_model import CellModel
from autocrine_abm.simulation.circulation import CirculatingCells
from autocrine_abm.simulation.clock import Clock
from autocrine_abm.simulation.custom import load_agent, load_behaviors
from autocrine_abm.simulation.tissue import Tissue
from autocrine_abm.team import Team

__all__ = ["TumorModel"]


class TumorModel(CellModel):
    """A tumor that grows while its cells talk.

    Parameters
    ----------
    spec : Scenario, or str
        The scenario, its shipped name, or the path of its file.
    rng : int, SeedSequence or Generator, optional
        Seed; left out, the scenario's ``run.seed``.
    threads : int, optional
        Threads; left out, the scenario's ``run.threads``. Results do not depend on it.
    folder : path, optional
        Where relative paths in the scenario start; left out, where its file is, or here if it was built in Python.
    observers : sequence
        Objects with ``observe(model)``, called at the start and after every step.
    behaviors : sequence of callable
        Functions ``behavior(tissue, dt)`` of your own, called for each tissue in every step, after the rules and before
        cells decide. They read and write columns: ``tissue.cells.division_rate[tissue.cells.pressure > 2] = 0``. Those
        that a scenario names in its ``[python]`` table come first.
    **kwargs
        Values by dotted path, as from ``mesa.batch_run``: ``{"ligand.IL6.decay": "0.02 1/min"}``.

    Raises
    ------
    ScenarioError
        If parts of the scenario contradict each other, with all faults.

    Attributes
    ----------
    tissues : dict of str to Tissue
    blood : Blood or None
        Ligands in the blood.
    circulation : CirculatingCells or None
        Cells in the blood, if any type enters it.
    clock : Clock
    datacollector : mesa.DataCollector
        Time and numbers of cells after every step; add reporters in a subclass.

    Examples
    --------
    >>> model = TumorModel("minimal")
    >>> model.step()
    >>> len(model.agents) == model.agents.agg("volume", len)
    True
    """

    def __init__(self, spec, *, rng=None, threads=None, folder=None, observers=(), behaviors=(), **kwargs):
        # 'kwargs' and no other name: SolaraViz of Mesa 3.3 would ask its user for it
        if isinstance(kwargs.get("seed"), (int, np.integer)):  # Mesa's older word for rng
            rng = kwargs.pop("seed")
        built = isinstance(spec, Scenario)
        if folder is None:
            folder = "." if built else locate(spec).parent
        spec = spec if built else read(spec)
        if kwargs:
            spec = override(spec, kwargs)
        elif built:
            refuse_faults(spec)  # it may come from Python; a millisecond
        seed = int(spec.run.seed) if rng is None else _as_seed(rng)
        super().__init__(rng=seed)
        self.spec, self.folder, self.observers = spec, folder, list(observers)
        self.behaviors = [*load_behaviors(spec.python, folder), *behaviors]
        self.agent_class = load_agent(spec.python, folder) or self.agent_class
        self.draw_seed = seed
        self.team = Team(threads or spec.run.threads)
        weakref.finalize(self, self.team.close)
        self.clock = Clock(spec.run.behavior_step)
        self.tissues = {name: Tissue(name, spec, seed, self.team) for name in spec.tissue}
        self.blood = Blood(spec.blood, spec.ligand) if spec.blood else None
        travels = any(own.bloodstream is not None for own in spec.cell.values())
        self.circulation = CirculatingCells(spec.cell, self.tissues, seed) if travels else None
        self.dosing = Dosing(spec.regimen)
        self._start, self._changes = spec, []  # for `protocol`
        self._open_tables()
        self._plate()
        self.datacollector = DataCollector(
            model_reporters={"time": lambda model: model.clock.time, "cells": lambda model: model.n_cells}
            | {f"cells.{name}": partial(_count, index) for index, name in enumerate(spec.cell)}
        )
        self.record()

    def _plate(self):
        """Put the cells of the start into their tissues."""
        for seed in self.spec.seed:
            tissue = self.tissues[seed.tissue or next(iter(self.tissues))]
            radius = float(self.spec.cell[seed.cell].radius) if seed.cell else 0.0
            taken = () if tissue.lattice is None else tissue.lattice.voxel
            position, names = place(seed, tissue.domain, radius, self.rng, self.folder, taken)
            self.add_cells(names, position, tissue.name)
        for tissue in self.tissues.values():
            tissue.exchange.read(tissue.cells)
            if self.spec.record.signaling is not None:
                tissue.follow_origins(self.clock.time)

    # -- the step -----------------------------------------------------------------------------------------------------

    def step(self):
        """One behavior step.

        change    scenario → numbers from now on
        dose      regimens → blood or bath                deposit    release, receptors → source, loss on the mesh
        transport source, loss, walls, blood → concentration, ledger
        sense     concentration, near field → sensed      bind       sensed, antagonists → occupancy, captured
        signal    occupancy, sensed, nodes → nodes        respond    nodes, sensed, crowding → behaviors, secretion too
        decide    behaviors, draws → events               move       forces or free voxels → position
        turnover  events → rows and agents, by way of the blood from tissue to tissue
        record    everything, read-only → observers, datacollector
        """
        dt, step = self.clock.behavior_step, self.clock.step
        tissues = self.tissues.values()
        self.make_changes()
        self.dose(dt)
        self.exchange_ligands(dt)  # deposit, transport and sense, one ligand after the other
        for tissue in tissues:
            tissue.bind(dt)
            tissue.signal(dt, self.clock.time)
            tissue.respond(self.clock.time)
            for behavior in self.behaviors:
                behavior(tissue, dt)
        if self._steps_in_python:
            self.agents.do("step")
        for tissue in tissues:
            tissue.decide(step, self.clock.time, dt)
            tissue.move(step, dt)
            self._next_id = tissue.turnover(step, self.clock.time, dt, self._next_id)
        if self.circulation is not None:
            self._next_id = self.circulation.flow(step, self.clock.time, dt, self._next_id)
        self.clock.tick()
        if self._steps_in_python:
            self._forget_the_dead()
        self.record()
        self.running = self.clock.step < self.spec.run.n_steps

    def make_changes(self):
        """Make the changes of the scenario that fall into this step, in the order of their times."""
        self._make_changes(self.clock.time, self.clock.end_of_step)

    def _make_changes(self, start, stop):
        """Make the changes of the scenario from `start` until just before `stop` [min]."""
        due = [change for change in self.spec.change if start <= change.time < stop]
        for change in sorted(due, key=lambda change: change.time):
            self._adopt(override(self.spec, {change.path: change.value}))

    def change(self, path, value):
        """Change a number of the scenario from now on.

        Which paths may change is told by `scenario.live.is_live`: rates, strengths and sizes of ligands, cells, blood and
        regimens, and ``run.duration``. What was changed is kept, see `protocol`.

        Parameters
        ----------
        path : str
            Dotted path, ``"ligand.IL6.decay"``.
        value : str or number
            As in a scenario file, ``"0.02 1/min"``.

        Raises
        ------
        ScenarioError
            If the path or value is not accepted; the model is as before.

        Examples
        --------
        >>> model = TumorModel("minimal")
        >>> model.step()
        >>> model.change("ligand.growth_factor.decay", "0.5 1/min")
        >>> model.fields["growth_factor"].decay, model.protocol.change[0].time.text
        (0.5, '10.0 min')
        """
        change = Change(time=f"{self.clock.time!r} min", path=path, value=value)
        spec = override(self.spec, {path: value})
        refused = refuse_change(split(path))
        if refused:
            raise ScenarioError([Fault(refused, path)])
        self._adopt(spec)
        self._changes.append(change)

    def give(self, regimen):
        """Give doses that the scenario did not foresee, from now on; kept in `protocol`.

        Parameters
        ----------
        regimen : Regimen
            Its first dose lies in the step to come or later.

        Raises
        ------
        ScenarioError
            If it does not fit the scenario; the model is as before.
        """
        if regimen.start < self.clock.time:
            message = f"got {shown(regimen.start.text)}, which is past; accepted is {self.clock.time:g} min or later"
            raise ScenarioError([Fault(message, "regimen.start")])
        self._adopt(override(self.spec.model_copy(update={"regimen": (*self.spec.regimen, regimen)}), {}))

    def _adopt(self, spec):
        """Go on by the numbers of another scenario of the same layout."""
        self.spec = spec
        for tissue in self.tissues.values():
            tissue.adopt(spec)
        if self.blood is not None:
            self.blood.adopt(spec.blood)
        if self.circulation is not None:
            self.circulation.adopt(spec.cell)
        self.dosing = Dosing(spec.regimen)

    @property
    def protocol(self):
        """The scenario that repeats this run: that of the start, with all changes and doses made since.

        >>> model = TumorModel("minimal")
        >>> model.protocol == model.spec
        True
        """
        changes = sorted([*self._changes, *self._start.change], key=lambda change: change.time)  # stable: ours came first
        regimens = self._start.regimen + self.spec.regimen[len(self._start.regimen) :]
        run = self._start.run.model_copy(update={"duration": self.spec.run.duration, "seed": self.draw_seed})
        return self._start.model_copy(update={"change": tuple(changes), "regimen": regimens, "run": run})

    def dose(self, dt):
        """Give what is due in this step: into the baths at once, into the blood as it flows."""
        due = self.dosing.due(self.clock.time, self.clock.end_of_step)
        for name, tissue in self.tissues.items():
            first = next(iter(self.tissues))
            tissue.dose([d for d in due if d.regimen.into == "bath" and (d.regimen.tissue or first) == name], dt)
        self._doses = [d for d in due if d.regimen.into == "blood"]

    def exchange_ligands(self, dt):
        """Move every ligand on in all tissues and in the blood between them."""
        tissues = list(self.tissues.values())
        for tissue in tissues:
            tissue.exchange.locate(tissue.cells)
        names = list(self.spec.ligand)
        for index in tissues[0].exchange.order:
            name = names[index]
            if self.blood is None:
                for tissue in tissues:
                    tissue.exchange.advance(tissue.cells, index, dt)
            else:
                self.blood.advance(name, dt, self._pulses(name), self._vessels(tissues, index, dt))
            for tissue in tissues:
                tissue.follow(index, dt)

    def trace(self):
        """Tell for each ligand and cell where what it senses comes from, as things are now.

        Fills the columns `share_self`, `share_same_type`, `share_other_types`, `share_blood` and `share_boundary`, and
        ``tissue.origins``, from which `measure.signaling` makes tables. From the first call on (or from the start, if the
        scenario records signaling) senders are kept apart in every step for ligands that are followed in time; what was
        in the tissue before counts to the boundary. Steady ligands need no history.

        Returns
        -------
        dict of str to dict of str to Origins
            By tissue and ligand.
        """
        blood = {name: self.blood.pools[name].mean if self.blood else 0.0 for name in self.spec.ligand}
        for tissue in self.tissues.values():
            tissue.trace(self.clock.time, blood)
        return {name: tissue.origins for name, tissue in self.tissues.items()}

    def _pulses(self, name):
        """What regimens put into the blood in this step."""
        pulses = []
        for dose in self._doses:
            regimen = dose.regimen
            if regimen.ligand == name:
                amount = regimen.amount
                if amount is None:
                    amount = self.spec.ligand[name].concentration(regimen.concentration) * self.blood.pools[name].volume
                pulses.append(Pulse(dose.begin, dose.end, dose.share * float(amount)))
        return pulses

    def _vessels(self, tissues, index, dt):
        """Function that moves one ligand on in all tissues, from the start of the step, at a given blood concentration."""
        before = []

        def exchange(mean):
            fields = [tissue.exchange.fields[index] for tissue in tissues]
            if not before:
                before.extend(field.state() for field in fields)
            else:
                for field, state in zip(fields, before):
                    field.restore(state)
            return sum(tissue.exchange.advance(tissue.cells, index, dt, mean) for tissue in tissues)

        return exchange

    def record(self):
        """Show the state to the observers and the datacollector."""
        for observer in self.observers:
            observer.observe(self)
        self.datacollector.collect(self)

    # -- what a run goes on from ---------------------------------------------------------------------------------------

    def state(self):
        """All that the future of the model depends on, between two steps.

        Returns
        -------
        dict
            Of text, numbers, lists, dicts and arrays; some of these are views, so write them down before the next step.
        """
        return {
            "step": self.clock.step,
            "seed": self.draw_seed,
            "next_id": self._next_id,
            "running": bool(self.running),
            "rng": self.rng.bit_generator.state,
            "random": self.random.getstate(),
            "tissues": {name: tissue.state() for name, tissue in self.tissues.items()},
            "blood": self.blood.state() if self.blood else None,
            "circulation": self.circulation.state() if self.circulation is not None else None,
            "collected": continuation.collected(self.datacollector),
            "remembered": continuation.remembered(self),
        }

    def restore(self, state):
        """Go on from what `state` returned, in a new model of the same scenario; every later step is the same to the bit."""
        if state["seed"] != self.draw_seed:
            raise ValueError(f"the state is of a run with seed {state['seed']}, this model has seed {self.draw_seed}")
        self.clock.step, self._next_id = state["step"], state["next_id"]
        self.rng.bit_generator.state = state["rng"]
        self.random.setstate(state["random"])
        self._make_changes(0.0, self.clock.time)
        for name, tissue in self.tissues.items():
            tissue.restore(state["tissues"][name])
        if self.blood:
            self.blood.restore(state["blood"])
        if self.circulation is not None:
            self.circulation.restore(state["circulation"])
        continuation.recount(self, state["step"])
        self.running = state["running"]
        self.datacollector.model_vars = {
            name: values.tolist() if isinstance(values, np.ndarray) else list(values)
            for name, values in state["collected"].items()
        }
        continuation.remind(self, state["remembered"])


def _count(index, model):
    """Cells of one type, corpses included."""
    return int(sum(np.count_nonzero(tissue.cells.cell_type == index) for tissue in model.tissues.values()))


def _as_seed(rng):
    """An integer seed out of whatever Mesa accepts as rng."""
    if isinstance(rng, (int, np.integer)):
        return int(rng)
    return int(np.random.default_rng(rng).integers(2**62))
