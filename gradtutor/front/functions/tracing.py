"""Call a function with stand-ins that note, as lines of a formula, what is done."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from gradtutor.errors import TutorError
from gradtutor.messages import tr

#: NumPy's functions that the language writes with a sign.
SIGNS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "true_divide": "/",
    "power": "**",
    "float_power": "**",
    "matmul": "@",
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "==",
    "not_equal": "!=",
}
MOST = 2_000  # lines, of a loop that does not end


class TraceError(TutorError):
    """A function that does with its arguments what no formula can."""


def trace(
    function: Callable[..., Any], names: Sequence[str]
) -> tuple[str, dict[str, Any]]:
    """Return the lines of what a function does, and the arrays it brings along.

    Raises
    ------
    TraceError
        When it branches on a value, or returns something else than a value.
    """
    notes = Notes()
    result = function(**{name: Traced(name, notes) for name in names})
    if isinstance(result, int | float | np.number):
        return str(float(result)), {}
    if not isinstance(result, Traced):
        raise TraceError(
            tr(
                "{function} returns {kind}: a formula is one number or array made of "
                "its arguments",
                function=function.__name__,
                kind=type(result).__name__,
            )
        )
    return "\n".join([*notes.lines, result.text]), notes.values


class Notes:
    """The lines so far, and arrays that stand in them by a name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.values: dict[str, Any] = {}

    def value(self, text: str) -> Traced:
        """Give a value a line."""
        if len(self.lines) >= MOST:
            raise TraceError(
                tr("more than {count} operations: give a shorter loop", count=MOST)
            )
        name = f"t{len(self.lines) + 1}"
        self.lines.append(f"{name} = {text}")
        return Traced(name, self)

    def text(self, value: Any) -> str:
        """Write an argument: a value by its name, a number, an array by a new name."""
        if isinstance(value, Traced):
            return value.text
        if isinstance(value, bool | int | float | np.number | type(None)):
            return repr(value.item() if isinstance(value, np.number) else value)
        if isinstance(value, tuple | list) and not _holds_numbers(value):
            return f"[{', '.join(map(self.text, value))}]"
        if isinstance(value, tuple):
            return repr(value)
        name = f"constant{len(self.values) + 1}"
        self.values[name] = np.asarray(value, dtype=np.float64)
        return name


def _holds_numbers(value: Sequence[Any]) -> bool:
    return all(isinstance(one, int | float | np.number) for one in value)


class Traced(NDArrayOperatorsMixin):
    """Stands in for an argument or for what was made of it."""

    def __init__(self, text: str, notes: Notes) -> None:
        self.text, self.notes = text, notes

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *args: Any, **keywords: Any
    ) -> Traced:
        """Note a function of elements, or its reduction."""
        name = ufunc.__name__
        if method == "reduce" and name in ("add", "maximum", "minimum"):
            reduced = {"add": "sum", "maximum": "max", "minimum": "min"}[name]
            return self._called(reduced, args, keywords)
        if method != "__call__":
            raise TraceError(
                tr("np.{name} is not in the language", name=f"{name}.{method}")
            )
        if name in SIGNS and len(args) == 2:
            left, right = map(self.notes.text, args)
            return self.notes.value(f"{left} {SIGNS[name]} {right}")
        if name == "negative":
            return self.notes.value(f"-{self.notes.text(args[0])}")
        return self._called(name, args, keywords)

    def __array_function__(
        self, function: Any, types: Any, args: Any, keywords: Any
    ) -> Traced:
        """Note any other function of NumPy by its name."""
        return self._called(function.__name__, args, keywords)

    def _called(self, name: str, args: Any, keywords: dict[str, Any]) -> Traced:
        given = [self.notes.text(one) for one in args]
        given += [
            f"{key}={self.notes.text(one)}"
            for key, one in keywords.items()
            if one is not None and one is not np._NoValue
        ]
        return self.notes.value(f"np.{name}({', '.join(given)})")

    def __getitem__(self, index: Any) -> Traced:
        """Note an index or a slice."""
        parts = index if isinstance(index, tuple) else (index,)
        return self.notes.value(f"{self.text}[{', '.join(map(_index, parts))}]")

    @property
    def T(self) -> Traced:  # noqa: N802 (NumPy's name)
        """The transpose."""
        return self.notes.value(f"{self.text}.T")

    def __getattr__(self, name: str) -> Any:
        """Note a method: ``x.sum(axis=0)``."""
        if name.startswith("_") or name in ("dtype", "shape", "ndim", "size"):
            raise AttributeError(name)
        return lambda *args, **keywords: self._called(name, (self, *args), keywords)

    def _is_no_number(self, what: str) -> TraceError:
        return TraceError(
            tr(
                "{what}: a formula is the same for all values; use np.exp for "
                "math.exp, np.where for if",
                what=what,
            )
        )

    def __bool__(self) -> bool:
        raise self._is_no_number(tr("the function branches on a value"))

    def __float__(self) -> float:
        raise self._is_no_number(tr("the function needs a plain number"))

    def __int__(self) -> int:
        raise self._is_no_number(tr("the function needs a plain number"))

    def __index__(self) -> int:
        raise self._is_no_number(tr("the function needs a plain number"))

    def __iter__(self) -> Any:
        raise self._is_no_number(tr("the function loops over an argument's elements"))


def _index(part: Any) -> str:
    if isinstance(part, slice):
        ends = [part.start, part.stop, *[part.step] * (part.step is not None)]
        return ":".join("" if one is None else str(operator.index(one)) for one in ends)
    if part is Ellipsis:
        return "..."
    return "None" if part is None else str(operator.index(part))
