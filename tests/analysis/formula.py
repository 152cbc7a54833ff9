"""An executor that knows what a run gives by a formula, so that sweeps in tests take no time."""

from concurrent.futures import Executor, Future

from autocrine_abm.experiments.single import Outcome


class Formula(Executor):
    """Gives ``formula(values, seed)``, a dict of lists over the hours 0, 1, …; values are numbers by path."""

    def __init__(self, formula, unit="cells"):
        self.formula, self.unit, self.runs = formula, unit, 0

    def submit(self, function, task):
        self.runs += 1
        values = {path: float(str(value).split()[0]) for path, value in task.values.items()}
        measures = self.formula(values, task.seed)
        columns = (("time", "min", "float"), ("step", "", "int"), *((name, self.unit, "float") for name in measures))
        lines = [
            ",".join([f"{60.0 * hour}", str(hour), *(repr(float(value)) for value in row)])
            for hour, row in enumerate(zip(*measures.values()))
        ]
        future = Future()
        future.set_result(Outcome(task.number, columns, "\n".join(lines) + "\n", 0.1, "here"))
        return future
