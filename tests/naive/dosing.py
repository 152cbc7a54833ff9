"""Dosing, one dose and one step at a time, in exact fractions; a pool of blood in many tiny steps."""

from fractions import Fraction


def due_naively(regimen, start, stop):
    """(begin, end, share) of every dose or part of one between two times [min], exact."""
    infusion, every = Fraction(float(regimen.infusion)), Fraction(float(regimen.every or 0))
    start, stop = Fraction(start), Fraction(stop)
    found = []
    for number in range(regimen.doses):
        begins = Fraction(float(regimen.start)) + number * every
        if infusion == 0:
            if start <= begins < stop:
                found.append((begins - start, begins - start, Fraction(1)))
            continue
        begin, end = max(begins, start), min(begins + infusion, stop)
        if end > begin:
            found.append((begin - start, end - start, (end - begin) / infusion))
    return found


def pool_naively(concentration, elimination, volume, dt, pulses, steps=100_000):
    """End and mean of a pool by the midpoint rule, doses given in the tiny step into which they fall."""
    h = dt / steps
    integral = 0.0
    for step in range(steps):
        inflow = 0.0
        for pulse in pulses:
            if pulse.end > pulse.begin:
                overlap = max(0.0, min(pulse.end, (step + 1) * h) - max(pulse.begin, step * h))
                inflow += pulse.amount * overlap / (pulse.end - pulse.begin)
            elif step * h <= pulse.begin < (step + 1) * h:
                inflow += pulse.amount
        before = concentration
        concentration = (before * (1 - elimination * h / 2) + inflow / volume) / (1 + elimination * h / 2)
        integral += h * (before + concentration) / 2
    return concentration, integral / dt
