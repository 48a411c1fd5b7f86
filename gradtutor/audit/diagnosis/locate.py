"""The first wrong line of backward: what each line assigned against what is right.

A line is wrong when its value is a gradient under the mistake that was found and not a
right one; where no mistake was found, when its name speaks of a value of forward and
its number is not that value's gradient.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from gradtutor.audit.diagnosis.graph import Event, Forward, Node
from gradtutor.audit.diagnosis.hypothesis import Hypothesis
from gradtutor.audit.diagnosis.named import (
    Values,
    equal,
    named_right,
    names_of,
    of_shape,
    says_wrong,
    wrong_gradients,
)
from gradtutor.audit.diagnosis.search import Diagnosis
from gradtutor.audit.program.naming import stem

#: Where a line may end before the local derivative that is due.
LEFT_OUT = ("dropped-inner-derivative", "affine-left-out", "wrong-branch")


def first_wrong(
    forward: Forward,
    found: Diagnosis | None,
    theirs: Mapping[str, Values],
    scales: tuple[float, ...] = (),
) -> Event | None:
    """Return the first line of backward that is wrong; None if none can be named.

    Parameters
    ----------
    scales : tuple of float
        Numbers that gradients may still have to be divided by: the examples of a mean.
    """
    right = _right_values(forward)
    if found is not None:
        event = _first_mistaken(forward, found.best, right, scales)
        return event or _last_of(forward, theirs, found.explained)
    event = _first_misnamed(forward, right, scales)
    return event or _last_of(forward, theirs, tuple(theirs))


def misnamed_before(
    forward: Forward, event: Event | None, scales: tuple[float, ...]
) -> Event | None:
    """Return an earlier line that is wrong by its name: no right value, and no mistake.

    ``divar = np.sum(dxhat * xhat)`` is no gradient of ``ivar``, even where a later line
    that forgets a factor would give the same numbers.
    """
    named = _first_misnamed(forward, _right_values(forward), scales)
    places = {id(one): place for place, one in enumerate(forward.events)}
    if named is None or event is None or named.line == event.line:
        return None
    return named if places[id(named)] < places.get(id(event), 0) else None


def computed(forward: Forward, mistake: Hypothesis) -> bool:
    """Whether some line has the right gradient at the place of the mistake."""
    node = mistake.node
    right = tuple(forward.gradient(node, p) for p in forward.points)
    return any(equal(event.values, right) for event in forward.events)


def left_out_at(
    forward: Forward, found: Diagnosis, event: Event, scales: tuple[float, ...]
) -> Event:
    """Return the line that ends where a local derivative is due, if one does.

    ``df = dc * c_prev`` stands for the gradient before the gate's sigmoid when the next
    lines take it so.
    """
    mistake = found.best
    if mistake.label not in LEFT_OUT:
        return event
    if mistake.cause is None or stem(event.name) in names_of(mistake.node):
        return event
    if any(named_right(forward, e) for e in _of_node(forward, mistake.node)):
        return event  # it was there, and another one was used
    right = tuple(forward.gradient(mistake.cause, p) for p in forward.points)
    forms = [event.values, *(tuple(v / s for v in event.values) for s in scales)]
    if any(equal(form, right) for form in forms):
        return event  # another name for it, where a factor is due
    place = next((i for i, e in enumerate(forward.events) if e is event), 0)
    for before in reversed(forward.events[:place]):
        forms = [before.values, *(tuple(v / s for v in before.values) for s in scales)]
        if before.name != "return" and any(equal(form, right) for form in forms):
            return before
    return event


def _of_node(forward: Forward, node: Node) -> list[Event]:
    """Return the lines that have the right gradient of a value, under its name."""
    right = tuple(forward.gradient(node, p) for p in forward.points)
    return [event for event in forward.events if equal(event.values, right)]


def overwrote(forward: Forward, event: Event, mistake: Hypothesis) -> bool:
    """Whether a line replaced one of the gradients that had to be added to it."""
    lost = [
        tuple(forward.gradient(read, p) for p in forward.points)
        for read in _reads(forward, mistake.node)
    ]
    for before in forward.events:
        if before is event:
            return False
        replaced = before.name == event.name
        replaced &= not equal(before.values, event.values)
        if replaced and any(equal(before.values, one) for one in lost):
            return True
    return False


def _reads(forward: Forward, node: Node) -> list[Node]:
    """Return the values that are a node's own, read again or as a part of it."""
    return [
        read
        for read in forward.nodes
        if read.op == "name"
        and read.shape == node.shape
        and np.allclose(forward.slope(read, node, 0), np.eye(node.size))
    ]


# ---- with a hypothesis ----


def _first_mistaken(
    forward: Forward,
    mistake: Hypothesis,
    right: list[Values],
    scales: tuple[float, ...],
) -> Event | None:
    wrong = wrong_gradients(forward, mistake)
    locals_ = [mistake.local] if mistake.local else []
    seen: list[Values] = []
    upstream = tuple(np.asarray(one) for one in forward.upstreams)
    for event in forward.events:
        values = event.values
        forms = [values, *(tuple(v / s for v in values) for s in scales)]
        named = any(says_wrong(event.name, form, wrong) for form in forms)
        mistaken = any(equal(form, w) for _, w in wrong for form in forms)
        known = any(equal(form, r) for r in right for form in forms)
        repeated = any(equal(values, old) for old in seen)
        if stem(event.name) != event.name:  # dz = upstream is more than another name
            repeated |= equal(values, upstream)
        suspect = mistaken and (not known or repeated)
        suspect |= any(equal(values, w) for w in locals_) and not known
        if (named or suspect) and not named_right(forward, event):
            return event
        if event.name != "return":  # of a helper, say
            seen.append(values)
    return None


def _right_values(forward: Forward) -> list[Values]:
    """Return all right gradients, the values of forward, and its local derivatives."""
    found = []
    for node in forward.nodes:
        found.append(tuple(forward.gradient(node, p) for p in forward.points))
        found.append(tuple(forward.value(node, p) for p in forward.points))
        if node.parent >= 0:
            above, ones = forward.nodes[node.parent], np.ones(())
            found.append(
                tuple(
                    forward.pull(above, node, p, np.broadcast_to(ones, above.shape))
                    for p in forward.points
                )
            )
    return found


# ---- without ----


def _first_misnamed(
    forward: Forward, right: list[Values], scales: tuple[float, ...]
) -> Event | None:
    last = {event.name: event for event in forward.events}
    for event in forward.events:
        if last[event.name] is not event or stem(event.name) == event.name:
            continue  # it is still being added to, or is no gradient by its name
        name = stem(event.name)
        nodes = [n for n in forward.nodes if name in names_of(n) and n.variable]
        fits = nodes if _is_leaf(nodes) else of_shape(nodes, event)
        forms = [event.values, *(tuple(v / s for v in event.values) for s in scales)]
        if fits and not any(equal(form, r) for r in right for form in forms):
            return event
    return None


def _is_leaf(nodes: list[Node]) -> bool:
    """Whether it is an argument: its gradient's shape is wrong where it differs."""
    return any(n.op == "argument" for n in nodes)


def _last_of(
    forward: Forward, theirs: Mapping[str, Values], names: Iterable[str]
) -> Event | None:
    """Return the last line that assigned, or returned, a wrong gradient."""
    for name in names:
        for event in reversed(forward.events):
            if event.name != "return" and equal(event.values, theirs[name]):
                return event
        for event in reversed(forward.events):
            if equal(event.values, theirs[name]):
                return event
    return None
