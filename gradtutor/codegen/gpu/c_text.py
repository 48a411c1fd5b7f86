"""Gates as C: their NumPy text, printed as an expression of type T.

>>> c_text("sigmoid", ["z1"]), c_text("pow", ["z1", "2"])
('1 / (1 + exp(-z1))', 'z1 * z1')
>>> c_text("where", ["c", "u", "0.5"])
'c ? u : T(0.5)'
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gradtutor.codegen.text.numpy_text import SYMBOLS, numpy_text

#: How tightly an expression binds, loosest first.
CHOICE, EITHER, COMPARED, SUM, PRODUCT, SIGN, ATOM = range(7)
BINARY: dict[type[ast.AST], tuple[str, int]] = {
    ast.Add: ("+", SUM),
    ast.Sub: ("-", SUM),
    ast.Mult: ("*", PRODUCT),
    ast.Div: ("/", PRODUCT),
}
COMPARISON: dict[type[ast.AST], str] = {
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
#: NumPy's functions whose C name differs.
RENAMED = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "abs": "fabs"}
RENAMED |= {"arctan2": "atan2", "round": "rint"}  # rint: of two as near, the even one
#: Functions that C lacks, so written that nan stays nan, as in NumPy.
CHOICES = {
    "where": "{0} ? {1} : {2}",
    "maximum": "{0} >= {1} || isnan({0}) ? {0} : {1}",
    "minimum": "{0} <= {1} || isnan({0}) ? {0} : {1}",
    "sign": "{0} > 0 ? T(1) : {0} < 0 ? T(-1) : {0}",
    "logaddexp": "({1} > {0} ? {1} : {0}) + log1p(exp(-fabs({0} - {1})))",
}
#: Gates with a C text of their own, shorter or stabler than a translation.
OWN = {
    "half": "{0}",  # the array that it is written into has 16 bits
    "relu": "{0} < 0 ? T(0) : {0}",
    "softplus": "({0} > 0 ? {0} : T(0)) + log1p(exp(-fabs({0})))",
}
Printed = tuple[str, int]


def c_text(
    gate: str, args: Sequence[str], attrs: Mapping[str, Any] | None = None
) -> str:
    """Return the C expression of a pointwise gate.

    Parameters
    ----------
    args : sequence of str
        Names, or numbers as Python writes them.
    """
    names = {key: _operand(text) for key, text in zip(SYMBOLS, args, strict=False)}
    if gate in OWN:
        return OWN[gate].format(*(_inside(one, COMPARED) for one in names.values()))
    tree = ast.parse(numpy_text(gate, attrs), mode="eval").body
    return _printed(tree, names)[0]


def c_expression(text: str) -> str:
    """Return a NumPy expression of numbers as C; names stay as they are.

    >>> c_expression("theta - rate * m / (np.sqrt(v) + epsilon)")
    'theta - rate * m / (sqrt(v) + epsilon)'
    """
    tree = ast.parse(text, mode="eval").body
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return _printed(tree, {node.id: (node.id, ATOM) for node in nodes})[0]


def _operand(text: str) -> Printed:
    """Return a name as it is, a number as one of type T."""
    if re.fullmatch(r"[A-Za-z_]\w*(\[\w+\])?|T\(.*\)", text):
        return text, ATOM
    return _number(float(text))


def _number(value: float) -> Printed:
    if math.isinf(value):
        sign = "" if value > 0 else "-"
        return f"T({sign}__int_as_float(0x7f800000))", ATOM  # C's name is not in NVRTC
    if value == int(value) and abs(value) < 1e6:
        return str(int(value)), (ATOM if value >= 0 else SIGN)
    return f"T({value!r})", ATOM


def _inside(part: Printed, level: int) -> str:
    """Write a part of an expression that binds so tightly, in parentheses if needed."""
    text, own = part
    return text if own >= level else f"({text})"


def _printed(tree: ast.expr, names: Mapping[str, Printed]) -> Printed:
    """Return an expression's text and how tightly it binds."""
    match tree:
        case ast.Name(name):
            return names[name]
        case ast.Constant(value):
            return _number(float(value))  # type: ignore[arg-type]
        case ast.UnaryOp(ast.USub(), operand):
            return f"-{_inside(_printed(operand, names), ATOM)}", SIGN
        case ast.BinOp(left, ast.Pow(), right):
            return _power(_printed(left, names), _printed(right, names))
        case ast.BinOp(left, op, right):
            return _binary(op, _printed(left, names), _printed(right, names))
        case ast.Compare(left, [op], [right]):
            sides = [_inside(_printed(one, names), SUM) for one in (left, right)]
            return f" {COMPARISON[type(op)]} ".join(sides), COMPARED
        case ast.Attribute(ast.Name("math"), name):
            return _number(getattr(math, name))
        case ast.Call(ast.Attribute(ast.Name("math"), name), [ast.Constant(value)]):
            return _number(getattr(math, name)(value))
        case ast.Call(ast.Attribute(ast.Name("np"), name) | ast.Name(name), args):
            return _call(name, [_printed(arg, names) for arg in args])
    raise AssertionError(ast.unparse(tree))


def _binary(op: ast.operator, left: Printed, right: Printed) -> Printed:
    sign, level = BINARY[type(op)]
    tight = sign in "-/"  # a - (b + c), a / (b * c)
    if _both_whole(left, right) and sign == "/":
        left = f"T({left[0]})", ATOM  # 1 / 2 is 0 in C
    return f"{_inside(left, level)} {sign} {_inside(right, level + tight)}", level


def _both_whole(left: Printed, right: Printed) -> bool:
    return all(re.fullmatch(r"-?\d+", text) for text, _ in (left, right))


def _power(base: Printed, exponent: Printed) -> Printed:
    """Write small whole powers as products, which is faster and as exact."""
    text = exponent[0]
    if base[1] == ATOM and text in ("2", "3"):
        return " * ".join([base[0]] * int(text)), PRODUCT
    if text == "T(0.5)":
        return f"sqrt({base[0]})", ATOM
    if text == "-1":
        return f"1 / {_inside(base, SIGN)}", PRODUCT
    return f"pow({_cast(base[0])}, {_cast(text)})", ATOM


def _cast(text: str) -> str:
    return f"T({text})" if re.fullmatch(r"-?\d+", text) else text


def _call(name: str, args: list[Printed]) -> Printed:
    if name in CHOICES:
        parts = [_inside(arg, COMPARED if name == "where" else SUM) for arg in args]
        if name == "where":
            parts[1:] = [_cast(part) for part in parts[1:]]
        level = SUM if name == "logaddexp" else CHOICE
        return CHOICES[name].format(*parts), level
    texts = ", ".join(_cast(text) for text, _ in args)
    return f"{RENAMED.get(name, name)}({texts})", ATOM
