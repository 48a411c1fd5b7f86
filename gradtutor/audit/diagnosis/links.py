"""Element-by-element links between two values: m[i] moves with n[i] alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradtutor.audit.diagnosis.graph import NEGLIGIBLE, Array, Forward, Node


@dataclass(frozen=True)
class Link:
    """``m`` is made from ``n`` element by element, ``n`` perhaps repeated to fit.

    Attributes
    ----------
    local : tuple of arrays
        The local derivative ∂m/∂n, of m's shape, at each point.
    """

    n: Node
    m: Node
    local: tuple[Array, ...]

    def change(self, forward: Forward, p: int, local: Array) -> Array:
        """Return how the gradient of n changes where this were the local derivative."""
        difference = (local - self.local[p]) * forward.gradient(self.m, p)
        return unbroadcast(difference, self.n.shape)


def unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Sum a gradient over the axes along which a value of this shape was repeated."""
    gradient = np.asarray(gradient)
    lead = gradient.ndim - len(shape)
    gradient = gradient.sum(axis=tuple(range(lead)))
    axes = tuple(i for i, size in enumerate(shape) if size == 1 != gradient.shape[i])
    return np.asarray(gradient.sum(axis=axes, keepdims=True).reshape(shape))


def repeated_axes(small: tuple[int, ...], large: tuple[int, ...]) -> tuple[int, ...]:
    """Return the axes of the large shape along which the small one is repeated."""
    padded = (1,) * (len(large) - len(small)) + small
    pairs = enumerate(zip(padded, large, strict=True))
    lead = len(large) - len(small)
    return tuple(i for i, (s, b) in pairs if i < lead or s != b)


def links(forward: Forward) -> Iterator[Link]:
    """Yield every pair of values with an element-by-element link at all points."""
    for m in forward.nodes:
        if m.op == "output":
            continue
        for n in forward.nodes:
            if n is not m and forward.depends(m, n) and _fits(n.shape, m.shape):
                found = _link(forward, n, m)
                if found is not None:
                    yield found


def _fits(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    if len(small) > len(large):
        return False
    tail = large[len(large) - len(small) :]
    return all(s in (1, b) for s, b in zip(small, tail, strict=True))


def _link(forward: Forward, n: Node, m: Node) -> Link | None:
    index = np.broadcast_to(np.arange(n.size).reshape(n.shape), m.shape).ravel()
    rows = np.arange(m.size)
    local = []
    for p in forward.points:
        slope = forward.slope(m, n, p)
        here = slope[rows, index]
        rest = np.abs(slope).sum() - np.abs(here).sum()
        if rest > NEGLIGIBLE * max(1.0, float(np.abs(slope).max())):
            return None
        local.append(here.reshape(m.shape))
    return Link(n, m, tuple(local))
