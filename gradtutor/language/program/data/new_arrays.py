"""Functions that make arrays: zeros, arange, randn, of which the axes are followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradtutor.language.program.array_values import Batch, Data, Filled, Size
from gradtutor.language.program.data import tables
from gradtutor.language.program.data.containers import as_size, sizes
from gradtutor.language.program.data.known import table
from gradtutor.language.program.values import Library

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
    return table(np.arange(start, stop, step), f"arange({start}, {stop}, {step})")


def _even(args: list[Any], keywords: Keywords) -> Any:
    """Read linspace(a, b, n)."""
    given = [*args, *(keywords[k] for k in ("steps", "num") if k in keywords)]
    size = as_size(given[2]) if len(given) > 2 else None
    plain = all(type(one) in (int, float) for one in given[:2])
    if plain and type(size) is int and 0 < size <= MOST_NUMBERS:
        text = f"linspace({given[0]}, {given[1]}, {size})"
        return table(np.linspace(given[0], given[1], size), text)
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
        return table(np.eye(size), f"eye({size})")
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


def _one_hot(args: list[Any], keywords: Keywords) -> Any:
    shape = sizes(args[0]) if args else None
    classes = args[1] if len(args) > 1 else keywords.get("num_classes")
    return Data(None if shape is None else (*shape, as_size(classes)))


def grown(args: list[Any], keywords: Keywords) -> Any:
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
NEW: dict[str, Callable[[list[Any], Keywords], Any]] = {
    **dict.fromkeys(("zeros", "empty"), _zeros),
    "ones": _ones,
    **dict.fromkeys(("rand", "randn", "random", "standard_normal"), _numbers),
    **dict.fromkeys(("randint", "random_integers"), _whole),
    **dict.fromkeys(("normal", "uniform", "random_normal"), _drawn),
    **dict.fromkeys(("arange", "range"), _counted),
    "linspace": _even,
    "full": _full,
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
    **dict.fromkeys(("expand_dims", "unsqueeze"), grown),
}  # fmt: skip
