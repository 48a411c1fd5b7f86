"""The context of an autograd function, and the node of an operator."""

from __future__ import annotations

from typing import Any

import numpy as np


class Context:
    """Keeps what forward saves for backward; takes any attribute."""

    def __init__(self) -> None:
        self.saved_tensors: tuple[Any, ...] = ()
        self.needs_input_grad = (True,) * 16
        self.no_grad = False

    def save_for_backward(self, *values: Any) -> None:
        """Save."""
        self.saved_tensors = values

    save = save_for_backward

    @property
    def saved_values(self) -> tuple[Any, ...]:
        """What was saved, as minitorch calls it."""
        return self.saved_tensors

    @property
    def saved_variables(self) -> tuple[Any, ...]:
        """What was saved, as older versions of PyTorch call it."""
        return self.saved_tensors

    def mark_dirty(self, *_: Any) -> None:
        """Nothing is tracked."""

    mark_non_differentiable = mark_shared_storage = mark_dirty

    def set_materialize_grads(self, _: bool) -> None:
        """Gradients are always there."""


class Node(np.lib.mixins.NDArrayOperatorsMixin):
    """An operator's result with its inputs, as needle's ``gradient`` gets it."""

    def __init__(self, op: Any, value: Any, *inputs: Any) -> None:
        self.op, self.cached_data, self.inputs = op, value, list(inputs)

    def realize_cached_data(self) -> Any:
        """Return the value."""
        return self.cached_data

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cached_data, name)

    def __array_ufunc__(
        self, ufunc: Any, method: str, *given: Any, **named: Any
    ) -> Any:
        """Compute with the value."""
        plain = [g.cached_data if isinstance(g, Node) else g for g in given]
        return getattr(ufunc, method)(*plain, **named)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.asarray(self.cached_data, dtype=dtype)
