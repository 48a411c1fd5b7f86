"""Functions that mean another thing for a vector than for a matrix.

What they are in gates is known once their first argument has been read: its rank
decides, and its sizes where they are numbers.

>>> numbers = [ast.Constant(0), ast.Constant(2)]
>>> axes = ranked_tree("swapaxes", numbers, {}, (2, 3, 4)).keywords[0]
>>> axes.arg, [one.value for one in axes.value.elts]
('axes', [2, 1, 0])
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

import numpy as np

from gradtutor.errors import TutorError
from gradtutor.gates import Shape
from gradtutor.language.formula.trees import filled, template, whole_number
from gradtutor.messages import tr

#: The name of the first argument in the formula it becomes; nobody can type it.
HELD = "the argument"
Keywords = Mapping[str, ast.expr]
Maker = Callable[[list[ast.expr], Keywords, Shape], "ast.expr | None"]


class RankError(TutorError):
    """A call that has no meaning for an argument of this rank."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def ranked_tree(
    name: str, args: list[ast.expr], keywords: Keywords, shape: Shape
) -> ast.expr:
    """Return a call as a tree of gates of ``HELD``.

    Raises
    ------
    RankError
        Where it is not called so.
    """
    tree = RANKED[name](args, keywords, shape)
    if tree is None:
        message = tr("{name} is not called so", name=name)
        raise RankError(message, tr("as in {example}", example=EXAMPLES[name]))
    return tree


def _held(text: str, **more: ast.expr) -> ast.expr:
    return filled(text, a=ast.Name(HELD), **more)


def _numbers(args: list[ast.expr], keywords: Keywords, *names: str) -> list[int | None]:
    given = [*args, *(keywords[name] for name in names if name in keywords)]
    return [whole_number(one) for one in given]


def _swapped(args: list[ast.expr], keywords: Keywords, shape: Shape) -> ast.expr | None:
    match _numbers(args, keywords, "axis1", "axis2", "dim0", "dim1"):
        case [int() as one, int() as two] if max(abs(one), abs(two)) <= len(shape):
            axes = list(range(len(shape)))
            if not max(one, two) < len(axes):
                return None
            axes[one], axes[two] = axes[two], axes[one]
            return _held(f"transpose(a, axes={tuple(axes)})")
    return None


def _squeezed(
    args: list[ast.expr], keywords: Keywords, shape: Shape
) -> ast.expr | None:
    """Drop axes of size 1: all of them, or the one that is named."""
    match _numbers(args, keywords, "axis", "dim"):
        case []:
            places = [i for i, size in enumerate(shape) if size == 1]
        case [int() as axis] if -len(shape) <= axis < len(shape):
            places = [axis % len(shape)] if shape[axis] == 1 else []
        case _:
            return None
    picks = ["0" if i in places else ":" for i in range(len(shape))]
    return _held(f"a[{', '.join(picks)}]") if places else _held("+a")


def _rolled(args: list[ast.expr], keywords: Keywords, shape: Shape) -> ast.expr | None:
    match _numbers(args, keywords, "shift", "shifts", "axis", "dims"):
        case [int() as shift, *axis] if axis in ([], [0]) and shape:
            if not axis and len(shape) > 1:
                return None
            size = shape[0]
            step = shift % size if isinstance(size, int) else shift
            if step == 0:
                return _held("+a")
            return _held(f"concat(a[{-step}:], a[:{-step}], axis=0)")
    return None


def _triangle(function: str) -> Maker:
    keep = {"triu": np.triu, "tril": np.tril}[function]

    def made(args: list[ast.expr], keywords: Keywords, shape: Shape) -> ast.expr | None:
        found = _numbers(args, keywords, "k", "diagonal") or [0]
        sizes = [size for size in shape if isinstance(size, int)]
        if len(sizes) != 2 or found[0] is None:
            return None
        mask = template(repr(keep(np.ones(sizes), found[0]).tolist()))
        mask.text = f"{function}(ones({sizes[0]}, {sizes[1]}))"  # type: ignore[attr-defined]
        return _held("a*m", m=mask)

    return made


def _tiled(args: list[ast.expr], keywords: Keywords, shape: Shape) -> ast.expr | None:
    match _numbers(args, keywords, "reps"):
        case [int() as count] if len(shape) == 1 and 1 <= count <= 20:
            text = "a"
            for _ in range(count - 1):
                text = f"concat({text}, a, axis=0)"
            return _held(text if count > 1 else "+a")
    return None


def _gated(args: list[ast.expr], keywords: Keywords, shape: Shape) -> ast.expr | None:
    """Read glu: the first half of the last axis, gated by the second."""
    size = shape[-1] if shape else None
    axis = _numbers(args, keywords, "dim", "axis") or [-1]
    if not isinstance(size, int) or size % 2 or axis[0] not in (-1, len(shape) - 1):
        return None
    return _held(f"a[..., :{size // 2}]*sigmoid(a[..., {size // 2}:])")


def _beside(args: list[ast.expr], _keywords: Keywords, shape: Shape) -> ast.expr | None:
    """Read hstack of two: vectors end to end, matrices side by side."""
    axis = min(1, len(shape) - 1)
    if len(args) != 1 or axis < 0:
        return None
    return _held(f"concat(a, b, axis={axis})", b=args[0])


def _as_row(_args: list[ast.expr], _keywords: Keywords, shape: Shape) -> ast.expr:
    return _held("a[None]" if len(shape) == 1 else "+a")


def _as_column(_args: list[ast.expr], _keywords: Keywords, shape: Shape) -> ast.expr:
    return _held("a[:, None]" if len(shape) == 1 else "+a")


def _unit(_args: list[ast.expr], _keywords: Keywords, shape: Shape) -> ast.expr:
    """Read F.normalize without dim: rows, along axis 1."""
    if len(shape) < 2:
        return _held("a/sqrt(sum(a**2))")
    return _held("a/sqrt(sum(a**2, axis=1, keepdims=True))")


RANKED: dict[str, Maker] = {
    "swapaxes": _swapped,
    "squeeze": _squeezed,
    "roll": _rolled,
    "triu": _triangle("triu"),
    "tril": _triangle("tril"),
    "tile": _tiled,
    "glu": _gated,
    "hstack_two": _beside,
    "as_row": _as_row,
    "as_column": _as_column,
    "unit_rows": _unit,
}
EXAMPLES = {
    "swapaxes": "swapaxes(x, 0, 1)",
    "squeeze": "squeeze(x, axis=0)",
    "roll": "roll(x, 1)",
    "triu": "triu(A)",
    "tril": "tril(A)",
    "tile": "tile(x, 2)",
    "glu": "glu(x)",
    "hstack_two": "hstack((x, y))",
}
