"""Operators of a program on numbers, lists, data and tensors."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtutor.language.literals import LARGEST
from gradtutor.language.program.array_values import Batch, Data, Filled, worked
from gradtutor.language.program.asked import divided
from gradtutor.language.program.data import tables
from gradtutor.language.program.data.containers import MAX_ITEMS, truth
from gradtutor.language.program.data.differences import combined
from gradtutor.language.program.values import (
    Library,
    Symbol,
    Tensor,
    Unknown,
    Weight,
    WeightOf,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Number = int | float
PLAIN_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
#: What "layer%d" % i is made of: few places, so that a text stays short.
FORMAT = re.compile(r"(?:[^%]|%%|%0?\d?[disr])*")
#: Largest result of a power, as its logarithm to base 2.
MAX_BITS = 63


def binary(run: Interpreter, op: ast.operator, a: Any, b: Any, node: ast.AST) -> Any:
    """Apply an operator between two values."""
    if run.tracer is not None and any(isinstance(x, Tensor | Weight) for x in (a, b)):
        return run.tracer.binary(op, a, b, node)
    if any(is_symbolic(x) for x in (a, b)):
        return Symbol(op, (a, b), {}, node)
    if isinstance(a, Batch) or isinstance(b, Batch):
        return _batch(run, op, a, b, node)
    if isinstance(op, ast.Div):
        divided(run, a, b, node)
    elif isinstance(op, ast.Mult) and type(b) is float and 0 < b < 0.01:
        divided(run, a, round(1 / b, 3), node)
    made = _of_data(run, op, a, b, node)
    return worked(made, op, (a, b), {}, node, inside=run.inside)


def _of_data(run: Interpreter, op: ast.operator, a: Any, b: Any, node: ast.AST) -> Any:
    """Apply an operator between numbers, lists and data."""
    a, b = (Data(x.shape) if isinstance(x, Weight) else x for x in (a, b))
    a, b = (Data() if isinstance(x, WeightOf) else x for x in (a, b))
    if (filled := _scaled(op, a, b)) is not None:
        return filled
    if (compared := combined(op, a, b)) is not None:
        return compared
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Data | Filled):
            worked = tables.operated(op, a, b)
            return _data(one, other) if worked is None else worked
        if isinstance(one, Unknown):
            return one
    return _plain(run, op, a, b, node)


def _scaled(op: ast.operator, a: Any, b: Any) -> Filled | None:
    """Multiply an array of one number by a number: it is one still."""
    one, number = (b, a) if isinstance(b, Filled) else (a, b)
    if not isinstance(op, ast.Mult) or type(number) not in (int, float):
        return None
    plain = isinstance(one, Filled) and not (one.lower or one.counted)
    return Filled(one.shape, one.value * number) if plain else None


#: Keras tensors that stand in one list: where a longer one has none, it is of data.
MOST_TOGETHER = 64


def is_symbolic(value: Any) -> bool:
    """Whether a value is a Keras tensor, or a list with one."""
    from gradtutor.language.program.values import Layer

    if isinstance(value, list | tuple):
        return any(map(is_symbolic, value[:MOST_TOGETHER]))
    is_input = isinstance(value, Layer) and value.item.kind == "input"
    return isinstance(value, Symbol) or is_input


def _batch(run: Interpreter, op: ast.operator, a: Any, b: Any, node: ast.AST) -> Any:
    """Multiply the batch's size; other arithmetic with it has no number."""
    if isinstance(op, ast.Mult):
        times = [x.times if isinstance(x, Batch) else x for x in (a, b)]
        one_batch = not (isinstance(a, Batch) and isinstance(b, Batch))
        if one_batch and all(type(x) is int for x in times):
            return Batch(times[0] * times[1])
    return run.unknown(tr("the number of examples is known only in training"), node)


def _data(one: Data | Filled, other: Any) -> Data:
    """Return the axes of an array after arithmetic."""
    if isinstance(other, Data | Filled) and other.shape and one.shape is not None:
        shape = one.shape if len(one.shape) >= len(other.shape) else other.shape
        return Data(shape)
    same = one.statistic if isinstance(one, Data) else ""
    return Data(one.shape, statistic=same)  # std + 1e-8 is one, too


def _plain(run: Interpreter, op: ast.operator, a: Any, b: Any, node: ast.AST) -> Any:
    """Work out numbers, join lists and words, within limits."""
    apply = PLAIN_OPERATORS.get(type(op))
    fits = apply is not None and _fits(op, a, b)
    try:
        result = apply(a, b) if fits and apply else None
    except (ArithmeticError, TypeError, ValueError):
        result = None
    numeric = isinstance(result, int | float) and not isinstance(result, bool)
    if result is None or (numeric and abs(result) >= LARGEST):
        return run.unknown(
            tr("this arithmetic has no plain number as its result"), node
        )
    return result


def _fits(op: ast.operator, a: Any, b: Any) -> bool:
    """Whether the result of an operator stays small enough to be worked out."""
    numbers = isinstance(a, Number) and isinstance(b, Number)
    if isinstance(op, ast.Pow | ast.LShift):
        if not numbers:
            return False
        bits = abs(a).bit_length() if isinstance(a, int) else 1
        return abs(b) * max(bits, 1) <= MAX_BITS or isinstance(a, float)
    if numbers:
        return True
    lists = isinstance(a, list | tuple | str) or isinstance(b, list | tuple | str)
    if isinstance(op, ast.Mult) and lists:
        whole, many = (a, b) if isinstance(b, int) else (b, a)
        return isinstance(many, int) and len(whole) * max(many, 0) <= MAX_ITEMS
    if isinstance(op, ast.Add) and type(a) is type(b) and lists:
        return len(a) + len(b) <= MAX_ITEMS
    if isinstance(op, ast.Mod) and isinstance(a, str):
        words = b if isinstance(b, tuple) else (b,)
        short = all(type(one) is int or _is_short(one) for one in words)
        return short and FORMAT.fullmatch(a) is not None
    return isinstance(op, ast.Mod)


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_ITEMS


def unary(run: Interpreter, op: ast.unaryop, value: Any, node: ast.AST) -> Any:
    """Apply - + not ~ to a value."""
    if isinstance(op, ast.Not):
        known = truth(value)
        reason = tr("whether this holds is known only in training")
        return run.unknown(reason, node) if known is None else not known
    if isinstance(value, Number) and not isinstance(op, ast.Invert):
        return -value if isinstance(op, ast.USub) else value
    if isinstance(value, Tensor | Weight) and run.tracer is not None:
        return run.tracer.negated(value, op, node)
    if is_symbolic(value):
        return Symbol(ast.Mult(), (-1.0, value), {}, node)
    if isinstance(value, Filled) and value.lower and isinstance(op, ast.Invert):
        return Filled(value.shape, -value.value, lower=True)
    if isinstance(value, Data | Filled):
        sign = (ast.Sub(), 1.0) if isinstance(op, ast.Invert) else (ast.Sub(), 0.0)
        made = tables.operated(*sign, value) or Data(value.shape)
        return worked(made, *sign[:1], (sign[1], value), {}, node, inside=run.inside)
    return run.unknown(tr("this arithmetic has no plain number as its result"), node)


def compare(run: Interpreter, node: ast.Compare, values: list[Any]) -> Any:
    """Compare plain values; a chain holds if each pair does."""
    for op, a, b in zip(node.ops, values, values[1:], strict=False):
        if isinstance(op, ast.Is | ast.IsNot):
            same = _same(a, b)
        elif run.tracer is not None and any(isinstance(x, Tensor) for x in (a, b)):
            return run.tracer.compared(op, a, b, node)
        elif any(isinstance(x, Data | Filled) for x in (a, b)):
            return _masked(op, a, b, run, node)
        else:
            same = _compared(op, a, b)
        if same is None:
            reason = next((x.reason for x in (a, b) if isinstance(x, Unknown)), "")
            return run.unknown(reason or tr("it is known only when it runs"), node)
        if isinstance(op, ast.IsNot):
            same = not same
        if not same:
            return False
    return True


def _masked(op: ast.cmpop, a: Any, b: Any, run: Interpreter, node: ast.AST) -> Any:
    """Compare a triangle of ones with 0: a mask, and which half it is."""
    if isinstance(a, Filled) and a.lower and b == 0 and isinstance(op, ast.Eq):
        return Filled(a.shape, -1.0, lower=True)  # true above the diagonal
    if isinstance(a, Filled) and a.lower and b in (0, 1):
        return a
    if (found := tables.operated(op, a, b)) is not None:
        return found
    return run.unknown(tr("this comparison is worked out only when it runs"), node)


def _same(a: Any, b: Any) -> bool | None:
    """Whether two are the same; None of an unknown, though nothing else is None."""
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return None
    return a is b


def _compared(op: ast.cmpop, a: Any, b: Any) -> bool | None:
    plain = (bool, int, float, str, list, tuple, dict, type(None), Library)
    if not isinstance(a, plain) or not isinstance(b, plain):
        return None
    try:
        return bool(COMPARISONS[type(op)](a, b))
    except TypeError:
        return None
