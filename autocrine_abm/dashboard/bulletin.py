"""What a page is told while its models run: pictures as fast as they are taken, numbers and charts less often.

Called by the runner in its thread, between steps.
"""

from time import perf_counter

from autocrine_abm.dashboard import charts
from autocrine_abm.dashboard.snapshot import level_unit
from autocrine_abm.scenario.derived import in_words

__all__ = ["Bulletin", "moment"]

_STATE_EVERY, _CHARTS_EVERY, _CELL_EVERY = 0.1, 0.5, 0.4  # s between messages while a model runs


def moment(time):
    """A time of the experiment in words."""
    return in_words(time) if time else "0 min"


class Bulletin:
    """Tells a page the news of its worlds.

    Parameters
    ----------
    tell : callable
        ``tell(do, **message)``.
    runner : Runner
    screen : Screen

    Attributes
    ----------
    building : str
        What the page waits for; empty if nothing.
    selected_world : int
        Index of the model whose cell is described.
    """

    def __init__(self, tell, runner, screen):
        self._tell, self._runner, self._screen = tell, runner, screen
        self.building, self.selected_world = "", 0
        self._told, self._last_state = {}, None
        self.renew()

    def renew(self):
        """Tell everything at the next occasion."""
        self._told = dict.fromkeys(("state", "charts", "cell"), 0.0)

    def publish(self, worlds, look):
        """Something has happened: hand out snapshots, and tell what is due."""
        if not worlds:
            self.state()
            return
        if not self._screen.is_watched:
            self._runner.playing = False
        now, playing = perf_counter(), self._runner.playing
        if self._screen.is_hungry or not playing:
            self._screen.show([world.shoot(look) for world in worlds], _about(worlds[0], look))
        if not playing or now - self._told["state"] >= _STATE_EVERY:
            self._told["state"] = now
            self.state(worlds)
        if not playing or now - self._told["charts"] >= _CHARTS_EVERY:
            self._told["charts"] = perf_counter()
            self._tell("charts", charts=charts.charts(worlds), matrix=charts.matrix(worlds[0]))
        if self._screen.view.selected and (not playing or now - self._told["cell"] >= _CELL_EVERY):
            self._told["cell"] = now
            self.cell(worlds)

    def state(self, worlds=()):
        """Tell the state of play, if it has changed."""
        state = {
            "playing": self._runner.playing and bool(worlds), "building": self.building, "rate": round(self._runner.rate, 2),
        }  # fmt: skip
        if worlds:
            first = worlds[0]
            state |= {
                "time": first.time, "end": first.end, "over": first.time >= first.end, "clock": moment(first.time),
                "until": in_words(first.end), "place": getattr(first, "place", 0), "cells": [world.n_cells for world in worlds],
            }  # fmt: skip
        if state != self._last_state:
            self._last_state = state
            self._tell("state", **state)

    def cell(self, worlds, asked=False):
        """Tell all about the cell that is marked."""
        cell_id = self._screen.view.selected
        world = min(self.selected_world, len(worlds) - 1)
        self._tell("cell", cell=worlds[world].describe(cell_id) if cell_id and worlds else None, asked=asked)


def _about(world, look):
    """What a legend says beside the colors."""
    ligands = world.spec.ligand
    level = level_unit(ligands[look.ligand]) if look.ligand in ligands else ("nM", 1.0)
    return {"types": list(world.spec.cell), "ligands": list(ligands), "level": level, "unit": world.unit_of(look.color)}
