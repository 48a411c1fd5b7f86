"""Readers of TOML values: each returns the value, or says what it must be.

>>> interval([-3, 3])
(-3.0, 3.0)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from gradtutor.messages import LANGUAGES, tr

Reader = Callable[[Any], Any]


class BadValueError(ValueError):
    """A value of the wrong kind; the message says what it must be."""


def text(value: Any) -> str:
    """Read a text that is not empty; a number is taken as the text it is written as."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    raise BadValueError(tr("must be a text"))


def flag(value: Any) -> bool:
    """Read true or false."""
    if isinstance(value, bool):
        return value
    raise BadValueError(tr("must be true or false"))


def number(value: Any) -> float:
    """Read a finite number."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and math.isfinite(value):
        return float(value)
    raise BadValueError(tr("must be a number"))


def positive(value: Any) -> float:
    """Read a number above zero."""
    if number(value) > 0:
        return float(value)
    raise BadValueError(tr("must be above 0"))


def texts(value: Any) -> tuple[str, ...]:
    """Read a list of texts."""
    if isinstance(value, list) and value:
        return tuple(text(item) for item in value)
    raise BadValueError(tr("must be a list of texts"))


def words(value: Any) -> tuple[str, ...] | dict[str, tuple[str, ...]]:
    """Read a list of texts, or one in each language."""
    if not isinstance(value, dict):
        return texts(value)
    if set(value) == set(LANGUAGES):
        return {language: texts(value[language]) for language in LANGUAGES}
    raise BadValueError(tr("must be a list of texts, or one for each language"))


def point(value: Any) -> tuple[float, float]:
    """Read a point ``[x, y]``."""
    if isinstance(value, list) and len(value) == 2:
        return number(value[0]), number(value[1])
    raise BadValueError(tr("must be a point: [4, 5]"))


def points(value: Any) -> tuple[tuple[float, float], ...]:
    """Read a list of points."""
    if isinstance(value, list) and value:
        return tuple(point(one) for one in value)
    raise BadValueError(tr("must be a list of points: [[0, 1], [2, 3]]"))


def distinct(value: Any) -> tuple[str, ...]:
    """Read a list of at least two texts, none of them twice."""
    found = texts(value)
    if len(found) < 2 or len(set(found)) < len(found):
        raise BadValueError(
            tr("must be a list of at least two texts, none of them twice")
        )
    return found


def pairs(value: Any) -> tuple[tuple[str, str], ...]:
    """Read a list of pairs of texts."""
    if isinstance(value, list) and all(
        isinstance(item, list) and len(item) == 2 for item in value
    ):
        return tuple((text(one), text(two)) for one, two in value)
    raise BadValueError(tr('must be a list of pairs: [["a", "b"], ["b", "c"]]'))


def replacement(value: Any) -> tuple[str, str]:
    """Read what is replaced by what; nothing is trimmed."""
    if isinstance(value, list) and len(value) == 2 and value[0] != value[1]:
        old, new = value
        if isinstance(old, str) and isinstance(new, str) and old:
            return old, new
    raise BadValueError(tr('must be two different texts: ["old", "new"]'))


def interval(value: Any) -> tuple[float, float]:
    """Read an interval ``[low, high]``."""
    if isinstance(value, list) and len(value) == 2:
        low, high = number(value[0]), number(value[1])
        if low < high:
            return low, high
    raise BadValueError(tr("must be an interval: [-3, 3]"))


def intervals(value: Any) -> dict[str, tuple[float, float]]:
    """Read an interval for each variable."""
    return table(value, interval, "{ x = [-3, 3] }")


def numbers_by_name(value: Any) -> dict[str, str]:
    """Read a number, or a formula of numbers, for each name."""
    return table(value, text, "{ x = 2, y = -1 }")


def formulas_by_name(value: Any) -> dict[str, str]:
    """Read a formula for each name."""
    return table(value, text, '{ a3 = "sigmoid(z3)" }')


def shape(value: Any) -> tuple[int, ...]:
    """Read a shape: whole numbers above zero."""
    if isinstance(value, list) and all(
        isinstance(size, int) and not isinstance(size, bool) and size > 0
        for size in value
    ):
        return tuple(value)
    raise BadValueError(tr("must be a shape: [3, 4]"))


def shapes(value: Any) -> dict[str, tuple[int, ...]]:
    """Read a shape for each name."""
    return table(value, shape, "{ W = [3, 4] }")


def argument(value: Any) -> dict[str, Any]:
    """Read how an argument of a function is made: a shape, a number, or a table."""
    if isinstance(value, list):
        return {"shape": shape(value)}
    if isinstance(value, dict) and "value" in value and len(value) == 1:
        return {"value": value["value"]}
    if isinstance(value, dict) and set(value) == {"shape", "classes"}:
        return {"shape": shape(value["shape"]), "classes": int(value["classes"])}
    if isinstance(value, dict) and set(value) == {"shape", "over"}:
        return {"shape": shape(value["shape"]), "over": interval(value["over"])}
    if isinstance(value, str) or number(value) is not None:
        return {"value": value}
    raise BadValueError(tr("must be a shape, a number or a table"))


def arguments(value: Any) -> dict[str, dict[str, Any]]:
    """Read how each argument of a function is made."""
    return table(
        value,
        argument,
        "{ x = [3, 4], h = 0.1, y = { shape = [3], classes = 4 },"
        " p = { shape = [3], over = [0.1, 0.9] }, s = { value = [1, 2] } }",
    )


def one_of(*words: str) -> Reader:
    """Return a reader of one of these words."""

    def read(value: Any) -> str:
        if value in words:
            return str(value)
        raise BadValueError(tr("must be one of {words}", words=", ".join(words)))

    return read


def table(value: Any, read: Reader, example: str) -> dict[str, Any]:
    """Read a table, each value by the same reader."""
    if not isinstance(value, Mapping) or not value:
        raise BadValueError(tr("must be a table: {example}", example=example))
    found = {}
    for name, item in value.items():
        try:
            found[name] = read(item)
        except BadValueError as error:
            raise BadValueError(f"{name} {error}") from None
    return found
