"""A plain number claimed where the point given lies at a kink: |x| at x = 0.

Any number between the slopes of both sides is right there.
"""

from __future__ import annotations

from gradtutor.audit.diagnosis.graph import Array
from gradtutor.audit.paper.lines import Derivation, Line
from gradtutor.audit.paper.records import Numbers, part_value
from gradtutor.audit.paper.text import part_inputs
from gradtutor.audit.paper.unfit import unfit
from gradtutor.evaluate.values import node_values
from gradtutor.graph import inputs
from gradtutor.messages import tr

STEP = 1e-6  # of the differences, relative to the point
APART, NEAR = 1e-3, 1e-6  # slopes that differ, and what is between them


def sides_of(derivation: Derivation, line: Line) -> tuple[float, float] | None:
    """Return the slopes of both sides at the point given, the lower first.

    None where they agree, and where a line claims no derivative of numbers.
    """
    claim = line.claim or ()
    if len(claim) != 2 or not derivation.scalar:
        return None
    top, below = claim
    graph = derivation.graph(top)
    names = inputs(graph)
    if below not in names or not set(names) <= derivation.values.keys():
        return None
    point = {name: derivation.values[name] for name in names}

    def at(offset: float) -> float:
        moved = {**point, below: point[below] + offset}
        return float(node_values(graph, moved)[graph.graph["output"]])

    step = STEP * max(1.0, abs(float(point[below])))
    right = (at(step) - at(0.0)) / step
    left = (at(0.0) - at(-step)) / step
    low, high = min(left, right), max(left, right)
    return (low, high) if high - low > APART else None


def is_between_sides(derivation: Derivation, line: Line, value: Array) -> bool:
    """Whether the point given lies at a kink, and a value between its two slopes."""
    sides = sides_of(derivation, line) if value.shape == () else None
    return sides is not None and sides[0] - NEAR <= value.item() <= sides[1] + NEAR


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
        low=round(low, 5) + 0.0,
        high=round(high, 5) + 0.0,
    )


def _is_number(derivation: Derivation, line: Line) -> bool:
    if not line.parts or unfit(derivation, line.parts[-1]):
        return False
    return not part_inputs(derivation, line.parts[-1])
