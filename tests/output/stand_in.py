"""A model with known numbers: a cell count per step, fields in closed form, a ledger that closes.

Has what recorders look at and nothing else, so that what is on disk can be compared with what was put in.
"""

from types import SimpleNamespace

import numpy as np

from autocrine_abm.cells.state import CellState
from autocrine_abm.scenario.scenario import Scenario
from autocrine_abm.simulation.clock import Clock

NANOMOLAR = 0.602214076  # molecules/µm³


def scenario(tissues=1, depth=5, space="off-lattice", **parts):
    """Two cell types, two ligands, one or more tissues; a 2-D run if `depth` is one voxel."""
    tissue = {"size": ["200 um", "160 um", f"{depth * 20} um"], "spacing": "20 um", "space": space}
    document = {
        "title": "A stand-in",
        "question": "Does everything arrive?",
        "run": {"duration": "2 hour", "behavior_step": "6 min", "seed": 7},
        "tissue": {name: tissue for name in ("tumor", "marrow", "liver")[:tissues]},
        "ligand": {
            "oxygen": {"diffusion": "1e5 um^2/min", "initial": "30 nM"},
            "IL6": {"diffusion": "3600 um^2/min", "decay": "0.02 1/min"},
        },
        "cell": {
            "cancer": {"radius": "6 um", "secretes": [{"ligand": "IL6", "rate": "60 molecules/min"}]},
            "stroma": {"radius": "8 um"},
        },
        "seed": [{"pattern": "random", "cell": "cancer", "number": 5, "tissue": "tumor"}],
        "record": {"every": "12 min", "cells": "30 min", "fields": "1 hour"},
    }
    return Scenario.model_validate(document | parts)


class StandInModel:
    """Grows by five cells a step; every number follows from the step, so files can be checked exactly."""

    def __init__(self, spec, observers=()):
        self.spec, self.observers, self.running = spec, list(observers), True
        self.clock = Clock(spec.run.behavior_step)
        self.tissues = {name: _tissue(spec, name, number) for number, name in enumerate(spec.tissue)}
        self.observe()

    births = property(lambda self: sum(tissue.births for tissue in self.tissues.values()))
    deaths = property(lambda self: sum(tissue.deaths for tissue in self.tissues.values()))

    def step(self):
        """Go on by one behavior step."""
        self.clock.tick()
        for number, tissue in enumerate(self.tissues.values()):
            _advance(tissue, self.clock.step, number)
        self.observe()

    def observe(self):
        """Show the state to the observers."""
        for observer in self.observers:
            observer.observe(self)


def _tissue(spec, name, number):
    domain = spec.tissue[name]
    mesh = domain.mesh()
    fields = {
        ligand: SimpleNamespace(concentration=np.zeros(mesh.shape), ledger=None, name=ligand)
        for ligand in spec.ligand
    }
    tissue = SimpleNamespace(
        name=name,
        domain=domain,
        mesh=mesh,
        fields=fields,
        cells=CellState(spec.cell, spec.ligand, ("IL6R",), ("STAT3",), ("vigor",), ("IL6",), True, ("G1",),
                        ("stroma",), ("dead",), ("DNA",)),  # fmt: skip
        births=0,
        deaths=0,
    )
    _advance(tissue, 0, number)
    return tissue


def _advance(tissue, step, number):
    """Everything about a tissue as a function of the step."""
    draws = np.random.default_rng([step, number])
    count = 12 + 5 * step
    names = [names for axis, names in tissue.cells.names.items() if axis != "traced"]
    cells, size = CellState(tissue.cells.type_names, *names), np.array(tissue.mesh.size)
    cells.trace()
    position = draws.random((count, 3)) * size
    if tissue.mesh.shape[2] == 1:
        position[:, 2] = size[2] / 2
    kind = np.arange(count) % 2
    phase = np.where(np.arange(count) % 7 == 0, 2, 0)
    cells.add(count, cell_id=np.arange(count) + 1, cell_type=kind, phase=phase, position=position,
              radius=np.array([6.0, 8.0])[kind], volume=4 / 3 * np.pi * np.array([6.0, 8.0])[kind] ** 3,
              sensed=draws.random((count, len(cells.ligand_names))))  # fmt: skip
    tissue.cells = cells
    tissue.births, tissue.deaths = 5 * step, step // 2
    x, y, z = (np.arange(n) + 0.5 for n in tissue.mesh.shape)
    for index, field in enumerate(tissue.fields.values()):
        field.concentration = (step + 1.0) * (index + 1) + np.add.outer(np.add.outer(x, 10 * y), 100 * z)
        present = float(field.concentration.sum() * tissue.mesh.voxel_volume)
        field.ledger = SimpleNamespace(
            initial=10.0, added=4.0, secreted=present + 2.5 * step - 14.0, decayed=1.0 * step,
            taken_up=2.0 * step, lost=-0.5 * step, present=present,
        )  # fmt: skip
