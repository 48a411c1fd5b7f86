"""A corrected line in the person's own writing: only what changes is written anew.

>>> line = ast.parse("dz = upstream*(1-h)").body[0]
>>> new = ast.parse("1 - h**2", mode="eval").body
>>> rewritten("dz = upstream*(1-h)", line, line.value.right, new)
'dz = upstream*(1-h**2)'
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

OPERATORS = ("**", "*", "/", "@", "+", "-")
#: What can stand inside any expression without brackets.
CLOSED = ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.Constant
HOLD = "held_{}_"
Change = Callable[[ast.AST], ast.AST | None]


def rewritten(
    source: str, statement: ast.stmt, node: ast.expr | None, new: ast.AST
) -> str:
    """Return a statement with one node in the place of another; "" where it cannot be.

    Parameters
    ----------
    source : str
        The person's text.
    statement : ast.stmt
        The statement as it was read from it.
    node, new : ast node
        What is replaced, None for the whole statement, and what stands there then.
    """
    old = ast.get_source_segment(source, statement) or ""
    if not old or hasattr(statement, "body"):
        return ""
    if isinstance(new, ast.If):
        return ""  # two statements in the place of one
    if node is None:
        return _if_same(_written(source, new, old), new)
    whole = _with(statement, node, new)
    start = _offset(source, node.lineno, node.col_offset)
    end = _offset(source, node.end_lineno or 0, node.end_col_offset or 0)
    first = _offset(source, statement.lineno, statement.col_offset)
    before, after = old[: start - first], old[end - first :]
    text = _written(source, new, old)
    for form in (text, f"({text})"):
        made = _if_same(_on_one_line(before + form + after), whole)
        if made:
            return made
    return ""


def _offset(source: str, line: int, column: int) -> int:
    """Return where a place of ast stands: its columns count bytes."""
    lines = source.split("\n")
    here = lines[line - 1].encode()[:column].decode() if line else ""
    return sum(len(one) + 1 for one in lines[: line - 1]) + len(here)


def _on_one_line(text: str) -> str:
    """Join the lines of a statement, which brackets or a backslash hold together."""
    return re.sub(r"\s*\\?\n\s*", " ", text)


def _if_same(text: str, wanted: ast.AST) -> str:
    """Return a text if it reads as what is wanted."""
    try:
        (made,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        return ""
    plain = ast.parse(ast.unparse(ast.fix_missing_locations(wanted))).body
    return text if [ast.dump(made)] == [ast.dump(one) for one in plain] else ""


def _with(statement: ast.stmt, node: ast.expr, new: ast.AST) -> ast.stmt:
    """Return a copy of a statement with a node in the place of another."""
    made = _rebuilt(statement, lambda here: new if here is node else None)
    assert isinstance(made, ast.stmt)
    return made


def _rebuilt(node: ast.AST, change: Change) -> ast.AST:
    """Return a copy of a tree with other nodes where there is a change."""
    changed = change(node)
    if changed is not None:
        return changed
    fields = {name: _field(value, change) for name, value in ast.iter_fields(node)}
    return ast.copy_location(type(node)(**fields), node)


def _field(value: Any, change: Change) -> Any:
    if isinstance(value, list):
        return [_field(one, change) for one in value]
    return _rebuilt(value, change) if isinstance(value, ast.AST) else value


def _written(source: str, new: ast.AST, old: str) -> str:
    """Write a node: what was there before in its own words, the rest in their style."""
    held: dict[str, str] = {}
    made = _holding(source, new, held)
    text = _spaced(ast.unparse(ast.fix_missing_locations(made)), old)
    for name, words in held.items():
        text = text.replace(name, words)
    return text


def _holding(source: str, new: ast.AST, held: dict[str, str]) -> ast.AST:
    """Return a copy in which parts of the person's text are held by names."""

    def hold(here: ast.AST) -> ast.AST | None:
        closed = isinstance(here, CLOSED) and not isinstance(here, ast.Name)
        if not closed or not getattr(here, "end_lineno", None):
            return None
        words = ast.get_source_segment(source, here) or ""
        if not words or not _reads(words, here):
            return None
        name = HOLD.format(len(held))
        held[name] = _on_one_line(words)
        return ast.Name(name, getattr(here, "ctx", ast.Load()))

    return _rebuilt(new, hold)


def _reads(words: str, node: ast.AST) -> bool:
    """Whether a text is that of a node, which an edit may have changed."""
    try:
        there = ast.parse(words.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return ast.unparse(there) == ast.unparse(node)


def _spaced(text: str, old: str) -> str:
    """Write operators with spaces, or without, as the line has them."""
    for operator in _closed_up(old):
        text = re.sub(rf" {re.escape(operator)} ", operator, text)
    return text


def _closed_up(old: str) -> Iterator[str]:
    """Yield the operators that a line has without spaces; a power as it is usual."""
    for operator in OPERATORS:
        spaced = f" {operator} " in old
        closed = re.search(rf"[\w\])]{re.escape(operator)}[\w\[(.]", old)
        if not spaced and (closed or operator == "**"):
            yield operator
