"""Which columns are features and which are targets: as named, or as found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradtutor.language import near
from gradtutor.messages import tr
from gradtutor.train.loaders.columns import number_or_nan
from gradtutor.train.model import DataError, Raw

#: What people call the column that is to be answered.
TARGET_WORDS = {
    *("y", "label", "labels", "class", "classes", "target", "targets", "output"),
    *("species", "outcome", "diagnosis", "category", "answer", "survived", "quality"),
}
#: What the column that only counts the rows is called.
INDEX_WORDS = {"unnamed: 0", "index", "id", "row", "rownames", "rowid", "row_id"}


@dataclass(frozen=True)
class Choices:
    """What a person said of the data on the command line.

    Attributes
    ----------
    x, y, drop : tuple of str
        Names of columns or arrays: features, targets, neither.
    fill : str
        ``mean``, ``median`` or a number, for missing numbers.
    scale : str
        ``standard``, ``pixels``, ``none``; empty where nothing was said.
    inputs : tuple of (str, int)
        The inputs of a formula, or several of a program, and the numbers that an
        example has of each.
    target : str
        What a formula compares with.
    program : bool
        Whether the inputs are a program's, which does not name its targets.
    tokens, steps : int
        How many rows the table has that X looks up, and how many tokens an example
        has, for a network with a class at every step; 0 for others.
    ends : bool
        Whether rows may end early, with targets below 0 for none.
    asked : mapping
        What the network's text does to its data, by option; what is said here wins.
    """

    x: tuple[str, ...] = ()
    y: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    fill: str = ""
    scale: str = ""
    inputs: tuple[tuple[str, int], ...] = ()
    target: str = ""
    program: bool = False
    tokens: int = 0
    steps: int = 0
    ends: bool = True
    asked: Mapping[str, Any] = field(default_factory=dict)

    @property
    def as_asked(self) -> Choices:
        """The same with what the text does where nothing else is said."""
        scale = str(self.asked.get("scale", ""))
        return replace(
            self,
            fill=self.fill or str(self.asked.get("fill", "")),
            scale=self.scale or (scale if scale in ("standard", "none") else ""),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of a formula's inputs and of its target."""
        return (*(name for name, _ in self.inputs), *filter(None, [self.target]))


@dataclass(frozen=True)
class Columns:
    """The features and, of each likely reading of the table, the targets."""

    x: tuple[str, ...]
    y: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Stated:
    """What a network's text says before its data are.

    Attributes
    ----------
    inputs : int or None
        How many features it takes.
    takes_classes : bool
        Whether its loss compares with classes.
    """

    inputs: int | None = None
    takes_classes: bool = False


def likely_columns(raw: Raw, choices: Choices, says: Stated) -> list[Columns]:
    """Return readings of a table, the likeliest first.

    Parameters
    ----------
    says : Stated
        What the network's text says of its inputs and targets.
    """
    choices = _by_number(raw, choices)
    _check_names(raw, (*choices.x, *choices.y, *choices.drop))
    left = [name for name in raw.columns if name not in choices.drop]
    notes = ""
    index = _index_column(raw, left)
    if index and index not in (*choices.x, *choices.y):
        left.remove(index)
        notes = tr("column {index!r} only counts the rows: it is left out", index=index)
    found = _unnamed(left, choices, says, _of_words(raw, left))
    readings = [(choices.y, "")] if choices.y else list(found)
    return [
        Columns(
            choices.x or _without(left, y), y, "\n".join(filter(None, (notes, why)))
        )
        for y, why in readings
    ]


def _without(names: Iterable[str], left_out: Iterable[str]) -> tuple[str, ...]:
    gone = set(left_out)
    return tuple(name for name in names if name not in gone)


def _unnamed(
    left: list[str], choices: Choices, says: Stated, worded: list[str]
) -> Iterable[tuple[tuple[str, ...], str]]:
    """Yield what may be the targets: by name, by number, the last, the first."""
    rest = _without(left, choices.x)
    if choices.x and not rest:
        yield (), ""
        return
    if choices.x:
        yield rest, f"y is {_shown(rest)}"
        return
    stated = says.inputs
    count = len(left) - (stated or 0)
    if stated and count == 0 and left[-1] not in worded:
        yield (), ""  # all are inputs, which the network may give back
    named = [name for name in left if name.lower() in TARGET_WORDS]
    if len(named) == 1:
        yield (named[0],), tr("y is the column {named!r}", named=named[0])
    elif stated and 1 < count < len(left):
        yield tuple(left[-count:]), tr("y is the last {count} columns", count=count)
    elif count == 1 and len(worded) == 1 and worded[0] != left[-1]:
        others = tr("the {stated} others are the network's inputs", stated=stated)
        yield (
            (worded[0],),
            tr("y is the column {worded!r}: {others}", worded=worded[0], others=others),
        )
    yield (
        (left[-1],),
        tr("y is the last column, {left!r}: another is named by --y", left=left[-1]),
    )
    if says.takes_classes and left[-1] in worded:
        return
    yield (
        (left[0],),
        tr("y is the first column, {left!r}: another is named by --y", left=left[0]),
    )
    if count > 1:
        yield tuple(left[-count:]), tr("y is the last {count} columns", count=count)


def _of_words(raw: Raw, left: Iterable[str]) -> list[str]:
    """Return the columns without a single number."""
    return [
        name
        for name in left
        if all(np.isnan(number_or_nan(cell)) for cell in raw.table[name])
    ]


def _shown(names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return tr("the column {names!r}", names=names[0])
    return f"{len(names)} columns, {names[0]!r} to {names[-1]!r}"


def _by_number(raw: Raw, choices: Choices) -> Choices:
    """Let ``--y 1`` be the first of columns that have no names."""
    numbered = {name.removeprefix("column "): name for name in raw.columns}
    numbered |= {name: name for name in raw.columns}

    def called(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(numbered.get(name, name) for name in names)

    return replace(
        choices, x=called(choices.x), y=called(choices.y), drop=called(choices.drop)
    )


def _check_names(raw: Raw, names: Iterable[str]) -> None:
    for name in names:
        if name not in raw.columns:
            known = ", ".join(map(repr, raw.columns[:12]))
            hint = near(name, raw.columns) or tr("there is {known}", known=known)
            if name.lower().endswith(".npy"):
                hint = tr(
                    "two files are --data {file},{name}", file=raw.file, name=name
                )
            raise DataError(
                tr("there is no column {name!r}: {hint}", name=name, hint=hint)
            )


def _index_column(raw: Raw, left: list[str]) -> str:
    """Return the name of a first column that only counts the rows, as pandas writes."""
    if len(left) < 3 or left[0].lower() not in INDEX_WORDS:
        return ""
    values = np.array([number_or_nan(cell) for cell in raw.table[left[0]]])
    if left[0] == "Unnamed: 0" and np.isnan(values).all():  # names of rows, as R writes
        return left[0]
    return left[0] if len(values) > 1 and bool(np.all(np.diff(values) == 1)) else ""
