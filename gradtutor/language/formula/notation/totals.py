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

from gradtutor.graph import Span
from gradtutor.language.errors import LimitError
from gradtutor.language.formula.notation.indices import Indexed, Sum
from gradtutor.language.formula.notation.tokens import Kind, Token
from gradtutor.language.formula.trees import Beside, Numeral, filled, placed
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.formula.notation.grammar import Grammar

MAX_TERMS = 200
NAMES = {"∑": "sum", "Σ": "sum", "∏": "prod", "Π": "prod"}
#: Letters that run where a sum names no index.
RUNNING = "ijklmn"


def read_total(parser: Grammar) -> ast.expr:
    """Read a sum or a product, its bounds and its terms.

    A sum inside another is left to the outermost one, which knows all indices.
    """
    sign = parser.step()
    lower = _bound(parser, "_")
    upper = _bound(parser, "^")
    lower = lower or _bound(parser, "_")
    parser.totals += 1
    body = _body(parser)
    parser.totals -= 1
    span = (sign.span[0], parser.span(body)[1])
    index, start = _index(lower)
    stop = upper[0].text if len(upper) == 1 else ""
    if index and start.isdigit() and stop.isdigit():
        return _written_out(parser, sign, body, (index, int(start), int(stop)))
    _check_bounds(parser, lower, upper)
    over = _indices(lower) if index else _implied(body)
    if not over:
        return parser.call(NAMES[sign.text], [body], span, sign.span)
    bound = parser.put(ast.Name(stop), *upper[0].span) if stop.isidentifier() else None
    if bound is not None:
        parser.bounds[stop] = over[0]
    if NAMES[sign.text] == "sum":
        total = parser.put(Sum(body, over, bound), *span)
        return total if parser.totals else _settled(parser, total)
    body = _settled(parser, body, over)
    return parser.call(NAMES[sign.text], [body], span, sign.span)


def _check_bounds(parser: Grammar, lower: list[Token], upper: list[Token]) -> None:
    """Refuse bounds that are no whole axis: up to n-1, from 2, i < j, i in a set."""
    signs = [token.text for token in lower if token.kind is Kind.SIGN]
    start = _index(lower)[1]
    fits = set(signs) <= {"=", ","} and len(upper) <= 1
    if fits and ("=" not in signs or start in ("0", "1")):
        return
    inside = [*lower, *upper]
    message = tr("a sum with these bounds is not read")
    hint = tr("over a whole vector, as in ∑_i x_i, or between two numbers")
    raise parser.fault(message, (inside[0].span[0], inside[-1].span[1]), hint)


def read_extreme(parser: Grammar, name: str, span: Span) -> ast.expr:
    """Read max_i x_i: the largest entry of a vector."""
    body = _settled(parser, _body(parser), (name[-1],))
    return parser.call(f"a{name[:3]}", [body], (span[0], parser.last.span[1]), span)


def _settled(
    parser: Grammar, node: ast.expr, running: tuple[str, ...] = ()
) -> ast.expr:
    """Read the sums of a part as sums over axes."""
    reader = Indexed(parser, frozenset(running))
    tree, _ = reader.whole(node)
    for name, shape in reader.shapes.items():
        parser.entries.setdefault(name, shape)
    return tree


def _indices(lower: list[Token]) -> tuple[str, ...]:
    """Return the indices that run: i of i=1, i and j of i,j and of ij."""
    kinds = (Kind.NAME, Kind.LOWERED)
    names = [token.text for token in lower if token.kind in kinds]
    names = names[: 1 if any(token.is_sign("=") for token in lower) else None]
    return tuple(names[0].partition("=")[0].split(",") if len(names) == 1 else names)


def _implied(body: ast.expr) -> tuple[str, ...]:
    """Return the index of a sum that names none: i of ∑ x_i²."""
    names = [node.id for node in ast.walk(body) if isinstance(node, ast.Name)]
    found = {name.rpartition("_")[2] for name in names if "_" in name[1:]}
    found = {below for below in found if len(below) == 1 and below in RUNNING}
    return tuple(found) if len(found) == 1 else ()


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

        def numbered(node: ast.Name, count: int = count) -> ast.expr:
            stem, _, below = node.id.rpartition("_")
            place = parser.span(node)
            if node.id == index:
                return parser.put(Numeral(count, str(count)), *place)
            if below == index and stem in parser.values:
                tree = filled(f"{stem}[{count - min(start, 1)}]")
                return placed(tree, parser.places, place)
            if below == index and stem:
                return parser.put(ast.Name(f"{stem}_{count}"), *place)
            return node

        terms.append(_renamed(parser, body, numbered))
    operator = "+" if NAMES[sign.text] == "sum" else "*"
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
