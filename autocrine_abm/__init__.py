"""Tumor growth in which cells talk with diffusing ligands, whether over no distance or through the blood.

This is the front door. A name is loaded when it is first used, so that ``import autocrine_abm`` costs
nothing.

Examples
--------
>>> import autocrine_abm as abm
>>> ligand = abm.Ligand(diffusion="3600 um^2/min", decay="0.02 1/min")
>>> f"{ligand.decay:g}"
'0.02'
"""

from importlib import import_module

__version__ = "0.1.0"

_PLACES = {
    "AutocrineError": "errors",
    "Boundary": "ligands.ligand",
    "CellAgent": "simulation.agent",
    "CellType": "cells.cell_type",
    "Domain": "mesh.domain",
    "Ligand": "ligands.ligand",
    "LigandField": "ligands.field",
    "Mesh": "mesh.cartesian",
    "Record": "scenario.scenario",
    "Rule": "cells.rule",
    "Run": "scenario.scenario",
    "RunFolder": "output.readers",
    "Scenario": "scenario.scenario",
    "ScenarioError": "errors",
    "Secretion": "cells.cell_type",
    "Seed": "cells.seeding",
    "SweepFolder": "experiments.folder",
    "TumorModel": "simulation.model",
    "Uptake": "cells.cell_type",
    "override": "scenario.overrides",
    "read_scenario": "scenario.files:read",
    "record_run": "output.record",
    "resume_run": "output.resume",
    "sweep": "experiments.sweep",
    "verify": "evidence.checks",
    "write_report": "output.report",
}

__all__ = [*_PLACES, "__version__"]


def __getattr__(name):
    if name not in _PLACES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    module, _, original = _PLACES[name].partition(":")
    value = getattr(import_module(f"{__name__}.{module}"), original or name)
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
