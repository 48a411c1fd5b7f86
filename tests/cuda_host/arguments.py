"""Whether arguments are what a kernel will read them as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def check_arguments(
    name: str, types: Sequence[tuple[bool, str, int]], arguments: Sequence[Any]
) -> None:
    """Refuse arguments that a kernel would read as something else.

    CuPy passes the bytes it is given: an ``int64`` for an ``int``, or a ``float64``
    array for a ``float*``, is silently wrong on a device.

    Parameters
    ----------
    name, types
        Of a ``HostKernel``.
    arguments : sequence
        Arrays with a ``dtype``, NumPy scalars, Python numbers as CuPy takes them.

    Raises
    ------
    TypeError
        With the argument's place.
    """
    if len(arguments) != len(types):
        raise TypeError(f"{name} has {len(types)} parameters, got {len(arguments)}")
    for place, (argument, type_) in enumerate(zip(arguments, types, strict=True)):
        if not fits(argument, *type_):
            wanted = f"{type_[1] or type_[2]}{' *' if type_[0] else ''}"
            kind = getattr(argument, "dtype", type(argument).__name__)
            shape = getattr(argument, "shape", ())
            raise TypeError(
                f"{name}: parameter {place} is {wanted}, got {kind}{shape or ''}"
            )


def fits(argument: Any, pointer: bool, code: str, size: int) -> bool:
    """Whether an argument can be passed for a parameter of that type."""
    if isinstance(argument, (bool, int, float)):  # as CuPy passes Python's numbers
        if pointer:
            return type(argument) is int  # an address
        argument = np.asarray(argument)[()]
    dtype = getattr(argument, "dtype", None)
    if dtype is None or pointer == isinstance(argument, np.generic):
        return False
    return same_kind(dtype, code) and (pointer or dtype.itemsize == size)


def same_kind(dtype: np.dtype, code: str) -> bool:
    """Whether a NumPy type is read rightly as a kernel's type.

    Signed and unsigned integers pass for each other; ``E2``, bfloat16, is an extension
    type of two bytes or plain 16-bit integers; a structure or void is not checked.
    """
    if not code:
        return True
    if code == "E2":
        return dtype.itemsize == 2 and dtype.kind in "Viuf" and dtype != np.float16
    kinds = {"i": "iu", "u": "iu", "f": "f", "b": "b"}[code[0]]
    allowed = kinds + ("iu" if code == "f2" else "")
    return dtype.itemsize == int(code[1:]) and dtype.kind in allowed
