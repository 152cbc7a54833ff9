"""The blood: one well-mixed pool per ligand, shared by all tissues. Endocrine signaling is nothing but this
detour.

    V dB/dt = doses − k V B − Σ P (B − c),

the sum running over all vessels of all tissues. Doses and elimination are followed exactly (the
one-compartment model). Tissues see the mean of B over the step, and what they take of it rises in a straight
line with that mean (but for uptake that saturates): two trial steps of the tissues tell how steeply, their
conductance. Within the step the pool then empties into them at that rate, so that it neither overshoots nor
turns negative however tight the coupling is, and mean and passage agree (`Blood.advance`). Where little
changes from step to step, the conductance of the last step serves and one trial is enough.
"""

from dataclasses import asdict, dataclass
from math import exp, expm1, factorial

__all__ = ["Blood", "Pool", "Pulse", "one_compartment"]

_AGREED = (
    1e-5  # difference of the mean that tissues saw from the one that follows; they are solved to as much
)
_TELLING = (
    1e-2  # relative difference of two trial means that gives a slope in spite of uptake settled to 2e-3
)


@dataclass(frozen=True)
class Pulse:
    """Molecules that reach the blood within a step.

    Parameters
    ----------
    begin, end : float
        When [min from the start of the step]; equal for a bolus.
    amount : float
        Molecules, negative if they leave.
    """

    begin: float
    end: float
    amount: float


def _mean_decay(x):
    """(1 − e^−x)/x, 1 at 0."""
    return -expm1(-x) / x if x else 1.0


def _mean_build_up(x):
    """(1 − (1 − e^−x)/x)/x, 1/2 at 0."""
    if x > 0.02:
        return (1.0 - _mean_decay(x)) / x
    return sum((-x) ** power / factorial(power + 2) for power in range(7))  # the difference would lose digits


def one_compartment(start, elimination, volume, dt, pulses):
    """Concentration of a pool with first-order elimination at the end of a step, and its mean over the step.

    Parameters
    ----------
    start : float
        Concentration at the start [molecules/µm³].
    elimination : float
        k [1/min], ≥ 0.
    volume : float
        [µm³]
    dt : float
        [min]
    pulses : sequence of Pulse

    Returns
    -------
    end, mean : float
        [molecules/µm³]; exact.

    Examples
    --------
    >>> end, mean = one_compartment(8.0, 0.0, 2.0, 1.0, [Pulse(0.5, 0.5, 4.0)])
    >>> end, mean
    (10.0, 9.0)
    """
    k = elimination
    end, integral = start * exp(-k * dt), start * dt * _mean_decay(k * dt)
    for pulse in pulses:
        rise, length, after = pulse.amount / volume, pulse.end - pulse.begin, dt - pulse.end
        reached = rise * _mean_decay(k * length)  # when it is all in
        end += reached * exp(-k * after)
        integral += rise * length * _mean_build_up(k * length) + reached * after * _mean_decay(k * after)
    return end, integral / dt


@dataclass
class Pool:
    """One ligand in the blood, with its ledger: initial + dosed = present + eliminated + passed on to
    tissues.

    Attributes
    ----------
    concentration : float
        Now [molecules/µm³].
    mean : float
        Mean over the last step [molecules/µm³].
    elimination, volume : float
        k [1/min] and V [µm³].
    initial, dosed, eliminated, passed : float
        [molecules]; passed is net and may be negative.
    """

    concentration: float
    elimination: float
    volume: float
    initial: float = 0.0
    dosed: float = 0.0
    eliminated: float = 0.0
    passed: float = 0.0
    mean: float = 0.0

    @property
    def present(self):
        """Molecules in the pool."""
        return self.concentration * self.volume

    def imbalance(self):
        """Molecules unaccounted for, as a share of the largest entry [-]."""
        gains = self.initial, self.dosed
        ends = self.present, self.eliminated, self.passed
        largest = max(map(abs, gains + ends))
        return abs(sum(gains) - sum(ends)) / largest if largest else 0.0

    def follow(self, dt, doses, conductance=0.0, from_empty=0.0):
        """Concentration at the end of a step and its mean over it, where tissues take what stands in it.

        Parameters
        ----------
        dt : float
            [min]
        doses : sequence of Pulse
        conductance : float
            What the tissues take per concentration in the pool [µm³/min], ≥ 0.
        from_empty : float
            What they would take from an empty pool [molecules/min]; negative, since they give.

        Returns
        -------
        end, mean : float
            [molecules/µm³]
        """
        loss, back = self.elimination + conductance / self.volume, Pulse(0.0, dt, -from_empty * dt)
        return one_compartment(self.concentration, loss, self.volume, dt, [*doses, back])


class Blood:
    """The pools of all ligands.

    Parameters
    ----------
    circulation : Circulation
    ligands : dict of str to Ligand

    Attributes
    ----------
    pools : dict of str to Pool
    """

    def __init__(self, circulation, ligands):
        self.pools = {}
        for name, ligand in ligands.items():
            own = circulation.ligand.get(name)
            volume = float((own.volume if own else None) or circulation.volume)
            start = ligand.concentration(own.initial) if own else 0.0
            elimination = float(own.elimination) if own else 0.0
            self.pools[name] = Pool(start, elimination, volume, initial=start * volume, mean=start)
        self._tissues = dict.fromkeys(
            ligands, (None, 0.0)
        )  # conductance, and passage from an empty pool, as met last

    def state(self):
        """All that the future of the pools depends on, for `restore`: dict of numbers."""
        return {
            "pools": {name: asdict(pool) for name, pool in self.pools.items()},
            "tissues": {name: list(met) for name, met in self._tissues.items()},
        }

    def restore(self, state):
        """Take up what `state` returned."""
        self.pools = {name: Pool(**entries) for name, entries in state["pools"].items()}
        self._tissues = {name: tuple(met) for name, met in state["tissues"].items()}

    def adopt(self, circulation):
        """Go on with the elimination rates of another `Circulation`."""
        for name, pool in self.pools.items():
            own = circulation.ligand.get(name)
            pool.elimination = float(own.elimination) if own else 0.0

    def advance(self, name, dt, doses, exchange):
        """Move one ligand on in the blood and, through `exchange`, in the tissues.

        Parameters
        ----------
        name : str
            The ligand.
        dt : float
            [min]
        doses : list of Pulse
            What is given in this step.
        exchange : callable or None
            ``exchange(mean)`` moves the tissues from the start of the step to its end, given the mean
            concentration in the blood, and returns the molecules that vessels passed on; it may be called up
            to three times, each from the start. None where no vessel exchanges this ligand.
        """
        pool = self.pools[name]
        passed = conductance = from_empty = 0.0
        if exchange is not None:
            passed, conductance, from_empty = self._agree(name, dt, doses, exchange)
        end, mean = pool.follow(dt, doses, conductance, from_empty)
        rest = passed - (conductance * mean + from_empty) * dt  # beyond what was agreed upon; taken evenly
        end_of_rest, mean_of_rest = one_compartment(
            0.0, pool.elimination, pool.volume, dt, [Pulse(0.0, dt, -rest)]
        )
        pool.concentration, pool.mean = end + end_of_rest, mean + mean_of_rest
        pool.dosed += sum(pulse.amount for pulse in doses)
        pool.passed += passed
        pool.eliminated += pool.elimination * pool.volume * pool.mean * dt

    def _agree(self, name, dt, doses, exchange):
        """Trials until the mean that tissues saw is the one that follows.

        Returns what passed in the last one [molecules], and how that depends on the mean: conductance
        [µm³/min] and passage from an empty pool [molecules/min].
        """
        pool = self.pools[name]
        known, from_empty = self._tissues[name]
        conductance = known or 0.0
        mean, tried = max(pool.follow(dt, doses, conductance, from_empty)[1], 0.0), None
        for trial in range(3):
            passed = exchange(mean)
            if tried is not None and abs(mean - tried[0]) > _TELLING * max(mean, tried[0]):
                known = conductance = max((passed - tried[1]) / (mean - tried[0]) / dt, 0.0)
            from_empty = passed / dt - conductance * mean
            implied = max(pool.follow(dt, doses, conductance, from_empty)[1], 0.0)
            if trial == 2 or abs(implied - mean) <= _AGREED * max(implied, mean):
                break
            close = abs(implied - mean) <= _TELLING * max(implied, mean)
            tried = mean, passed
            mean = 0.5 * mean if known is None and close else implied
        self._tissues[name] = known, from_empty
        return passed, conductance, from_empty
