"""A tensor's methods that compute element by element, and those that change it."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.jax_like import softmax
from gradtutor.audit.sandbox.child.standins.torch_like.pair import like


class Changed(np.ndarray):  # type: ignore[type-arg]
    """Elements picked, set, added to."""

    def masked_fill(self, mask: Any, value: Any) -> Any:
        """Set elements in a copy."""
        return like(self, np.where(mask, value, self))

    def clamp_min(self, least: Any) -> Any:
        """Cut at the lower end."""
        return self.clamp(min=least)

    def masked_fill_(self, mask: Any, value: Any) -> Any:
        """Set elements."""
        self[np.asarray(mask)] = value
        return self

    def scatter_add_(self, dim: int, index: Any, source: Any) -> Any:
        """Add where an index says."""
        places = list(np.indices(index.shape))
        places[dim] = np.asarray(index)
        np.add.at(self, tuple(places), np.asarray(source))
        return self

    def index_add_(self, dim: int, index: Any, source: Any) -> Any:
        """Add rows where an index says."""
        np.add.at(
            np.moveaxis(self, dim, 0), np.asarray(index), np.moveaxis(source, dim, 0)
        )
        return self

    def gather(self, dim: int, index: Any) -> Any:
        """Pick elements along an axis."""
        return like(self, np.take_along_axis(np.asarray(self), np.asarray(index), dim))

    def normal_(self, mean: float = 0.0, std: float = 1.0, **_: Any) -> Any:
        """Fill with normal numbers, in place."""
        self[...] = mean + std * np.random.standard_normal(self.shape)
        return self

    def uniform_(self, low: float = 0.0, high: float = 1.0, **_: Any) -> Any:
        """Fill with numbers between two, in place."""
        self[...] = low + (high - low) * np.random.random_sample(self.shape)
        return self

    def fill_(self, value: Any) -> Any:
        """Fill with a number, in place."""
        self[...] = value
        return self

    copy_ = fill_

    def zero_(self) -> Any:
        """Set to zero."""
        self[...] = 0
        return self

    def mul_(self, other: Any) -> Any:
        """Multiply in place."""
        self *= other
        return self

    def add_(self, other: Any) -> Any:
        """Add in place."""
        self += other
        return self

    def clamp(self, min: Any = None, max: Any = None) -> Any:
        """Cut at both ends."""
        return like(self, np.clip(np.asarray(self), min, max))

    def clip(self, min: Any = None, max: Any = None, **_: Any) -> Any:  # type: ignore[override]
        """Cut at both ends."""
        return self.clamp(min, max)

    def where(self, condition: Any, other: Any) -> Any:
        """Keep what the condition says, else take the other."""
        return like(self, np.where(condition, self, other))


class Reckoned(np.ndarray):  # type: ignore[type-arg]
    """Arithmetic by name."""

    def mm(self, other: Any) -> Any:
        """Multiply matrices."""
        return self @ other

    matmul = bmm = mv = mm

    def reciprocal(self) -> Any:
        """Return one over it."""
        return 1 / self

    def neg(self) -> Any:
        """Return it with the other sign."""
        return -self

    def mul(self, other: Any) -> Any:
        """Multiply."""
        return self * other

    def add(self, other: Any) -> Any:
        """Add."""
        return self + other

    def sub(self, other: Any) -> Any:
        """Subtract."""
        return self - other

    def div(self, other: Any) -> Any:
        """Divide."""
        return self / other

    def gt(self, other: Any) -> Any:
        """Compare."""
        return self > other

    def lt(self, other: Any) -> Any:
        """Compare."""
        return self < other

    def ge(self, other: Any) -> Any:
        """Compare."""
        return self >= other

    def le(self, other: Any) -> Any:
        """Compare."""
        return self <= other

    def eq(self, other: Any) -> Any:
        """Compare."""
        return self == other

    def softmax(self, dim: int = -1) -> Any:
        """Return the softmax."""
        return like(self, softmax(np.asarray(self), dim))
