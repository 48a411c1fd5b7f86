r"""Gradients outside functions and loops: forward, then ``dW = ...``, line by line.

>>> text = "w = 2.0\n\nz = 3 * w\nloss = z * z\ndz = 2 * z\ndw = 3 * dz\n\n"
>>> made, (loop,) = straightened(text)
>>> print(made.strip(), loop.parameters)
w = 2.0
def gradients_of_line_5(w):
    z = 3 * w
    loss = z * z
    dz = 2 * z
    dw = 3 * dz
    return loss, dw ('w',)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gradtutor.audit.program.naming import DATA, NAMELESS, is_gradient_name, stem
from gradtutor.audit.program.steps.loops import LOSS, Loop

LOSS_OF_ONE = re.compile(r"l_?i?|[JLE]_?i")
COUNTS = re.compile(r"n|m|N|M|B|batch_size|num_examples|n_samples")
INDENT = "    "


@dataclass(frozen=True)
class Part:
    """A statement at the top of a file: what it reads and what it sets."""

    node: ast.stmt
    reads: frozenset[str]
    sets: frozenset[str]


def straightened(text: str) -> tuple[str, tuple[Loop, ...]]:
    """Return the text with such lines as a function, and it; no line moves."""
    try:
        parts = [_part(node) for node in ast.parse(text).body]
    except (SyntaxError, ValueError, RecursionError):
        return text, ()
    place, loss = _loss(parts)
    if not loss:
        return text, ()
    graded = _graded(parts, place)
    leaves = [name for name in graded if not _is_made(name, parts[:place], graded)]
    if len(leaves) < 1 or len(graded) < 2:
        return text, ()
    made = _written(text, parts, place, loss, {n: graded[n] for n in leaves})
    try:
        ast.parse(made[0])
    except SyntaxError:
        return text, ()
    return made


def _part(node: ast.stmt) -> Part:
    names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    aside = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import)
    sets = {n.id for n in names if isinstance(n.ctx, ast.Store)}
    match node:
        case ast.AugAssign(ast.Name(name)):
            reads = {n.id for n in names} | {name}
        case ast.Assign([ast.Subscript(of)]) | ast.AugAssign(ast.Subscript(of)):
            sets |= {n.id for n in ast.walk(of) if isinstance(n, ast.Name)}
            reads = {n.id for n in names}
        case _:
            reads = {n.id for n in names if isinstance(n.ctx, ast.Load)}
    if isinstance(node, ast.For):  # dC[ix] += demb[k, j]
        sets |= {
            n.id
            for inner in ast.walk(node)
            if isinstance(inner, ast.AugAssign | ast.Assign)
            for target in getattr(inner, "targets", [getattr(inner, "target", None)])
            for n in ast.walk(target)
            if isinstance(n, ast.Name)
        }
    empty: frozenset[str] = frozenset()
    return Part(node, empty if aside else frozenset(reads), frozenset(sets))


def _loss(parts: Sequence[Part]) -> tuple[int, str]:
    """Return where the loss is set, and its name; gradients come behind it."""
    for place in range(len(parts) - 1, -1, -1):
        plain = isinstance(parts[place].node, ast.Assign)
        for name in parts[place].sets if plain else ():
            named = LOSS.fullmatch(name) or LOSS_OF_ONE.fullmatch(name)
            if named and len(_graded(parts, place)) > 1:
                return place, name
    return 0, ""


def _graded(parts: Sequence[Part], place: int) -> dict[str, str]:
    """Return what has a gradient behind a place, with the gradient's name."""
    before = {name for part in parts[: place + 1] for name in part.sets}
    behind = [
        name
        for part in parts[place + 1 :]
        if _is_written_out(part.node)
        for name in sorted(part.sets)
    ]
    found: dict[str, str] = {}
    for name in behind:
        of = stem(name)
        if is_gradient_name(name) and of in before and not NAMELESS.fullmatch(name):
            found.setdefault(of, name)
    return found


def _is_written_out(node: ast.stmt) -> bool:
    """Whether one value is set: not what a function of the file gave as several."""
    match node:
        case ast.Assign([ast.Name() | ast.Subscript()]) | ast.AugAssign() | ast.For():
            return True
    return False


def _is_made(name: str, parts: Sequence[Part], graded: Mapping[str, str]) -> bool:
    """Whether a value depends on another one that has a gradient."""
    wanted, others = {name}, set(graded) - {name}
    for part in reversed(parts):
        if part.sets & wanted:
            wanted |= part.reads
    return bool(wanted & others)


def _slice(parts: Sequence[Part], wanted: Iterable[str]) -> list[int]:
    """Return the places of statements that some names depend on."""
    needed, found = set(wanted), []
    for place in range(len(parts) - 1, -1, -1):
        part = parts[place]
        if part.sets & needed and not isinstance(part.node, ast.FunctionDef):
            needed |= part.reads
            found.append(place)
    return sorted(found)


def _written(
    text: str, parts: Sequence[Part], place: int, loss: str, leaves: Mapping[str, str]
) -> tuple[str, tuple[Loop, ...]]:
    """Indent what leads from the leaves to the gradients; blank what stands between."""
    inside = _inside(parts, place, _slice(parts, [loss, *leaves.values()]), leaves)
    lines = [*text.split("\n"), ""]
    if not inside or not _has_room(lines, [parts[i].node for i in inside]):
        return text, ()
    first, end = _span(parts[inside[0]].node)[0], _span(parts[inside[-1]].node)[1]
    number = next(parts[i].node.lineno for i in inside if i > place)
    data = _data(parts, inside, leaves)
    title = f"gradients_of_line_{number}"
    own = {n for i in inside for n in range(*_span(parts[i].node))}
    for i in range(first, end):
        lines[i] = INDENT + lines[i] if i in own and lines[i].strip() else ""
    lines[first - 1] = f"def {title}({', '.join([*leaves, *data])}):"
    counted = _count(parts, inside, data)
    lines[first] = f"{INDENT}{counted}{lines[first].strip()}"
    returned = f"return {', '.join([loss, *leaves.values()])}"
    if _is_free(lines[end]):
        lines[end] = INDENT + returned
    else:
        lines[end - 1] = lines[end - 1].partition("  #")[0] + f"; {returned}"
    loop = Loop(title, number, tuple(leaves))
    return "\n".join(lines[:-1] if not lines[-1] else lines), (loop,)


def _inside(
    parts: Sequence[Part], place: int, kept: Sequence[int], leaves: Mapping[str, str]
) -> list[int]:
    """Return the statements that depend on the leaves, and those behind the loss."""
    touched, found = set(leaves), []
    for i in kept:
        if (parts[i].reads & touched or i > place) and not parts[i].sets & set(leaves):
            touched |= parts[i].sets
            found.append(i)
    return found


def _has_room(lines: Sequence[str], nodes: Sequence[ast.stmt]) -> bool:
    """Whether there are lines for the head of a function and for its return."""
    start, end = _span(nodes[0])[0], _span(nodes[-1])[1]
    behind = _is_free(lines[end]) or not hasattr(nodes[-1], "body")
    return start > 0 and _is_free(lines[start - 1]) and behind


def _span(node: ast.stmt) -> tuple[int, int]:
    """Return the first line of a statement, from 0, and the one behind its last."""
    return node.lineno - 1, node.end_lineno or node.lineno


def _is_free(line: str) -> bool:
    """Whether a line is empty, or a comment."""
    return not line.strip() or line.startswith("#")


def _data(
    parts: Sequence[Part], inside: Sequence[int], leaves: Mapping[str, str]
) -> list[str]:
    """Return the names of examples and labels that are read, and set before."""
    before = {n for part in parts[: inside[0]] for n in part.sets}
    read = {name for i in inside for name in parts[i].reads}
    found = [n for n in sorted(read & before) if n not in leaves]
    return [name for name in found if DATA.fullmatch(name)]


def _count(parts: Sequence[Part], inside: Sequence[int], data: Sequence[str]) -> str:
    """Return the statement that counts the examples anew, where they are counted."""
    before = {n for part in parts[: inside[0]] for n in part.sets}
    read = {name for i in inside for name in parts[i].reads}
    counts = [n for n in sorted(read & before) if COUNTS.fullmatch(n)]
    return f"{' = '.join(counts)} = len({data[-1]}); " if counts and data else ""
