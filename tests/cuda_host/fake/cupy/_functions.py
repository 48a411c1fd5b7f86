"""NumPy's functions on device arrays, and which of them CuPy refuses in a capture."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from cupy import _streams
from cupy._arrays import array, asarray, computed, enqueue, ndarray

UFUNCS = [name for name in dir(np) if isinstance(getattr(np, name), np.ufunc)]
# ruff: noqa: SIM905 (tables of words)
FUNCTIONS = """
all allclose amax amin any arange argmax argmin argsort array_equal clip
concatenate count_nonzero cumprod cumsum diag expand_dims eye flip full_like hstack
isclose linspace max mean median min moveaxis nan_to_num nanmax nanmin nansum nonzero
ones_like pad prod repeat roll sort split squeeze stack std sum take take_along_axis
tile tril triu unique var vstack where
""".split()
CUBLAS = "matmul vecdot dot vdot inner outer tensordot einsum".split()
METHODS = "sum max min mean argmax argmin all any prod std var clip dot round".split()


def wrapped(result: Any) -> Any:
    """Put a result of NumPy's on the device."""
    if isinstance(result, (list, tuple)):
        return type(result)(wrapped(part) for part in result)
    if isinstance(result, (np.ndarray, np.generic)):
        return array(np.asarray(result))
    return result


def on_device(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of device arrays that does what NumPy's does.

    With ``out``, and arrays or numbers as arguments, it is one kernel.
    """

    def call(*arguments: Any, out: Any = None, **named: Any) -> Any:
        if name in CUBLAS and _streams.current().capture is not None:
            raise NotImplementedError(
                "calling cuBLAS API during stream capture is currently unsupported"
            )
        if out is None:
            return wrapped(computed(function, *arguments, **named))
        if any(isinstance(a, np.ndarray) and a.ndim for a in (*arguments, out)):
            raise TypeError("Unsupported type <class 'numpy.ndarray'>")
        numbers = [None if isinstance(a, ndarray) else a for a in arguments]
        hosts = {i: a._host for i, a in enumerate(arguments) if isinstance(a, ndarray)}
        places = list(
            hosts
        )  # run must not keep an array: a graph keeps no memory alive

        def run(to: np.ndarray, *arrays: np.ndarray) -> None:
            values = list(numbers)
            for place, host in zip(places, arrays, strict=True):
                values[place] = host
            with np.errstate(all="ignore"):
                function(*values, out=to, **named)

        enqueue(name, run, out._host, *hosts.values())
        return out

    call.__name__ = name
    return call


TABLE = {
    name: on_device(name, getattr(np, name)) for name in [*UFUNCS, *FUNCTIONS, *CUBLAS]
}
TABLE |= {"abs": TABLE["absolute"], "concat": TABLE["concatenate"]}


def view_of(function: Callable[..., np.ndarray]) -> Callable[..., ndarray]:
    """Return a function that looks at an array's memory in another way, as CuPy's."""

    def call(a: ndarray, *arguments: Any, **named: Any) -> ndarray:
        return a._view(function(a._host, *arguments, **named))

    return call


TABLE |= {"expand_dims": view_of(np.expand_dims)}

OPERATORS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "power",
    "matmul": "matmul",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "left_shift",
    "rshift": "right_shift",
}


def install() -> None:
    """Give the array its operators and methods."""
    for short, name in OPERATORS.items():
        call = TABLE[name]
        setattr(ndarray, f"__{short}__", lambda a, b, call=call: call(a, b))
        setattr(ndarray, f"__r{short}__", lambda a, b, call=call: call(b, a))
        setattr(ndarray, f"__i{short}__", lambda a, b, call=call: call(a, b, out=a))
    for short in ("lt", "le", "gt", "ge", "eq", "ne"):
        compare = on_device(short, getattr(operator, short))
        setattr(ndarray, f"__{short}__", lambda a, b, call=compare: call(a, b))
    ndarray.__hash__ = None  # type: ignore[assignment]
    ndarray.__neg__ = lambda a: TABLE["negative"](a)  # type: ignore[attr-defined]
    ndarray.__abs__ = lambda a: TABLE["absolute"](a)  # type: ignore[attr-defined]
    ndarray.__invert__ = lambda a: TABLE["invert"](a)  # type: ignore[attr-defined]
    for name in METHODS:
        call = TABLE.get(name) or on_device(name, getattr(np, name))
        setattr(ndarray, name, lambda a, *args, call=call, **kw: call(a, *args, **kw))


install()


# ---- making arrays -------------------------------------------------------------------


def empty(shape: Any, dtype: Any = float, order: str = "C") -> ndarray:
    """Return an array that holds anything; here NaNs."""
    return ndarray(shape, dtype, order=order)


def full(shape: Any, value: Any, dtype: Any = None) -> ndarray:
    """Return an array of one value."""
    made = empty(shape, dtype or np.asarray(value).dtype)
    made[...] = value
    return made


def zeros(shape: Any, dtype: Any = float, order: str = "C") -> ndarray:
    """Return an array of zeros."""
    return full(shape, 0, dtype)


def ones(shape: Any, dtype: Any = float) -> ndarray:
    """Return an array of ones."""
    return full(shape, 1, dtype)


def arange(stop: int, dtype: Any = None) -> ndarray:
    """Return whole numbers from 0 on."""
    return asarray(np.arange(stop, dtype=dtype))


def empty_like(like: ndarray, dtype: Any = None) -> ndarray:
    """Return an uninitialised array like another."""
    return empty(like.shape, dtype or like.dtype)


def zeros_like(like: ndarray, dtype: Any = None) -> ndarray:
    """Return zeros like another array."""
    return zeros(like.shape, dtype or like.dtype)


def ascontiguousarray(values: Any, dtype: Any = None) -> ndarray:
    """Return an array in C order, copied where it is not."""
    made = asarray(values, dtype)
    return made if made.flags.c_contiguous else array(made)


def asnumpy(values: Any, stream: Any = None, order: str = "C", out: Any = None) -> Any:
    """Return a NumPy array; waits for the stream."""
    if isinstance(values, ndarray):
        return values.get(stream, out=out)
    return np.asarray(values)


def copyto(to: ndarray, source: Any) -> None:
    """Copy values into an array."""
    to[...] = source


def reshape(values: ndarray, shape: Any, order: str = "C") -> ndarray:
    """Return a view where there is one, else a copy."""
    return values.reshape(shape)


def transpose(values: ndarray, axes: Any = None) -> ndarray:
    """Return a view with the axes in another order."""
    return values.transpose(axes)


def ravel(values: ndarray) -> ndarray:
    """Return all values in one dimension."""
    return values.ravel()


def flip(values: ndarray, axis: Any = None) -> ndarray:
    """Return a view with the elements of some axes from the last to the first."""
    axes = range(values.ndim) if axis is None else np.atleast_1d(axis)
    turned = {int(one) % values.ndim for one in axes}
    index = (slice(None, None, -1 if i in turned else 1) for i in range(values.ndim))
    return values[tuple(index)]


def broadcast_to(values: ndarray, shape: Any) -> ndarray:
    """Return a view that repeats axes of size 1."""
    model = np.lib.stride_tricks.as_strided(
        np.empty(1, values.dtype), values.shape, values.strides
    )
    wide = np.broadcast_to(model, shape)
    return ndarray(wide.shape, values.dtype, values.data, wide.strides)
