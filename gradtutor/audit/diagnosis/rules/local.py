"""Local derivatives left out, or of the wrong branch of a choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np

from gradtutor.audit.diagnosis.graph import Array, Forward, Node
from gradtutor.audit.diagnosis.hypothesis import Hypothesis, Scene
from gradtutor.audit.diagnosis.links import Link
from gradtutor.audit.diagnosis.rules.relinking import (
    CHOOSING,
    applied,
    distinct,
    relinked,
)
from gradtutor.messages import mark, tr

DIVIDE, MULTIPLY = {"Div", "divide"}, {"Mult", "multiply"}
MEANS = {"mean", "average"} | DIVIDE
AFFINE = "affine-left-out"
NEARLY = 1e-3  # of a mean square, to which eps is added
CHOICE = {-1.0, 0.0, 1.0}  # the local derivatives of a choice
ONE = np.ones(())


def left_out(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a local derivative was taken as 1: what it means depends on it."""
    for link in scene.links:
        if distinct(link.local) != {1.0}:
            label, said = _kind(scene.forward, link)
            ones = [ONE for _ in scene.forward.points]
            yield from relinked(scene, label, link, {said: ones})


def _kind(forward: Forward, link: Link) -> tuple[str, str]:
    """Say what is lost where a local derivative is left out."""
    values, m, n = distinct(link.local), link.m.label, link.n.label
    if values == {-1.0}:
        return "sign", tr("the minus sign of ∂({m})/∂({n}) is missing", m=m, n=n)
    if _is_mean(forward, link, values):
        return "mean-forgotten", tr("the division in {m} is missing", m=m)
    if _scales_normalised(forward, link):
        return AFFINE, tr("the local derivative of {m} by {n} is left out", m=m, n=n)
    if values <= CHOICE or (len(values) == 2 and _chooses(forward, link)):
        return "wrong-branch", tr("the gradient passes {m} whole, chosen or not", m=m)
    return "dropped-inner-derivative", tr(
        "the local derivative of {m} by {n} is left out", m=m, n=n
    )


def _is_mean(forward: Forward, link: Link, values: set[float]) -> bool:
    """Whether a constant local derivative is one over a number of elements."""
    value = next(iter(values))
    if len(values) != 1 or not 0 < value < 1 or _divides_by_a_value(forward, link):
        return False
    count = 1 / value
    sizes = {s for node in forward.nodes for s in (*node.shape, node.size) if s > 1}
    whole = abs(count - round(count)) < 1e-5 and round(count) in sizes
    return whole and _divides(forward, link) and not _halves(link, round(count))


def _halves(link: Link, count: int) -> bool:
    return count == 2 and "2" in link.m.text


def _divides(forward: Forward, link: Link) -> bool:
    """Whether a mean or a division lies between two values, or 1/m is a factor."""
    return any(
        node.op in MEANS or any(n.op in DIVIDE for n in forward.children[node.index])
        for node in _between(forward, link)
    )


def _between(forward: Forward, link: Link) -> list[Node]:
    """Return the operations from one value to the other."""
    return [
        node
        for node in forward.nodes[: link.m.index + 1]
        if node is link.m
        or (forward.depends(link.m, node) and forward.depends(node, link.n))
    ]


def _scales_normalised(forward: Forward, link: Link) -> bool:
    """Whether a normalised value is multiplied by a gain, which is repeated to fit."""
    others = [n for n in forward.children[link.m.index] if n.index != link.n.index]
    gain = [n for n in others if n.size < link.m.size and forward.moves(n)]
    reads = link.m.op in MULTIPLY and len(gain) == 1
    return reads and _is_normalised(forward, link.n)


def _is_normalised(forward: Forward, n: Node) -> bool:
    """Whether the mean square of a value is 1 over some of its axes, everywhere."""
    axes = range(len(n.shape))
    some = [c for k in range(1, len(n.shape) + 1) for c in combinations(axes, k)]
    squares = [forward.value(n, p) ** 2 for p in forward.points]
    return n.size > 1 and any(
        all(np.abs(square.mean(axis=axis) - 1).max() < NEARLY for square in squares)
        for axis in some
    )


def _divides_by_a_value(forward: Forward, link: Link) -> bool:
    """Whether a division between two values is by something computed: sqrt(d), say."""
    between = [node for node in _between(forward, link) if node.op in DIVIDE]
    below = [
        n for node in between for n in forward.children[node.index] if n.place == 1
    ]
    return any(node.op not in {"name", "float", "len"} for node in below)


def _chooses(forward: Forward, link: Link) -> bool:
    """Whether an operation between two values chooses between its operands."""
    for node in forward.above(link.n):
        if node.op in CHOOSING:
            return True
        if node is link.m:
            break
    return link.m.op in CHOOSING


# ---- branches ----


def branches(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a choice was turned round, or judged by the gradient."""
    forward = scene.forward
    for link in scene.links:
        values, m = distinct(link.local), link.m
        if values <= CHOICE and (len(values) > 1 or _chooses(forward, link)):
            flows = [forward.gradient(m, p) for p in forward.points]
            wrong = {
                tr(
                    "at {m} the gradient goes to the operand that was not chosen",
                    m=m.label,
                ): [1.0 - local for local in link.local],
                tr(
                    "the branch of {m} is judged by the gradient, not the input",
                    m=m.label,
                ): [np.asarray(flow > 0, dtype=np.float64) for flow in flows],
            }
            yield from relinked(scene, "wrong-branch", link, wrong)
            said = tr(
                "at {m} no gradient goes to {n}, even where chosen",
                m=m.label,
                n=link.n.label,
            )
            nothing = {said: [np.zeros(()) for _ in flows]}
            for made in relinked(scene, "wrong-branch", link, nothing):
                yield replace(made, unlikely=True)
    yield from _both_branches(scene)


def _both_branches(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose each operand of a choice got what the other should have got."""
    for m in scene.forward.nodes:
        operands = scene.forward.children[m.index]
        pair = [scene.link(n, m) for n in operands][-2:]
        if m.op not in CHOOSING or len(pair) < 2 or None in pair:
            continue
        changes = tuple(
            {
                link.n.index: link.change(scene.forward, p, 1.0 - link.local[p])
                for link in pair
                if link is not None
            }
            for p in scene.forward.points
        )
        said = tr("the two branches of {m} are exchanged", m=m.label)
        yield Hypothesis("wrong-branch", m, said, changes)


def reduced_max(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose the gradient of a maximum over an axis went to the wrong elements."""
    forward = scene.forward
    for m in forward.nodes:
        children = forward.children[m.index]
        if m.op not in {"max", "amax", "min", "amin"} or not children:
            continue
        n = children[0]
        for said, spread in _spreads(n, m).items() if n.size > m.size else ():
            changes = []
            for p in forward.points:
                wrong = spread(forward.gradient(m, p), forward.value(n, p))
                right = forward.pull(m, n, p, forward.gradient(m, p))
                changes.append({n.index: wrong - right})
            yield Hypothesis("wrong-branch", n, said, tuple(changes))


def _spreads(n: Node, m: Node) -> dict[str, Callable[[Array, Array], Array]]:
    """Return the ways to send a maximum's gradient to the wrong elements."""
    axis = m.axis if m.axis is not None else tuple(range(len(n.shape)))

    def expanded(gradient: Array) -> Array:
        if gradient.ndim < len(n.shape):
            gradient = np.expand_dims(gradient, axis)
        return np.broadcast_to(gradient, n.shape)

    def smallest(gradient: Array, value: Array) -> Array:
        pick = np.min if m.op in {"max", "amax"} else np.max
        chosen = value == pick(value, axis, keepdims=True)
        return np.asarray(expanded(gradient) * chosen)

    return {
        tr("every element of {n} gets the gradient of its maximum", n=n.label): (
            lambda gradient, _: expanded(gradient)
        ),
        tr("the gradient of {m} is shared equally", m=m.label): (
            lambda gradient, _: expanded(gradient) * (m.size / n.size)
        ),
        tr("the gradient of {m} goes to the wrong end", m=m.label): smallest,
    }


# ---- distorted ----


def distorted(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a local derivative was squared, turned over, or cut to whole numbers."""
    for link in scene.links:
        if distinct(link.local) <= CHOICE:
            continue
        mean = _is_mean(scene.forward, link, distinct(link.local))
        for label, sentence, function in DISTORTIONS:
            local = applied(function, link.local)
            if mean and label == "applied-twice":
                said = tr("the division in {m} is there twice", m=link.m.label)
                yield from relinked(scene, "mean-forgotten", link, {said: local})
            elif distinct(local) != {0.0}:  # where nothing is left, a path is lost
                said = tr(sentence, m=link.m.label, n=link.n.label)
                yield from relinked(scene, label, link, {said: local})


DISTORTIONS: tuple[tuple[str, str, Callable[[Array], Array]], ...] = (
    (
        "applied-twice",
        mark("the local derivative of {m} by {n} is applied twice"),
        np.square,
    ),
    (
        "reciprocal",
        mark("the local derivative of {m} by {n} divides, where it must multiply"),
        np.reciprocal,
    ),
    (
        "truncated-dtype",
        mark("the local derivative of {m} by {n} is cut to whole numbers"),
        np.trunc,
    ),
)
