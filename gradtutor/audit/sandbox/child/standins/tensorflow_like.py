"""The part of TensorFlow that a custom gradient is written in, played by NumPy."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.jax_like import logsumexp, softmax
from gradtutor.audit.sandbox.child.standins.nothing import nothing_module


class CustomGradient:
    """A function that returns value and gradient function; called, the value."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Return the value alone."""
        return self.function(*args, **named)[0]


def gradients_of(function: Any, args: Any, upstream: Any) -> tuple[Any, ...]:
    """Return what the gradient function of a custom gradient gives."""
    found = function.function(*args)[1](upstream)
    return found if isinstance(found, tuple | list) else (found,)


def _matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    **_: Any,
) -> Any:
    a = np.swapaxes(a, -1, -2) if transpose_a else a
    return a @ (np.swapaxes(b, -1, -2) if transpose_b else b)


def _reduced(name: str) -> Callable[..., Any]:
    def reduce(x: Any, axis: Any = None, keepdims: bool = False, **_: Any) -> Any:
        axis = tuple(axis) if isinstance(axis, list) else axis
        return getattr(np, name)(x, axis=axis, keepdims=keepdims)

    return reduce


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))


def _constant(value: Any, *_: Any, **__: Any) -> Any:
    return np.asarray(value, dtype=float)


def _cast(x: Any, *_: Any, **__: Any) -> Any:
    return np.asarray(x, dtype=float) if np.ndim(x) else float(x)


def _sigmoid(x: Any, **_: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(x)))


PLAIN = (
    "exp", "log", "sqrt", "square", "abs", "sign", "sin", "cos", "tan", "tanh", "sinh",
    "cosh", "maximum", "minimum", "add", "subtract", "multiply", "divide", "negative",
    "pow", "where", "zeros_like", "ones_like", "reshape", "expand_dims", "squeeze",
    "transpose", "stack", "concatenate", "zeros", "ones", "greater", "less", "eye",
    "floor", "round", "log1p", "expm1", "equal", "logical_and", "logical_or", "rint",
)  # fmt: skip
NUMPY = {"pow": "power"}
REDUCED = ("sum", "mean", "max", "min", "prod", "any", "all")
OWN: dict[str, Any] = {
    "custom_gradient": CustomGradient,
    "matmul": _matmul,
    "norm": _norm,
    "constant": _constant,
    "convert_to_tensor": _constant,
    "Variable": _constant,
    "cast": _cast,
    "identity": lambda x, **_: x,
    "stop_gradient": lambda x, **_: x,
    "shape": np.shape,
    "size": np.size,
    "rank": np.ndim,
    "sigmoid": _sigmoid,
    "einsum": np.einsum,
    "tensordot": np.tensordot,
    "concat": lambda xs, axis: np.concatenate(xs, axis=axis),
    "clip_by_value": np.clip,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "reciprocal": lambda x: 1 / np.asarray(x),
    "one_hot": lambda y, depth, **_: np.eye(depth)[np.asarray(y, int)],
    "broadcast_to": np.broadcast_to,
    "scalar_mul": np.multiply,
    "relu": lambda x, **_: np.maximum(x, 0),
    "softmax": lambda x, axis=-1, **_: softmax(x, axis),
    "softplus": lambda x, **_: np.logaddexp(x, 0),
    "log_softmax": lambda x, axis=-1: x - logsumexp(x, axis, True),
    "reduce_logsumexp": lambda x, axis=None, keepdims=False: logsumexp(
        x, axis, keepdims
    ),
    "function": lambda f=None, **_: f if f else (lambda g: g),
    "float32": np.float64,
    "float64": np.float64,
    "int32": np.int64,
    "int64": np.int64,
}


def tensorflow_modules() -> Mapping[str, types.ModuleType]:
    """Return the modules that stand in for TensorFlow."""
    contents = {name: getattr(np, NUMPY.get(name, name)) for name in PLAIN}
    contents |= {f"reduce_{name}": _reduced(name) for name in REDUCED}
    contents |= OWN
    names = ("tensorflow", "tensorflow.math", "tensorflow.nn", "tensorflow.linalg")
    names += ("tensorflow.compat", "tensorflow.compat.v1", "tensorflow.compat.v2")
    made = {name: nothing_module(name) for name in names}
    for module in made.values():
        vars(module).update(contents)
    for name in names[1:]:
        owner, _, last = name.rpartition(".")
        setattr(made[owner], last, made[name])
    return made
