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
from dataclasses import dataclass

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
    "sign": "{0} > 0 ? {one} : {0} < 0 ? {minus_one} : {0}",
    "logaddexp": "({1} > {0} ? {1} : {0}) + log1p(exp(-fabs({0} - {1})))",
}
#: Gates with a C text of their own, shorter or stabler than a translation.
OWN = {
    "half": "{0}",  # the array that it is written into has 16 bits
    "relu": "{0} < 0 ? {zero} : {0}",
    "softplus": "({0} > 0 ? {0} : {zero}) + log1p(exp(-fabs({0})))",
}
Printed = tuple[str, int]


def _double(text: str) -> str:
    return f"{text}.0" if text.lstrip("-").isdigit() else text


@dataclass(frozen=True)
class Dialect:
    """How a kind of C writes a number of the computation's own type.

    Attributes
    ----------
    typed : callable
        Returns a number's text with its type.
    infinity : str
        What infinity is called.
    """

    typed: Callable[[str], str]
    infinity: str = "INFINITY"

    @property
    def constants(self) -> dict[str, str]:
        """The numbers that texts name."""
        words = {"zero": "0", "one": "1", "minus_one": "-1"}
        return {word: self.typed(number) for word, number in words.items()}


#: Kernels in CUDA, whose compiler NVRTC does not know C's name of infinity.
CUDA = Dialect("T({})".format, "__int_as_float(0x7f800000)")
#: C99 with a type T, and C with doubles alone.
C99, DOUBLES = Dialect("(T)({})".format), Dialect(_double)


def c_text(gate: str, args: Sequence[str], dialect: Dialect = CUDA) -> str:
    """Return the C expression of a pointwise gate.

    Parameters
    ----------
    args : sequence of str
        Names, or numbers as Python writes them.
    """
    writer = _Writer(dialect)
    names = {key: writer.operand(text) for key, text in zip("abc", args, strict=False)}
    if gate in OWN:
        texts = (_inside(one, COMPARED) for one in names.values())
        return OWN[gate].format(*texts, **dialect.constants)
    return writer.printed(expression(gate), names)[0]


def c_expression(
    text: str, place: Callable[[str], str] = str, dialect: Dialect = CUDA
) -> str:
    """Return a NumPy expression of numbers as C; ``place`` says what a name is there.

    >>> c_expression("theta - rate * m / (np.sqrt(v) + epsilon)")
    'theta - rate * m / (sqrt(v) + epsilon)'
    >>> c_expression("np.maximum(x, 0) / 2 + 0.5", "d_{}".format, DOUBLES)
    '(d_x >= 0 || isnan(d_x) ? d_x : 0) / 2 + 0.5'
    """
    tree = read_expression(text)
    names = {name: (place(name), ATOM) for name in arguments(tree)}
    return _Writer(dialect).printed(tree, names)[0]


@dataclass(frozen=True)
class _Writer:
    """Writes expressions in a dialect."""

    dialect: Dialect

    def operand(self, text: str) -> Printed:
        """Return a name as it is, a number with its type."""
        if text == "inf":
            return self.number(math.inf)
        if re.fullmatch(r"[A-Za-z_]\w*(\[.+\])?|T\(.*\)", text):
            return text, ATOM
        return self.number(float(text))

    def number(self, value: float) -> Printed:
        """Return a number; whole ones take the type of what stands beside them."""
        if math.isinf(value):
            sign = "" if value > 0 else "-"
            return self.dialect.typed(sign + self.dialect.infinity), ATOM
        if value == int(value) and abs(value) < 1e6:
            return str(int(value)), (ATOM if value >= 0 else SIGN)
        return self.dialect.typed(repr(value)), ATOM

    def printed(self, tree: Expression, names: Mapping[str, Printed]) -> Printed:
        """Return an expression's text and how tightly it binds."""
        match tree:
            case Argument(name):
                return names[name]
            case Literal(value):
                return self.number(value)
            case Apply(function, parts):
                args = [self.printed(part, names) for part in parts]
                return self.applied(function, args)

    def applied(self, function: str, args: list[Printed]) -> Printed:
        """Return a function of printed arguments: an operator, a choice or a call."""
        if function == "negative":
            return f"-{_inside(args[0], ATOM)}", SIGN
        if function == "power":
            return self.power(*args)
        if function in BINARY:
            return self.binary(function, *args)
        if function in COMPARISON:
            sides = [_inside(one, SUM) for one in args]
            return f" {COMPARISON[function]} ".join(sides), COMPARED
        return self.call(function, args)

    def binary(self, function: str, left: Printed, right: Printed) -> Printed:
        """Return an operator between its operands."""
        sign, level = BINARY[function]
        tight = sign in "-/"  # a - (b + c), a / (b * c)
        if sign == "/" and _is_whole(left[0]) and _is_whole(right[0]):
            left = self.dialect.typed(left[0]), ATOM  # 1 / 2 is 0 in C
        return f"{_inside(left, level)} {sign} {_inside(right, level + tight)}", level

    def power(self, base: Printed, exponent: Printed) -> Printed:
        """Write small whole powers as products, which is faster and as exact."""
        text = exponent[0]
        if base[1] == ATOM and text in ("2", "3"):
            return " * ".join([base[0]] * int(text)), PRODUCT
        if text == self.dialect.typed("0.5"):
            return f"sqrt({base[0]})", ATOM
        if text == "-1":
            return f"1 / {_inside(base, SIGN)}", PRODUCT
        return f"pow({self.cast(base[0])}, {self.cast(text)})", ATOM

    def cast(self, text: str) -> str:
        """Return a whole number with its type; anything else as it is."""
        return self.dialect.typed(text) if _is_whole(text) else text

    def call(self, name: str, args: list[Printed]) -> Printed:
        """Return a choice, or a call of C's library."""
        if name in CHOICES:
            parts = [_inside(arg, COMPARED if name == "where" else SUM) for arg in args]
            if name == "where":
                parts[1:] = [self.cast(part) for part in parts[1:]]
            level = SUM if name == "logaddexp" else CHOICE
            return CHOICES[name].format(*parts, **self.dialect.constants), level
        texts = ", ".join(self.cast(text) for text, _ in args)
        return f"{RENAMED.get(name, name)}({texts})", ATOM


def _inside(part: Printed, level: int) -> str:
    """Write a part of an expression that binds so tightly, in parentheses if needed."""
    text, own = part
    return text if own >= level else f"({text})"


def _is_whole(text: str) -> bool:
    return re.fullmatch(r"-?\d+", text) is not None
