"""A data set as it is known before training: features, targets, where they come from.

Everything that happens to the data is a list of calls, which the program makes and the
script prints: so both read the same file in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.errors import TutorError
from gradtutor.messages import tr

Table = Mapping[str, Any]


class DataError(TutorError):
    """A data set that cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Name:
    """A name that stands in a printed call, such as ``table``."""

    text: str


TABLE = Name("table")


@dataclass(frozen=True)
class Call:
    """A function of this package with what it is given after its first argument.

    Examples
    --------
    >>> Call(round, (2,)).text("x")
    'round(x, 2)'
    >>> Call(round, (2,))(3.14159)
    3.14
    """

    function: Callable[..., Any]
    settings: tuple[Any, ...] = ()

    def __call__(self, value: Any, table: Table | None = None) -> Any:
        """Make the call, with the table where its name stands."""
        given = [table if one is TABLE else one for one in self.settings]
        return self.function(value, *given)

    def text(self, first: str) -> str:
        """Return the call as Python text."""
        return _called(self.function.__name__, [first, *map(literal, self.settings)])


def _called(name: str, arguments: list[str]) -> str:
    return f"{name}({', '.join(arguments)})"


def literal(value: Any) -> str:
    """Write a constant as Python text, with double quotes.

    >>> literal(("a", 1)), literal([f"x{i}" for i in range(9)])
    ('("a", 1)', '[f"x{i}" for i in range(9)]')
    """
    if isinstance(value, Name):
        return value.text
    if isinstance(value, str):
        single = value.isprintable() and '"' in value and not set(value) & set("'\\")
        quoted = json.dumps(value, ensure_ascii=not value.isprintable())
        return f"'{value}'" if single else quoted
    if isinstance(value, list):
        return _numbered(value) or f"[{', '.join(map(literal, value))}]"
    if isinstance(value, tuple):
        comma = "," * (len(value) == 1)
        return f"({', '.join(map(literal, value))}{comma})"
    if isinstance(value, Mapping):
        return (
            f"{{{', '.join(f'{literal(k)}: {literal(v)}' for k, v in value.items())}}}"
        )
    if isinstance(value, range) and value.start == 0:
        return f"range({value.stop})"
    return repr(value)


def _numbered(names: list[Any]) -> str:
    """Write many names that count up, such as pixel0 to pixel783, as one line."""
    first = str(names[0]) if names else ""
    stem = first.rstrip("0123456789")
    start = first[len(stem) :]
    if len(names) < 8 or not start or not all(isinstance(name, str) for name in names):
        return ""
    low = int(start)
    if names != [f"{stem}{low + i}" for i in range(len(names))] or set(stem) & set(
        "{}"
    ):
        return ""
    span = f"{low}, {low + len(names)}" if low else str(len(names))
    return f'[f{json.dumps(stem)[:-1]}{{i}}" for i in range({span})]'


@dataclass(frozen=True)
class Raw:
    """A file as it was read, before it is known what the network wants.

    Attributes
    ----------
    title, notice, package : str
        What the data are called, their source and licence, the package they need.
    reader : Call
        Reads the table; its first argument is ``place``.
    place : str
        The path, or nothing for data that are made.
    table : mapping
        Columns, or the arrays ``X`` and ``y``, one entry a row.
    columns : tuple of str
        The names of a table's columns in order; empty for arrays.
    held_out : float
        The part at the end that is a test set of its own.
    decimal : str
        What stands before the decimals in a table of text.
    functions : tuple of callable
        What the reader calls, printed with it.
    pair : bool
        Whether the reader returns X and y instead of a table.
    alphabet, end : str or None, int or None
        Of a text, the characters by their tokens, empty for bytes, and the token that
        stands before and behind a line, where lines stand alone.
    """

    title: str
    reader: Call
    place: str
    table: Table
    columns: tuple[str, ...] = ()
    notice: str = "The data are your own file."
    package: str = ""
    held_out: float = 0.0
    notes: tuple[str, ...] = ()
    decimal: str = "."
    functions: tuple[Callable[..., Any], ...] = ()
    pair: bool = False
    alphabet: str | None = None
    end: int | None = None

    @property
    def file(self) -> str:
        """The name that messages start with."""
        return Path(self.place.rpartition("/")[2]).name or tr(self.title)

    def where(self, i: int) -> str:
        """Say where row i stands."""
        return str(self.table[""][i]) if "" in self.table else f"row {i + 1}"

    @property
    def rows(self) -> int:
        """How many examples there are."""
        return len(next(value for key, value in self.table.items() if key))


@dataclass(frozen=True)
class Features:
    """How X is made of a table, one flat row an example in the network's order.

    Attributes
    ----------
    parts : tuple of Call
        Each makes columns of the table; they stand side by side.
    moves : tuple of Call
        What then happens to X, in order.
    example : tuple of int
        Sizes of an example in the order that the network's text has.
    names : tuple of str
        What the columns are called, when they have names.
    """

    parts: tuple[Call, ...]
    moves: tuple[Call, ...]
    example: tuple[int, ...]
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Targets:
    """How y is made of a table, or that it is X itself.

    Attributes
    ----------
    calls : tuple of Call
        The first is given the table, each other what the one before returned; none
        where the network is to give back X.
    classes : tuple or None
        The classes by their numbers, as the data call them; None for numbers.
    count : int or None
        How many classes the network tells apart; more than occur, perhaps.
    """

    calls: tuple[Call, ...]
    classes: tuple[Any, ...] | None = None
    count: int | None = None
    notes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Data:
    """A data set that fits a network.

    Attributes
    ----------
    test_fraction : float
        The part that is held out; 0 where there are too few rows for that.
    fill : str
        What stands in for missing numbers: ``mean``, ``median``, a number, or nothing.
    scale : str
        ``standard`` when columns are brought to mean 0 and deviation 1.
    complete : tuple of str
        Columns of which a row may miss none, else it is left out.
    """

    raw: Raw
    features: Features
    targets: Targets
    test_fraction: float
    fill: str = ""
    scale: str = ""
    notes: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Return X (rows, features) and y as the script reads them."""
        X = features_of(self.features, self.raw.table)
        return X, targets_of(self.targets, self.raw.table, X)


def features_of(features: Features, table: Table) -> np.ndarray:
    """Make X of a table.

    Raises
    ------
    DataError
        Where a cell is no number, with its place.
    """
    try:
        made = [part(table) for part in features.parts]
        X = made[0] if len(made) == 1 else np.column_stack(made)
        for move in features.moves:
            X = move(X, table)
    except SystemExit as error:  # a loader's word to a script: here it is an error
        raise DataError(str(error)) from None
    return np.asarray(X)


def targets_of(targets: Targets, table: Table, X: np.ndarray) -> np.ndarray:
    """Make y of a table."""
    y: Any = table
    try:
        for call in targets.calls:
            y = call(y, table)
    except SystemExit as error:
        raise DataError(str(error)) from None
    return np.asarray(y) if targets.calls else X
