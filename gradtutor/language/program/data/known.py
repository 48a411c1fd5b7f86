"""Arrays whose numbers are known: there and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtutor.language.program.array_values import Data, Filled

#: An array's numbers, and the text that makes them.
Made = tuple[np.ndarray, str]
#: Numbers of one array that are kept.
MOST_NUMBERS = 1_000_000


def numbers_of(value: Any) -> np.ndarray | None:
    """Return an array's numbers, or a number as one; None where they are not known."""
    found = made_of(value)
    return None if found is None else found[0]


def made_of(value: Any) -> Made | None:
    """Return an array's numbers and the text that makes them."""
    if isinstance(value, bool | int | float):
        return np.asarray(float(value)), repr(value)
    if isinstance(value, Filled):
        return _filled(value)
    if isinstance(value, Data) and value.numbers is not None:
        return np.asarray(value.numbers, float), value.made
    return None


def _filled(value: Filled) -> Made | None:
    sizes = tuple(size for size in value.shape if isinstance(size, int))
    if not sizes or len(sizes) < len(value.shape):
        return None
    if np.prod(sizes) > MOST_NUMBERS:
        return None
    shown = ", ".join(map(str, sizes))
    if value.counted:
        count = int(np.prod(sizes))
        counted = np.arange(value.start, value.start + count, dtype=float)
        text = f"arange({value.start}, {value.start + count})"
        text += f".reshape({shown})" if len(sizes) > 1 else ""
        return counted.reshape(sizes), text
    ones = np.ones(sizes)
    if value.lower and value.value == -1.0:  # true above the diagonal
        return np.triu(ones, 1), f"triu(ones({shown}), 1)"
    if value.lower:
        return np.tril(ones), f"tril(ones({shown}))"
    if value.value in (0.0, 1.0):
        return ones * value.value, f"{'ones' if value.value else 'zeros'}({shown})"
    return ones * value.value, f"({value.value!r} * ones({shown}))"


def table(array: np.ndarray, made: str = "", *, count: bool = False) -> Data:
    """Return an array whose numbers are known."""
    if array.size > MOST_NUMBERS:
        return Data(array.shape, count=count)
    return Data(array.shape, numbers=array, made=made, count=count)


def all_made(values: Sequence[Any]) -> list[Made] | None:
    """Return the numbers of several values, one an array; None where any is open."""
    found = [made_of(one) for one in values]
    known = [one for one in found if one is not None]
    arrays = any(isinstance(one, Data | Filled) for one in values)
    return known if arrays and len(known) == len(found) else None
