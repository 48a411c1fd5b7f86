"""The part of TensorFlow that a custom gradient is written in, played by NumPy."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradtutor.audit.sandbox.child.standins.jax_like import logsumexp, softmax
from gradtutor.audit.sandbox.child.standins.nothing import nothing_module
from gradtutor.audit.sandbox.child.standins.stopped import stop_gradient


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
    name: Any = None,
) -> Any:
    a = np.swapaxes(a, -1, -2) if transpose_a else a
    return a @ (np.swapaxes(b, -1, -2) if transpose_b else b)


def _reduced(function: str) -> Callable[..., Any]:
    def reduce(
        input_tensor: Any,
        axis: Any = None,
        keepdims: Any = None,
        name: Any = None,
        reduction_indices: Any = None,
        keep_dims: Any = None,
    ) -> Any:
        axis = reduction_indices if axis is None else axis
        axis = tuple(axis) if isinstance(axis, list) else axis
        kept = bool(keep_dims if keepdims is None else keepdims)
        return getattr(np, function)(input_tensor, axis=axis, keepdims=kept)

    return reduce


def _norm(
    tensor: Any,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: Any = None,
    name: Any = None,
) -> Any:
    """Return the norm along one axis, or of all numbers, as TensorFlow counts it."""
    sizes, kept = np.abs(np.asarray(tensor, float)), bool(keepdims)
    if ord in ("euclidean", "fro"):
        ord = 2
        axis = tuple(axis) if isinstance(axis, list) else axis
    elif isinstance(axis, list | tuple):
        raise NotImplementedError(f"tf.norm with ord={ord!r} over two axes")
    if isinstance(ord, str) or ord <= 0:
        raise NotImplementedError(f"tf.norm with ord={ord!r}")
    if np.isinf(ord):
        return np.max(sizes, axis=axis, keepdims=kept)
    if ord == 2:
        return np.sqrt(np.sum(sizes**2, axis=axis, keepdims=kept))
    return np.sum(sizes**ord, axis=axis, keepdims=kept) ** (1 / ord)


def _constant(value: Any, *_: Any, **__: Any) -> Any:
    return np.asarray(value, dtype=float)


def _cast(x: Any, dtype: Any, name: Any = None) -> Any:
    """Return numbers of a kind, whole ones cut towards 0; as floats, to go on with."""
    kind = np.dtype(dtype).type if isinstance(dtype, str | np.dtype) else dtype
    if kind is bool or kind is np.bool_:
        return np.asarray(x).astype(bool)
    if not isinstance(kind, type) or not issubclass(kind, np.number):
        raise NotImplementedError(f"tf.cast to {dtype!r}")
    if issubclass(kind, np.complexfloating):
        raise NotImplementedError("tf.cast to complex numbers")
    found = np.asarray(x)
    if issubclass(kind, np.integer):
        return np.trunc(found).astype(np.int64)
    return found.astype(float) if found.ndim else float(found)


def _one_hot(indices: Any, depth: int, **named: Any) -> Any:
    if set(named) - {"dtype", "name"}:
        raise NotImplementedError("tf.one_hot with other than indices and depth")
    return np.eye(depth)[np.asarray(indices, int)]


def _sigmoid(x: Any, name: Any = None) -> Any:
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
    "identity": lambda x, name=None: x,
    "stop_gradient": stop_gradient,
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
    "one_hot": _one_hot,
    "broadcast_to": np.broadcast_to,
    "scalar_mul": np.multiply,
    "relu": lambda x, name=None: np.maximum(x, 0),
    "softmax": lambda x, axis=-1, name=None: softmax(x, axis),
    "softplus": lambda x, name=None: np.logaddexp(x, 0),
    "log_softmax": lambda x, axis=-1: x - logsumexp(x, axis, True),
    "reduce_logsumexp": lambda x, axis=None, keepdims=False: logsumexp(
        x, axis, keepdims
    ),
    "function": lambda f=None, **_: f if f else (lambda g: g),
    "float32": np.float64,
    "float64": np.float64,
    "float16": np.float64,
    "double": np.float64,
    "bool": np.bool_,
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
