"""Numbers times arrays: what the formulas of an optimiser are made of.

A value is a `Sum`: numbers that change once a step at most, as sympy expressions, times
arrays. Numbers are pulled out of products, quotients and roots on the way, since an
operation on all parameters costs 10⁵ times as much as one on a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import sympy

#: No number.
ZERO = sympy.Integer(0)


@dataclass(frozen=True)
class Name:
    """An array by its name."""

    name: str

    def symbols(self) -> set[sympy.Symbol]:
        """Return the names of all numbers in it."""
        return set()


@dataclass(frozen=True)
class Apply:
    """A function of every element: the gate's name, and its argument."""

    gate: str
    argument: Sum

    def symbols(self) -> set[sympy.Symbol]:
        """Return the names of all numbers in it."""
        return self.argument.symbols()


@dataclass(frozen=True)
class Times:
    """An elementwise product."""

    left: Core
    right: Core

    def symbols(self) -> set[sympy.Symbol]:
        """Return the names of all numbers in it."""
        return self.left.symbols() | self.right.symbols()


@dataclass(frozen=True)
class Over:
    """An elementwise quotient; 1 stands above where there is nothing."""

    above: Core | None
    below: Core

    def symbols(self) -> set[sympy.Symbol]:
        """Return the names of all numbers in it."""
        above = set() if self.above is None else self.above.symbols()
        return above | self.below.symbols()


@dataclass(frozen=True)
class Whole:
    """A sum that is a factor of something."""

    sum: Sum

    def symbols(self) -> set[sympy.Symbol]:
        """Return the names of all numbers in it."""
        return self.sum.symbols()


Core: TypeAlias = "Name | Apply | Times | Over | Whole"


@dataclass(frozen=True)
class Sum:
    """Numbers times arrays, and a number alone."""

    terms: tuple[tuple[sympy.Expr, Core], ...] = ()
    number: sympy.Expr = ZERO

    @property
    def is_number(self) -> bool:
        """Whether there is no array."""
        return not self.terms

    def symbols(self) -> set[sympy.Symbol]:
        """Return the names of all numbers in it."""
        found = set(self.number.free_symbols)
        for number, core in self.terms:
            found |= number.free_symbols | core.symbols()
        return found

    def coefficient(self, core: Core) -> sympy.Expr:
        """Return the number before an array, 0 where it is not."""
        return {one: number for number, one in self.terms}.get(core, ZERO)


def array(name: str, factor: sympy.Expr = sympy.S.One) -> Sum:
    """Return an array, times a number."""
    return Sum(((factor, Name(name)),))


def add(a: Sum, b: Sum) -> Sum:
    """Return a + b, like arrays brought together."""
    terms = {core: number for number, core in a.terms}
    for number, core in b.terms:
        terms[core] = terms.get(core, 0) + number
    kept = tuple((number, core) for core, number in terms.items() if number != 0)
    return Sum(kept, a.number + b.number)


def scaled(a: Sum, by: sympy.Expr) -> Sum:
    """Return a sum times a number."""
    return Sum(tuple((number * by, core) for number, core in a.terms), a.number * by)


def subtract(a: Sum, b: Sum) -> Sum:
    """Return a - b."""
    return add(a, negate(b))


def negate(a: Sum) -> Sum:
    """Return -a."""
    return scaled(a, sympy.Integer(-1))


def is_negative(number: sympy.Expr) -> bool:
    """Whether a minus stands before a number."""
    return bool(number.as_coeff_Mul()[0] < 0)


def multiply(a: Sum, b: Sum) -> Sum:
    """Return a b, the numbers in front."""
    if a.is_number:
        return scaled(b, a.number)
    if b.is_number:
        return scaled(a, b.number)
    (p, x), (q, y) = factored(a), factored(b)
    return Sum(((p * q, Times(x, y)),))


def divide(a: Sum, b: Sum) -> Sum:
    """Return a / b, the numbers in front."""
    if b.is_number:
        return scaled(a, 1 / b.number)
    q, y = factored(b)
    if a.is_number:
        return Sum(((a.number / q, Over(None, y)),))
    p, x = factored(a)
    return Sum(((p / q, Over(x, y)),))


def power(a: Sum, b: Sum) -> Sum:
    """Return a number to a number, or the square of an array."""
    if a.is_number and b.is_number:
        return Sum((), a.number**b.number)
    if b != Sum((), sympy.Integer(2)):
        raise ValueError("an optimiser's formula takes no power but the square")
    return multiply(a, a)


def square_root(a: Sum) -> Sum:
    """Return the root of a number, or of an array whose number is above 0."""
    if a.is_number:
        return Sum((), sympy.sqrt(a.number))
    p, x = factored(a)
    inside = x.sum if isinstance(x, Whole) else Sum(((sympy.S.One, x),))
    return Sum(((sympy.sqrt(p), Apply("sqrt", inside)),))


def factored(a: Sum) -> tuple[sympy.Expr, Core]:
    """Take the number out of a sum with one array: p x + q = p (x + q/p)."""
    if len(a.terms) != 1:
        return sympy.S.One, Whole(a)
    ((p, core),) = a.terms
    if a.number == 0:
        return p, core
    return p, Whole(Sum(((sympy.S.One, core),), a.number / p))


#: What each gate does with sums; any other is a function of every element.
OPERATIONS: dict[str, Callable[..., Sum]] = {
    "copy": lambda a: a,
    "add": add,
    "sub": subtract,
    "neg": negate,
    "mul": multiply,
    "div": divide,
    "pow": power,
    "sqrt": square_root,
}
