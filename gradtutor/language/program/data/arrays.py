"""Arrays of a program, of which only the axes are followed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradtutor.language.program.data import tables
from gradtutor.language.program.data.containers import as_size, sizes
from gradtutor.language.program.data.tables import made_of
from gradtutor.language.program.values import (
    Batch,
    Data,
    Filled,
    Instance,
    Library,
    Size,
)

Keywords = Mapping[str, Any]


def shape_of(args: Sequence[Any], keywords: Keywords) -> tuple[Size, ...] | None:
    """Read the sizes of zeros(2, 3), zeros((2, 3)), zeros(size=(2, 3))."""
    given = keywords.get("size", keywords.get("shape", args))
    if isinstance(given, list | tuple) and len(given) == 1:
        (one,) = given
        given = one if isinstance(one, list | tuple) else given
    if isinstance(given, int | Batch):
        given = (given,)
    if not isinstance(given, list | tuple):
        return None
    return tuple(as_size(one) for one in given)


# ---- new arrays ----


def _zeros(args: list[Any], keywords: Keywords) -> Any:
    shape = shape_of(args, keywords)
    if shape is None or not all(isinstance(size, int) for size in shape):
        return Data(shape, zero=True)
    return Filled(shape, 0.0)


def _ones(args: list[Any], keywords: Keywords) -> Any:
    shape = shape_of(args, keywords)
    return Data() if shape is None else Filled(shape, 1.0)


def _numbers(args: list[Any], keywords: Keywords) -> Any:
    return Data(shape_of(args, keywords))


def _drawn(args: list[Any], keywords: Keywords) -> Any:
    """Read normal(0, 1, (2, 3)), normal(size=(2, 3)), JAX's normal(key, (2, 3))."""
    sizes = [one for one in args if isinstance(one, list | tuple)]
    if sizes:
        return Data(shape_of([sizes[0]], {}))
    size = [args[2]] if len(args) == 3 and type(args[2]) is int else []
    return Data(shape_of(size, keywords))


def _whole(args: list[Any], keywords: Keywords) -> Any:
    """Read randint(10, (3,)), randint(0, 10, (3,)), randint(0, 5, size=600)."""
    shape = [one for one in args if isinstance(one, list | tuple)]
    given = shape[0] if shape else keywords.get("size", keywords.get("shape"))
    return Data(shape_of([given], {}) if given is not None else None, count=True)


def _counted(args: list[Any], keywords: Keywords) -> Any:
    named = [keywords[k] for k in ("start", "stop", "limit", "end") if k in keywords]
    step = args[2] if len(args) > 2 else keywords.get("step", keywords.get("delta", 1))
    numbers = [*args, *named][:2]
    if numbers and step == 1 and all(type(one) is int for one in numbers):
        start, stop = (0, *numbers) if len(numbers) == 1 else numbers
        return Filled((max(0, stop - start),), counted=True, start=start)
    if numbers and all(type(one) in (int, float) for one in (*numbers, step)):
        return _stepped([*numbers, step] if len(numbers) == 2 else [0, *numbers, step])
    if numbers and isinstance(numbers[-1], Batch):
        return Data((numbers[-1],), count=True)
    return Data((None,), count=True)


def _stepped(ends: list[Any]) -> Any:
    """Return arange(start, stop, step) of any numbers."""
    start, stop, step = ends
    if not step or abs((stop - start) / step) > MOST_NUMBERS:
        return Data((None,))
    return tables.table(
        np.arange(start, stop, step), f"arange({start}, {stop}, {step})"
    )


def _even(args: list[Any], keywords: Keywords) -> Any:
    """Read linspace(a, b, n)."""
    given = [*args, *(keywords[k] for k in ("steps", "num") if k in keywords)]
    size = as_size(given[2]) if len(given) > 2 else None
    plain = all(type(one) in (int, float) for one in given[:2])
    if plain and type(size) is int and 0 < size <= MOST_NUMBERS:
        text = f"linspace({given[0]}, {given[1]}, {size})"
        return tables.table(np.linspace(given[0], given[1], size), text)
    return Data((size,))


def _full(args: list[Any], keywords: Keywords) -> Any:
    """Read full((2, 3), 0.5), full((2, 3), float("-inf"))."""
    shape = shape_of(args[:1], keywords)
    value = args[1] if len(args) > 1 else keywords.get("fill_value")
    if shape is None or type(value) not in (int, float):
        return Data(shape)
    return Filled(shape, float(value))  # type: ignore[arg-type]


def _eye(args: list[Any], keywords: Keywords) -> Any:
    size = args[0] if args else None
    if type(size) is int and size <= MOST_NUMBERS**0.5:
        return tables.table(np.eye(size), f"eye({size})")
    return Data((as_size(size), as_size(size)))


def _lower(args: list[Any], keywords: Keywords) -> Any:
    """Read tril(ones(T, T)): the causal mask; triu(..., diagonal=1) is its rest."""
    (first, *rest) = args or [Data()]
    moved = rest[0] if rest else keywords.get("diagonal", 0)
    if isinstance(first, Filled) and first.value == 1.0 and moved == 0:
        return Filled(first.shape, 1.0, lower=True)
    found = tables.function("tril", list(args), keywords) if args else None
    return found or Data(getattr(first, "shape", None))


def _upper(args: list[Any], keywords: Keywords) -> Any:
    (first, *rest) = args or [Data()]
    moved = rest[0] if rest else keywords.get("diagonal", 0)
    if isinstance(first, Filled) and first.value == 1.0 and moved == 1:
        return Filled(first.shape, -1.0, lower=True)
    found = tables.function("triu", list(args), keywords) if args else None
    return found or Data(getattr(first, "shape", None))


def _causal(args: list[Any], keywords: Keywords) -> Any:
    """Read nn.Transformer.generate_square_subsequent_mask(T): -inf above."""
    size = args[0] if args else keywords.get("sz")
    return Filled((size, size), -1.0, lower=True)


def _like(args: list[Any], keywords: Keywords) -> Any:
    first = args[0] if args else Data()
    shape = sizes(first)
    kind = getattr(keywords.get("dtype"), "name", "")
    count = kind in ("long", "int", "int32", "int64") or getattr(first, "count", False)
    if shape == ():
        return first
    if isinstance(first, Filled) and not count:
        return first
    made = first.made if isinstance(first, Data) else ""
    return Data(shape, numbers=_written(first), count=count, made=made)


#: Numbers of one list that are kept.
MOST_NUMBERS = 10_000


def _written(value: Any) -> Any:
    """Return nested lists of numbers; None where any is not known."""
    if isinstance(value, Data):
        return value.numbers
    if isinstance(value, bool | int | float):
        return float(value)
    if not isinstance(value, list | tuple) or len(value) > MOST_NUMBERS:
        return None
    parts = [_written(one) for one in value]
    return None if any(one is None for one in parts) else parts


def _same(args: list[Any], keywords: Keywords) -> Any:
    if len(args) == 2 and isinstance(args[0], Library):  # typing.cast(int, x)
        return args[1]
    return args[0] if args else Data()


def _reshape_of(args: list[Any], keywords: Keywords) -> Any:
    """Read np.reshape(x, (2, 3)) of an array."""
    known = args and isinstance(args[0], Data | Filled)
    return method(args[0], "reshape", args[1:], keywords) if known else Data()


def _one_hot(args: list[Any], keywords: Keywords) -> Any:
    shape = sizes(args[0]) if args else None
    classes = args[1] if len(args) > 1 else keywords.get("num_classes")
    return Data(None if shape is None else (*shape, as_size(classes)))


def _grown(args: list[Any], keywords: Keywords) -> Any:
    """Read expand_dims(x, axis) and unsqueeze."""
    first = args[0] if args else None
    axis = args[1] if len(args) > 1 else keywords.get("axis", keywords.get("dim"))
    shape = sizes(first) if isinstance(first, Data | Filled) else None
    if shape is None or type(axis) is not int:
        return Data()
    if isinstance(first, Data) and (found := tables.moved("unsqueeze", first, [axis])):
        return found
    at = axis + len(shape) + 1 if axis < 0 else axis
    grown = (*shape[:at], 1, *shape[at:])
    return replace(first, shape=grown) if isinstance(first, Filled) else Data(grown)


def _tensor(args: list[Any], keywords: Keywords) -> Any:
    """Read torch.Tensor([1., 2.]), and torch.Tensor(3, 4) of any numbers."""
    if args and all(type(one) is int for one in args):
        return Data(tuple(args))
    return _like(args, keywords)


#: Functions that make arrays, by the last part of their name.
MAKERS: dict[str, Callable[[list[Any], Keywords], Any]] = {
    **dict.fromkeys(("zeros", "empty"), _zeros),
    "ones": _ones,
    **dict.fromkeys(("rand", "randn", "random", "standard_normal"), _numbers),
    **dict.fromkeys(("randint", "random_integers"), _whole),
    **dict.fromkeys(("normal", "uniform"), _drawn),
    "arange": _counted,
    "linspace": _even,
    "full": _full,
    "reshape": _reshape_of,
    **dict.fromkeys(("identity",), _eye),
    "eye": _eye,
    **dict.fromkeys(("Tensor", "DoubleTensor"), _tensor),
    "tril": _lower,
    "triu": _upper,
    "generate_square_subsequent_mask": _causal,
    **dict.fromkeys(
        ("array", "asarray", "tensor", "FloatTensor", "LongTensor", "constant",
         "zeros_like", "ones_like", "rand_like", "randn_like"), _like),
    **dict.fromkeys(("from_numpy", "as_tensor", "convert_to_tensor", "Variable",
                     "cast", "tqdm", "float32", "normalize"), _same),
    **dict.fromkeys(("to_categorical", "one_hot"), _one_hot),
    **dict.fromkeys(("expand_dims", "unsqueeze"), _grown),
}  # fmt: skip


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
        return MAKERS[drawn](args, keywords)
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
        return _grown([owner, *args], keywords)
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
        parts = [tables.numbers_of(one) for one in (owner, *args)]
        if any(one is None for one in parts):
            return None
        array, mask, value = (np.asarray(one) for one in parts)
        return tables.table(np.where(mask > 0, value, array))
    if name in tables.MOVING:
        given = [*args, *(v for k, v in keywords.items() if k in ("dim", "axis"))]
        made = tables.moved(name, owner, given)
        if made is not None and isinstance(owner, Filled) and made.shape is not None:
            kept = tables.numbers_of(made)
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
