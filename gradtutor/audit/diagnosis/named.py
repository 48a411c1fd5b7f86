"""What the name of a line of backward says: whose gradient it is, and if it is that."""

from __future__ import annotations

import re

from gradtutor.audit.diagnosis.graph import Array, Event, Forward, Node
from gradtutor.audit.diagnosis.hypothesis import Hypothesis, all_same
from gradtutor.audit.program.naming import stem
from gradtutor.audit.program.shapes.names import PARAMETER

Values = tuple[Array, ...]


def wrong_gradients(forward: Forward, mistake: Hypothesis) -> list[tuple[Node, Values]]:
    """Return the gradients that the mistake changes, as they come out."""
    found = []
    for node in forward.nodes:
        values = tuple(mistake.predicted(forward, node, p) for p in forward.points)
        true = tuple(forward.gradient(node, p) for p in forward.points)
        if not equal(values, true):
            found.append((node, values))
    return found


def says_wrong(of: str, found: Values, wrong: list[tuple[Node, Values]]) -> bool:
    """Whether a line's name says whose gradient it is, and it is the mistaken one."""
    name = stem(of)
    some = {name, re.sub(r"_(i|t|j|temp|total|sum)$", "", name)}  # one round's part
    return name != of and any(
        some & names_of(node) and equal(found, values) for node, values in wrong
    )


def named_wrong(forward: Forward, mistake: Hypothesis, event: Event) -> bool:
    """Whether a line's name says whose gradient it is, and it is the mistaken one."""
    return says_wrong(event.name, event.values, wrong_gradients(forward, mistake))


def right_lines(forward: Forward, scales: tuple[float, ...]) -> tuple[int, ...]:
    """Return the lines whose values are always right, as their names say."""
    found: dict[int, bool] = {}
    for event in forward.events:
        own = scales if PARAMETER.fullmatch(stem(event.name)) else ()
        forms = [event.values, *(tuple(v / s for v in event.values) for s in own)]
        right = event.name != "return" and any(
            named_right(forward, Event(event.line, event.name, form)) for form in forms
        )
        found[event.line] = found.get(event.line, True) and right
    return tuple(line for line, right in found.items() if right)


def wrong_lines(forward: Forward, scales: tuple[float, ...]) -> tuple[int, ...]:
    """Return the lines whose last values are wrong, as their names say, in order."""
    last = {event.name: event for event in forward.events}
    found = []
    for event in forward.events:
        name = stem(event.name)
        if name == event.name or last[event.name] is not event:
            continue
        nodes = [n for n in forward.nodes if n.variable and name in names_of(n)]
        forms = [event.values, *(tuple(v / s for v in event.values) for s in scales)]
        if of_shape(nodes, event) and not any(
            named_right(forward, Event(event.line, event.name, form)) for form in forms
        ):
            found.append(event.line)
    return tuple(found)


def named_right(forward: Forward, event: Event) -> bool:
    """Whether a line's name says whose gradient it is, and that is what it is."""
    name = stem(event.name)
    if name == event.name:
        return False
    argument = forward.arguments.get(name)
    nodes = [argument] if argument else [n for n in forward.nodes if n.variable]
    named = [n for n in nodes if name in names_of(n)] or _values_named(forward, name)
    return any(
        equal(event.values, tuple(forward.gradient(node, p) for p in forward.points))
        for node in named
    )


def _values_named(forward: Forward, name: str) -> list[Node]:
    """Return the values of forward that backward works out again under a name.

    ``var = x.var(axis=0)`` in backward is what forward has without a name.
    """
    again = [event.values for event in forward.events if event.name == name]
    return [
        node
        for node in forward.nodes
        if node.op != "name"
        and any(
            equal(values, tuple(forward.value(node, p) for p in forward.points))
            for values in again
        )
    ]


def names_of(node: Node) -> set[str]:
    """Return what a gradient of a value may be named after: xhat, for self.xhat."""
    return {name.removeprefix("self.") for name in (node.target, node.name) if name}


def of_shape(nodes: list[Node], event: Event) -> list[Node]:
    """Return the values that have the shape of what a line assigns."""
    return [n for n in nodes if n.shape == event.values[0].shape]


def equal(one: Values, other: Values) -> bool:
    """Whether two values are the same at all points."""
    return len(one) == len(other) and all_same(zip(one, other, strict=True))
