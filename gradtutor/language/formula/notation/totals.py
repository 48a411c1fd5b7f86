"""Sums and products over an index: ∑_{i=1}^{n} x_i^2 is the sum of a vector's squares.

With numbers as bounds, the terms are written out; with a letter as bound, names with
the index are vectors, and the sum is that of their elements.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING

from gradtutor.language.errors import LimitError
from gradtutor.language.formula.notation.tokens import Kind, Token
from gradtutor.language.formula.trees import Beside, Numeral
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.formula.notation.grammar import Grammar

MAX_TERMS = 200
NAMES = {"∑": "sum", "∏": "prod"}


def read_total(parser: Grammar) -> ast.expr:
    """Read a sum or a product, its bounds and its terms."""
    sign = parser.step()
    lower = _bound(parser, "_")
    upper = _bound(parser, "^")
    lower = lower or _bound(parser, "_")
    body = _body(parser)
    span = (sign.span[0], parser.span(body)[1])
    index, start = _index(lower)
    stop = upper[0].text if len(upper) == 1 else ""
    if index and start.isdigit() and stop.isdigit():
        return _written_out(parser, sign, body, (index, int(start), int(stop)))
    if index:
        body = _without_index(parser, body, index)
    return parser.call(NAMES[sign.text], [body], span, sign.span)


def _bound(parser: Grammar, mark: str) -> list[Token]:
    """Read a bound: _i, _{i=1}, ₌-less lowered letters, ^n, ^{n}."""
    token = parser.here
    if mark == "_" and token.kind is Kind.LOWERED:
        return [parser.step()]
    if mark == "_" and token.kind is Kind.NAME and token.text.startswith("_"):
        parser.step()
        return [Token(Kind.NAME, token.text[1:], token.span)]
    if not parser.here.is_sign(mark):
        return []
    parser.step()
    bracket = parser.takes("{", "(")
    if bracket is None:
        return [parser.step()]
    inside: list[Token] = []
    while not parser.here.is_sign("}", ")") and parser.here.kind is not Kind.END:
        inside.append(parser.step())
    parser.step()
    return inside


def _index(lower: list[Token]) -> tuple[str, str]:
    """Return the index and where it starts: i and 1 of i=1."""
    texts = [token.text for token in lower]
    if not texts:
        return "", ""
    if len(texts) == 1:
        return texts[0].partition("=")[0], texts[0].partition("=")[2]
    return texts[0], texts[-1]


def _body(parser: Grammar) -> ast.expr:
    """Read what is summed: factors side by side or with signs, up to a plus."""
    total = parser.power()
    while True:
        sign = parser.takes("*", "/", "@", "⊙")
        if sign:
            total = parser.binary(total, sign.text, parser.power())
        elif parser.begins_factor():
            total = parser.binary(total, "", parser.power())
        else:
            return total


def _without_index(parser: Grammar, body: ast.expr, index: str) -> ast.expr:
    """Read x_i as the vector x; the index itself has no value."""

    def plain(node: ast.Name) -> ast.expr:
        stem, _, below = node.id.rpartition("_")
        if node.id == index:
            message = tr("the index {index} has no value of its own here", index=index)
            hint = tr("give the sum numbers as bounds, or name a vector for it")
            raise parser.fault(message, parser.span(node), hint)
        if below == index and stem:
            parser.vectors.add(stem)
            return parser.put(ast.Name(stem), *parser.span(node))
        return node

    return _renamed(parser, body, plain)


def _written_out(
    parser: Grammar, sign: Token, body: ast.expr, bounds: tuple[str, int, int]
) -> ast.expr:
    """Write the terms out: x^1 + x^2 + x^3."""
    index, start, stop = bounds
    span = (sign.span[0], parser.span(body)[1])
    if not 0 <= stop - start < MAX_TERMS:
        message = tr(
            "a sum from {start} to {stop}: 1 to {limit} terms are written out",
            start=start,
            stop=stop,
            limit=MAX_TERMS,
        )
        raise LimitError(message, parser.text, span)
    terms = []
    for count in range(start, stop + 1):

        def placed(node: ast.Name, count: int = count) -> ast.expr:
            stem, _, below = node.id.rpartition("_")
            place = parser.span(node)
            if node.id == index:
                return parser.put(Numeral(count, str(count)), *place)
            if below == index and stem:
                return parser.put(ast.Name(f"{stem}_{count}"), *place)
            return node

        terms.append(_renamed(parser, body, placed))
    operator = "+" if sign.text == "∑" else "*"
    total = reduce(lambda a, b: parser.binary(a, operator, b), terms)
    parser.places[total] = span
    return total


def _renamed(
    parser: Grammar, body: ast.expr, change: Callable[[ast.Name], ast.expr]
) -> ast.expr:
    """Return a copy of a tree with its names changed, every place kept."""

    class Changed(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if isinstance(node, ast.Name):
                return change(node)
            if isinstance(node, Beside):  # numbers, though their names are vectors
                return ast.Mult()
            fresh = copy.copy(node)
            self.generic_visit(fresh)
            if node in parser.places:
                parser.places[fresh] = parser.places[node]
            return fresh

    changed = Changed().visit(body)
    assert isinstance(changed, ast.expr)
    return changed
