"""Functions and methods that train: those whose gradients are worked out in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gradtutor.audit.program.naming import NO_GRADIENT, is_gradient_name
from gradtutor.audit.program.steps.loops import (
    DELTA,
    Update,
    assigned,
    statements,
    updates_of,
)


@dataclass(frozen=True)
class Training:
    """A function that takes steps.

    Attributes
    ----------
    cls : str
        The class that it is a method of, or empty.
    body : list
        The statements of one step: of the innermost loop with all updates.
    loops : tuple
        The loops around them, outermost first.
    """

    node: ast.FunctionDef
    cls: str
    body: list[ast.stmt]
    loops: tuple[ast.For | ast.While, ...]
    updates: tuple[Update, ...]
    ascends: bool = False

    @property
    def title(self) -> str:
        """Its name, with its class."""
        return f"{self.cls}.{self.node.name}" if self.cls else self.node.name

    @property
    def last(self) -> Update:
        """The last update: there the step's function returns."""
        return max(
            self.updates, key=lambda u: (u.statement.lineno, u.statement.col_offset)
        )


def trainings(tree: ast.Module) -> Iterator[Training]:
    """Yield the functions that take steps with gradients which they compute."""
    for item in tree.body:
        match item:
            case ast.FunctionDef():
                yield from _training(item, "")
            case ast.ClassDef(name):
                for inner in item.body:
                    if isinstance(inner, ast.FunctionDef):
                        yield from _training(inner, name)


def _training(node: ast.FunctionDef, cls: str) -> Iterator[Training]:
    updates = tuple(u for u in updates_of(node.body) if _is_step(u))
    names = [u.parameter for u in updates]
    if not updates or len(set(names)) < len(names):
        return
    chains = [_around(node, u.statement) for u in updates]
    shared = [c for c in chains[0] if all(c in chain for chain in chains)]
    body = shared[-1].body if shared else node.body
    own = set(assigned(node.body)) | {a.arg for a in node.args.args}
    known = all(u.parameter.startswith("self.") or u.parameter in own for u in updates)
    if known and any(_is_inline(u, body) for u in updates):
        up = all(u.opposite for u in updates)
        if up:
            updates = tuple(replace(u, gradient=u.opposite) for u in updates)
        yield Training(node, cls, body, tuple(shared), updates, up)


def _is_step(update: Update) -> bool:
    """Whether an update changes a parameter; gradients and losses are added up."""
    if is_gradient_name(update.name) or NO_GRADIENT.fullmatch(update.name):
        return False
    names = {
        n.id if isinstance(n, ast.Name) else n.attr
        for n in ast.walk(ast.parse(update.gradient))
        if isinstance(n, ast.Name | ast.Attribute)
    }
    return update.rated or any(is_gradient_name(n) or DELTA.fullmatch(n) for n in names)


def _around(node: ast.AST, wanted: ast.stmt) -> list[ast.For | ast.While]:
    """Return the loops around a statement, outermost first."""
    for child in ast.iter_child_nodes(node):
        if any(inner is wanted for inner in ast.walk(child)):
            here = [child] if isinstance(child, ast.For | ast.While) else []
            return here + _around(child, wanted)
    return []


def _is_inline(update: Update, body: Sequence[ast.stmt]) -> bool:
    """Whether a gradient is worked out in the body, not given or fetched."""
    node = ast.parse(update.gradient, mode="eval").body
    if _computes(node):
        return True
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return any(
        isinstance(target, ast.Name) and target.id in names and _computes(item.value)
        for item in statements(body)
        if isinstance(item, ast.Assign | ast.AugAssign)
        for target in (item.targets if isinstance(item, ast.Assign) else [item.target])
    )


def _computes(node: ast.expr) -> bool:
    """Whether an expression multiplies, or calls NumPy or an array's method."""
    for inner in ast.walk(node):
        match inner:
            case ast.BinOp(_, ast.MatMult() | ast.Mult() | ast.Sub()):
                return True
            case ast.Call(ast.Attribute(ast.Name("self"))):
                continue
            case ast.Call(ast.Attribute()):
                return True
    return False
