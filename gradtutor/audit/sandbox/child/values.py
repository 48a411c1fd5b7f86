"""What a person's functions get and give: arrays in, numbers and arrays out."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Said(str):
    """A text with its sentence and what fills it: the parent says it in a language.

    Attributes
    ----------
    told : list
        The sentence and its values by name, which may be such lists.
    """

    told: list[Any]

    def __new__(cls, sentence: str, **values: Any) -> Said:
        """Fill the blanks of a sentence."""
        made = super().__new__(cls, sentence.format(**values))
        filled = {name: getattr(one, "told", str(one)) for name, one in values.items()}
        made.told = [sentence, filled]
        return made


class ResultError(ValueError):
    """The code ran, and what it returned cannot be used."""


def named_results(
    returned: Any, function: str, *, several: bool = False
) -> list[tuple[str, NDArray[Any]]]:
    """Return the arrays of a tuple, a dict (with its keys) or a single value.

    A list of numbers is one array, unless the function's text lists several values.
    """
    if isinstance(returned, Mapping):
        items = [(str(key), value) for key, value in returned.items()]
    elif isinstance(returned, tuple | list) and (several or not is_matrix(returned)):
        items = [("", value) for value in returned]
    else:
        items = [("", returned)]
    what = Said("{name} returns", name=function)
    return [
        (key, real(value, what, keep=True)) for key, value in items if value is not None
    ]


def flat_results(
    returned: Any, function: str, *, several: bool = False
) -> list[tuple[list[Any], NDArray[Any]]]:
    """Return all arrays in what was returned, each with its path: ``[1, "W"]``."""
    found: list[tuple[list[Any], NDArray[Any]]] = []
    what = Said("{name} returns", name=function)
    _walk(returned, [], found, what, several=several)
    return found


def _walk(
    value: Any,
    path: list[Any],
    found: list[tuple[list[Any], NDArray[Any]]],
    what: str,
    *,
    several: bool,
) -> None:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            _walk(item, [*path, str(key)], found, what, several=False)
    elif isinstance(value, tuple | list) and not (
        is_matrix(value) and not several and len(path) < 1
    ):
        if len(path) and is_matrix(value):
            found.append((path, real(value, what, keep=True)))
            return
        for place, item in enumerate(value):
            _walk(item, [*path, place], found, what, several=False)
    elif not path or is_numeric(value):
        found.append((path, real(value, what, keep=True)))


def is_numeric(value: Any) -> bool:
    """Whether something is a number or an array of numbers."""
    try:
        return np.asarray(plain(value)).dtype.kind in "fiub"
    except (ValueError, TypeError):
        return False


def is_matrix(value: Any) -> bool:
    """Whether a list is one array, [[1, 2], [3, 4]] or [1.0, 2.0]."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(v, float | int) or (isinstance(v, list) and is_matrix(v))
            for v in value
        )
    )


def lists_values(function: Any) -> bool:
    """Whether a function's text ends in a list that is written out."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return True
    return any(
        isinstance(node, ast.Return) and isinstance(node.value, ast.List)
        for node in ast.walk(tree)
    )


def real(value: Any, what: str, *, keep: bool = False) -> NDArray[Any]:
    """Turn a number or an array into an array; refuse everything else."""
    value = plain(value)
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        said = Said("{what} a ragged list: {error}", what=what, error=error)
        raise ResultError(said) from None
    if array.dtype.kind not in "fiub":
        kind = type(value).__name__
        raise ResultError(Said("{what} {kind}, not numbers", what=what, kind=kind))
    return array.copy() if keep else array.astype(np.float64)


def plain(value: Any) -> Any:
    """Return the numbers in an object of a framework, or the thing itself."""
    if hasattr(value, "detach") and not isinstance(value, np.ndarray):
        return value.detach().cpu().numpy()
    inner = vars(value).get("data") if hasattr(value, "__dict__") else None
    return inner if isinstance(inner, np.ndarray | np.generic | float) else value


def passed(value: NDArray[Any]) -> Any:
    """Return what a person's function gets: an array, or a Python number."""
    return value.item() if value.ndim == 0 else value


def same(before: NDArray[Any], after: NDArray[Any]) -> bool:
    """Whether an array is what it was."""
    alike = before.shape == after.shape and before.dtype == after.dtype
    return alike and bool(
        np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    )
