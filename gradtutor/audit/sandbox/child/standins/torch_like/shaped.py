"""A tensor's methods that look at its axes: reductions, shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.torch_like.pair import Pair, like


class Reduced(np.ndarray):  # type: ignore[type-arg]
    """Sums, means, maxima."""

    def _reduced(
        self, name: str, dim: Any, keepdim: bool, named: Mapping[str, Any]
    ) -> Any:
        axis = named.get("axis", dim)
        axis = tuple(axis) if isinstance(axis, list) else axis
        keep = bool(named.get("keepdims", keepdim))
        return like(self, getattr(np.asarray(self), name)(axis=axis, keepdims=keep))

    def sum(self, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
        """Sum over axes."""
        return self._reduced("sum", dim, keepdim, named)

    def mean(self, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
        """Take the mean over axes."""
        return self._reduced("mean", dim, keepdim, named)

    def max(self, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
        """Take the largest; with an axis, and where it stands."""
        if dim is None and "axis" not in named:
            return like(self, np.asarray(self).max())
        values = self._reduced("max", dim, keepdim, named)
        return Pair(
            values, like(self, np.asarray(self).argmax(axis=named.get("axis", dim)))
        )

    def amax(self, dim: Any = None, keepdim: bool = False) -> Any:
        """Take the largest over axes."""
        return self._reduced("max", dim, keepdim, {})

    def var(
        self,
        dim: Any = None,
        unbiased: bool = True,
        keepdim: bool = False,
        **named: Any,
    ) -> Any:
        """Take the variance; of a sample, unless told otherwise."""
        ddof = named.get("correction", int(unbiased))
        return like(self, np.asarray(self).var(axis=dim, ddof=ddof, keepdims=keepdim))


class Shaped(np.ndarray):  # type: ignore[type-arg]
    """Other shapes of the same numbers."""

    def t(self) -> Any:
        """Transpose."""
        return self.T

    def transpose(self, *axes: Any) -> Any:
        """Exchange two axes."""
        return np.swapaxes(self, *axes) if len(axes) == 2 else super().transpose(*axes)

    def permute(self, *axes: Any) -> Any:
        """Reorder the axes."""
        return super().transpose(*axes)

    def size(self, dim: int | None = None) -> Any:  # type: ignore[override]
        """Return the shape, or one size."""
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> int:
        """Return the number of axes."""
        return self.ndim

    def numel(self) -> int:
        """Return how many numbers there are."""
        return int(np.prod(self.shape))

    def view(self, *shape: Any) -> Any:
        """Reshape; with a type, NumPy's view."""
        if len(shape) == 1 and isinstance(shape[0], type | np.dtype):
            return super().view(*shape)
        return self.reshape(*shape)

    def unsqueeze(self, dim: int) -> Any:
        """Add an axis."""
        return np.expand_dims(self, dim)

    def expand_as(self, other: Any) -> Any:
        """Repeat to another's shape."""
        return like(self, np.broadcast_to(self, other.shape))

    def expand(self, *shape: Any) -> Any:
        """Repeat to a shape; -1 keeps a size."""
        sizes = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        own = (1,) * (len(sizes) - self.ndim) + self.shape
        full = tuple(o if s == -1 else s for s, o in zip(sizes, own, strict=True))
        return like(self, np.broadcast_to(self, full))

    def squeeze(self, dim: Any = None) -> Any:
        """Take out axes of one."""
        return like(self, np.squeeze(np.asarray(self), dim))

    def repeat(self, *times: Any) -> Any:  # type: ignore[override]
        """Lay copies beside each other."""
        return like(self, np.tile(np.asarray(self), times))

    def flip(self, *dims: Any) -> Any:
        """Turn axes round."""
        return like(
            self, np.flip(np.asarray(self), dims[0] if len(dims) == 1 else dims)
        )
