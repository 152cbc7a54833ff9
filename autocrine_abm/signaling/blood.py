"""The blood: one well-mixed pool per ligand, shared by all tissues. Endocrine signaling is nothing but this detour.

    V dB/dt = doses − k V B − Σ P (B − c),

the sum running over all vessels of all tissues. Within a behavior step the exchange with the tissues is taken as even, and
doses and elimination are followed exactly (the one-compartment model); tissues see the mean of B over the step. That mean
and the exchange depend on each other linearly, so two trial steps of the tissues give the answer however tight the
coupling is (`Blood.advance`). Where the concentration does not move between steps, one is enough.
"""

from dataclasses import dataclass
from math import exp, expm1

__all__ = ["Blood", "Pool", "Pulse", "one_compartment"]


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
    return (1.0 - _mean_decay(x)) / x if x > 1e-3 else 0.5 - x / 6 + x * x / 24


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
        since, until = dt - pulse.begin, dt - pulse.end
        if pulse.end <= pulse.begin:
            rise = pulse.amount / volume
            end += rise * exp(-k * since)
            integral += rise * since * _mean_decay(k * since)
        else:
            slope = pulse.amount / volume / (pulse.end - pulse.begin)
            end += slope * (since * _mean_decay(k * since) - until * _mean_decay(k * until))
            integral += slope * (since**2 * _mean_build_up(k * since) - until**2 * _mean_build_up(k * until))
    return end, integral / dt


@dataclass
class Pool:
    """One ligand in the blood, with its ledger: initial + dosed = present + eliminated + passed on to tissues.

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
        self._outflow = dict.fromkeys(ligands, 0.0)

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
            ``exchange(mean)`` moves the tissues from the start of the step to its end, given the mean concentration in the
            blood, and returns the molecules that vessels passed on; it may be called up to three times, each from the
            start. None where no vessel exchanges this ligand.
        """
        pool = self.pools[name]

        def follow(passed):
            return one_compartment(
                pool.concentration, pool.elimination, pool.volume, dt, [*doses, Pulse(0.0, dt, -passed)]
            )

        passed = 0.0
        if exchange is not None:
            guess = follow(self._outflow[name])[1]
            passed = exchange(guess)
            implied = follow(passed)[1]
            if abs(implied - guess) > 1e-7 * max(abs(implied), abs(guess)):
                second = implied if implied > 0 else 0.5 * guess
                slope = (follow(exchange(second))[1] - implied) / (second - guess) if second != guess else 0.0
                passed = exchange(guess + (implied - guess) / (1.0 - slope))
            self._outflow[name] = passed
        dosed = sum(pulse.amount for pulse in doses)
        before = pool.present
        pool.concentration, pool.mean = follow(passed)
        pool.dosed += dosed
        pool.passed += passed
        pool.eliminated += before + dosed - passed - pool.present
