"""Arrays that a formula makes of numbers alone: ``past = tril(ones(16, 16))``.

>>> import ast
>>> from gradtutor.language.syntax import Source
>>> source = Source("linspace(0, 1, 3)")
>>> made_array(source, source.tree.body[0].value)
Literal(value=[0.0, 0.5, 1.0], shape=(3,))
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradtutor.language.errors import ArgumentError, LimitError
from gradtutor.language.literals import Literal, literal
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

#: Numbers that one array may have: pictures and JSON hold them all.
MAX_NUMBERS = 1_000_000
Make = Callable[..., np.ndarray]


def _sizes(*sizes: float) -> tuple[int, ...]:
    return tuple(int(size) for size in sizes)


#: What makes an array, of how many numbers; with an array of its own as the argument.
MAKERS: dict[str, tuple[int, int, Make]] = {
    "ones": (1, 4, lambda *sizes: np.ones(_sizes(*sizes))),
    "zeros": (1, 4, lambda *sizes: np.zeros(_sizes(*sizes))),
    "eye": (1, 1, lambda n: np.eye(int(n))),
    "arange": (1, 3, np.arange),
    "linspace": (3, 3, lambda a, b, n: np.linspace(a, b, int(n))),
}
TURNED: dict[str, Make] = {"tril": np.tril, "triu": np.triu, "diag": np.diag}


def constant_array(source: Source, node: ast.expr) -> Literal | None:
    """Return an array of numbers that stands in a formula: [0, -inf], ones(2, 3)."""
    if isinstance(node, ast.List):
        return literal(source, node)
    return made_array(source, node)


def made_array(source: Source, node: ast.expr) -> Literal | None:
    """Return the numbers of an array that is made of numbers alone, else None.

    Raises
    ------
    gradtutor.language.SourceError
        When it is made of the wrong numbers, or of too many.
    """
    match node:
        case ast.Call(func=func, args=args, keywords=[]):
            name = func.attr if isinstance(func, ast.Attribute) else ""
            name = func.id if isinstance(func, ast.Name) else name
        case _:
            return None
    if name in TURNED:
        return _turned(source, node, name, args)
    if name not in MAKERS:
        return None
    given = [literal(source, one) for one in _unpacked(args)]
    numbers = [one.value for one in given if one is not None and one.shape == ()]
    if name == "eye" and not numbers:
        return None  # eye(A), a gate: the identity of A's size
    low, high, make = MAKERS[name]
    if len(numbers) != len(given) or not low <= len(numbers) <= high:
        raise _wrong(
            source, node, tr("{name} is made of plain numbers here", name=name)
        )
    if name != "linspace" and math.prod(max(1, abs(one)) for one in numbers) > (
        MAX_NUMBERS
    ):
        raise _too_many(source, node)
    return _as_literal(source, node, make(*numbers))


def _unpacked(args: list[ast.expr]) -> list[ast.expr]:
    """Read ones((2, 3)) as ones(2, 3)."""
    if len(args) == 1 and isinstance(args[0], ast.Tuple):
        return args[0].elts
    return args


def _turned(
    source: Source, node: ast.expr, name: str, args: list[ast.expr]
) -> Literal | None:
    inner = [made_array(source, one) or literal(source, one) for one in args]
    if len(inner) != 1 or inner[0] is None or not inner[0].shape:
        return None
    return _as_literal(source, node, TURNED[name](np.array(inner[0].value)))


def _as_literal(source: Source, node: ast.expr, array: np.ndarray) -> Literal:
    if array.size > MAX_NUMBERS:
        raise _too_many(source, node)
    if not array.size or not np.isfinite(array).all():
        raise _wrong(source, node, tr("this array has no numbers"))
    value: Any = array.astype(float).tolist()
    return Literal(value, array.shape)


def _wrong(source: Source, node: ast.expr, message: str) -> ArgumentError:
    hint = tr(
        "as in ones(3, 4), arange(5), linspace(0, 1, 11), tril(ones(4, 4)), eye(3)"
    )
    return ArgumentError(message, source.text, source.span(node), hint)


def _too_many(source: Source, node: ast.expr) -> LimitError:
    message = tr("an array has at most {count} numbers", count=f"{MAX_NUMBERS:,}")
    return LimitError(message, source.text, source.span(node))
