r"""Gradients that are kept on the arrays themselves: ``inp.g = out.g @ w.t()``.

>>> tree = ast.parse("def relu_grad(inp, out):\n    inp.g = (inp > 0) * out.g\n")
>>> kept_as(tree.body[0])
'g'
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradtutor.audit.program.definitions import is_python
from gradtutor.audit.program.steps.loops import (
    LOSS,
    Loop,
    assigned,
    read_names,
)

NAMES = ("g", "grad")


def kept_as(node: ast.AST | None) -> str:
    """Return the attribute that gradients of other things are kept in, or nothing."""
    for inner in ast.walk(node) if node else ():
        match inner:
            case ast.Assign([ast.Attribute(of, name)]) if name in NAMES and not (
                isinstance(of, ast.Name) and of.id == "self"
            ):
                return name
    return ""


def reads_kept(node: ast.AST | None, name: str) -> list[str]:
    """Return the texts of what such an attribute is read of: ``out``, ``self.out``."""
    return [
        ast.unparse(inner.value)
        for inner in (ast.walk(node) if node else ())
        if isinstance(inner, ast.Attribute)
        and inner.attr == name
        and isinstance(inner.ctx, ast.Load)
    ]


def keeping(text: str) -> tuple[str, tuple[Loop, ...]]:
    """Return the text with functions that keep gradients and now return their loss.

    ``forward_and_backward(inp, targ)`` gets the module's arrays that it reads as
    arguments; no line moves.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return text, ()
    if not kept_as(tree):
        return text, ()
    keepers = {
        item.name: kept_as(item)
        for item in tree.body
        if isinstance(item, ast.FunctionDef) and kept_as(item)
    }
    lines, found = text.split("\n"), []
    for item in tree.body:
        if isinstance(item, ast.FunctionDef):
            found += list(_rewritten(lines, item, tree, keepers))
    made = "\n".join(lines)
    return (made, tuple(found)) if is_python(made) else (text, ())


def _rewritten(
    lines: list[str],
    item: ast.FunctionDef,
    tree: ast.Module,
    keepers: dict[str, str],
) -> Iterator[Loop]:
    losses = [n for n in assigned(item.body) if LOSS.fullmatch(n)]
    calls = {
        node.func.id
        for node in ast.walk(item)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    attribute = next((keepers[n] for n in (item.name, *calls) if n in keepers), "")
    returns = any(isinstance(n, ast.Return) for n in ast.walk(item))
    last = item.body[-1]
    if not losses or not attribute or returns or hasattr(last, "body"):
        return
    required = item.args.args[: len(item.args.args) - len(item.args.defaults)]
    if not required or item.args.posonlyargs:
        return
    arrays = _arrays(item, tree)
    line, end = (last.end_lineno or last.lineno) - 1, last.end_col_offset or 0
    ending = lines[line].encode()[:end].decode()
    lines[line] = f"{ending}; return {losses[-1]}"
    place = required[-1]
    row, cut = (place.end_lineno or place.lineno) - 1, place.end_col_offset or 0
    head = lines[row].encode()
    more = "".join(f", {n}" for n in arrays).encode()
    lines[row] = (head[:cut] + more + head[cut:]).decode()
    yield Loop(item.name, item.lineno, (*(a.arg for a in item.args.args), *arrays))


def _arrays(item: ast.FunctionDef, tree: ast.Module) -> Sequence[str]:
    """Return what a function reads of the module, but functions and modules."""
    own = {a.arg for a in item.args.args} | set(assigned(item.body))
    other = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    other |= {
        (alias.asname or alias.name).partition(".")[0]
        for n in ast.walk(tree)
        if isinstance(n, ast.Import | ast.ImportFrom)
        for alias in n.names
    }
    made = {n for s in tree.body if isinstance(s, ast.Assign) for n in assigned([s])}
    read = read_names(ast.Module(item.body, []))
    return [n for n in read if n in made and n not in own | other]
