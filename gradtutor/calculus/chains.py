"""Sums of products of matrices, diagonals, columns and rows, and how they are written.

Elementwise parts are sympy expressions in symbols that stand for whole parts of the
formula, softmax(z) say, so that like terms are collected: s (1 - 2 s) and not s - 2 s².
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sympy

from gradtutor.calculus.closed_form import expression_string
from gradtutor.gates import COMPARISONS
from gradtutor.graph import Graph, operands
from gradtutor.language.formula.unparse import expression_text

ONE = sympy.Integer(1)
LONGEST = 120


@dataclass(frozen=True)
class Factor:
    """A factor of a chain: ``matrix``, ``diagonal``, ``column`` or ``row``.

    ``value`` is a matrix's symbol, or the numbers on the diagonal, in the column (of a
    number times a vector) or in the row (of a product with a vector), one by one.
    """

    kind: str
    value: sympy.Expr
    transposed: bool = False


@dataclass(frozen=True)
class Chain:
    """A number times factors from the left; no factor is the identity."""

    scalar: sympy.Expr = ONE
    factors: tuple[Factor, ...] = ()


Sum = tuple[Chain, ...]


class Symbols:
    """The parts of a formula as symbols: all that is not arithmetic has its own."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.vectors: set[sympy.Symbol] = set()
        self.conditions: set[sympy.Symbol] = set()
        self.known: dict[str, sympy.Expr] = {}

    def rank(self, node: str) -> int:
        """Rank of a node; one number in a row counts as a number."""
        shape = self.graph.nodes[node]["shape"] or ()
        return 0 if all(size == 1 for size in shape) else len(shape)

    def atom(self, node: str) -> sympy.Symbol:
        """Return the symbol of a whole part, named by its text."""
        text = expression_text(self.graph, node, stops=(), limit=LONGEST)
        return self.named(text, vector=self.rank(node) == 1)

    def named(self, text: str, *, vector: bool) -> sympy.Symbol:
        """Return the symbol with this text as its name."""
        symbol = sympy.Symbol(_enclosed(text), real=True)
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
        symbol = self.atom(node)
        if gate in COMPARISONS:
            self.conditions.add(symbol)
        return symbol

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


def _enclosed(text: str) -> str:
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


# ---- to a normal form ----


def normal(chain: Chain, symbols: Symbols) -> Chain:
    """Join neighbours, and take numbers out of diagonals, columns and rows."""
    scalar, factors = chain.scalar, list(chain.factors)
    at = 0
    while at + 1 < len(factors):
        joined = _joined(factors[at], factors[at + 1], symbols)
        if joined is None:
            at += 1
        elif isinstance(joined, Factor):
            factors[at : at + 2] = [joined]
            at = max(0, at - 1)
        else:
            scalar *= joined
            factors[at : at + 2] = []
            at = max(0, at - 1)
    kept = []
    for one in factors:
        if one.kind != "matrix":
            number, vector = symbols.parted(one.value)
            scalar *= number
            one = Factor(one.kind, vector)
            if one.kind == "diagonal" and vector == 1:
                continue
        kept.append(one)
    return Chain(scalar, tuple(kept))


def _joined(
    left: Factor, right: Factor, symbols: Symbols
) -> Factor | sympy.Expr | None:
    match left.kind, right.kind:
        case ("diagonal", "diagonal" | "column") | ("row", "diagonal"):
            kind = right.kind if left.kind == "diagonal" else "row"
            return Factor(kind, left.value * right.value)
        case "row", "matrix":
            turned = Factor("matrix", right.value, not right.transposed)
            return Factor("row", _applied(turned, left.value, symbols))
        case "matrix", "column":
            return Factor("column", _applied(left, right.value, symbols))
        case "row", "column":
            return _inner(left.value, right.value, symbols)
    return None


def _applied(matrix: Factor, value: sympy.Expr, symbols: Symbols) -> sympy.Expr:
    """Return a matrix times a vector as a symbol."""
    number, vector = symbols.parted(value)
    text = f"{factor_text(matrix)} @ {_vector_text(vector)}"
    return number * symbols.named(text, vector=True)


def _inner(left: sympy.Expr, right: sympy.Expr, symbols: Symbols) -> sympy.Expr:
    """Return the sum of a product of two vectors."""
    number, vector = symbols.parted(left * right)
    return number * symbols.named(f"sum({expression_string(vector)})", vector=False)


# ---- as text ----


def sum_text(chains: Iterable[Chain], symbols: Symbols, *, vector: bool) -> str:
    """Write a sum of chains, like terms collected."""
    groups: dict[tuple[object, ...], tuple[Chain, sympy.Expr]] = {}
    for chain in chains:
        one = normal(chain, symbols)
        key, value = _key(one)
        first, total = groups.get(key, (one, sympy.Integer(0)))
        groups[key] = (first, total + value)
    texts = [_group_text(one, total, symbols, vector) for one, total in groups.values()]
    texts = [text for text in texts if text not in ("0", "")]
    texts.sort(key=lambda text: text.startswith("-"))
    written = texts[0] if texts else "0"
    for text in texts[1:]:
        written += f" - {text[1:]}" if text.startswith("-") else f" + {text}"
    return written


def _key(chain: Chain) -> tuple[tuple[object, ...], sympy.Expr]:
    """Return what like terms share, and what is added: one diagonal's values, say."""
    diagonals = [one for one in chain.factors if one.kind == "diagonal"]
    matrices = [one for one in chain.factors if one.kind == "matrix"]
    single = len(diagonals) == 1 and len(matrices) + 1 == len(chain.factors)
    if single:
        key = tuple(one if one.kind == "matrix" else "diag" for one in chain.factors)
        return key, chain.scalar * diagonals[0].value
    if len(chain.factors) == 1 and chain.factors[0].kind != "matrix":
        return (chain.factors[0].kind,), chain.scalar * chain.factors[0].value
    return chain.factors, chain.scalar


def _group_text(first: Chain, total: sympy.Expr, symbols: Symbols, vector: bool) -> str:
    """Write what was collected: number*matrices."""
    total = symbols.tidied(total)
    if total == 0:
        return "0"
    factors = list(first.factors)
    slots = [i for i, one in enumerate(factors) if one.kind == "diagonal"]
    alone = len(factors) == 1 and factors[0].kind in ("row", "column")
    if alone and vector:
        return expression_string(total)
    if (len(slots) == 1 and len(factors) > len(slots)) or (slots and len(factors) == 1):
        number, rest = symbols.parted(total)
        factors[slots[0]] = Factor("diagonal", symbols.tidied(rest))
        if rest == 1 and len(factors) > 1:
            del factors[slots[0]]
        total = number
    if alone:
        number, rest = symbols.parted(total)
        factors, total = [Factor(factors[0].kind, rest)], number
    return _scaled_text(total, _factors_text(factors, vector))


def _scaled_text(number: sympy.Expr, matrices: str) -> str:
    """Write a number times matrices; a denominator last."""
    if not matrices:
        return expression_string(number)
    sign = "-" if number.could_extract_minus_sign() else ""
    number = -number if sign else number
    above, below = number.as_numer_denom()
    text = matrices if above == 1 else f"{_as_factor(above)}*{matrices}"
    return sign + (text if below == 1 else f"{text}/{_as_factor(below, below=True)}")


def _as_factor(value: sympy.Expr, *, below: bool = False) -> str:
    text = expression_string(value)
    compound = value.is_Add or (below and value.is_Mul)
    return f"({text})" if compound else text


def _factors_text(factors: list[Factor], vector: bool) -> str:
    """Write a product of factors; a column with a row is an outer product."""
    if not factors:
        return "" if vector else "eye"
    texts: list[str] = []
    for before, one in zip([None, *factors], factors, strict=False):
        if before is not None and before.kind == "column" and one.kind == "row":
            column = opened(texts.pop())
            texts.append(f"outer({column}, {opened(factor_text(one))})")
        else:
            texts.append(factor_text(one))
    return " @ ".join(texts)


def factor_text(one: Factor) -> str:
    """Write a factor."""
    if one.kind == "diagonal":
        return f"diag({opened(expression_string(one.value))})"
    if one.kind in ("row", "column"):
        return _vector_text(one.value)
    text = expression_string(one.value)
    return f"{text}.T" if one.transposed else text


def _vector_text(value: sympy.Expr) -> str:
    if value == 1:
        return "ones"
    text = expression_string(value)
    return text if value.is_Symbol else f"({text})"
