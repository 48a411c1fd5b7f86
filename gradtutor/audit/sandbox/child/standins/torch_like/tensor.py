"""A tensor: NumPy's array with PyTorch's methods; nothing is tracked."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.torch_like.reckoned import (
    Changed,
    Reckoned,
)
from gradtutor.audit.sandbox.child.standins.torch_like.shaped import Reduced, Shaped


class Tensor(Reduced, Shaped, Changed, Reckoned):
    """A NumPy array that answers to PyTorch's methods."""

    requires_grad = True
    is_cuda = False
    device = "cpu"
    grad: Any = None

    def item(self, *place: Any) -> Any:
        """Return a plain number."""
        return super().item(*place)

    def nelement(self) -> Any:
        """Return how many numbers there are."""
        return self.numel()

    def retain_grad(self, *_: Any) -> None:
        """Nothing is tracked."""

    backward = zero_grad = retain_grad

    def clone(self) -> Any:
        """Copy."""
        return self.copy()

    def detach(self) -> Any:
        """Return it: nothing is tracked."""
        return self

    contiguous = cpu = cuda = requires_grad_ = detach

    def to(self, *_: Any, **__: Any) -> Any:
        """Return it: there is one device."""
        return self

    type_as = to

    def numpy(self) -> Any:
        """Return it as NumPy's."""
        return np.asarray(self)

    def float(self) -> Any:
        """Return it as floats."""
        return self.astype(np.float64)

    double = float

    def long(self) -> Any:
        """Return it as whole numbers."""
        return self.astype(np.int64)

    def half(self) -> Any:
        """Return it: there is one precision."""
        return self

    def type(self, *_: Any) -> Any:
        """Return it: there is one precision."""
        return self

    def new_ones(self, *shape: Any) -> Any:
        """Return ones."""
        return ones(*shape)

    def bool(self) -> Any:
        """Return it as truth values."""
        return self.astype(bool)

    def int(self) -> Any:
        """Return it as whole numbers."""
        return self.astype(np.int64)

    def new_zeros(self, *shape: Any) -> Any:
        """Return zeros."""
        return zeros(*shape)


def tensor(value: Any, *_: Any, **__: Any) -> Tensor:
    """Make a tensor."""
    whole = np.asarray(value).dtype.kind in "iub"
    return np.array(value, dtype=None if whole else float).view(Tensor)


def as_tensor(value: Any, *_: Any, **__: Any) -> Any:
    """Return numbers as a tensor that shares them."""
    return np.asarray(value).view(Tensor)


def _shape(shape: tuple[Any, ...], size: Any) -> Any:
    shape = (size,) if size is not None else shape
    return shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape


def zeros(*shape: Any, size: Any = None, **_: Any) -> Any:
    """Return zeros of a shape, given as numbers or as one tuple."""
    return np.zeros(_shape(shape, size)).view(Tensor)


def ones(*shape: Any, size: Any = None, **_: Any) -> Any:
    """Return ones of a shape."""
    return zeros(*shape, size=size) + 1


def rand(*shape: Any, size: Any = None, **_: Any) -> Any:
    """Draw numbers between 0 and 1."""
    return as_tensor(np.random.random_sample(_shape(shape, size)))


def randn(*shape: Any, size: Any = None, **_: Any) -> Any:
    """Draw normal numbers."""
    return as_tensor(np.random.standard_normal(_shape(shape, size)))


def randint(low: int, *more: Any, **_: Any) -> Any:
    """Draw whole numbers: ``randint(high, shape)``, ``randint(low, high, shape)``."""
    high, shape = more if len(more) == 2 else (low, more[0])
    return as_tensor(
        np.random.randint(low if len(more) == 2 else 0, max(high, 1), shape)
    )
