"""Arrays whose numbers a program works out before any data: positions, masks.

Their numbers are worked out with NumPy, and beside them is kept how they are made, so
that a script can make them again: ``sin(arange(0, 24)[:, None] * ...)``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.data.known import Made, all_made, made_of, table

# ---- there and back ----


# ---- operators ----

#: Operators of arrays, with their sign.
OPERATORS: dict[type[ast.AST], tuple[Callable[..., Any], str]] = {
    ast.Add: (np.add, "+"),
    ast.Sub: (np.subtract, "-"),
    ast.Mult: (np.multiply, "*"),
    ast.Div: (np.divide, "/"),
    ast.FloorDiv: (np.floor_divide, "//"),
    ast.Mod: (np.mod, "%"),
    ast.Pow: (np.power, "**"),
    ast.MatMult: (np.matmul, "@"),
    ast.Eq: (np.equal, "=="),
    ast.NotEq: (np.not_equal, "!="),
    ast.Lt: (np.less, "<"),
    ast.LtE: (np.less_equal, "<="),
    ast.Gt: (np.greater, ">"),
    ast.GtE: (np.greater_equal, ">="),
}


def operated(op: ast.AST, a: Any, b: Any) -> Data | None:
    """Work out arithmetic or a comparison of arrays whose numbers are known."""
    found = all_made((a, b))
    if found is None or type(op) not in OPERATORS:
        return None
    apply, sign = OPERATORS[type(op)]
    (first, one), (second, other) = found
    made = f"({one} {sign} {other})" * _told(found)
    return _worked_out(lambda: apply(first, second), made)


def _told(found: Sequence[Made]) -> bool:
    return all(text for _, text in found)


def _worked_out(work: Callable[[], Any], made: str) -> Data | None:
    try:
        with np.errstate(all="ignore"):
            array = np.asarray(work(), float)
    except (TypeError, ValueError, IndexError):
        return None
    return table(array, made)


# ---- functions ----

#: Functions of arrays element by element, and NumPy's word for each.
POINTWISE = {
    **{word: word for word in ("exp", "sin", "cos", "tan", "tanh", "sqrt", "log", "abs",
                               "square", "floor", "ceil", "sign", "log2")},
    **dict.fromkeys(("pow", "power", "float_power"), "power"),
    **dict.fromkeys(("mul", "multiply"), "multiply"),
    **dict.fromkeys(("div", "divide"), "divide"),
    "add": "add", "maximum": "maximum", "minimum": "minimum",
    **dict.fromkeys(("outer", "ger"), "outer"),
    "reciprocal": "reciprocal", "logical_not": "logical_not",
}  # fmt: skip
#: Functions that put a list of arrays together.
JOINING = {
    **dict.fromkeys(("cat", "concat", "concatenate"), "concatenate"),
    "stack": "stack",
}


def function(name: str, args: list[Any], keywords: Mapping[str, Any]) -> Data | None:
    """Work out a function of arrays whose numbers are known; None for any other."""
    if name in POINTWISE and args and not keywords:
        found = all_made(args)
        word = POINTWISE[name]
        if found is None:
            return None
        inside = ", ".join(text for _, text in found) if _told(found) else ""
        numbers = [one for one, _ in found]
        made = f"{word}({inside})" * bool(inside)
        return _worked_out(lambda: getattr(np, word)(*numbers), made)
    if name in JOINING and args and isinstance(args[0], list | tuple):
        return _joined(JOINING[name], args, keywords)
    if name in ("triu", "tril") and args:
        return _half(name, args, keywords)
    if name == "einsum" and len(args) == 3 and isinstance(args[0], str):
        one, other = args[0].replace(" ", "").partition("->")[0].split(",")
        single = len(one) == len(other) == 1
        return function("outer", args[1:], {}) if single else None
    return None


def _joined(word: str, args: list[Any], keywords: Mapping[str, Any]) -> Data | None:
    found = all_made(args[0])
    axis = args[1] if len(args) > 1 else keywords.get("dim", keywords.get("axis", 0))
    if found is None or type(axis) is not int:
        return None
    inside = ", ".join(text for _, text in found)
    made = f"{word}(({inside}), {axis})" * _told(found)
    return _worked_out(lambda: getattr(np, word)([one for one, _ in found], axis), made)


def _half(name: str, args: list[Any], keywords: Mapping[str, Any]) -> Data | None:
    found = made_of(args[0])
    moved = args[1] if len(args) > 1 else keywords.get("diagonal", keywords.get("k", 0))
    if found is None or type(moved) is not int:
        return None
    array, text = found
    if np.isinf(array).all():  # 0 · inf is undefined: only what is kept
        kept = getattr(np, name)(np.ones_like(array), moved) > 0
        return table(np.where(kept, array, 0.0))
    made = f"{name}({text}, {moved})" * bool(text)
    return _worked_out(lambda: getattr(np, name)(array, moved), made)


# ---- axes ----


def index_text(index: Any) -> str:
    """Write an index as a subscript."""
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(map(_part_text, parts))


def _part_text(part: Any) -> str:
    if not isinstance(part, slice):
        return "..." if part is ... else repr(part)
    ends = ("" if one is None else str(one) for one in (part.start, part.stop))
    return ":".join(ends) + ("" if part.step is None else f":{part.step}")


def is_plain_index(index: Any) -> bool:
    """Whether an index is of numbers, cuts between numbers, new axes."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        one is None or one is ... or type(one) is int or _is_cut(one) for one in parts
    )


def _is_cut(part: Any) -> bool:
    if not isinstance(part, slice):
        return False
    ends = (part.start, part.stop, part.step)
    return all(one is None or type(one) is int for one in ends)


def indexed(value: Any, index: Any) -> Data | None:
    """Return a part of an array whose numbers are known."""
    found = made_of(value)
    if found is None or not is_plain_index(index):
        return None
    array, text = found
    made = f"{text}[{index_text(index)}]" * bool(text)
    return _worked_out(lambda: array[index], made)


#: Methods that move numbers, as NumPy has them.
MOVING = ("reshape", "view", "unsqueeze", "squeeze", "transpose", "t", "permute",
          "expand", "repeat", "flatten", "expand_dims")  # fmt: skip


def moved(name: str, value: Any, args: list[Any]) -> Data | None:
    """Return an array whose numbers are known after a method that moves them."""
    found = made_of(value)
    flat = [one for a in args for one in (a if isinstance(a, list | tuple) else (a,))]
    if found is None or name not in MOVING or not all(type(one) is int for one in flat):
        return None
    array, text = found
    shown = ", ".join(map(str, flat))
    if name in ("expand", "repeat"):
        made = _worked_out(lambda: _spread(name, array, flat), "")
        if made is None or not text:
            return made
        word = (
            f"broadcast_to({text}, {made.shape})"
            if name == "expand"
            else (f"tile({text}, ({shown},))")
        )
        return table(np.asarray(made.numbers), word)
    if name in ("unsqueeze", "expand_dims"):
        new = f"expand_dims({text}, {shown})" * bool(text)
        return _worked_out(lambda: np.expand_dims(array, flat[0]), new)
    if name == "transpose" and len(flat) == 2:
        new = f"swapaxes({text}, {shown})" * bool(text)
        return _worked_out(lambda: np.swapaxes(array, *flat), new)
    words = {"view": "reshape", "t": "transpose", "permute": "transpose"}
    if name == "flatten":
        flat, shown, name = [-1], "-1", "reshape"
    word = words.get(name, name)
    given = [flat[0]] if word == "squeeze" and flat else [tuple(flat)] if flat else []
    made_text = f"{text}.{word}({shown})" * bool(text)
    return _worked_out(lambda: getattr(array, word)(*given), made_text)


def _spread(name: str, array: np.ndarray, sizes: list[int]) -> np.ndarray:
    if name == "repeat":
        return np.tile(array, sizes)
    ours = (1,) * (len(sizes) - array.ndim) + array.shape
    kept = [a if size == -1 else size for size, a in zip(sizes, ours, strict=True)]
    return np.broadcast_to(array, kept)


# ---- numbers put into an array ----


def changed(value: Any, index: Any, new: Any) -> Data | None:
    """Return an array after ``value[index] = new``; its numbers may become unknown."""
    if not isinstance(value, Data | Filled) or getattr(value, "of", None) is not None:
        return None
    found, added = made_of(value), made_of(new)
    if found is None or added is None or not is_plain_index(index):
        return Data(value.shape, count=getattr(value, "count", False))
    array, text = found[0].copy(), ""
    try:
        array[index] = added[0]
    except (ValueError, IndexError):
        return Data(value.shape)
    made = table(array, text)
    every = _every_second(index)
    if every < 0 or not added[1]:
        return made
    before = value.halves if isinstance(value, Data) else ()
    halves = (*before[:every], added[1], *before[every + 1 :])
    if len(halves) == 2 and added[0].shape == (*array.shape[:-1], array.shape[-1] // 2):
        sizes = ", ".join(map(str, array.shape))
        both = f"stack(({halves[0]}, {halves[1]}), -1).reshape({sizes})"
        return table(array, both)
    return Data(array.shape, numbers=array, halves=halves) if every == 0 else made


def _every_second(index: Any) -> int:
    """Return 0 or 1 for an index of every second number of the last axis, else -1."""
    parts = index if isinstance(index, tuple) else (index,)
    *front, last = parts
    whole = all(one == slice(None) or one is ... for one in front)
    if whole and isinstance(last, slice) and last.stop is None and last.step == 2:
        return {None: 0, 0: 0, 1: 1}.get(last.start, -1)
    return -1
