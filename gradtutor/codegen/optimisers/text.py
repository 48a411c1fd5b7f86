"""Numbers, and elements of arrays, as Python text."""

from __future__ import annotations

import ast
from collections.abc import Callable

import sympy
from sympy.printing.str import StrPrinter

from gradtutor.codegen.optimisers.expressions import (
    Apply,
    Core,
    Name,
    Over,
    Sum,
    Times,
    Whole,
)
from gradtutor.codegen.text.numpy_text import compose, format_expression, numpy_text

#: Returns the text of an array's element, by the array's name.
Element = Callable[[str], str]


class _Numbers(StrPrinter):  # type: ignore[misc]
    """Python text of an expression; what is no local name is an attribute of self."""

    def __init__(self, local: set[str], root: str) -> None:
        super().__init__({"order": "none"})
        self.local, self.root = local, root

    def _print_Symbol(self, expr: sympy.Symbol) -> str:  # noqa: N802 (sympy's)
        return expr.name if expr.name in self.local else f"self.{expr.name}"

    def _print_Pow(self, expr: sympy.Pow, rational: bool = False) -> str:  # noqa: N802
        if expr.exp == sympy.S.Half:
            return f"{self.root}({self._print(expr.base)})"
        if expr.exp == -sympy.S.Half:
            return f"1/{self.root}({self._print(expr.base)})"
        return str(super()._print_Pow(expr, rational))


def number_text(number: sympy.Expr, local: set[str], root: str = "math.sqrt") -> str:
    """Return a number as a script writes it.

    >>> beta, t = sympy.symbols("beta t", positive=True)
    >>> number_text(sympy.sqrt(1 - beta**t), {"t"})
    'math.sqrt(1 - self.beta**t)'
    """
    text = _Numbers(local, root).doprint(number)
    return format_expression(ast.unparse(ast.parse(text, mode="eval")))


# ---- one element ----

SUM, PRODUCT, ATOM = range(3)
Printed = tuple[str, int]


def element_text(total: Sum, element: Element, local: set[str]) -> str:
    """Return the text of one element of a sum.

    >>> two = Sum(((sympy.Integer(1), Name("g")), (sympy.Symbol("mu"), Name("v"))))
    >>> element_text(two, "{}[i]".format, {"mu"})
    'g[i] + mu * v[i]'
    """
    return _sum(total, element, local)[0]


def _sum(total: Sum, element: Element, local: set[str]) -> Printed:
    parts = [_term(number, core, element, local) for number, core in total.terms]
    if total.number != 0 or not parts:
        parts.append((number_text(total.number, local), SUM))
    text = parts[0][0]
    for part, _ in parts[1:]:
        text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
    return text, (SUM if len(parts) > 1 else parts[0][1])


def _term(number: sympy.Expr, core: Core, element: Element, local: set[str]) -> Printed:
    if number == 1:
        return _core(core, element, local)
    if number == -1:
        return f"-{_inside(_core(core, element, local), PRODUCT)}", PRODUCT
    factor = number_text(number, local)
    if isinstance(core, Over) and core.above is None:
        return f"{factor} / {_inside(_core(core.below, element, local), ATOM)}", PRODUCT
    return f"{factor} * {_inside(_core(core, element, local), PRODUCT)}", PRODUCT


def _core(core: Core, element: Element, local: set[str]) -> Printed:
    match core:
        case Name(name):
            return element(name), ATOM
        case Apply(gate, argument):
            inner = _sum(argument, element, local)[0]
            return compose(numpy_text(gate), [inner]), ATOM
        case Times(left, right):
            first, second = (_core(one, element, local) for one in (left, right))
            return f"{_inside(first, PRODUCT)} * {_inside(second, ATOM)}", PRODUCT
        case Over(above, below):
            top = ("1", ATOM) if above is None else _core(above, element, local)
            bottom = _inside(_core(below, element, local), ATOM)
            return f"{_inside(top, PRODUCT)} / {bottom}", PRODUCT
        case Whole(total):
            return _sum(total, element, local)
    raise AssertionError(core)


def _inside(part: Printed, level: int) -> str:
    text, own = part
    return text if own >= level else f"({text})"
