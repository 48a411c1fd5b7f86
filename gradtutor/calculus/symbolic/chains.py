"""Sums of products of matrices, diagonals, columns and rows, and how they are written.

Elementwise parts are sympy expressions in symbols that stand for whole parts of the
formula, softmax(z) say, so that like terms are collected: s (1 - 2 s) and not s - 2 s².
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy

from gradtutor.calculus.symbolic.chain_symbols import ONE, Symbols, enclosed, opened


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
    text = f"{factor_text(matrix, symbols)} @ {_vector_text(vector, symbols)}"
    product = symbols.named(text, vector=True)
    symbols.products.add(product)
    return number * product


def _inner(left: sympy.Expr, right: sympy.Expr, symbols: Symbols) -> sympy.Expr:
    """Return the sum of a product of two vectors."""
    return symbols.total(left * right)


# ---- as text ----


def sum_text(chains: Iterable[Chain], symbols: Symbols, *, vector: bool) -> str:
    """Write a sum of chains, like terms collected; outer products multiplied out."""
    found = tuple(chains)
    parts = tuple(part for one in found for part in _multiplied_out(one, symbols))
    texts = [_collected_text(one, symbols, vector=vector) for one in (found, parts)]
    return min((opened(one) for one in texts), key=len)


def _multiplied_out(chain: Chain, symbols: Symbols) -> Sum:
    """Return a chain with a column or a row that is a sum as a sum of chains."""
    one = normal(chain, symbols)
    for place, factor in enumerate(one.factors):
        value = sympy.expand(factor.value)
        if factor.kind in ("column", "row") and value.is_Add:
            terms = [Factor(factor.kind, term) for term in sympy.Add.make_args(value)]
            before, after = one.factors[:place], one.factors[place + 1 :]
            return tuple(
                part
                for term in terms
                for part in _multiplied_out(
                    Chain(one.scalar, (*before, term, *after)), symbols
                )
            )
    return (one,)


def _collected_text(chains: Sum, symbols: Symbols, *, vector: bool) -> str:
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
        return symbols.text(total)
    if (len(slots) == 1 and len(factors) > len(slots)) or (slots and len(factors) == 1):
        number, rest = symbols.parted(total)
        factors[slots[0]] = Factor("diagonal", symbols.tidied(rest))
        if rest == 1 and len(factors) > 1:
            del factors[slots[0]]
        total = number
    if alone:
        number, rest = symbols.parted(total)
        factors, total = [Factor(factors[0].kind, rest)], number
    return _scaled_text(total, _factors_text(factors, vector, symbols), symbols)


def _scaled_text(number: sympy.Expr, matrices: str, symbols: Symbols) -> str:
    """Write a number times matrices; a denominator last."""
    if not matrices:
        return symbols.text(number)
    sign = "-" if number.could_extract_minus_sign() else ""
    number = -number if sign else number
    above, below = number.as_numer_denom()
    text = matrices if above == 1 else f"{_as_factor(above, symbols)}*{matrices}"
    bottom = _as_factor(below, symbols, below=True)
    return sign + (text if below == 1 else f"{text}/{bottom}")


def _as_factor(value: sympy.Expr, symbols: Symbols, *, below: bool = False) -> str:
    text = symbols.text(value)
    compound = value.is_Add or (below and value.is_Mul)
    return f"({text})" if compound else enclosed(text) if value.is_Symbol else text


def _factors_text(factors: list[Factor], vector: bool, symbols: Symbols) -> str:
    """Write a product of factors; a column with a row is an outer product."""
    if not factors:
        return "" if vector else "eye"
    texts: list[str] = []
    for before, one in zip([None, *factors], factors, strict=False):
        if before is not None and before.kind == "column" and one.kind == "row":
            column = opened(texts.pop())
            texts.append(f"outer({column}, {opened(factor_text(one, symbols))})")
        else:
            texts.append(factor_text(one, symbols))
    return " @ ".join(texts)


def factor_text(one: Factor, symbols: Symbols) -> str:
    """Write a factor."""
    if one.kind == "diagonal":
        return f"diag({opened(symbols.text(one.value))})"
    if one.kind in ("row", "column"):
        return _vector_text(one.value, symbols)
    text = enclosed(symbols.text(one.value))
    return f"{text}.T" if one.transposed else text


def _vector_text(value: sympy.Expr, symbols: Symbols) -> str:
    if value == 1:
        return "ones"
    text = symbols.text(value)
    return text if value in symbols.products else enclosed(text)
