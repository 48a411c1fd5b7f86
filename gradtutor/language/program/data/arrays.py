"""Arrays of a program, of which only the axes are followed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gradtutor.language.program.array_values import Data, Filled, Size
from gradtutor.language.program.data import tables
from gradtutor.language.program.data.containers import sizes
from gradtutor.language.program.data.known import made_of, numbers_of, table
from gradtutor.language.program.data.new_arrays import NEW, Keywords, grown, shape_of
from gradtutor.language.program.values import Instance

# ---- new arrays ----


def _reshape_of(args: list[Any], keywords: Keywords) -> Any:
    """Read np.reshape(x, (2, 3)) of an array."""
    known = args and isinstance(args[0], Data | Filled)
    return method(args[0], "reshape", args[1:], keywords) if known else Data()


#: Functions that make arrays, by the last part of their name.
MAKERS: dict[str, Callable[[list[Any], Keywords], Any]] = {
    **NEW,
    "reshape": _reshape_of,
}

# ---- methods ----

#: Statistics of data by which a program scales and fills them.
STATISTICS = ("mean", "median", "std")


def statistic(name: str, owner: Any, args: list[Any], keywords: Keywords) -> Data:
    """Return x.mean(0), x.std(axis=0): one number a column, or one of them all."""
    axis = keywords.get("axis", keywords.get("dim", args[0] if args else None))
    shape = owner.shape
    left = shape[1:] if shape and axis == 0 else None
    return Data(left, statistic=name if axis in (0, (0,), None) else "")


def _reshape(shape: tuple[Size, ...] | None, args: list[Any]) -> Any:
    """Return the axes after view(-1, 24 * 24): the rest is worked out."""
    new = shape_of(args, {})
    if new is None:
        return None
    known = [size for size in new if type(size) is int and size > 0]
    if -1 in new and shape and all(type(size) is int for size in shape):
        rest = math.prod(shape) // max(1, math.prod(known))  # type: ignore[arg-type]
        return tuple(rest if size == -1 else size for size in new)
    return tuple(None if size == -1 else size for size in new)


#: Methods that leave the axes as they are.
KEEPING = frozenset((
    "to", "cuda", "cpu", "float", "double", "half", "long", "int", "bool", "numpy",
    "type", "astype", "contiguous", "detach", "clone", "requires_grad_", "copy",
    "relu", "tanh", "sigmoid", "exp", "log", "abs", "shuffle", "batch_", "repeat_",
    "__array__", "abs_", "clip", "clamp", "cache", "prefetch",
))  # fmt: skip


#: Of these the ones after which the numbers are others.
CHANGING = frozenset((
    "relu", "tanh", "sigmoid", "exp", "log", "abs", "clip", "clamp", "abs_",
))  # fmt: skip


#: Methods of NumPy's generators of random numbers.
DRAWING = (
    "normal",
    "uniform",
    "random",
    "standard_normal",
    "integers",
    "randn",
    "rand",
)


def method(owner: Any, name: str, args: list[Any], keywords: Keywords) -> Any:
    """Return what a method makes of an array's axes."""
    shape = owner.shape
    if shape is None and name in DRAWING and owner.of is None:
        drawn = {"integers": "randint"}.get(name, name)
        return NEW[drawn](args, keywords)
    if name in KEEPING and not (name in tables.POINTWISE and made_of(owner)):
        changes = name in CHANGING and isinstance(owner, Data)
        return replace(owner) if changes else owner
    if (found := _of_numbers(owner, name, args, keywords)) is not None:
        return found
    if name in STATISTICS:
        return statistic(name, owner, args, keywords)
    if name in ("view", "reshape"):
        return Data(_reshape(shape, args), source=owner)
    if name == "size":
        if args and shape is not None and type(args[0]) is int:
            return shape[args[0]] if -len(shape) <= args[0] < len(shape) else Data()
        return Data() if shape is None else shape
    if name == "dim" and shape is not None:
        return len(shape)
    if name == "pow" and args and isinstance(args[0], Data | Filled):
        other = args[0].shape
        if shape and other and shape[-1] == 1:
            return Data((*shape[:-1], *other[-1:]))
    if name in ("unsqueeze", "expand_dims"):
        return grown([owner, *args], keywords)
    if name in ("flatten",) and shape is not None:
        start = args[0] if args else keywords.get("start_dim", 0)
        rest = shape[start:] if type(start) is int else shape
        known = all(type(size) is int for size in rest)
        joined = math.prod(rest) if known else None
        return Data((*shape[: len(shape) - len(rest)], joined))
    if name in ("T", "t", "transpose") and shape is not None and not args:
        return Data(shape[::-1])
    return Data(zero=getattr(owner, "zero", False))


def _of_numbers(owner: Any, name: str, args: list[Any], keywords: Keywords) -> Any:
    """Return what a method makes of an array whose numbers are known."""
    if name == "masked_fill" and len(args) == 2:
        parts = [numbers_of(one) for one in (owner, *args)]
        if any(one is None for one in parts):
            return None
        array, mask, value = (np.asarray(one) for one in parts)
        return table(np.where(mask > 0, value, array))
    if name in tables.MOVING:
        given = [*args, *(v for k, v in keywords.items() if k in ("dim", "axis"))]
        made = tables.moved(name, owner, given)
        if made is not None and isinstance(owner, Filled) and made.shape is not None:
            kept = numbers_of(made)
            same = kept is not None and kept.size == math.prod(map(int, owner.shape))  # type: ignore[arg-type]
            return (
                replace(owner, shape=made.shape) if same and not owner.lower else made
            )
        return made
    return tables.function(name, [owner, *args], keywords)


# ---- data sets ----


def data_set(args: list[Any], keywords: Keywords) -> Instance:
    """TensorDataset(x, y): an example has a row of each."""
    rows = tuple(element_of(one) for one in args)
    return Instance(None, {"__examples__": rows})


def element_of(value: Any) -> Any:
    """Return one example of an array: its first axis gone."""
    shape = sizes(value) if isinstance(value, Data | Filled) else None
    return Data(shape[1:] if shape else None, count=getattr(value, "count", False))


def batches(dataset: Any) -> Any:
    """Return what a DataLoader gives: each example's axes with the batch before."""
    if isinstance(dataset, Instance) and "__examples__" in dataset.names:
        rows = dataset.names["__examples__"]
        return tuple(_batched(one) for one in rows)
    if isinstance(dataset, Data | Filled) and dataset.shape:
        return Data((None, *dataset.shape[1:]))
    return Data()


def _batched(row: Any) -> Data:
    return Data(None if row.shape is None else (None, *row.shape), count=row.count)
