"""The base classes of needle and minitorch, played by NumPy."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child.standins.backend import Backend
from gradtutor.audit.sandbox.child.standins.context import Context, Node
from gradtutor.audit.sandbox.child.standins.nothing import Nothing


class Array(np.ndarray):  # type: ignore[type-arg]
    """A NumPy array that answers as a tensor of needle or minitorch."""

    def __new__(cls, value: Any, *_: Any, **__: Any) -> Array:
        """Make it of numbers."""
        return np.array(value, dtype=float).view(cls)

    @staticmethod
    def make_const(value: Any, **_: Any) -> Array:
        """Make it of numbers."""
        return Array(value)

    def realize_cached_data(self) -> Array:
        """Return the value."""
        return self

    def numpy(self) -> NDArray[Any]:
        """Return it as NumPy's."""
        return np.asarray(self)

    def detach(self) -> Array:
        """Return it."""
        return self

    @property
    def cached_data(self) -> Array:
        """The value."""
        return self

    def compact(self) -> Array:
        """Return it as one piece."""
        return np.ascontiguousarray(self).view(Array)

    def permute(self, *axes: Any) -> Array:
        """Reorder the axes."""
        return np.transpose(self, axes if len(axes) > 1 else axes[0]).view(Array)

    @property
    def f(self) -> Backend:
        """Minitorch's backend."""
        return Backend(Array)

    @property
    def dims(self) -> int:
        """The number of axes."""
        return self.ndim

    @property
    def _tensor(self) -> Array:
        return self

    def _new(self, data: Any) -> Array:
        return np.asarray(data).view(Array)

    def zeros(self, shape: Any = None) -> Array:
        """Return zeros."""
        return np.zeros(self.shape if shape is None else shape).view(Array)

    def expand(self, other: Any) -> Array:
        """Sum to its own shape what was repeated from it."""
        lead = other.ndim - self.ndim
        total = np.asarray(other).sum(axis=tuple(range(lead)))
        axes = tuple(i for i, s in enumerate(self.shape) if s == 1)
        return total.sum(axis=axes, keepdims=True).view(Array)

    def broadcast_to(self, shape: Any) -> Array:
        """Repeat to a shape."""
        return np.broadcast_to(self, shape).view(Array)


class Op:
    """An operator: called, it computes."""

    def __call__(self, *args: Any) -> Any:
        """Compute on arrays."""
        return np.asarray(self.compute(*args)).view(Array)  # type: ignore[attr-defined]

    def gradient_as_tuple(self, out_grad: Any, node: Any) -> tuple[Any, ...]:
        """Return the gradients as a tuple."""
        found = self.gradient(out_grad, node)  # type: ignore[attr-defined]
        return found if isinstance(found, tuple) else (found,)


class _Applied:
    @classmethod
    def apply(cls, *values: Any) -> Any:
        """Call forward with a context of its own."""
        return cls.forward(Context(), *values)  # type: ignore[attr-defined]


class _Operators(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Nothing,), {}) if name[:1].isupper() else Nothing()


def operator_modules() -> Mapping[str, types.ModuleType]:
    """Return the modules that stand in for needle's and minitorch's own."""
    names = (
        "needle",
        "needle.autograd",
        "needle.ops",
        "needle.init",
        "needle.backend_selection",
    )
    names += (
        "needle.ops.ops_mathematic",
        "minitorch",
        "minitorch.autodiff",
        "minitorch.scalar",
    )
    names += (
        "minitorch.scalar_functions",
        "minitorch.tensor",
        "minitorch.tensor_functions",
    )
    return {name: operator_module(name) for name in names}


def operator_module(name: str) -> types.ModuleType:
    """Return a module with the base classes of both."""
    module = _Operators(name)
    module.__path__ = []
    vars(module).update(SCALARS if name.endswith("operators") else {})
    for base in ("Op", "TensorOp", "TensorTupleOp", "ScalarOp"):
        setattr(module, base, type(base, (Op,), {}))
    for base in ("Function", "ScalarFunction", "TensorFunction"):
        setattr(module, base, type(base, (_Applied,), {}))
    module.Context = Context  # type: ignore[attr-defined]
    module.Tensor = module.NDArray = module.Value = Array  # type: ignore[attr-defined]
    module.Node = Node  # type: ignore[attr-defined]
    module.array_api = np  # type: ignore[attr-defined]
    module.operators = Scalars()  # type: ignore[attr-defined]
    return module


class Scalars:
    """minitorch's operators on numbers."""

    def __getattr__(self, name: str) -> Any:
        return SCALARS[name]


SCALARS: dict[str, Any] = {
    "mul": lambda x, y: x * y,
    "id": lambda x: x,
    "add": lambda x, y: x + y,
    "neg": lambda x: -x,
    "lt": lambda x, y: 1.0 if x < y else 0.0,
    "eq": lambda x, y: 1.0 if x == y else 0.0,
    "max": lambda x, y: x if x > y else y,
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "relu": lambda x: max(x, 0.0) if np.ndim(x) == 0 else np.maximum(x, 0.0),
    "log": lambda x: np.log(x + 1e-6),
    "exp": np.exp,
    "log_back": lambda x, d: d / (x + 1e-6),
    "inv": lambda x: 1.0 / x,
    "inv_back": lambda x, d: -d / x**2,
    "relu_back": lambda x, d: d * (x > 0),
}
