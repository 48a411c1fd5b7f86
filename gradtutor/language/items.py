"""Read one call, such as ``Dense(10)``, against a table of spellings."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gradtutor.graph import Span
from gradtutor.language.errors import ArgumentError, UnknownNameError, near
from gradtutor.language.layers import SYNONYMS, Spelling
from gradtutor.language.literals import literal
from gradtutor.language.syntax import Source


@dataclass(frozen=True)
class Item:
    """A layer, loss or optimiser that was read, with its arguments and its place."""

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    span: Span = (0, 0)
    name: str = ""


def called_name(node: ast.expr) -> str:
    """Return the last part of a called name: ``Linear`` for ``nn.Linear(3)``."""
    func = node.func if isinstance(node, ast.Call) else node
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def read_item(source: Source, node: ast.expr, table: Mapping[str, Spelling]) -> Item:
    """Read one call against a table of spellings.

    Raises
    ------
    UnknownNameError
        When the table has no such spelling.
    ArgumentError
        When an argument is unknown or there are too many.
    """
    name = called_name(node)
    span = source.span(node)
    if name not in table or not isinstance(node, ast.Call):
        message = f"there is no {name!r} here" if name else "a layer is expected here"
        hint = near(name, table) or f"there is {', '.join(table)}"
        raise UnknownNameError(message, source.text, span, hint)
    spelling = table[name]
    given = dict(zip(_places(source, node, spelling), node.args, strict=False))
    for keyword in node.keywords:
        argument = _keyword(source, name, spelling, keyword)
        if argument:
            given[argument] = keyword.value
    values: dict[str, Any] = dict(spelling.facts)
    for key, value in given.items():
        values[key] = (
            tuple(read_item(source, one, table) for one in value.elts)
            if key == "layers" and isinstance(value, ast.List)
            else _value(source, value)
        )
    return Item(spelling.kind, values, span, name)


def _places(source: Source, node: ast.Call, spelling: Spelling) -> tuple[str, ...]:
    """Return the names of the arguments given by place."""
    names, name = spelling.arguments, called_name(node)
    if spelling.kind == "input" and len(node.args) > 1:  # Input(1, 28, 28)
        node.args = [ast.copy_location(ast.Tuple(node.args, ast.Load()), node)]
    if spelling.kind == "residual":  # Residual(Linear(4), ReLU())
        if not (len(node.args) == 1 and isinstance(node.args[0], ast.List)):
            node.args = [ast.copy_location(ast.List(node.args, ast.Load()), node)]
    elif len(node.args) <= len(spelling.short):
        names = spelling.short
    if len(node.args) > len(names):
        message = f"{name} takes at most {len(names)} argument(s), not {len(node.args)}"
        hint = f"they are {', '.join(names)}"
        raise ArgumentError(message, source.text, source.span(node), hint)
    return names


def _keyword(
    source: Source, name: str, spelling: Spelling, keyword: ast.keyword
) -> str:
    """Return the argument that a keyword means; empty for one without effect."""
    argument = SYNONYMS.get(keyword.arg or "", keyword.arg or "")
    if argument == "eps" and "epsilon" in spelling.arguments:
        argument = "epsilon"
    if argument in spelling.ignored or keyword.arg in spelling.ignored:
        return ""
    if argument not in spelling.arguments:
        message = f"{name} has no argument {keyword.arg!r}"
        hint = near(keyword.arg or "", [*spelling.arguments, *SYNONYMS])
        raise ArgumentError(message, source.text, source.span(keyword), hint)
    return argument


def _value(source: Source, node: ast.expr) -> Any:
    """Read an argument's value: a number, a shape, a word, True, False or None."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bool | None):
        return node.value
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_value(source, item) for item in node.elts)
    given = literal(source, node)
    if given is None:
        message = "an argument here is a plain number, a word in quotes or a tuple"
        raise ArgumentError(message, source.text, source.span(node))
    whole = isinstance(given.value, float) and given.value == int(given.value)
    return int(given.value) if whole else given.value
