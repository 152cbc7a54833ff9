"""Two ways to fit parameters to observed time series, both over the executors of sweeps and both to be continued.

*Optimization*: differential evolution (Storn and Price 1997, from scipy) of the distance of mean runs, all with the same
seeds. Every run is kept in a journal, so that a repeated call finds what is there. *Inference*: approximate Bayesian
computation by sequential Monte Carlo (Toni et al. 2009, from pyabc, Schälte et al. 2022, doi:10.21105/joss.04304), kept by
generation. Parameters are searched as shares of their distribution, which is their prior. A run that fails is noted in the
journal with its message, and lies infinitely far from the data.
"""

import logging

import numpy as np

from autocrine_abm.analysis.observations import distance, simulated
from autocrine_abm.errors import AutocrineError
from autocrine_abm.experiments.execute import execute
from autocrine_abm.experiments.journal import Journal
from autocrine_abm.experiments.plan import seed_of
from autocrine_abm.experiments.single import Task, simulate

__all__ = ["Problem", "failures", "infer", "optimize"]

_JOURNAL = "journal"
_MANY = 30  # runs after which, if all have failed, the next will too


class Problem:
    """What is to be fitted: a scenario, its parameters, observations, and where its files lie."""

    def __init__(self, scenario, variations, observations, source_folder=".", seed=1):
        self.scenario, self.paths = scenario, [variation.paths for variation in variations]
        self.variations, self.observations = variations, observations
        self.source_folder, self.seed = str(source_folder), seed

    def values(self, shares):
        """Values by path of shares of the parameters' distributions, dict."""
        return {
            path: variation.at(float(share))
            for variation, share in zip(self.variations, shares)
            for path in variation.paths
        }  # fmt: skip

    def task(self, number, shares, seed):
        """The run of a point."""
        return Task(number, self.scenario, self.values(shares), seed, self.source_folder)


def failures(folder):
    """Runs of a calibration that failed, list of dict with ``values`` by path and ``error``."""
    return [entry for _, entry in Journal.entries(folder / _JOURNAL) if "error" in entry]


def _refuse_all_failed(messages):
    raise AutocrineError(f"every run failed, the first with: {next(iter(messages), 'no message')}")


def optimize(problem, folder, executor, workers, replicates=3, generations=15, population=10, progress=None):
    """Find the point whose mean run is nearest to the data.

    Parameters
    ----------
    problem : Problem
    folder : Path
        For the journal of runs.
    executor : concurrent.futures.Executor
    workers : int
        How many runs it does at once.
    replicates : int
        Runs of each point.
    generations, population : int
        Of the search; points per generation are `population` times the number of parameters.
    progress : callable, optional
        Called with a line of text after each generation.

    Returns
    -------
    shares : ndarray of float, shape (n, d)
        All points that were tried, the best first.
    apart : ndarray of float, shape (n,)
        The distance of each.
    runs : list of dict
        The single runs of the best point.
    """
    from scipy.optimize import differential_evolution

    path = folder / _JOURNAL
    known = {tuple(entry["key"]): None if "error" in entry else entry["values"] for _, entry in Journal.entries(path)}
    journal, tried, rounds = Journal(path), {}, 0

    def key_of(shares, replicate):
        return (*map(str, problem.values(shares).values()), str(replicate))

    def runs_of(shares):
        found = [known[key_of(shares, replicate)] for replicate in range(replicates)]
        return [run and {name: np.array(series) for name, series in run.items()} for run in found]

    def costs(matrix):
        nonlocal rounds
        points = np.clip(np.atleast_2d(matrix.T), 0, 1)
        missing = {
            key_of(shares, replicate): (shares, replicate)
            for shares in points for replicate in range(replicates) if key_of(shares, replicate) not in known
        }  # fmt: skip
        keys = list(missing)

        def store(outcome, attempts):
            key = keys[outcome.number]
            if outcome.message:
                values = {path: str(value) for path, value in problem.values(missing[key][0]).items()}
                journal.append({"key": key, "values": values, "error": outcome.message})
                known[key] = None
                return
            series = simulated(outcome, problem.observations)
            known[key] = {name: [float(value) for value in one] for name, one in series.items()}
            journal.append({"key": key, "values": known[key]})

        def task_of(number):
            shares, replicate = missing[keys[number]]
            return problem.task(number, shares, seed_of(problem.seed, replicate))

        execute(range(len(keys)), task_of, executor, lambda: workers, store, lambda running: None)
        for shares in points:
            runs = runs_of(shares)
            if None in runs:
                tried[tuple(shares)] = np.inf
                continue
            mean = {name: np.mean([run[name] for run in runs], axis=0) for name in runs[0]}
            tried[tuple(shares)] = distance(mean, problem.observations)
        if np.isinf(list(tried.values())).all():
            _refuse_all_failed(entry["error"] for entry in failures(folder))
        if progress is not None:
            progress(f"generation {rounds} of {generations}: {len(known)} runs, distance {min(tried.values()):.4g}")
        rounds += 1
        return np.array([tried[tuple(shares)] for shares in points])

    try:
        options = {"maxiter": generations, "popsize": population, "polish": False, "updating": "deferred", "vectorized": True}
        differential_evolution(costs, [(0.0, 1.0)] * len(problem.variations), seed=problem.seed, tol=1e-3, **options)
    finally:
        journal.close()
    order = sorted(tried, key=tried.get)
    return np.array(order), np.array([tried[point] for point in order]), runs_of(order[0])


class _Model:
    """A run as pyabc wants it: parameters in, observables out."""

    __name__ = "tumor"

    def __init__(self, problem):
        self.problem = problem

    def __call__(self, parameters):
        shares = [parameters[f"p{place}"] for place in range(len(self.problem.variations))]
        task = self.problem.task(0, shares, int(np.random.randint(2**31)))  # noqa: NPY002, pyabc draws from it
        outcome = simulate(task)
        if outcome.message:
            return {"error": outcome.message, "values": {path: str(value) for path, value in task.values.items()}}
        return simulated(outcome, self.problem.observations)


class _Distance:
    """The distance of a run as pyabc wants it."""

    def __init__(self, problem):
        self.problem = problem

    def __call__(self, values, observed):
        return np.inf if "error" in values else distance(values, self.problem.observations)


def _seeded(seed, pickled, batch, jobs):
    """Jobs of pyabc, each with draws of its own, so that results do not depend on who does them when."""
    import random

    import cloudpickle

    function, results = cloudpickle.loads(pickled), []
    for job in jobs[:batch]:
        state = np.random.SeedSequence((*seed, job)).generate_state(1)[0]
        random.seed(int(state))
        np.random.seed(int(state))  # noqa: NPY002
        result = function()
        results.append((result, result.accepted, job))
    return results


class _Client:
    """Hands jobs of pyabc to an executor, with seeds instead of chance, and notes the runs that fail."""

    def __init__(self, executor, seed, journal):
        self.executor, self.seed, self.journal, self.generation = executor, seed, journal, 0
        self.runs, self.messages = 0, []

    def submit(self, function, *arguments):
        future = self.executor.submit(_seeded, (self.seed, self.generation + 1), *arguments)
        return _Noted(future, self._note)

    def _note(self, results):
        for particle, _, _ in results:
            self.runs += 1
            if "error" in particle.sum_stat:
                self.journal.append(dict(particle.sum_stat))
                self.messages.append(particle.sum_stat["error"])
        if self.runs >= _MANY and len(self.messages) == self.runs:
            _refuse_all_failed(self.messages)  # or else it would go on forever
        return results


class _Noted:
    """A future of jobs of pyabc whose results are looked at when they are fetched."""

    def __init__(self, future, note):
        self.done, self.cancel, self._future, self._note = future.done, future.cancel, future, note

    def result(self):
        return self._note(self._future.result())


def infer(problem, folder, executor, workers, generations=5, population=100, progress=None):
    """Draw from the posterior.

    Parameters
    ----------
    problem, folder, executor, workers
        As in `optimize`; the folder gets the data base of pyabc.
    generations, population : int
        Rounds of ever smaller distances, and accepted runs in each.
    progress : callable, optional
        Called with a line of text before each generation.

    Returns
    -------
    shares : ndarray of float, shape (n, d)
    weights : ndarray of float, shape (n,)
        They sum to 1.
    runs : list of dict
        The accepted runs, in the same order.
    limits : list of float
        The distance up to which runs were accepted, of each generation.
    """
    try:
        import pyabc
    except ImportError:
        raise AutocrineError("--method abc needs pyabc; pip install 'autocrine-abm[calibrate]'") from None
    logging.getLogger("ABC").setLevel(logging.WARNING)  # it tells what it does at every turn
    journal = Journal(folder / _JOURNAL)
    client = _Client(executor, problem.seed, journal)

    class Sampler(pyabc.sampler.ConcurrentFutureSampler):
        def sample_until_n_accepted(self, n, simulate_one, t, **options):
            client.generation = t
            if progress is not None:
                progress(f"generation {max(t + 1, 0)} of {generations}: {client.runs} runs so far")
            return super().sample_until_n_accepted(n, simulate_one, t, **options)

    names = [f"p{place}" for place in range(len(problem.variations))]
    prior = pyabc.Distribution(**{name: pyabc.RV("uniform", 0, 1) for name in names})
    sampler = Sampler(cfuture_executor=client, client_max_jobs=workers)
    search = pyabc.ABCSMC(_Model(problem), prior, _Distance(problem), population_size=population, sampler=sampler)
    path = folder / "abc.db"
    address = f"sqlite:///{path}"
    done = pyabc.History(address).n_populations if path.exists() and pyabc.History(address).all_runs() else 0
    if done:
        search.load(address)
    else:
        search.new(address, problem.observations.values)
    try:
        if done < generations:
            np.random.seed(problem.seed % 2**32)  # noqa: NPY002
            search.run(max_nr_populations=generations - done)
    finally:
        journal.close()
    history = pyabc.History(address)
    frame, weights = history.get_distribution()
    weighted, runs = history.get_weighted_sum_stats()
    limits = history.get_all_populations().query("t >= 0")["epsilon"].tolist()
    if not np.isfinite(limits).all():
        raise AutocrineError(f"half of the runs of the prior failed, the first with: {failures(folder)[0]['error']}")
    return frame[names].to_numpy(), np.asarray(weights), runs, limits
