"""Another value of the same shape where the right one was due: a1 for h1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradtutor.audit.diagnosis.graph import Array, Forward, Node
from gradtutor.audit.diagnosis.hypothesis import Hypothesis, Scene, instead
from gradtutor.audit.diagnosis.links import Link
from gradtutor.audit.diagnosis.rules.relinking import distinct, relinked
from gradtutor.audit.diagnosis.rules.shape import FORMS, PRODUCTS, tried
from gradtutor.audit.diagnosis.rules.table import TABLE, is_function
from gradtutor.messages import tr

LABEL, MASK = "another-variable", "wrong-mask"
MULTIPLY = {"Mult", "multiply"}
MOST = 40  # values that are tried in one place


def another_variable(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a factor, or the point of a derivative, was another value of forward."""
    forward = scene.forward
    values = _distinct(forward)
    for m in forward.nodes:
        operands = forward.children[m.index]
        if len(operands) == 2 and m.op in MULTIPLY:
            for n, other in (operands, operands[::-1]):
                yield from _other_factor(scene, values, n, other, m)
        elif len(operands) == 2 and m.op in PRODUCTS:
            yield from _other_matrix(forward, values, operands[0], operands[1], m)
            yield from _other_matrix(forward, values, operands[1], operands[0], m)
    for link in scene.links:
        yield from _other_point(scene, values, link)


def _distinct(forward: Forward) -> list[Node]:
    """Return the values that differ from each other, named ones first."""
    found: dict[bytes, Node] = {}
    for node in sorted(forward.nodes, key=lambda n: (not n.variable, n.index)):
        key = np.round(forward.value(node, 0), 9).tobytes() + bytes(node.shape)
        if node.size > 1 or node.variable:
            found.setdefault(key, node)
    return list(found.values())


def _alike(forward: Forward, values: list[Node], right: Node) -> list[Node]:
    """Return other values of the same shape, near ones first."""
    if right.size == 1 and not right.variable and right.op != "name":
        return []  # a factor of a constant is no other variable
    there = [v for v in values if v.shape == right.shape]
    there = [
        v
        for v in there
        if not np.allclose(forward.value(v, 0), forward.value(right, 0))
    ]
    return sorted(there, key=lambda v: abs(v.index - right.index))[:MOST]


def _said(n: Node, other: Node, value: Node) -> str:
    return tr(
        "in the gradient of {n}, {value} stands where {other} is due",
        n=n.label,
        value=value.label,
        other=other.label,
    )


def _other_factor(
    scene: Scene, values: list[Node], n: Node, other: Node, m: Node
) -> Iterator[Hypothesis]:
    link = scene.link(n, m)
    if link is None:
        return
    for value in _alike(scene.forward, values, other):
        local = [scene.forward.value(value, p) for p in scene.forward.points]
        due = [scene.forward.value(other, p) for p in scene.forward.points]
        masks = _is_mask(local) and _is_mask(due)
        label = MASK if masks else _of_kin(scene.forward, value, other)
        yield from relinked(scene, label, link, {_said(n, other, value): local})


def _of_kin(forward: Forward, value: Node, due: Node) -> str:
    """Return what x for x**2, or out for out + 1, is: a slope misremembered."""
    powers = ("Pow", "square", "power")
    if due.op in powers and _constant_beside(forward, due, value):
        return "power-rule"
    pairs = ((due, value), (value, due))
    sums = ("Add", "Sub", "add", "subtract")
    if any(one.op in sums and _constant_beside(forward, one, of) for one, of in pairs):
        return "wrong-table-entry"
    return LABEL


def _constant_beside(forward: Forward, node: Node, of: Node) -> bool:
    """Whether a value is worked out from another one and numbers alone."""
    operands = forward.children[node.index]
    others = [one for one in operands if one.index != of.index]
    constant = all(one.size == 1 and not one.variable for one in others)
    return len(others) < len(operands) and constant


def _is_mask(values: list[Array]) -> bool:
    """Whether values are 0 or one other number, and both occur."""
    found = distinct(values)
    return len(found) == 2 and 0.0 in found


def _other_matrix(
    forward: Forward, values: list[Node], n: Node, other: Node, m: Node
) -> Iterator[Hypothesis]:
    """Try each value in the form of the product that gives the right gradient."""
    form = next((f for f in FORMS if _is_right(forward, f, n, other, m)), None)
    if form is None:
        return
    for value in _alike(forward, values, other):
        made = [
            tried(form, forward.gradient(m, p), forward.value(value, p))
            for p in forward.points
        ]
        fitting = [g for g in made if g is not None and g.shape == n.shape]
        if len(fitting) == len(made):
            key = f"{value.site}:{value.count - m.count}"
            label = _of_kin(forward, value, other)
            said = _said(n, other, value)
            yield instead(forward, n, m, label, said, fitting, key=key)


def _is_right(forward: Forward, form: object, n: Node, other: Node, m: Node) -> bool:
    made = tried(form, forward.gradient(m, 0), forward.value(other, 0))  # type: ignore[arg-type]
    right = forward.pulled(m, n, 0)
    return made is not None and made.shape == right.shape and np.allclose(made, right)


def _other_point(scene: Scene, values: list[Node], link: Link) -> Iterator[Hypothesis]:
    """Suppose tanh' or a mask was taken of another layer's value."""
    forward = scene.forward
    if link.n.shape != link.m.shape or link.m.op == "name":
        return
    for entry in TABLE.values():
        if is_function(scene, link, entry.apply):
            for value in _alike(forward, values, link.m):
                at = [forward.value(value, p) for p in forward.points]
                local: list[Array] = [np.asarray(entry.by_output(v)) for v in at]
                said = _said(link.n, link.m, value)
                label = _of_kin(forward, value, link.m)
                yield from relinked(scene, label, link, {said: local})
    if link.m.op in ("maximum", "relu", "where", "fmax"):
        for value in _alike(forward, values, link.n):
            at = [forward.value(value, p) for p in forward.points]
            mask = [(v > 0).astype(np.float64) for v in at]
            yield from relinked(scene, MASK, link, {_said(link.n, link.n, value): mask})
