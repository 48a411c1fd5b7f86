"""What a grader says of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["correct", "wrong", "invalid", "undecided"]


@dataclass(frozen=True)
class Note:
    """A sentence of the engine: its key in ``course.words`` and its values."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """The outcome of grading one answer.

    Attributes
    ----------
    status : str
        ``invalid`` answers could not be read and are not counted.
    mistakes : tuple of str
        The known mistakes that were made; each has feedback in the lesson or in the
        stock.
    notes : tuple of Note
        What else there is to say.
    parts : mapping
        For a circuit, whether each blank is right.
    method : str
        How an expression was decided: ``points``, ``proof``, ``text``.
    """

    status: Status
    mistakes: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    parts: Mapping[str, bool] = field(default_factory=dict)
    method: str = ""


def invalid(key: str, /, **values: Any) -> Verdict:
    """Return the verdict on an answer that cannot be read."""
    return Verdict("invalid", notes=(Note(key, values),))


def wrong(*mistakes: str, notes: tuple[Note, ...] = ()) -> Verdict:
    """Return the verdict on a wrong answer."""
    return Verdict("wrong", mistakes, notes)
