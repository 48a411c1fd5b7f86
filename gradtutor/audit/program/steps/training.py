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
from dataclasses import dataclass, replace

from gradtutor.audit.program.naming import DATA, NO_GRADIENT, is_gradient_name
from gradtutor.audit.program.steps.loops import (
    DELTA,
    Loop,
    Update,
    assigned,
    read_names,
    statements,
    updates_of,
)
from gradtutor.audit.program.steps.losses import Loss, loss_of_step
from gradtutor.audit.program.steps.made import made_shapes
from gradtutor.audit.program.steps.methods import forward_first
from gradtutor.audit.program.steps.straight import COUNTS

Lines = list[str]


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
        return max(self.updates, key=lambda u: u.statement.lineno)


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
        if loop and _is_python(made):
            text = made
            loops.append(loop)
    return text, tuple(loops)


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


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


# ---- the text ----


def _rewritten(lines: Lines, one: Training, tree: ast.Module) -> Loop | None:
    """Write one function anew; None where its loss is not seen."""
    outside = _outside(one, tree)
    own = _functions(tree, one.cls)
    last = one.last.statement.lineno
    loss = loss_of_step(one.body, one.node.body, last, own, outside)
    if loss is None:
        return None
    data = _data(one, tree)
    ahead = forward_first(one.node, one.cls, loss.sides, tree) if not one.loops else ""
    if ahead is None:
        return None
    prefix = _set_first(one, data, _counts(tree, data), ahead)
    if prefix and not _prefixed(lines, one, prefix):
        return None
    _without_setting(lines, one)
    _returning(lines, one, loss)
    _with_arguments(lines, one, [*(u.name for u in one.updates), *data])
    names = {*(u.name for u in one.updates), *data, *_arguments(one.node)}
    nodes = [one.node, *_others(tree, one)]
    names |= {n for other in nodes for n in _arguments_of(other)}
    line = one.last.statement.lineno
    return Loop(
        one.title,
        line,
        tuple(u.name for u in one.updates),
        assumed=loss.assumed,
        reported=loss.reported,
        picks=loss.picks,
        ascends=one.ascends,
        own=tuple(n for n in loss.own if n.lstrip("-") in _plain(tree)),
        shapes=made_shapes(nodes, names),
    )


def _others(tree: ast.Module, one: Training) -> Iterator[ast.AST]:
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


def _outside(one: Training, tree: ast.Module) -> set[str]:
    """Return the names that are there before the step."""
    step = {id(n) for item in one.body for n in ast.walk(item)}
    before = [s for s in statements(one.node.body) if id(s) not in step]
    names = {n for s in before for n in _targets(s)} | _arguments(one.node)
    for item in tree.body:
        if not isinstance(item, ast.FunctionDef | ast.ClassDef):
            names |= set(assigned([item]))
    return names


def _targets(item: ast.stmt) -> Iterator[str]:
    """Yield the names that one statement sets, without those inside it."""
    targets = getattr(item, "targets", None) or [getattr(item, "target", None)]
    for target in targets:
        for node in ast.walk(target) if target is not None else ():
            if isinstance(node, ast.Name):
                yield node.id


def _arguments(node: ast.FunctionDef) -> set[str]:
    args = node.args
    return {a.arg for a in [*args.posonlyargs, *args.args, *args.kwonlyargs]}


def _arguments_of(node: ast.AST) -> set[str]:
    return _arguments(node) if isinstance(node, ast.FunctionDef) else set()


def _plain(tree: ast.Module) -> set[str]:
    return {item.name for item in tree.body if isinstance(item, ast.FunctionDef)}


def _functions(tree: ast.Module, cls: str) -> dict[str, Sequence[str]]:
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


def _data(one: Training, tree: ast.Module) -> list[str]:
    """Return the module's examples and labels that the step, or its loss, reads."""
    made = {
        name
        for item in tree.body
        if not isinstance(item, ast.FunctionDef | ast.ClassDef | ast.Import)
        for name in assigned([item])
    }
    own = _arguments(one.node) | set(assigned(one.node.body))
    return [
        n
        for n in read_names(ast.Module(one.node.body, []))
        if n in made and n not in own and DATA.fullmatch(n)
    ]


def _counts(tree: ast.Module, data: Sequence[str]) -> dict[str, str]:
    """Return the module's numbers of examples, and how they are counted."""
    return {
        name: f"len({data[-1]})"
        for item in tree.body
        if isinstance(item, ast.Assign) and data
        for name in assigned([item])
        if COUNTS.fullmatch(name)
    }


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


def _without_setting(lines: Lines, one: Training) -> None:
    """Leave out what gives the parameters values before the step."""
    step = {id(n) for item in one.body for n in ast.walk(item)}
    around = {id(loop) for loop in one.loops}
    parameters = {u.parameter for u in one.updates}
    for item in list(_before(one.node.body, around, step)):
        set_ = {ast.unparse(t) for t in _places(item)}
        if set_ & parameters:
            _replaced(lines, item, "pass")


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


def _returning(lines: Lines, one: Training, loss: Loss) -> None:
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
        _replaced(lines, update.statement, made)
    results = ", ".join([loss.text, *(u.result for u in one.updates)])
    first = f"{last.made}; " if last.made else ""
    _replaced(lines, last.statement, f"{first}return {results}")


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
    """Write one line in place of a statement; its other lines become empty."""
    given = lines[item.lineno - 1].encode()[: item.col_offset].decode()
    first, last = item.lineno, item.end_lineno or item.lineno
    lines[first - 1 : last] = [given + new, *[""] * (last - first)]


def _with_arguments(lines: Lines, one: Training, names: Sequence[str]) -> None:
    """Add arguments behind those without a default."""
    args = one.node.args
    more = [n for n in dict.fromkeys(names) if n not in _arguments(one.node)]
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
