r"""The parts of a formula as sympy symbols, each named by its text, and their texts.

>>> from gradtutor.language import parse
>>> graph = parse("x: (3,)\nsqrt(sum(x**2))/size(x)")
>>> symbols = Symbols(graph)
>>> symbols.text(symbols.value(graph.graph["output"]))
'norm(x)/3'
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy

from gradtutor.calculus.expression_printer import Printer
from gradtutor.gates import COMPARISONS
from gradtutor.graph import Graph, inputs, operands
from gradtutor.language.formula.unparse import expression_text

ONE = sympy.Integer(1)
LONGEST = 120


class PartsPrinter(Printer):
    """Writes values whose symbols may be whole parts, X @ w."""

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        """Put a part in brackets where an operator binds it."""
        text = str(super().parenthesize(item, level, strict))
        return enclosed(text) if item.is_Symbol else text


class Symbols:
    """The parts of a formula as symbols: all that is not arithmetic has its own."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.vectors: set[sympy.Symbol] = set()
        self.conditions: set[sympy.Symbol] = set()
        #: Matrices times a vector: A @ (B @ x) is A @ B @ x.
        self.products: set[sympy.Symbol] = set()
        #: Numbers that add up to 1.
        self.shares: set[sympy.Symbol] = set()
        self.known: dict[str, sympy.Expr] = {}
        self.printer = PartsPrinter(inputs(graph))

    def text(self, value: sympy.Expr) -> str:
        """Write a value, its names in the order that they were written in."""
        return str(self.printer.doprint(value))

    def rank(self, node: str) -> int:
        """Rank of a node; one number in a row counts as a number."""
        shape = self.graph.nodes[node]["shape"] or ()
        return 0 if all(size == 1 for size in shape) else len(shape)

    def atom(self, node: str) -> sympy.Symbol:
        """Return the symbol of a whole part, named by its text."""
        text = expression_text(self.graph, node, stops=(), limit=LONGEST)
        symbol = self.named(text, vector=self.rank(node) == 1)
        if self.graph.nodes[node]["gate"] == "matmul":
            left, _ = operands(self.graph, node)
            self.products |= {symbol} if self.rank(left) == 2 else set()
        return symbol

    def named(self, text: str, *, vector: bool) -> sympy.Symbol:
        """Return the symbol with this text as its name."""
        symbol = sympy.Symbol(text, real=True)
        if vector:
            self.vectors.add(symbol)
        return symbol

    def value(self, node: str) -> sympy.Expr:
        """Return a number or a vector, element by element, in symbols."""
        if node not in self.known:
            self.known[node] = self._value(node)
        return self.known[node]

    def _value(self, node: str) -> sympy.Expr:
        data, args = self.graph.nodes[node], operands(self.graph, node)
        gate = data["gate"]
        if gate == "number" and data["text"] not in ("pi", "π"):
            return sympy.nsimplify(data["value"], rational=True)
        if gate in ("copy",) or (gate == "transpose" and self.rank(node) < 2):
            return self.value(args[0])
        if gate == "broadcast" and self.rank(args[0]) == 0:
            return self.value(args[0])
        if gate in ARITHMETIC:
            return ARITHMETIC[gate](*map(self.value, args))
        known = self._size(node, args) or self._root(node, args)
        known = self._total(node, args) if known is None else known
        if known is not None:
            return known
        symbol = self.atom(node)
        if gate == "softmax":
            self.shares.add(symbol)
        if gate in COMPARISONS:
            symbol = self.named(f"({symbol})", vector=symbol in self.vectors)
            self.conditions.add(symbol)
        return symbol

    def _size(self, node: str, args: list[str]) -> sympy.Expr | None:
        """Return a size as its number, where the shape is known."""
        if self.graph.nodes[node]["gate"] != "size":
            return None
        axis = self.graph.nodes[node]["attrs"].get("axis")
        shape = self.graph.nodes[args[0]]["shape"] or ()
        axes = range(len(shape)) if axis is None else np.atleast_1d(axis)
        sizes = [shape[one] for one in axes]
        whole = all(isinstance(size, int) for size in sizes)
        return sympy.Integer(math.prod(sizes)) if whole else None

    def _root(self, node: str, args: list[str]) -> sympy.Expr | None:
        """Return sqrt(sum(x**2)) as norm(x), a variance as a deviation's square."""
        data = self.graph.nodes[node]
        if data["gate"] == "sqrt":
            inner = self._root(args[0], operands(self.graph, args[0]))
            return None if inner is None else inner.as_base_exp()[0]
        if data["gate"] not in ("sum", "variance") or self.rank(node):
            return None
        word = "std"
        if data["gate"] == "sum":
            if self.graph.nodes[args[0]]["gate"] != "pow":
                return None
            base, exponent = operands(self.graph, args[0])
            if self.graph.nodes[exponent].get("value") != 2:
                return None
            word, args = "norm", [base]
        text = expression_text(self.graph, args[0], stops=(), limit=LONGEST)
        return sympy.Symbol(f"{word}({text})", positive=True) ** 2

    def _total(self, node: str, args: list[str]) -> sympy.Expr | None:
        """Return a sum with its numbers outside; shares add up to 1."""
        data = self.graph.nodes[node]
        if data["gate"] != "sum" or self.rank(node) or self.rank(args[0]) != 1:
            return None
        value = self.value(args[0])
        return self.total(value) if value.free_symbols & self.vectors else None

    def total(self, value: sympy.Expr) -> sympy.Expr:
        """Return the sum of a vector's numbers; those of a softmax add up to 1."""
        number, vector = self.parted(value)
        if vector in self.shares:
            return number
        if vector.is_Pow and vector.exp == 2:
            return number * self.norm(vector.base) ** 2
        return number * self.named(f"sum({self.text(vector)})", vector=False)

    def norm(self, vector: sympy.Expr) -> sympy.Expr:
        """Return the length of a vector."""
        return sympy.Symbol(f"norm({opened(self.text(vector))})", positive=True)

    def tidied(self, value: sympy.Expr) -> sympy.Expr:
        """Return the shortest of some equal forms; c² of a condition c is c."""
        for one in self.conditions & value.free_symbols:
            value = sympy.expand(value).replace(
                lambda e, one=one: e.is_Pow and e.base == one, lambda _, one=one: one
            )
        forms = [value, sympy.factor(value), sympy.expand(value)]
        return min(forms, key=lambda form: (sympy.count_ops(form), len(str(form))))

    def parted(self, value: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
        """Split a product into what is a number and what is a vector."""
        inside = self.vectors & value.free_symbols
        if not inside:
            return value, ONE
        scalar, vector = sympy.factor_terms(value).as_independent(*inside, as_Add=False)
        return scalar, vector


ARITHMETIC: dict[str, Callable[..., sympy.Expr]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "routed": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "pow": lambda a, b: a**b,
}


def enclosed(text: str) -> str:
    """Put a part that is no call or name in brackets."""
    depth = 0
    for position, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and position and char in " +<>=@/-*":
            return f"({text})"
    return text


def opened(text: str) -> str:
    """Drop brackets that enclose a whole text."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for position, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0 and position < len(text) - 1:
            return text
    return text[1:-1]
