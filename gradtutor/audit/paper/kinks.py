"""A plain number claimed where the point given lies at a kink: |x| at x = 0.

Any number between the slopes of both sides is right there.
"""

from __future__ import annotations

from collections.abc import Callable

import mpmath

from gradtutor.audit.diagnosis.graph import Array
from gradtutor.audit.paper.lines import Derivation, Line
from gradtutor.audit.paper.records import Numbers, part_value
from gradtutor.audit.paper.text import part_inputs
from gradtutor.audit.paper.unfit import unfit
from gradtutor.evaluate.precise import precise_plan
from gradtutor.graph import inputs
from gradtutor.messages import tr

DIGITS = 60
STEPS = (mpmath.mpf(10) ** -8, mpmath.mpf(10) ** -10)  # relative to the point
STAYS = 1e-4  # how far a kink's gap may change from step to step; curvature's shrinks
APART, NEAR = 1e-9, 1e-6  # of the steeper slope: what differs, what is between


def sides_of(derivation: Derivation, line: Line) -> tuple[float, float] | None:
    """Return the slopes of both sides at the point given, the lower first.

    None where they agree or one is not finite, and where a line claims no derivative
    of numbers. A kink's gap between them stays as the step shrinks.
    """
    claim = line.claim or ()
    if len(claim) != 2 or not derivation.scalar:
        return None
    top, below = claim
    graph = derivation.graph(top)
    names = inputs(graph)
    if below not in names or not set(names) <= derivation.values.keys():
        return None
    plan = precise_plan(graph, decimals=True)
    with mpmath.workdps(DIGITS):
        point = {n: _decimal(derivation.values[n]) for n in names}

        def at(offset: mpmath.mpf) -> mpmath.mpf:
            values = plan.values({**point, below: point[below] + offset})
            return mpmath.mpf(values[plan.output])

        try:
            return _sides(at, abs(point[below]) or mpmath.mpf(1))
        except (ArithmeticError, ValueError, TypeError):
            return None  # no real number on one side


def _decimal(value: Array) -> mpmath.mpf:
    """Return a number as the shortest decimal that writes it."""
    return mpmath.mpf(repr(float(value)))


def _sides(
    at: Callable[[mpmath.mpf], mpmath.mpf], size: mpmath.mpf
) -> tuple[float, float] | None:
    """Return the limits of the slopes to both sides, where they differ."""
    here, (large, small) = at(mpmath.mpf(0)), (size * step for step in STEPS)
    rights = [(at(step) - here) / step for step in (large, small)]
    lefts = [(here - at(-step)) / step for step in (large, small)]
    if not all(map(mpmath.isfinite, (*rights, *lefts))):
        return None
    gaps = [right - left for right, left in zip(rights, lefts, strict=True)]
    steepest = max(abs(rights[1]), abs(lefts[1]))
    stays = abs(gaps[1] - gaps[0]) <= STAYS * abs(gaps[1])
    if not stays or abs(gaps[1]) <= APART * steepest:
        return None
    limits = [
        two + (two - one) * small / (large - small) for one, two in (rights, lefts)
    ]
    low, high = sorted(0.0 if abs(s) < APART * steepest else float(s) for s in limits)
    return low, high


def is_between_sides(derivation: Derivation, line: Line, value: Array) -> bool:
    """Whether the point given lies at a kink, and a value between its two slopes."""
    sides = sides_of(derivation, line) if value.shape == () else None
    if sides is None:
        return False
    near = NEAR * max(map(abs, sides))
    return sides[0] - near <= value.item() <= sides[1] + near


def kink_notes(derivation: Derivation, given: Numbers | None) -> list[str]:
    """Say of each number that is claimed at a kink what is right there."""
    if given is None:
        return []
    lines = [line for line in derivation.lines if _is_number(derivation, line)]
    return [
        tr("line {n}: {said}", n=line.number, said=_said(derivation, line, *sides))
        for line in lines
        if (sides := sides_of(derivation, line))
        and is_between_sides(
            derivation, line, part_value(derivation, line.parts[-1], given)
        )
    ]


def kink_reason(derivation: Derivation, line: Line, given: Numbers) -> str:
    """Say what a number gives that is right on neither side, nor between."""
    low, high = sides_of(derivation, line) or (0.0, 0.0)
    value = part_value(derivation, line.parts[-1], given).item()
    said = _said(derivation, line, low, high)
    return tr("{said}; it gives {value:.6g}", said=said, value=value)


def _said(derivation: Derivation, line: Line, low: float, high: float) -> str:
    name = (line.claim or ("", ""))[1]
    return tr(
        "at {name} = {at:.4g} is a kink: all from {low:.4g} to {high:.4g} is right",
        name=name,
        at=float(derivation.values[name]),
        low=low,
        high=high,
    )


def _is_number(derivation: Derivation, line: Line) -> bool:
    if not line.parts or unfit(derivation, line.parts[-1]):
        return False
    return not part_inputs(derivation, line.parts[-1])
