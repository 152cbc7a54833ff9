"""What a page looks at: which ligand and color, from where, and what its pointer is on."""

from autocrine_abm.dashboard import painter
from autocrine_abm.dashboard.aim import aim
from autocrine_abm.dashboard.opening import first_look, fitting_look
from autocrine_abm.dashboard.snapshot import Look, level_unit

__all__ = ["Gaze"]


class Gaze:
    """The eye of a page.

    Parameters
    ----------
    tell : callable
        ``tell(do, **message)``.
    runner : Runner
    screen : Screen
    bulletin : Bulletin

    Attributes
    ----------
    look : Look
        What is copied of the models.
    """

    def __init__(self, tell, runner, screen, bulletin):
        self._tell, self._runner, self._screen, self._bulletin = tell, runner, screen, bulletin
        self.look, self._arranged = Look(), False

    def begin(self, spec=None):
        """Something else is opened: look at what its author asks for, if its scenario is known already."""
        self._arranged = False
        self._screen.look(tissue=None, selected=0, fixed=None, mode="solid", camera=vars(painter.Camera()))
        self.look = first_look(spec) if spec is not None else Look()

    def arrange(self, world):
        """A world is there: look at something that it has, and from near enough, unless its user has looked before."""
        if world.is_replay:
            self.look = first_look(world.spec)
        self.look = fitting_look(world, self.look)
        solid = [shot for shot in world.shoot(Look()).shots if shot.is_solid]
        if solid and not self._arranged:
            self._arranged = True
            self._screen.look(camera=self._aim(solid[0]))

    def _aim(self, shot):
        view = self._screen.view
        return aim(shot, view.mode, view.width / view.height)

    def on_fit(self):
        """Show all again: the whole of a flat tissue, the cells of a solid one."""

        def fit(worlds):
            if worlds:
                shots = worlds[0].shoot(Look()).shots
                solid = [shot for shot in shots if shot.is_solid and self._screen.view.tissue in (None, shot.name)]
                self._screen.look(camera=self._aim(solid[0]) if solid else vars(painter.Camera()))

        self._runner.do(fit)

    def on_look(self, ligand=None, color=None, **view):
        """Show something else, or from elsewhere; see `painter.View` and `painter.Camera`."""
        if ligand is not None or color is not None:
            self.look = Look(self.look.ligand if ligand is None else ligand or None, color or self.look.color)
            self._runner.do(lambda worlds: None)
        if view:
            self._screen.look(**view)

    def on_ack(self, frame):
        """The page has shown a frame."""
        self._screen.acknowledge(frame)

    def on_point(self, pane, x, y):
        """What is under the pointer."""
        found = self._screen.at(int(pane), float(x), float(y), 0.0)
        if found is None:
            return
        _, shot, cell_id, value = found
        words = []
        if cell_id:
            row = int(shot.cell_id.searchsorted(cell_id))
            words.append(f"{list(self._runner.worlds[0].spec.cell)[shot.cell_type[row]]} {cell_id}")
        if value is not None:
            unit, factor = level_unit(self._runner.worlds[0].spec.ligand[self.look.ligand])
            words.append(f"{self.look.ligand} {value * factor:.3g} {unit}")
        self._tell("under", text=" · ".join(words), x=x, y=y, pane=pane)

    def on_pick(self, pane, x, y):
        """Mark the cell at a point and tell all about it."""
        found = self._screen.at(int(pane), float(x), float(y), 6.0)
        if found is not None:
            self.on_select(found[2], found[0])

    def on_select(self, cell_id, world=0):
        """Mark a cell by its id; 0 for none."""
        self._screen.look(selected=int(cell_id))
        self._bulletin.selected_world = int(world)
        self._runner.do(lambda worlds: self._bulletin.cell(worlds, asked=True))
