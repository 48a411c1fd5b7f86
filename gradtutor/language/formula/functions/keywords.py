"""What keywords and indices say: axes, shapes, subscripts, positions.

>>> import ast
>>> from gradtutor.language.syntax import Source
>>> source = Source("x[1, :2]")
>>> read_index(source, source.tree.body[0].value.slice)
(1, (None, 2, None))
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from gradtutor.gates import TIE_RULES
from gradtutor.gates.structural.cells import CELLS
from gradtutor.language.errors import ArgumentError
from gradtutor.language.formula.functions.naming import Named
from gradtutor.language.literals import LARGEST, literal
from gradtutor.language.syntax import Source
from gradtutor.messages import tr

#: PyTorch's words for keywords.
TORCH_WORDS = {"dim": "axis", "keepdim": "keepdims", "dims": "axes"}


def read_keywords(
    source: Source, call: Named, allowed: dict[str, Any]
) -> dict[str, Any]:
    """Read the keywords that a call may have, the others as they were.

    Raises
    ------
    ArgumentError
        At a keyword that it has not, and at a value that does not fit.
    """
    for item in call.keywords:
        name = str(item.arg)
        name = name if name in allowed else TORCH_WORDS.get(name, name)
        if name not in allowed:
            message = tr(
                "{name} has no keyword {word!r}", name=call.written, word=item.arg
            )
            hint = tr("it has {names}", names=", ".join(allowed)) if allowed else ""
            raise ArgumentError(message, source.text, source.span(item), hint)
        allowed[name] = _reader(name, allowed[name])(source, item.value)
    return allowed


def _reader(name: str, default: Any) -> Callable[[Source, ast.expr], Any]:
    """Return how a keyword is read: a new gate's by what it has by default."""
    if isinstance(default, bool):
        return _flag
    by_default = {int: _whole, float: _number, tuple: _row}
    return READERS.get(name) or by_default.get(type(default), _axis)


def _flag(source: Source, node: ast.expr) -> bool:
    match node:
        case ast.Constant(bool() as value):
            return value
    message = tr("this keyword is True or False")
    raise ArgumentError(message, source.text, source.span(node))


def _axis(source: Source, node: ast.expr) -> int | tuple[int, ...] | None:
    match node:
        case ast.Constant(None):
            return None
        case ast.Tuple(items):
            return tuple(_whole(source, item) for item in items)
    return _whole(source, node)


def _whole(source: Source, node: ast.expr) -> int:
    sign, number = 1, node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, number = -1, node.operand
    match number:
        case ast.Constant(int() as value) if value < LARGEST and type(value) is int:
            return sign * value
    message = tr(
        "an axis or an index is a whole number, an axis perhaps a tuple of them"
    )
    raise ArgumentError(message, source.text, source.span(node))


def _sizes(source: Source, node: ast.expr) -> Any:
    """Read whole numbers, nested in tuples or alone; None stays None."""
    match node:
        case ast.Constant(None):
            return None
        case ast.Tuple(items) | ast.List(items):
            return tuple(_sizes(source, item) for item in items)
    return _whole(source, node)


def _row(source: Source, node: ast.expr) -> Any:
    """Read a tuple of whole numbers; one number is a tuple of one."""
    value = _sizes(source, node)
    if isinstance(value, tuple) and not all(isinstance(one, int) for one in value):
        message = tr("this keyword is a tuple of whole numbers")
        raise ArgumentError(message, source.text, source.span(node), tr("as in (2, 2)"))
    return (value,) if isinstance(value, int) else value


def _rows(source: Source, node: ast.expr) -> Any:
    """Read a tuple of tuples: (before, after) or (start, stop, step) for each axis."""
    value = _sizes(source, node)
    rows = value if isinstance(value, tuple) else ()
    if not rows or not all(
        isinstance(row, tuple) and len(row) in (2, 3) for row in rows
    ):
        message = tr("this keyword is a tuple of tuples, one for each axis")
        hint = tr("as in ((0, 0), (1, 1))")
        raise ArgumentError(message, source.text, source.span(node), hint)
    return rows


def read_index(source: Source, node: ast.expr) -> tuple[Any, ...]:
    """Read what stands in x[...]: positions and parts, one for each axis.

    Raises
    ------
    ArgumentError
        When one is neither a whole number nor a part such as 1:3.
    """
    items = node.elts if isinstance(node, ast.Tuple) else [node]
    return tuple(_position(source, item) for item in items)


def is_new_axis(item: ast.expr) -> bool:
    """Whether an index is None or np.newaxis: a new axis of size 1."""
    match item:
        case ast.Constant(None) | ast.Name("newaxis") | ast.Attribute(attr="newaxis"):
            return True
    return False


def is_whole(item: ast.expr) -> bool:
    """Whether an index is a lone colon: the whole axis."""
    match item:
        case ast.Slice(None, None, None):
            return True
    return False


def has_new_axis(index: ast.expr) -> bool:
    """Whether an index makes axes or leaves some out: x[:, None], x[..., 0]."""
    items = index.elts if isinstance(index, ast.Tuple) else [index]
    return any(is_new_axis(one) or _is_dots(one) for one in items)


def _is_dots(item: ast.expr) -> bool:
    return isinstance(item, ast.Constant) and item.value is ...


def full_index(items: list[ast.expr], rank: int) -> list[ast.expr]:
    """Write the dots of x[..., 0] out: as many colons as there are axes."""
    places = [i for i, one in enumerate(items) if _is_dots(one)]
    if not places:
        return items
    taken = sum(not is_new_axis(one) for one in items) - 1
    colons: list[ast.expr] = [ast.Slice() for _ in range(max(0, rank - taken))]
    return [*items[: places[0]], *colons, *items[places[0] + 1 :]]


def _position(source: Source, item: ast.expr) -> Any:
    match item:
        case ast.Slice(low, high, step):
            parts = (low, high, step)
            return tuple(part and _whole(source, part) for part in parts)
    return _whole(source, item)


def _at(source: Source, node: ast.expr) -> Any:
    """Read an index that is written as a keyword: at=(0, (None, 2, None))."""
    return _sizes(source, node)


def _padding(source: Source, node: ast.expr) -> Any:
    match node:
        case ast.Constant("same" | "valid" as word):
            return word
    return _sizes(source, node)


def _subscripts(source: Source, node: ast.expr) -> str:
    match node:
        case ast.Constant(str() as text) if re.fullmatch(
            r"[A-Za-z, ]*(->[A-Za-z ]*)?", text
        ):
            return text if "->" in text else f"{text}->{_implied_output(text)}"
    message = tr('subscripts are text such as "ij,jk->ik"')
    raise ArgumentError(message, source.text, source.span(node))


def _implied_output(text: str) -> str:
    """Return NumPy's output of "ij,jk": the letters that stand once, in order."""
    letters = text.replace(",", "").replace(" ", "")
    return "".join(sorted(one for one in set(letters) if letters.count(one) == 1))


def _number(source: Source, node: ast.expr) -> float:
    given = literal(source, node)
    if given is None or not isinstance(given.value, int | float):
        message = tr("this keyword is a number")
        raise ArgumentError(message, source.text, source.span(node))
    return float(given.value)


def _one_of(*words: str) -> Callable[[Source, ast.expr], str]:
    """Read one of these words."""

    def read(source: Source, node: ast.expr) -> str:
        match node:
            case ast.Constant(str() as word) if word in words:
                return word
        known = ", ".join(map(repr, words))
        message = tr("this keyword is one of {names}", names=known)
        raise ArgumentError(message, source.text, source.span(node))

    return read


#: How keywords are read whose default does not tell.
READERS: dict[str, Callable[[Source, ast.expr], Any]] = {
    "axis": _axis,
    "subscripts": _subscripts,
    "padding": _padding,
    "cell": _one_of(*CELLS),
    "of": _one_of("z", "reach"),
    "ties": _one_of(*TIE_RULES),
    "eps": _number,
    "value": _number,
    "place": _whole,
    "at": _at,
    "widths": _rows,
    "cuts": _rows,
    **dict.fromkeys(("shape", "axes", "kernel"), _row),
    **dict.fromkeys(("stride", "dilation", "groups"), _sizes),
}
