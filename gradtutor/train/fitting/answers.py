"""What the data give to learn, looked at before a loss says what it wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtutor.messages import tr
from gradtutor.train.loaders.columns import (
    column,
    column_of_numbers,
    number_or_nan,
    numbers,
    words,
)
from gradtutor.train.model import Call, DataError, Raw


@dataclass(frozen=True)
class Answers:
    """The targets as they stand in the data.

    Attributes
    ----------
    names : tuple of str
        The columns, or ``y``.
    values : ndarray
        Words (rows,), numbers (rows,), or numbers (rows, ...).
    """

    names: tuple[str, ...]
    values: np.ndarray
    decimal: str = "."

    @property
    def are_words(self) -> bool:
        """Whether they are text."""
        return self.values.dtype.kind == "U"

    @property
    def found(self) -> list[Any]:
        """The different values in order; whole numbers as such."""
        values = np.unique(self.values)
        whole = not self.are_words and np.all(values == np.floor(values))
        return list((values.astype(np.int64) if whole else values).tolist())

    @property
    def are_whole(self) -> bool:
        """Whether they can be labels: words, or whole numbers."""
        return self.are_words or bool(np.all(self.values == np.floor(self.values)))

    @property
    def are_one_hot(self) -> bool:
        """Whether every row is a single 1 among zeros."""
        if self.values.ndim != 2 or self.are_words or self.values.shape[1] < 2:
            return False
        ones, noughts = (self.values == 1), (self.values == 0)
        return bool(np.all(ones.sum(axis=1) == 1) and np.all(ones | noughts))

    @property
    def called(self) -> str:
        """What the targets are called in a message."""
        return self.names[0] if len(self.names) == 1 else f"{self.names[0]}, ..."

    def as_numbers(self) -> tuple[Call, ...]:
        """Return what reads them as numbers."""
        comma = (False, self.decimal) if self.decimal != "." else ()
        return (Call(numbers, (list(self.names), *comma)),)


def answers_of(raw: Raw, names: tuple[str, ...]) -> Answers:
    """Read the targets of a table or of arrays.

    Raises
    ------
    DataError
        When a target is missing.
    """
    try:
        if len(names) > 1:
            rows = numbers(raw.table, list(names), False, raw.decimal)
            return Answers(names, rows.astype(np.float64), raw.decimal)
        values = column(raw.table, names[0])
        if values.ndim > 1:
            return Answers(names, _real(values, names[0]))
        return Answers(names, _one_column(raw, names[0]), raw.decimal)
    except SystemExit as error:
        raise DataError(f"{raw.file}: {error}") from None


def _real(values: np.ndarray, name: str) -> np.ndarray:
    if values.dtype.kind not in "biuf":
        held = tr("{dtype} of shape {shape}", dtype=values.dtype, shape=values.shape)
        raise DataError(
            tr("{name} holds {held}: save it as real numbers", name=name, held=held)
        )
    if not np.isfinite(values).all():
        raise DataError(
            tr("{name} holds nan or infinity: a target cannot be missing", name=name)
        )
    return values.astype(np.float64)


def _one_column(raw: Raw, name: str) -> np.ndarray:
    """Read a column as numbers if all are, as words if they are."""
    cells = column(raw.table, name)
    if cells.dtype.kind in "biuf":
        return _real(cells, name)
    text = words(raw.table, name)
    empty = np.flatnonzero(text == "")
    try:
        return np.asarray(column_of_numbers(raw.table, name, False, raw.decimal))
    except SystemExit as error:
        if len(empty) or _mostly_numbers(text):
            raise SystemExit(
                tr(
                    "{error}, and a target cannot be missing: leave out that row",
                    error=error,
                )
            ) from None
    return np.asarray(text)


def _mostly_numbers(text: np.ndarray) -> bool:
    read = [number_or_nan(cell) for cell in text]
    return bool(np.mean(np.isfinite(read)) > 0.5)
