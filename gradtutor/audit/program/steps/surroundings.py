"""What a function that trains finds around it: names, data, other functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradtutor.audit.program.naming import DATA
from gradtutor.audit.program.steps.loops import (
    assigned,
    names_set,
    read_names,
    statements,
)
from gradtutor.audit.program.steps.straight import COUNTS
from gradtutor.audit.program.steps.trainings import Training


def other_makers(tree: ast.Module, one: Training) -> Iterator[ast.AST]:
    """Yield what else may make the arrays: a class's ``__init__``, the module."""
    for item in tree.body:
        if isinstance(item, ast.ClassDef) and item.name == one.cls:
            yield from (
                i
                for i in item.body
                if isinstance(i, ast.FunctionDef) and i is not one.node
            )
        elif not one.cls and not isinstance(item, ast.FunctionDef | ast.ClassDef):
            yield item


def names_before(one: Training, tree: ast.Module) -> set[str]:
    """Return the names that are there before the step."""
    step = {id(n) for item in one.body for n in ast.walk(item)}
    before = [s for s in statements(one.node.body) if id(s) not in step]
    names = {n for s in before for n in names_set(s)} | names_of_arguments(one.node)
    for item in tree.body:
        if not isinstance(item, ast.FunctionDef | ast.ClassDef):
            names |= set(assigned([item]))
    return names


def names_of_arguments(node: ast.FunctionDef) -> set[str]:
    """Return the names of a function's arguments."""
    args = node.args
    return {a.arg for a in [*args.posonlyargs, *args.args, *args.kwonlyargs]}


def arguments_if_any(node: ast.AST) -> set[str]:
    """Return the names of the arguments of what is a function."""
    return names_of_arguments(node) if isinstance(node, ast.FunctionDef) else set()


def plain_functions(tree: ast.Module) -> set[str]:
    """Return the names of the functions outside classes."""
    return {item.name for item in tree.body if isinstance(item, ast.FunctionDef)}


def functions_seen(tree: ast.Module, cls: str) -> dict[str, Sequence[str]]:
    """Return the functions that the step can call, with their arguments."""
    found: dict[str, Sequence[str]] = {}
    for item in tree.body:
        match item:
            case ast.FunctionDef(name):
                found[name] = [a.arg for a in item.args.args]
            case ast.ClassDef(name) if name == cls:
                for inner in item.body:
                    if isinstance(inner, ast.FunctionDef):
                        found[inner.name] = [a.arg for a in inner.args.args]
    return found


def data_read(one: Training, tree: ast.Module) -> list[str]:
    """Return the module's examples and labels that the step, or its loss, reads."""
    made = {
        name
        for item in tree.body
        if not isinstance(item, ast.FunctionDef | ast.ClassDef | ast.Import)
        for name in assigned([item])
    }
    own = names_of_arguments(one.node) | set(assigned(one.node.body))
    return [
        n
        for n in read_names(ast.Module(one.node.body, []))
        if n in made and n not in own and DATA.fullmatch(n)
    ]


def counts_of(tree: ast.Module, data: Sequence[str]) -> dict[str, str]:
    """Return the module's numbers of examples, and how they are counted."""
    return {
        name: f"len({data[-1]})"
        for item in tree.body
        if isinstance(item, ast.Assign) and data
        for name in assigned([item])
        if COUNTS.fullmatch(name)
    }
