"""The lines of a loop that its output needs; what else bears on it is refused."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.bare.judged import judged, names_of
from gradtutor.language.program.values import Weight
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Loop = ast.For | ast.While
#: Attributes of an array that a line may set without another output.
IDLE = ("grad", "requires_grad")
#: What shows its arguments and changes none.
SHOWS = ("print", "append", "len", "zero_", "zero_grad", "seed", "retain_grad",
         "requires_grad_")  # fmt: skip
#: What gives the same numbers under another name.
VIEWS = ("reshape", "view", "ravel", "transpose", "squeeze", "asarray", "detach")


@dataclass(frozen=True)
class Lines:
    """A loop's way from its data to its output.

    Attributes
    ----------
    output : ast.expr
        What the loss, or the error, is taken of.
    target : set of str
        The names of what it is compared with.
    line : ast.AST
        Where that is done.
    loss : str
        The loss where the text calls one.
    """

    body: list[ast.stmt]
    output: ast.expr
    target: set[str]
    line: ast.AST
    loss: str


def lines_of(run: Interpreter, loop: Loop, weights: dict[str, Any]) -> Lines | None:
    """Return the lines that the output needs, where a loss or an error tells it.

    Raises
    ------
    SourceError
        When a line before the output changes what it needs and is not read; when the
        loop moves an array that the output does not need.
    """
    found = judged(run, loop, set(weights))
    if found is None:
        return None
    output, target, line, loss, place = found
    needed, kept = names_of(output), list[ast.stmt]()
    everything, unread = set(needed), list[ast.stmt]()
    for one in reversed(loop.body[:place]):
        match one:
            case ast.Assign([ast.Name(name)], value) if name in needed:
                kept.insert(0, one)
                needed = (needed - {name}) | names_of(value)
            case ast.AugAssign(ast.Name(name), _, value) if name in needed:
                kept.insert(0, one)
                needed = needed | names_of(value)
            case _:
                unread.append(one)
        everything |= needed
    for one in (*unread, *kept):
        _check_changes(run, loop, one, everything, one in kept)
    if not kept:
        return None
    _check_all_moved(run, weights, everything, line)
    return Lines(kept, output, target, line, loss)


def _check_changes(
    run: Interpreter, loop: Loop, line: ast.stmt, needed: set[str], is_read: bool
) -> None:
    """Refuse a line that changes what the output needs, and is not read."""
    same = _aliases(loop)
    if isinstance(line, ast.AugAssign) and is_read:
        shared = same.get(getattr(line.target, "id", ""), set()) & needed
        if shared:
            message = tr("this line may change {name}, which the output needs",
                         name=min(shared))  # fmt: skip
            raise run.fail(message, line, tr("write the network as a class"))
    for name, node in _changed(line, is_read):
        if ({name} | same.get(name, set())) & needed:
            raise run.fail(
                tr("this line may change {name}, which the output needs", name=name),
                node,
                tr("it is not read: write it as {name} = ..., or the network as a "
                   "class", name=name),
            )  # fmt: skip


def _aliases(loop: Loop) -> dict[str, set[str]]:
    """Return what each name may stand for: v = h[:, 0], for p in parameters."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(loop):
        match node:
            case ast.Assign([ast.Name(name)], value) if _is_view(value):
                found.setdefault(name, set()).update(names_of(value) - {name})
            case ast.For(target, several) if node is not loop:
                for name in names_of(target):
                    found.setdefault(name, set()).update(names_of(several))
    return found


def _is_view(value: ast.expr) -> bool:
    match value:
        case ast.Call(ast.Attribute(base, word)) if word in VIEWS:
            return True
        case ast.Attribute(base) | ast.Subscript(base):
            return _is_view(base)
    return isinstance(value, ast.Name)


def _changed(line: ast.stmt, is_read: bool) -> Iterator[tuple[str, ast.AST]]:
    """Yield the names that a line may change, and where.

    Of a line that is read, ``h = ...`` and ``h += ...``, what its own name stands for
    besides: ``h`` may be the data.
    """
    for node in ast.walk(line):
        match node:
            case ast.Name(name, ast.Store()) if not is_read:
                yield name, node
            case ast.Attribute(attr=word, ctx=ast.Store()) if word in IDLE:
                continue
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                base: ast.expr = node
                while isinstance(base, ast.Attribute | ast.Subscript):
                    base = base.value
                for name in names_of(base):
                    yield name, node
            case ast.Call(func, args, keywords):
                yield from _changed_by(node, func, args, keywords, line)


def _changed_by(
    node: ast.Call,
    func: ast.expr,
    args: list[ast.expr],
    keywords: list[ast.keyword],
    line: ast.stmt,
) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a call may change: out=h, h.mul_(2), np.copyto(h, 0)."""
    word = getattr(func, "attr", getattr(func, "id", ""))
    for one in keywords:
        if one.arg in ("out", "where"):
            yield from ((name, node) for name in names_of(one.value))
    inplace = word.endswith("_") and not word.endswith("__")
    whole = (one.value for one in ast.walk(line) if isinstance(one, ast.Expr))
    alone = any(one is node for one in whole)
    if (inplace or alone) and word not in SHOWS and isinstance(func, ast.Attribute):
        yield from ((name, node) for name in names_of(func.value))
    if alone and word not in SHOWS:
        for arg in args:
            yield from ((name, node) for name in names_of(arg))


def _check_all_moved(
    run: Interpreter, weights: dict[str, Any], needed: set[str], line: ast.AST
) -> None:
    """Refuse an output that needs not all that the loop moves: it goes on."""
    for name, value in weights.items():
        lines = [ast.unparse(one) for one in run.source.tree.body if _makes(one, name)]
        zeros = not lines or "zeros" in lines[0]
        if name not in needed and not zeros and isinstance(value, Weight):
            message = tr(
                "the loop moves {name}, which what is compared here does not need",
                name=name,
            )
            raise run.fail(message, line, tr("write the network as a class"))


def _makes(line: ast.stmt, name: str) -> bool:
    match line:
        case ast.Assign([ast.Name(found)]):
            return found == name
    return False


def check_carried(
    run: Interpreter, loop: Loop, body: list[Any], given: set[str]
) -> None:
    """Refuse an output that needs what an earlier round of the loop left."""
    made: set[str] = set()
    stored = {
        one.id
        for one in ast.walk(loop)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    } | {
        one.target.id
        for one in ast.walk(loop)
        if isinstance(one, ast.AugAssign) and isinstance(one.target, ast.Name)
    }
    for one in body:
        value = getattr(one, "value", one)
        own = names_of(one.target) if isinstance(one, ast.AugAssign) else set()
        inside = {
            part.id for part in ast.walk(value)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
        }  # fmt: skip
        carried = ((inside - given) | own) & stored - made
        if carried - _own(value):
            message = tr(
                "the output needs {name} as the round before left it: that is not read",
                name=min(carried),
            )
            raise run.fail(message, one)
        if isinstance(one, ast.Assign):
            made |= {name for target in one.targets for name in names_of(target)}
            if made & (given - {""}) & {n for t in one.targets for n in names_of(t)}:
                message = tr("the network sets {name} anew: that is not read",
                             name=min(made & given))  # fmt: skip
                raise run.fail(message, one)


def _own(value: ast.AST) -> set[str]:
    """Return the names that a comprehension or a lambda makes for itself."""
    found: set[str] = set()
    for one in ast.walk(value):
        if isinstance(one, ast.comprehension):
            found |= names_of(one.target)
        elif isinstance(one, ast.Lambda):
            found |= {arg.arg for arg in one.args.args}
    return found
