"""Test points at which a wrong rule gives the right number: the lint refuses them.

At x = y a swapped product is right; at 2 and 2 a product is a sum. A circuit's numbers
must tell every rule that applies to it from the right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gradtutor.course.kinds.graders.blanks import Blank
from gradtutor.course.kinds.graders.circuits import MISTAKES, Wires, gate_numbers
from gradtutor.course.kinds.graders.numbers import TOLERANCE, within
from gradtutor.course.kinds.kind import Finding
from gradtutor.graph import Graph, operands
from gradtutor.messages import tr

#: What a gate can be mistaken for.
SIBLINGS = {
    "add": ("mul", "sub"),
    "mul": ("add",),
    "sub": ("add",),
    "max": ("min", "add"),
    "min": ("max", "add"),
}


def symmetric_points(
    graph: Graph,
    at: Mapping[str, float],
    blanks: Sequence[Blank],
    fields: Mapping[str, Any],
) -> Iterator[Finding]:
    """Yield the rules that this circuit's numbers cannot tell from the right ones."""
    tolerance = fields.get("tolerance", TOLERANCE)
    wires = Wires(graph, at, {})
    for blank in blanks:
        if blank.kind == "value":
            yield from _same_value(graph, wires, blank, tolerance)
    for name in MISTAKES:
        applies, told = _told(wires, blanks, name, tolerance)
        if applies and not told:
            message = tr(
                "at these numbers the mistake {name} is right in every blank", name=name
            )
            yield message, tr("choose other numbers in at"), ("at",)


def _same_value(
    graph: Graph, wires: Wires, blank: Blank, tolerance: float
) -> Iterator[Finding]:
    gate = graph.nodes[blank.name]["gate"]
    args = tuple(wires.values[arg] for arg in operands(graph, blank.name))
    for sibling in SIBLINGS.get(gate, ()):
        other, _ = gate_numbers(sibling, args)
        if within(other, wires.values[blank.name], tolerance):
            given = " and ".join(f"{arg:g}" for arg in args)
            message = tr(
                "{name}: {given} give the same with {sibling} as with {gate}",
                name=blank.name,
                given=given,
                sibling=sibling,
                gate=gate,
            )
            yield message, tr("choose other numbers in at"), ("at",)


def _told(
    wires: Wires, blanks: Sequence[Blank], name: str, tolerance: float
) -> tuple[bool, bool]:
    """Return whether a mistake can be made in a blank, and whether it shows in one."""
    applies = told = False
    for blank in blanks:
        if blank.kind != "gradient":
            continue
        right = wires.expected[blank.key]
        made = list(MISTAKES[name](wires.arrivals[blank.name]))
        applies = applies or bool(made and wires.arrivals[blank.name])
        told = told or any(not within(one, right, tolerance) for one in made)
    return applies, told
