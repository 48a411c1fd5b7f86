"""Sums and products over an index: ∑_{i=1}^{n} x_i^2 is the sum of a vector's squares.

With numbers as bounds, the terms are written out; with a letter as bound, names with
the index are vectors, and the sum is that of their elements.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradtutor.graph import Span
from gradtutor.language.formula.notation.indexed.parts import Total
from gradtutor.language.formula.notation.indexed.scopes import FREE
from gradtutor.language.formula.notation.tokens import Kind, Token
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.formula.notation.grammar import Grammar

MAX_TERMS = 200
NAMES = {"∑": "sum", "Σ": "sum", "∏": "prod", "Π": "prod"}
#: Letters that run where a sum names no index.
RUNNING = "ijklmn"


def read_total(parser: Grammar) -> ast.expr:
    """Read a sum or a product, its bounds and its terms.

    What it is of arrays is known when the whole text is read: ``indexed``.
    """
    sign = parser.step()
    lower = _bound(parser, "_")
    upper = _bound(parser, "^")
    lower = lower or _bound(parser, "_")
    body = _body(parser)
    span = (sign.span[0], parser.span(body)[1])
    index, start = _index(lower)
    stop = upper[0].text if len(upper) == 1 else ""
    kind = NAMES[sign.text]
    _check_bounds(parser, lower, upper)
    over = _indices(lower) if index else _implied(body)
    if not over:
        return parser.call(kind, [body], span, sign.span)
    total = Total(kind, body, over)
    if start.isdigit() and stop.isdigit():
        total.bounds = (int(start), int(stop))
    elif stop.isidentifier():
        total.stop = parser.put(ast.Name(stop), *upper[0].span)
    return parser.put(total, *span)


def _check_bounds(parser: Grammar, lower: list[Token], upper: list[Token]) -> None:
    """Refuse bounds that are no whole axis: up to n-1, from 2, i < j, i in a set."""
    signs = [token.text for token in lower if token.kind is Kind.SIGN]
    start = _index(lower)[1]
    numbers = start.isdigit() and len(upper) == 1 and upper[0].text.isdigit()
    fits = set(signs) <= {"=", ","} and len(upper) <= 1
    if fits and (numbers or "=" not in signs or start in ("0", "1")):
        return
    inside = [*lower, *upper]
    message = tr("a sum with these bounds is not read")
    hint = tr("over a whole vector, as in ∑_i x_i, or between two numbers")
    if {"<", ">", "!=", "<=", ">="} & set(signs):
        hint = tr(
            "write a sum over all pairs with a mask, {sum}, and {mask} on a line above",
            sum="∑_{i,j} M_{ij} f(x_i, x_j)",
            mask="M = triu(ones(3, 3), 1)",
        )
    raise parser.fault(message, (inside[0].span[0], inside[-1].span[1]), hint)


def read_extreme(parser: Grammar, name: str, span: Span) -> ast.expr:
    """Read max_i x_i: the largest entry of a vector."""
    if name[4:] not in FREE:
        message = tr("{word} over {index} is not read", word=name[:3], index=name[4:])
        hint = tr("over all of one index, as in max_i x_i; max(x) is the largest entry")
        raise parser.fault(message, span, hint)
    body = _body(parser)
    total = Total(f"a{name[:3]}", body, (name[-1],))
    return parser.put(total, span[0], parser.span(body)[1])


def _indices(lower: list[Token]) -> tuple[str, ...]:
    """Return the indices that run: i of i=1, i and j of i,j and of ij."""
    kinds = (Kind.NAME, Kind.LOWERED)
    equals = [place for place, token in enumerate(lower) if token.is_sign("=")]
    before = lower[: equals[0] if equals else None]  # i and j of i,j=1
    names = [token.text for token in before if token.kind in kinds]
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
