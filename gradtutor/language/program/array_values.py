"""Arrays as far as a program tells of them: axes, numbers, how they were made."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Batch:
    """The number of examples, or so many times as many: ``x.size(0) * 24``."""

    times: int = 1


#: A size of data: a number, the batch's, or None where it is not in the text.
Size = int | Batch | None


class OpenSizes(tuple[Any, ...]):
    """The axes of an input whose shape is not known yet: the batch's, and any."""


@dataclass(frozen=True)
class Data:
    """An array whose numbers are not read, only its axes; or a model's output.

    Attributes
    ----------
    shape : tuple, optional
        Its sizes; None where not even the number of axes is known.
    of : object
        The model that made it, and ``path``: which of its outputs.
    zero : bool
        Whether all numbers are zero, as a recurrent layer's first state.
    count : bool
        Whether it holds whole numbers: tokens, labels.
    """

    shape: tuple[Size, ...] | None = None
    of: Any = None
    path: tuple[int, ...] = ()
    zero: bool = False
    count: bool = False
    #: What it was made from by changing its axes alone.
    source: Any = None
    #: Its numbers where the text tells them, and how NumPy makes them.
    numbers: Any = field(default=None, compare=False, repr=False)
    made: str = field(default="", compare=False, repr=False)
    #: How every second number of the last axis is made, and the others.
    halves: tuple[str, ...] = field(default=(), compare=False, repr=False)
    #: Which statistic of other data it is: mean, median, std of columns.
    statistic: str = ""
    #: What was done to an output to compare it: ``difference``, ``square``, ``abs``.
    error: str = ""
    #: What it was worked out of, where a model's output is part of that.
    work: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, eq=False)
class Work:
    """How data were made of others: what was called, on what, where."""

    call: Any
    args: tuple[Any, ...]
    keywords: Mapping[str, Any]
    node: ast.AST


def worked(
    value: Any,
    call: Any,
    args: Any,
    keywords: Any,
    node: ast.AST,
    *,
    inside: bool = False,
) -> Any:
    """Keep with data how they were made, where an output of a model is among it.

    And of any data inside a loop or a function: targets are brought into shape there.
    """
    given = [*args, *keywords.values()]
    if not isinstance(value, Data) or any(value is one for one in given):
        return value
    works = [work for one in given for work in _works(one)]
    known = value.work is not None and all(value.work is not one for one in works)
    if known or not (any(one is not None for one in works) or (inside and works)):
        return value
    return replace(value, work=Work(call, tuple(args), dict(keywords), node))


def _works(value: Any) -> list[Work | None]:
    """Return how each of the data in a value was made."""
    if isinstance(value, list | tuple):
        return [work for one in value for work in _works(one)]
    return [value.work] if isinstance(value, Data) else []


@dataclass(frozen=True)
class Filled:
    """Constant numbers: all alike, below a diagonal, or counted up."""

    shape: tuple[Size, ...]
    value: float = 0.0
    lower: bool = False  # zeros above the diagonal
    counted: bool = False  # 0, 1, 2, ...
    start: int = 0


#: What a loss gives when it is called; arithmetic with it is another number.
LOSS_VALUE = Data(shape=(), made="loss")
