"""Sums between numbers, written out: ∑_{k=1}^3 x^k is x^1 + x^2 + x^3."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING

from gradtutor.language.errors import LimitError
from gradtutor.language.formula.notation.indexed.parts import Total
from gradtutor.language.formula.notation.indexed.scopes import FREE, names_of, splits
from gradtutor.language.formula.trees import Numeral, filled, placed
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.formula.notation.grammar import Grammar

MAX_TERMS = 200


def write_terms(parser: Grammar, tree: ast.Module) -> None:
    """Write out the sums between numbers whose names are no entries of tensors.

    From the innermost outwards, by a loop: a long formula is a deep tree.
    """
    found = [
        (parent, name, place, child)
        for parent in ast.walk(tree)
        for name, value in ast.iter_fields(parent)
        for place, child in enumerate(value if isinstance(value, list) else [value])
        if isinstance(child, Total) and child.bounds
    ]
    names = set(names_of(tree)) if found else set()
    for parent, name, place, total in reversed(found):
        if _is_tensors(total, names - parser.values):
            _check_start(parser, total)
            continue
        terms = _written_out(parser, total)
        if isinstance(getattr(parent, name), list):
            getattr(parent, name)[place] = terms
        else:
            setattr(parent, name, terms)


def _is_tensors(total: Total, names: set[str]) -> bool:
    """Whether an entry of the sum stands elsewhere with another index, or has two."""
    index = total.over[0]
    inside = {
        stem: letters
        for name in names_of(total.body)
        for stem, letters in [next(splits(name), (name, ()))]
        if index in letters
    }
    if len(total.over) > 1 or any(len(letters) > 1 for letters in inside.values()):
        return True
    return any(
        stem in inside and letters and index not in letters and set(letters) <= FREE
        for name in names
        for stem, letters in [next(splits(name), (name, ()))]
    ) or bool(inside.keys() & names)


def _check_start(parser: Grammar, total: Total) -> None:
    start, stop = total.bounds or (1, 1)
    if start in (0, 1) and 1 <= stop - start + 1 <= MAX_TERMS:
        return
    message = tr("a sum with these bounds is not read")
    hint = tr("over a whole vector, as in ∑_i x_i, or between two numbers")
    raise parser.fault(message, parser.span(total), hint)


def _written_out(parser: Grammar, total: Total) -> ast.expr:
    """Write the terms out: x^1 + x^2 + x^3."""
    assert total.bounds is not None
    (start, stop), index, body = total.bounds, total.over[0], total.body
    span = parser.span(total)
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
    operator = "+" if total.kind == "sum" else "*"
    result = reduce(lambda a, b: parser.binary(a, operator, b), terms)
    parser.places[result] = span
    return result


def _renamed(
    parser: Grammar, body: ast.expr, change: Callable[[ast.Name], ast.expr]
) -> ast.expr:
    """Return a copy of a tree with its names changed, every place kept."""

    class Changed(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if isinstance(node, ast.Name):
                return change(node)
            fresh = copy.copy(node)
            for name, value in ast.iter_fields(node):
                if isinstance(value, list):  # each term has its own arguments
                    setattr(fresh, name, list(value))
            self.generic_visit(fresh)
            if node in parser.places:
                parser.places[fresh] = parser.places[node]
            return fresh

    changed = Changed().visit(body)
    assert isinstance(changed, ast.expr)
    return changed
