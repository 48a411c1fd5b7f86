"""Gates as C: their expression, printed with type T.

>>> c_text("sigmoid", ["z1"]), c_text("pow", ["z1", "2"])
('1 / (1 + exp(-z1))', 'z1 * z1')
>>> c_text("where", ["c", "u", "0.5"])
'c ? u : T(0.5)'
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

from gradtutor.codegen.text.expression import (
    Apply,
    Argument,
    Expression,
    Literal,
    arguments,
    expression,
    read_expression,
)

#: How tightly an expression binds, loosest first.
CHOICE, EITHER, COMPARED, SUM, PRODUCT, SIGN, ATOM = range(7)
BINARY = {
    "add": ("+", SUM),
    "subtract": ("-", SUM),
    "multiply": ("*", PRODUCT),
    "divide": ("/", PRODUCT),
}
COMPARISON = {
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "==",
    "not_equal": "!=",
}
#: NumPy's functions whose C name differs.
RENAMED = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "abs": "fabs"}
RENAMED |= {f"arc{name}": f"a{name}" for name in ("sinh", "cosh", "tanh")}
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


def c_text(gate: str, args: Sequence[str]) -> str:
    """Return the C expression of a pointwise gate.

    Parameters
    ----------
    args : sequence of str
        Names, or numbers as Python writes them.
    """
    names = {key: _operand(text) for key, text in zip("abc", args, strict=False)}
    if gate in OWN:
        return OWN[gate].format(*(_inside(one, COMPARED) for one in names.values()))
    return _printed(expression(gate), names)[0]


def c_expression(text: str, place: Callable[[str], str] = str) -> str:
    """Return a NumPy expression of numbers as C; ``place`` says what a name is there.

    >>> c_expression("theta - rate * m / (np.sqrt(v) + epsilon)")
    'theta - rate * m / (sqrt(v) + epsilon)'
    """
    tree = read_expression(text)
    return _printed(tree, {name: (place(name), ATOM) for name in arguments(tree)})[0]


def _operand(text: str) -> Printed:
    """Return a name as it is, a number as one of type T."""
    if re.fullmatch(r"[A-Za-z_]\w*(\[.+\])?|T\(.*\)", text):
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


def _printed(tree: Expression, names: Mapping[str, Printed]) -> Printed:
    """Return an expression's text and how tightly it binds."""
    match tree:
        case Argument(name):
            return names[name]
        case Literal(value):
            return _number(value)
        case Apply(function, parts):
            return _applied(function, [_printed(part, names) for part in parts])


def _applied(function: str, args: list[Printed]) -> Printed:
    """Return a function of printed arguments: an operator, a choice or a call."""
    if function == "negative":
        return f"-{_inside(args[0], ATOM)}", SIGN
    if function == "power":
        return _power(*args)
    if function in BINARY:
        return _binary(function, *args)
    if function in COMPARISON:
        sides = [_inside(one, SUM) for one in args]
        return f" {COMPARISON[function]} ".join(sides), COMPARED
    return _call(function, args)


def _binary(function: str, left: Printed, right: Printed) -> Printed:
    sign, level = BINARY[function]
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
