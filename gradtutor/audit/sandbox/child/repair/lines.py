"""Which lines may be wrong: those of backward, and of what it alone calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradtutor.audit.sandbox.child.repair.atoms import Atoms, atoms_of

BLOCKS = ("body", "orelse", "finalbody")
Definitions = Mapping[str, tuple[ast.stmt, ast.FunctionDef]]


@dataclass
class Line:
    """A statement of backward: where it stands, and in which definition."""

    statement: ast.stmt
    block: list[ast.stmt]
    place: int
    top: ast.stmt
    atoms: Atoms
    helper: bool = False
    loops: int = 0  # around it


def lines_of(
    tree: ast.Module,
    backward: str,
    forward: str,
    scopes: Mapping[int, Mapping[str, Any]],
) -> list[Line]:
    """Return the statements of backward and of what it alone calls, in their order.

    Parameters
    ----------
    scopes : mapping
        The values of a function's names where it returns, by its first line.
    """
    found = _definitions(tree)
    mine = _reached(found, [backward])
    theirs = _reached(found, [forward]) if forward != backward else set()
    if forward == backward:
        mine |= _with_closures(found, backward.rpartition(".")[0])
    slopes = tuple(
        name
        for name, (_, node) in found.items()
        if "." not in name and len(node.args.args) == 1 and name not in mine - theirs
    )
    slopes += tuple(
        name
        for name, (_, node) in found.items()
        if "." not in name and len(node.args.args) == 1 and name in mine - theirs
    )
    lines: list[Line] = []
    for name in sorted(mine - theirs, key=lambda n: found[n][1].lineno):
        top, node = found[name]
        kept = _kept(found, name.rpartition(".")[0])
        atoms = atoms_of(node, slopes, scopes.get(node.lineno), kept)
        helper = name != backward
        lines += [
            Line(s, b, i, top, atoms, helper, loops)
            for s, b, i, loops in _statements(node.body)
        ]
    return lines


def _kept(found: Definitions, cls: str) -> list[str]:
    """Return what the methods of a class store: ``self.gamma = gamma``."""
    nodes = [n for name, (_, n) in found.items() if cls and name.startswith(f"{cls}.")]
    return [
        target.attr
        for method in nodes
        for node in ast.walk(method)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self"
    ]


def _definitions(tree: ast.Module) -> Definitions:
    found: dict[str, tuple[ast.stmt, ast.FunctionDef]] = {}
    for top in tree.body:
        if isinstance(top, ast.FunctionDef):
            found[top.name] = (top, top)
        elif isinstance(top, ast.ClassDef):
            for item in top.body:
                if isinstance(item, ast.FunctionDef):
                    found[f"{top.name}.{item.name}"] = (top, item)
    return found


def _reached(found: Definitions, names: Sequence[str]) -> set[str]:
    """Return the functions that are called from some, themselves among them."""
    reached: set[str] = set()
    waiting = [name for name in names if name in found]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        called = _called_names(found[name][1])
        waiting += [n for n in found if n.rpartition(".")[2] in called]
    return reached


def _with_closures(found: Definitions, cls: str) -> set[str]:
    """Return a class's methods that define functions: ``_backward`` of an engine."""
    return {
        name
        for name, (_, node) in found.items()
        if cls
        and name.startswith(f"{cls}.")
        and any(
            isinstance(i, ast.FunctionDef) and i is not node for i in ast.walk(node)
        )
    }


def _called_names(node: ast.FunctionDef) -> set[str]:
    names = set()
    for item in ast.walk(node):
        match item:
            case ast.Call(ast.Name(name)) | ast.Call(ast.Attribute(_, name)):
                names.add(name)
    return names


def _statements(
    body: list[ast.stmt], loops: int = 0
) -> Iterator[tuple[ast.stmt, list[ast.stmt], int, int]]:
    for i, item in enumerate(body):
        yield item, body, i, loops
        inside = loops + isinstance(item, ast.For | ast.While)
        for name in BLOCKS:
            yield from _statements(getattr(item, name, []), inside)
