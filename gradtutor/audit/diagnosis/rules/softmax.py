"""Mistakes with softmax, whose outputs all depend on all inputs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.diagnosis.graph import Array, Forward, Node
from gradtutor.audit.diagnosis.hypothesis import Hypothesis, Scene, instead
from gradtutor.messages import tr

CROSS, TARGET = "softmax-cross-terms", "missing-target"


def softmax(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a softmax, which is known by its slopes, had another gradient."""
    forward = scene.forward
    for m in forward.nodes:
        for n in forward.nodes[: m.index]:
            if n.shape == m.shape and n.size > 1 and forward.depends(m, n):
                yield from _if_softmax(forward, n, m)
            elif m.size < n.size and n.variable and forward.depends(m, n):
                yield from _if_logsumexp(forward, n, m)


def _if_softmax(forward: Forward, n: Node, m: Node) -> Iterator[Hypothesis]:
    for axis in _axes(n.shape):
        if _is_softmax(forward, n, m, axis):
            yield from _wrong_softmax(forward, n, m, axis)
            return
        if _is_log_softmax(forward, n, m, axis):
            yield from _wrong_log_softmax(forward, n, m, axis)
            return


def _axes(shape: tuple[int, ...]) -> list[int | None]:
    axes: list[int | None] = [i for i in reversed(range(len(shape))) if shape[i] > 1]
    return [*axes, None] if len(shape) > 1 else axes


def _groups(shape: tuple[int, ...], axis: int | None) -> NDArray[np.bool_]:
    """Return which pairs of elements share a sum."""
    size = int(np.prod(shape))
    if axis is None:
        return np.ones((size, size), dtype=bool)
    number = np.arange(size).reshape(shape)
    first = np.broadcast_to(number.take([0], axis=axis), shape).ravel()
    return np.asarray(first[:, None] == first[None, :])


def _is_softmax(forward: Forward, n: Node, m: Node, axis: int | None) -> bool:
    """Whether ∂m/∂n is diag(m) - m mᵀ."""
    p = forward.values[0][m.part]
    expected = np.diag(p) - _groups(n.shape, axis) * np.outer(p, p)
    return bool(np.abs(forward.slope(m, n, 0) - expected).max() < 1e-7)


def _is_log_softmax(forward: Forward, n: Node, m: Node, axis: int | None) -> bool:
    """Whether ∂m/∂n is I - 1 exp(m)ᵀ."""
    value = forward.values[0][m.part]
    if value.max() > 1e-9:
        return False
    expected = np.eye(n.size) - _groups(n.shape, axis) * np.exp(value)[None, :]
    return bool(np.abs(forward.slope(m, n, 0) - expected).max() < 1e-7)


def _wrong_softmax(
    forward: Forward, n: Node, m: Node, axis: int | None
) -> Iterator[Hypothesis]:
    flows = [forward.gradient(m, i) for i in forward.points]
    pairs = [(forward.value(m, i), g) for i, g in enumerate(flows)]
    made = [
        (CROSS, tr("the cross terms of the softmax {m} are missing", m=m.label), wrong)
        for wrong in ([p * (1 - p) * g for p, g in pairs], [p * g for p, g in pairs])
    ]
    said = tr("the derivative of the softmax {m} is left out", m=m.label)
    made.append(("dropped-inner-derivative", said, flows))
    said = tr(
        "the sum in the gradient of the softmax {m} runs over the wrong axis", m=m.label
    )
    for other in _axes(n.shape):
        if other != axis:
            sums = [p * (g - (p * g).sum(axis=other, keepdims=True)) for p, g in pairs]
            made.append(("softmax-axis", said, sums))
    if all((np.count_nonzero(g, axis=axis) == 1).all() for g in flows):
        alone = [-p * (p * g).sum(axis=axis, keepdims=True) for p, g in pairs]
        made.append((TARGET, _no_target(n), alone))
    for label, said, wrong in made:
        yield instead(forward, n, m, label, said, wrong)


def _no_target(n: Node) -> str:
    return tr(
        "the gradient of {n} is softmax alone; the target is not subtracted", n=n.label
    )


def _wrong_log_softmax(
    forward: Forward, n: Node, m: Node, axis: int | None
) -> Iterator[Hypothesis]:
    flows = [forward.gradient(m, i) for i in forward.points]
    pairs = [(np.exp(forward.value(m, i)), g) for i, g in enumerate(flows)]
    said = tr("the cross terms of the log-softmax {m} are missing", m=m.label)
    alone = [-p * g.sum(axis=axis, keepdims=True) for p, g in pairs]
    yield instead(forward, n, m, CROSS, said, flows)
    yield instead(forward, n, m, CROSS, said, [(1 - p) * g for p, g in pairs])
    yield instead(forward, n, m, TARGET, _no_target(n), alone)


def _if_logsumexp(forward: Forward, n: Node, m: Node) -> Iterator[Hypothesis]:
    """Suppose only the path through log Σ exp(z) arrived: p where p - y is due."""
    if _is_logsumexp(forward.slope(m, n, 0)) and "mean" not in m.op:
        through = [forward.pulled(m, n, i) for i in forward.points]
        flows = [forward.gradient(n, i) for i in forward.points]
        changes = tuple(
            {n.index: one - g} for one, g in zip(through, flows, strict=True)
        )
        yield Hypothesis(TARGET, n, _no_target(n), changes)


def _is_logsumexp(slope: Array) -> bool:
    """Whether the slopes are probabilities: rows sum to 1, no column is used twice."""
    inside = bool((slope >= 0).all() and (slope < 1 - 1e-9).all())
    used = np.count_nonzero(slope, axis=0)
    return inside and bool(np.allclose(slope.sum(axis=1), 1) and (used == 1).all())
