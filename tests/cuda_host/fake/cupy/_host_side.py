"""What device arrays ask of NumPy: casts, indices, and where an array lies."""

from __future__ import annotations

from typing import Any

import numpy as np

from cupy import _memory


def convert(to: np.ndarray, source: np.ndarray) -> None:
    """Copy with any cast, silently as a device does."""
    with np.errstate(all="ignore"):
        np.copyto(to, source, casting="unsafe")


def reach(host: np.ndarray, block: _memory.Allocation) -> None:
    """Raise when an array runs out of its allocation."""
    if host.size:
        low, high = np.lib.array_utils.byte_bounds(host)
        _memory.find(low, high - low)


def key_tuple(key: Any) -> tuple[Any, ...]:
    """Return an index as a tuple that ends without an Ellipsis of its own."""
    keys = key if isinstance(key, tuple) else (key,)
    return (
        tuple(k for k in keys if k is not Ellipsis)
        if keys[-1:] == (Ellipsis,)
        else keys
    )


def is_basic(key: Any) -> bool:
    """Whether an index gives a view."""
    keys = key if isinstance(key, tuple) else (key,)
    simple = (int, np.integer, slice, type(None), type(Ellipsis))
    return all(isinstance(k, simple) and not isinstance(k, bool) for k in keys)


def unwrapped(value: Any) -> Any:
    """Return the host's array of a device array; tuples and lists inside as well."""
    if hasattr(value, "_host"):
        return value._host
    if isinstance(value, (tuple, list)):
        return type(value)(unwrapped(part) for part in value)
    return value
