"""Mistakes seen in the results: exchanged, cut to whole numbers, in a wrong shape."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from gradtutor.audit.diagnosis.graph import Array, Node
from gradtutor.audit.diagnosis.hypothesis import Hypothesis, Scene, same
from gradtutor.audit.program.shapes import BIAS, WEIGHT
from gradtutor.messages import tr

MOST_RESULTS = 5  # whose orders are tried
MEANS = {"mean", "average", "Div", "divide"}


def swapped(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose the right gradients came back in the wrong order."""
    forward = scene.forward
    names = [name for name in scene.theirs if name in forward.arguments]
    if not 2 <= len(names) <= MOST_RESULTS:
        return
    for order in permutations(names):
        moved = [(a, b) for a, b in zip(names, order, strict=True) if a != b]
        if not moved:
            continue
        results = {
            a: tuple(forward.gradient(forward.arguments[b], p) for p in forward.points)
            for a, b in moved
        }
        if not all(
            same(scene.theirs[a][p], results[a][p])
            for a, _ in moved
            for p in forward.points
        ):
            continue
        moves = [tr("that of {b} in the place of {a}", a=a, b=b) for a, b in moved]
        said = tr(
            "the gradients come back in the wrong order: {moves}",
            moves=tr(", ").join(moves),
        )
        yield Hypothesis(
            "swapped-results", forward.arguments[moved[0][0]], said, results=results
        )


def truncated(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose numbers were cut to whole ones, by an integer array or //."""
    forward = scene.forward
    for n in forward.nodes:
        flows = [forward.gradient(n, p) for p in forward.points]
        for cut in (np.trunc, np.floor):
            cuts = [cut(g) for g in flows]
            known = n.op == "argument" and n.name in scene.whole
            if known or any(one.any() for one in cuts):  # else it is like a lost path
                pairs = zip(cuts, flows, strict=True)
                changes = tuple({n.index: one - g} for one, g in pairs)
                said = tr("the gradient of {n} is cut to whole numbers", n=n.label)
                yield Hypothesis("truncated-dtype", n, said, changes)
    yield from _cut_factors(scene)


def _cut_factors(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose the other factor of a product was cut to whole numbers."""
    forward = scene.forward
    for m in forward.nodes:
        operands = forward.children[m.index]
        if m.op not in {"MatMult", "dot", "matmul"} or len(operands) != 2:
            continue
        a, b = operands
        if len(a.shape) != 2 or len(b.shape) != 2:
            continue
        changes_a, changes_b = [], []
        for p in forward.points:
            flow, va, vb = (
                forward.gradient(m, p),
                forward.value(a, p),
                forward.value(b, p),
            )
            changes_a.append({a.index: flow @ (np.trunc(vb) - vb).T})
            changes_b.append({b.index: (np.trunc(va) - va).T @ flow})
        for n, other, changes in ((a, b, changes_a), (b, a, changes_b)):
            said = tr(
                "in the gradient of {n}, {other} is cut to whole numbers",
                n=n.label,
                other=other.label,
            )
            yield Hypothesis("truncated-dtype", n, said, tuple(changes))


def shapes(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose the right numbers came back in another shape."""
    forward = scene.forward
    for name, node in forward.arguments.items():
        theirs = scene.theirs.get(name)
        if (
            theirs is None
            or theirs[0].shape == node.shape
            or theirs[0].size != node.size
        ):
            continue
        results = tuple(
            forward.gradient(node, p).reshape(theirs[p].shape) for p in forward.points
        )
        said = tr(
            "the gradient of {name} has the right numbers in the wrong shape", name=name
        )
        yield Hypothesis("wrong-shape", node, said, results={name: results})


def constant_factor(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a constant factor, the same at all points, went wrong somewhere."""
    forward = scene.forward
    for name, theirs in scene.theirs.items():
        node = forward.arguments.get(name)
        factor = (
            _factor(node, [forward.gradient(node, p) for p in forward.points], theirs)
            if node
            else None
        )
        if node is None or factor is None:
            continue
        said = tr(
            "the gradient of {name} is {factor:.4g} times the right one at every point",
            name=name,
            factor=factor,
        )
        count = _count(scene, node, factor)
        label = "mean-forgotten" if count else "constant-factor"
        if count:
            said = tr("{said}, and there are {count} examples", said=said, count=count)
        changes = tuple(
            {node.index: (factor - 1) * forward.gradient(node, p)}
            for p in forward.points
        )
        yield Hypothesis(label, node, said, changes)


def _count(scene: Scene, node: Node, factor: float) -> int:
    """Return the number of examples that a factor, or one over it, is; else 0."""
    if not any(one.op in MEANS for one in scene.forward.nodes):
        return 0
    sizes = {size for one in scene.forward.nodes for size in one.shape}
    if WEIGHT.fullmatch(node.name) or BIAS.fullmatch(node.name):
        sizes -= set(node.shape)  # a parameter has no axis of examples
    for count in (factor, 1 / factor):
        near = round(count)
        if near > 2 and abs(count - near) < 1e-5 and near in sizes:
            return near
    return 0


def _factor(node: Node, right: list[Array], theirs: tuple[Array, ...]) -> float | None:
    """Return the factor between two gradients, if it is one at all points."""
    if any(a.shape != b.shape for a, b in zip(right, theirs, strict=True)):
        return None
    top = sum(float((a * b).sum()) for a, b in zip(right, theirs, strict=True))
    below = sum(float((a * a).sum()) for a in right)
    if below == 0 or abs(top / below) < 1e-9 or abs(top / below - 1) < 1e-6:
        return None
    factor = top / below
    agree = all(same(factor * a, b) for a, b in zip(right, theirs, strict=True))
    return factor if agree else None
