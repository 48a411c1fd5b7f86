"""What an audit found: verdict, gradients, the wrong line, the misconception."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

#: What a report keeps for the search of a corrected line alone.
INNER = ("trusted", "explained", "said", "unsure", "named", "mistaken")


@dataclass(frozen=True)
class GradientRow:
    """One gradient, as the person computes it and as finite differences give it.

    Attributes
    ----------
    name : str
        The argument it is the gradient of.
    ok : bool or None
        Whether it is right at every point; None where that cannot be decided.
    element : str
        The element that is most wrong, ``W[0, 2]``; the name alone for a scalar.
    theirs, numeric : float
        The two numbers of that element at the first point that shows it; theirs is nan
        where the shape is wrong.
    relative_error : float
        Of a wrong one: how far these two are apart, relative to the second. Of a right
        one: the largest error over all elements and points, relative to the gradient's
        largest number. Infinite where the shape is wrong.
    note : str
        Such as ``"shape (2, 4), but W is (4, 2)"``; often empty.
    """

    name: str
    ok: bool | None
    element: str
    theirs: float
    numeric: float
    relative_error: float
    note: str = ""


@dataclass(frozen=True)
class Place:
    """A line of the person's text: number (from 1), its text, what it assigns."""

    line: int
    text: str
    name: str = ""


@dataclass(frozen=True)
class Fix:
    """A line in place of theirs, found by running it.

    Attributes
    ----------
    line : int
        Its number, from 1.
    old, new : str
        What stands there, and what must.
    misconception : str
        What the difference is, the name of its page; or empty.
    right : tuple of str
        The gradients that are right with it, and with the lines before it.
    """

    line: int
    old: str
    new: str
    misconception: str = ""
    right: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """The result of an audit.

    Attributes
    ----------
    ok : bool or None
        True: right at every point. None: undecided, ``reason`` says why.
    gradients : tuple of GradientRow
        One a gradient, in the order of the arguments.
    place : Place or None
        The first wrong line.
    misconception : str
        The likely one, the name of its page (``overwritten-gradient``); or empty.
    reason : str
        One or two sentences: what the numbers are instead of what.
    others : tuple of str
        Further misconceptions that give the very same numbers.
    points : int
        Random points that were compared.
    fixes : tuple of Fix
        Lines in place of theirs with which every gradient is right.
    trusted : tuple of int
        Lines whose values are right, as their names say.
    explained : tuple of str
        The wrong gradients that the misconception gives.
    said : str
        The reason's first part, a `gradtutor.messages.Message`: what was done.
    unsure : bool
        Whether the line is wrong by its name, before the place of the misconception.
    named : bool
        Whether the line's name says whose gradient it is, and it is a wrong one.
    mistaken : tuple of int
        Lines whose values are wrong, as their names say.
    printed : str
        What the person's code printed (its first 10,000 characters).
    """

    ok: bool | None
    gradients: tuple[GradientRow, ...] = ()
    place: Place | None = None
    misconception: str = ""
    reason: str = ""
    others: tuple[str, ...] = ()
    points: int = 0
    printed: str = ""
    fixes: tuple[Fix, ...] = ()
    trusted: tuple[int, ...] = field(default=(), repr=False, compare=False)
    explained: tuple[str, ...] = field(default=(), repr=False, compare=False)
    said: str = field(default="", repr=False, compare=False)
    unsure: bool = field(default=False, repr=False, compare=False)
    named: bool = field(default=False, repr=False, compare=False)
    mistaken: tuple[int, ...] = field(default=(), repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return the report as what ``json.dumps`` takes; nan and inf as strings."""
        data = asdict(self)
        for inner in INNER:
            del data[inner]
        data["gradients"] = {row.pop("name"): row for row in data["gradients"]}
        found: dict[str, Any] = plain(data)
        return found


def plain(value: Any) -> Any:
    """Turn tuples into lists, and what JSON has no number for into a string."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
