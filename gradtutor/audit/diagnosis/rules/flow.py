"""Mistakes in how gradients flow: upstream left out, signs, means, lost paths."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.diagnosis.graph import Array, Forward, Node
from gradtutor.audit.diagnosis.hypothesis import Hypothesis, Scene, instead
from gradtutor.audit.diagnosis.rules.relinking import CHOOSING
from gradtutor.messages import listed, mark, tr

MOST_READS = 6  # of one variable, of which all subsets are tried
SOME_ARRIVE = mark(
    "{name} is used {uses} times, and {arrived} of its {uses} gradients arrive"
)
MOST_LATER = 8  # variables, of which pairs of paths are tried


def upstream_left_out(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a local derivative was given as the gradient."""
    forward = scene.forward
    for m in forward.nodes:
        flows = [forward.gradient(m, p) for p in forward.points]
        if all(np.abs(g - 1).max(initial=0.0) < 1e-9 for g in flows):
            continue
        said = tr("the gradient that arrives at {m} is left out", m=m.label)
        changes = tuple({m.index: 1.0 - g} for g in flows)
        yield Hypothesis("upstream-left-out", m, said, changes)
        for n in forward.nodes[: m.index]:
            if forward.depends(m, n):
                ones = [forward.pull(m, n, p, np.ones(m.shape)) for p in forward.points]
                yield instead(forward, n, m, "upstream-left-out", said, ones)


def sign(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a gradient had the wrong sign."""
    forward = scene.forward
    for n, m in forward.edges:
        said = tr(
            "the gradient that {m} sends to {n} has the wrong sign",
            m=m.label,
            n=n.label,
        )
        turned = [-forward.pulled(m, n, p) for p in forward.points]
        yield instead(forward, n, m, "sign", said, turned)
    for n in forward.nodes:
        changes = tuple({n.index: -2 * forward.gradient(n, p)} for p in forward.points)
        said = tr("the gradient of {n} has the wrong sign", n=n.label)
        yield Hypothesis("sign", n, said, changes)


def mean(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose the 1/N of a mean was forgotten, taken twice, or had another N."""
    forward = scene.forward
    shapes = [(*node.shape, node.size) for node in forward.nodes]
    sizes = sorted({size for shape in shapes for size in shape if size > 1})
    for n, m in forward.edges:
        if m.op not in {"mean", "average"} or n.place or n.size == m.size:
            continue
        for place, (factor, said) in enumerate(_mean_factors(n, m, sizes).items()):
            wrong = [factor * forward.pulled(m, n, p) for p in forward.points]
            unlikely = place > 1
            yield instead(forward, n, m, "mean-forgotten", said, wrong, unlikely)


def _mean_factors(n: Node, m: Node, sizes: list[int]) -> dict[float, str]:
    """Return what the gradient of a mean is multiplied by in each mistake."""
    count = n.size // m.size
    factors = {
        float(count): tr(
            "the factor 1/{count} of {m} is missing", count=count, m=m.label
        ),
        1 / count: tr(
            "the factor 1/{count} of {m} is there twice", count=count, m=m.label
        ),
    }
    for size in sizes:
        text = tr(
            "{m} is a mean of {count} numbers, not of {size}",
            m=m.label,
            count=count,
            size=size,
        )
        factors.setdefault(count / size, text)
    factors.pop(1.0, None)
    return factors


# ---- several paths ----


def lost_paths(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose some of the gradients of a value that is used several times were lost."""
    forward = scene.forward
    for variable in forward.nodes:
        reads = scene.reads.get(variable.index, [])
        for kept in _subsets(reads):
            said = tr(
                SOME_ARRIVE, name=variable.label, uses=len(reads), arrived=len(kept)
            )
            changes = tuple(
                {variable.index: _sum(forward, kept, variable, p)}
                for p in forward.points
            )
            sites = str(sorted({read.site for read in kept}))
            label = "wrong-branch" if _one_choice(forward, reads) else "forgotten-path"
            yield Hypothesis(label, variable, said, changes, key=sites)
    yield from _lost_operations(forward)


def _one_choice(forward: Forward, reads: list[Node]) -> bool:
    """Whether all reads are under one operation that chooses: where(x > 0, x, a*x)."""
    above = [
        {n.index for n in forward.above(read) if n.op in CHOOSING} for read in reads
    ]
    return bool(set.intersection(*above))


def _sum(forward: Forward, kept: tuple[Node, ...], variable: Node, p: int) -> Array:
    """Return how far the gradient is off where only these reads' arrive."""
    flows = [forward.gradient(read, p) for read in kept]
    return np.asarray(sum(flows) - forward.gradient(variable, p))


def _subsets(reads: list[Node]) -> Iterator[tuple[Node, ...]]:
    """Yield the parts of the reads: all of a few, of many only one or all but one."""
    sizes = range(1, len(reads))
    if len(reads) > MOST_READS:
        sizes = range(1, len(reads), len(reads) - 2)
        for parent in sorted({read.parent for read in reads}):
            rest = tuple(read for read in reads if read.parent != parent)
            if 1 < len(rest) < len(reads) - 1:  # all but those of one operation
                yield rest
    for size in sizes:
        yield from combinations(reads, size)


def _lost_operations(forward: Forward) -> Iterator[Hypothesis]:
    """Suppose the path through another variable was lost: a statistic as a constant."""
    variables = [node for node in forward.nodes if node.variable]
    for n in variables:
        later = [m for m in variables if m is not n and forward.depends(m, n)]
        for lost in (*combinations(later, 1), *combinations(later[:MOST_LATER], 2)):
            if len(lost) == 1 or not forward.depends(lost[1], lost[0]):
                yield from _without(forward, n, lost)


def _without(forward: Forward, n: Node, lost: tuple[Node, ...]) -> Iterator[Hypothesis]:
    """Yield the hypothesis that some paths are lost, if anything is left then."""
    left = []
    for p in forward.points:
        flows = [forward.pulled(m, n, p) for m in lost]
        left.append(forward.gradient(n, p) - sum(flows))
    if all(np.abs(one).max(initial=0.0) < 1e-9 for one in left):
        return
    changes = tuple(
        {n.index: one - forward.gradient(n, p)} for p, one in enumerate(left)
    )
    names = listed([m.label for m in lost])
    said = tr("the gradient of {n} through {names} is missing", n=n.label, names=names)
    yield Hypothesis("forgotten-path", n, said, changes, span=len(lost))


# ---- overlapping parts ----


def overwritten_elements(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose overlapping parts of a value overwrote each other's gradients."""
    forward = scene.forward
    for n, parts in _parts(forward):
        touched = [
            np.concatenate([_selection(forward, part, n, p) for part in parts])
            for p in forward.points
        ]
        if all(len(np.unique(one)) == len(one) for one in touched):
            continue
        said = tr(
            "parts of {n} overlap, and the last gradient overwrites the others",
            n=n.label,
        )
        for order in (slice(None), slice(None, None, -1)):
            changes = tuple(
                {n.index: _overwritten(forward, n, parts, p, touched[p], order)}
                for p in forward.points
            )
            key = str(order)
            yield Hypothesis("overwritten-gradient", n, said, changes, key=key)


def _overwritten(
    forward: Forward,
    n: Node,
    parts: list[Node],
    p: int,
    touched: NDArray[np.int_],
    order: slice,
) -> Array:
    """Return what is lost where each element keeps its last gradient only."""
    flows = np.concatenate([forward.gradient(part, p).ravel() for part in parts])
    last, total = np.zeros(n.size), np.zeros(n.size)
    last[touched[order]] = flows[order]
    np.add.at(total, touched, flows)
    return np.asarray((last - total).reshape(n.shape))


def _parts(forward: Forward) -> Iterator[tuple[Node, list[Node]]]:
    """Yield each variable with the values of one site that pick elements of it."""
    groups: dict[tuple[int, int], list[Node]] = {}
    for m in forward.nodes:
        for n in forward.nodes[: m.index]:
            if n.variable and m.op not in ("name", "output") and forward.depends(m, n):
                groups.setdefault((n.index, m.site), []).append(m)
    for (index, _), parts in groups.items():
        n = forward.nodes[index]
        if all(_picks(forward, part, n, p) for part in parts for p in forward.points):
            yield n, parts


def _picks(forward: Forward, m: Node, n: Node, p: int) -> bool:
    """Whether each element of m is one element of n."""
    slope = forward.slope(m, n, p)
    single = (np.abs(slope - 1) < 1e-7).sum(axis=1) == 1
    return bool(single.all() and abs(np.abs(slope).sum() - m.size) < 1e-6 * m.size)


def _selection(forward: Forward, m: Node, n: Node, p: int) -> NDArray[np.int_]:
    """Return which element of n each element of m is."""
    return np.asarray(forward.slope(m, n, p).argmax(axis=1))
