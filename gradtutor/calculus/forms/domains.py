"""Where a textbook's form holds: x > 0, 0 < p < 1, x != y.

>>> p = sympy.Symbol("p", real=True)
>>> domains(sympy.log(p) - sympy.log(1 - p), [], TextbookPrinter())
(Condition(sides=('0', 'p', '1'), signs=('<', '<')),)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy

from gradtutor.calculus.expression_printer import is_negative
from gradtutor.calculus.forms.textbook_printer import TextbookPrinter


@dataclass(frozen=True)
class Condition:
    """Formulas with comparisons between them, in the language: 0 < p < 1.

    >>> str(Condition(("0", "p", "1"), ("<", "<")))
    '0 < p < 1'
    """

    sides: tuple[str, ...]
    signs: tuple[str, ...]

    @property
    def leaves_out(self) -> bool:
        """Whether it leaves out single points alone."""
        return "!=" in self.signs

    def written(
        self, side: Callable[[str], str] = str, signs: Mapping[str, str] | None = None
    ) -> str:
        """Write the condition, each side and each sign as told."""
        known = signs or {}
        text = side(self.sides[0])
        for sign, one in zip(self.signs, self.sides[1:], strict=True):
            text += f" {known.get(sign, sign)} {side(one)}"
        return text

    __str__ = written


#: What is compared with 0, and the value that is chosen there.
Guard = tuple[sympy.Expr, sympy.Expr]


def domains(
    form: sympy.Expr, guarded: list[Guard], printer: TextbookPrinter
) -> tuple[Condition, ...]:
    """Say where a form holds: where its logarithms' arguments are positive.

    Elsewhere it holds at the guarded point too, or the point itself is left out.
    """
    positive = [base for base, _ in guarded if form.has(sympy.log(base))]
    logs = sorted({log.args[0] for log in form.atoms(sympy.log)}, key=str)
    positive += [one for one in logs if one.free_symbols and one not in positive]
    if positive:
        parts = dict.fromkeys(_compared(one, ">", printer) for one in positive)
        return _intervals(list(parts))
    left_out = [base for base, value in guarded if form.subs(base, 0) != value]
    parts = dict.fromkeys(_compared(base, "!=", printer) for base in left_out)
    return tuple(Condition((left, right), (sign,)) for left, sign, right in parts)


def _compared(
    base: sympy.Expr, sign: str, printer: TextbookPrinter
) -> tuple[str, str, str]:
    """Write x - y > 0 as x > y, 1 - p > 0 as p < 1, and -x != 0 as x != 0."""
    if sign == "!=" and is_negative(base):
        base = -base
    if base.is_Add and len(base.args) == 2:
        one, other = sorted(base.args, key=is_negative)
        if is_negative(other) and not is_negative(one):
            sides = str(printer.doprint(one)), str(printer.doprint(-other))
            if one.is_number:
                return sides[1], {">": "<"}.get(sign, sign), sides[0]
            return sides[0], sign, sides[1]
    number, rest = base.as_coeff_Add()
    if number.is_positive and sign == "!=":
        return str(printer.doprint(rest)), sign, str(printer.doprint(-number))
    return str(printer.doprint(base)), sign, "0"


def _intervals(parts: list[tuple[str, str, str]]) -> tuple[Condition, ...]:
    """Write p > 0 and p < 1 as 0 < p < 1."""
    found = {name: below for name, sign, below in parts if sign == ">"}
    above = {name: end for name, sign, end in parts if sign == "<"}
    both = [name for name in found if name in above]
    inside = [Condition((found[x], x, above[x]), ("<", "<")) for x in both]
    rest = [Condition((x, end), (sign,)) for x, sign, end in parts if x not in both]
    return (*inside, *rest)
