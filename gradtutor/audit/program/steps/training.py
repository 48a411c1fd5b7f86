r"""Functions and methods that train: the step becomes what they return, line for line.

>>> text = "def fit(X, y, w, lr):\n    for i in range(9):\n        d = X @ w - y\n"
>>> text += "        w -= lr * X.T @ d\n"
>>> made, (loop,) = trained(text)
>>> print(made.splitlines()[3].strip(), loop.parameters)
d_w = X.T @ d; return (X @ w, y), d_w ('w',)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from gradtutor.audit.program.definitions import is_python
from gradtutor.audit.program.steps.loops import (
    Loop,
    Update,
)
from gradtutor.audit.program.steps.losses import Loss, loss_of_step
from gradtutor.audit.program.steps.made import made_shapes
from gradtutor.audit.program.steps.methods import forward_first
from gradtutor.audit.program.steps.surroundings import (
    arguments_if_any,
    counts_of,
    data_read,
    functions_seen,
    names_before,
    names_of_arguments,
    other_makers,
    plain_functions,
)
from gradtutor.audit.program.steps.trainings import Training, trainings

Lines = list[str]


def trained(text: str, others: Sequence[Loop] = ()) -> tuple[str, tuple[Loop, ...]]:
    """Return the text with functions that return a step's gradients; no line moves.

    Parameters
    ----------
    others : sequence of Loop
        Functions that were made of loops before: they are left as they are.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return text, ()
    loops: list[Loop] = []
    done = {other.function for other in others}
    for one in trainings(tree):
        if one.title in done:
            continue
        lines = text.split("\n")
        loop = _rewritten(lines, one, tree)
        made = "\n".join(lines)
        if loop and is_python(made):
            text = made
            loops.append(loop)
    return text, tuple(loops)


def _rewritten(lines: Lines, one: Training, tree: ast.Module) -> Loop | None:
    """Write one function anew; None where its loss is not seen."""
    outside = names_before(one, tree)
    own = functions_seen(tree, one.cls)
    last = one.last.statement.lineno
    loss = loss_of_step(one.body, one.node.body, last, own, outside)
    if loss is None:
        return None
    data = data_read(one, tree)
    ahead = forward_first(one.node, one.cls, loss.sides, tree) if not one.loops else ""
    if ahead is None:
        return None
    prefix = _set_first(one, data, counts_of(tree, data), ahead)
    unset = _settings(one)
    if unset is None:
        return None
    changes = {_place(item): (item, "pass") for item in unset}
    changes |= {_place(item): (item, new) for item, new in _returning(one, loss)}
    for place in sorted(changes, reverse=True):
        _replaced(lines, *changes[place])
    if prefix and not _prefixed(lines, one, prefix):
        return None
    _with_arguments(lines, one, [*(u.name for u in one.updates), *data])
    names = {*(u.name for u in one.updates), *data, *names_of_arguments(one.node)}
    nodes = [one.node, *other_makers(tree, one)]
    names |= {n for other in nodes for n in arguments_if_any(other)}
    line = one.last.statement.lineno
    return Loop(
        one.title,
        line,
        tuple(u.name for u in one.updates),
        assumed=loss.assumed,
        reported=loss.reported,
        picks=loss.picks,
        ascends=one.ascends,
        own=tuple(n for n in loss.own if n.lstrip("-") in plain_functions(tree)),
        shapes=made_shapes(nodes, names),
    )


def _set_first(
    one: Training, data: Sequence[str], counts: Mapping[str, str], ahead: str
) -> str:
    """Return the expression that puts the arguments where the code looks for them."""
    parts = []
    own = [u.name for u in one.updates if u.parameter.startswith("self.")]
    if own:
        parts.append(f"self.__dict__.update({', '.join(f'{n}={n}' for n in own)})")
    if data:
        named = [f"{n}={n}" for n in data] + [f"{n}={c}" for n, c in counts.items()]
        parts.append(f"globals().update({', '.join(named)})")
    return "; ".join(filter(None, [" or ".join(parts), ahead]))


def _prefixed(lines: Lines, one: Training, prefix: str) -> bool:
    """Evaluate an expression first: before what a loop goes over, or a statement."""
    first = one.loops[0] if one.loops else None
    if isinstance(first, ast.For):
        if first.iter.lineno != first.iter.end_lineno:
            return False
        start, end = first.iter.col_offset, first.iter.end_col_offset or 0
        _cut(lines, first.lineno, start, end, f"({prefix} or ", ")")
    elif isinstance(first, ast.While):
        if first.test.lineno != first.test.end_lineno:
            return False
        start, end = first.test.col_offset, first.test.end_col_offset or 0
        _cut(lines, first.lineno, start, end, f"({prefix} or True) or ", "")
    else:
        plain = [
            s
            for s in one.body
            if not hasattr(s, "body") and not isinstance(s, ast.Expr)
        ]
        if not plain:
            return False
        _cut(lines, plain[0].lineno, plain[0].col_offset, None, f"{prefix}; ", "")
    return True


def _cut(
    lines: Lines, line: int, start: int, end: int | None, before: str, after: str
) -> None:
    """Write something before and after a part of a line; columns count bytes."""
    raw = lines[line - 1].encode()
    end = len(raw) if end is None else end
    parts = raw[:start], before.encode(), raw[start:end], after.encode(), raw[end:]
    lines[line - 1] = b"".join(parts).decode()


def _settings(one: Training) -> list[ast.stmt] | None:
    """Return what gives the parameters values before the step, to be left out.

    None where such a statement sets other names too: they would be lost.
    """
    found = []
    step = {id(n) for item in one.body for n in ast.walk(item)}
    around = {id(loop) for loop in one.loops}
    parameters = {u.parameter for u in one.updates}
    for item in list(_before(one.node.body, around, step)):
        set_ = {ast.unparse(t) for t in _places(item)}
        if set_ & parameters:
            if set_ - parameters:
                return None
            found.append(item)
    return found


def _before(
    body: Sequence[ast.stmt], around: set[int], step: set[int]
) -> Iterator[ast.stmt]:
    """Yield the statements beside the loops around a step, and beside it."""
    for item in body:
        if id(item) in around:
            if not any(id(inner) in step for inner in item.body):  # type: ignore[attr-defined]
                yield from _before(item.body, around, step)  # type: ignore[attr-defined]
        elif id(item) not in step:
            yield item


def _places(item: ast.stmt) -> Iterator[ast.expr]:
    for node in ast.walk(item):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(
            node.ctx, ast.Store
        ):
            yield node


def _returning(one: Training, loss: Loss) -> Iterator[tuple[ast.stmt, str]]:
    """Return the loss and the gradients where the last update stands."""
    last = one.last
    for update in one.updates:
        if update is last:
            continue
        if _is_read_later(one, update):
            old = ast.unparse(update.statement)
            made = f"{update.made}; {old}" if update.made else old
        else:
            made = update.made or "pass"
        yield update.statement, made
    results = ", ".join([loss.text, *(u.result for u in one.updates)])
    first = f"{last.made}; " if last.made else ""
    yield last.statement, f"{first}return {results}"


def _is_read_later(one: Training, update: Update) -> bool:
    """Whether a gradient is worked out with what a parameter has become."""
    start = update.statement.end_lineno or update.statement.lineno
    end = one.last.statement.lineno
    return any(
        isinstance(n, ast.Name | ast.Attribute)
        and ast.unparse(n) == update.parameter
        and isinstance(n.ctx, ast.Load)
        and start < n.lineno <= end
        for item in one.body
        for n in ast.walk(item)
    ) and not any(
        update.parameter == u.parameter and u is not update for u in one.updates
    )


def _replaced(lines: Lines, item: ast.stmt, new: str) -> None:
    """Write one line in place of a statement; its other lines become empty.

    What stands before it and after it on its lines stays.
    """
    first, last = item.lineno, item.end_lineno or item.lineno
    before = lines[first - 1].encode()[: item.col_offset].decode()
    after = lines[last - 1].encode()[item.end_col_offset or 0 :].decode()
    lines[first - 1 : last] = [before + new + after, *[""] * (last - first)]


def _place(item: ast.stmt) -> tuple[int, int]:
    return item.lineno, item.col_offset


def _with_arguments(lines: Lines, one: Training, names: Sequence[str]) -> None:
    """Add arguments behind those without a default."""
    args = one.node.args
    more = [n for n in dict.fromkeys(names) if n not in names_of_arguments(one.node)]
    required = args.args[: len(args.args) - len(args.defaults)]
    if not more:
        return
    if required:
        place = required[-1]
        line, column = place.end_lineno or place.lineno, place.end_col_offset or 0
        _cut(lines, line, column, column, f", {', '.join(more)}", "")
        return
    head = lines[one.node.lineno - 1]
    column = len(head[: head.index("(", one.node.col_offset) + 1].encode())
    comma = ", " if args.args or args.kwonlyargs or args.vararg or args.kwarg else ""
    _cut(lines, one.node.lineno, column, column, ", ".join(more) + comma, "")
