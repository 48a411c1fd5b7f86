"""Other readings of the same arguments.

A gradient that is right in one of the first kind is right; one that is right must be so
in all of the second kind: with another stride, with labels in the place of ones.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from gradtutor.audit.program.arguments import Argument
from gradtutor.audit.program.calls import Bind, Call, Const, Expr, Row, Table
from gradtutor.audit.program.naming import TARGET
from gradtutor.audit.program.plan import Plan
from gradtutor.audit.program.shapes.names import PARAMETER, SIDE
from gradtutor.audit.task import Task
from gradtutor.messages import listed, tr

MASK = re.compile(r"R|M|(\w*_)?(masks?|observed|rated|indicator|valid)(_\w*)?")
STRIDE, ODD = 2, 5  # a stride that is felt, and a side that it divides with a window


def other_targets(task: Task) -> Task | None:
    """Return the task with the ones of a target in its rows, not its columns, or so."""
    turned = {"onehot": "onehot0", "onehot0": "onehot"}
    hot = {n: a for n, a in task.arguments.items() if a.kind in turned and a.shape}
    if not hot:
        return None
    new = {n: replace(a, kind=turned[a.kind]) for n, a in hot.items()}
    return replace(task, arguments={**task.arguments, **new})


def of_fitted(task: Task) -> Task | None:
    """Return the task with matrices where vectors ran as well: ``U @ V.T``."""
    if not task.fitted:
        return None
    return replace(task, arguments={**task.arguments, **task.fitted}, fitted={})


def of_vectors(task: Task) -> Task | None:
    """Return the task with ``w`` and ``y`` as vectors, where matrices were guessed.

    ``np.mean((X @ w - y)**2)`` runs with both; its gradient may be meant for one.
    """
    small = {n: task.arguments[n] for n in task.guessed if n.islower() and n != "x"}
    shapes = {n: a.shape for n, a in small.items()}
    if len(shapes) < 2 or any(len(shape) != 2 for shape in shapes.values()):
        return None
    if len({shape[1] for shape in shapes.values()}) > 1 or task.plan.has_upstream:
        return None
    new = {n: replace(a, shape=a.shape[:1]) for n, a in small.items()}
    taken = tr("{names} were taken for vectors", names=listed(list(new)))
    plan = replace(task.plan, assumed=(*task.plan.assumed, taken))
    return replace(task, plan=plan, arguments={**task.arguments, **new})


def of_reshaped(task: Task) -> Task | None:
    """Return the task with what is given a shape first as its gradient comes back.

    ``theta.reshape(K, D)`` takes a matrix as well; a gradient that is one row of
    numbers says that theta is one.
    """
    reshaped = set(_reshaped(task.program.text)) & set(task.guessed)
    return of_their_shapes(task, reshaped) if reshaped else None


def of_their_shapes(task: Task, of: Collection[str] = ()) -> Task | None:
    """Return the task with guessed shapes as those of the gradients that come back.

    ``a.reshape(N, T, 1)`` takes an argument of any shape, and a sum over rows one that
    it repeats: the gradient's shape says which is meant. What a weight's or a bias's
    gradient looks like says nothing.

    Parameters
    ----------
    of : collection of str
        Names for which it is said all the same, and of which alone.
    """
    measured = task.measure()[0]
    theirs = measured[0].theirs if measured else {}
    meant = {
        name: replace(task.arguments[name], shape=value.shape)
        for name, value in theirs.items()
        if name in (of or task.guessed)
        and value.shape != task.arguments[name].shape
        and (name in of or not PARAMETER.fullmatch(name))
    }
    if not meant:
        return None
    taken = tr(
        "{names} were given the shapes of their gradients", names=listed(list(meant))
    )
    plan = replace(task.plan, assumed=(*task.plan.assumed, taken))
    return replace(task, plan=plan, arguments={**task.arguments, **meant})


def _reshaped(text: str) -> Iterator[str]:
    """Yield the names that are given a shape: ``theta = theta.reshape(K, D)``."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(ast.Attribute(ast.Name(name), "reshape")) | ast.Call(
                ast.Attribute(_, "reshape"), [ast.Name(name), *_]
            ):
                yield name


def of_zeros_and_ones(task: Task) -> Task | None:
    """Return the task with what is called a mask made of 0 and 1.

    ``((P - Y) * R)**2`` has R in its slope once where R is its own square.
    """
    masks = {
        name: replace(task.arguments[name], kind="binary")
        for name in task.guessed
        if MASK.fullmatch(name) and task.arguments[name].kind == "real"
    }
    if not masks:
        return None
    taken = tr("{names} were taken to be 0 or 1", names=listed(list(masks)))
    plan = replace(
        task.plan,
        fixed=task.plan.fixed | frozenset(masks),
        assumed=(*task.plan.assumed, taken),
    )
    return replace(task, plan=plan, arguments={**task.arguments, **masks})


def of_a_column(task: Task) -> Task | None:
    """Return the task with its one vector as a column, (7, 1) for (7,)."""
    if len(task.guessed) != 1:
        return None
    (name,) = task.guessed
    argument = task.arguments[name]
    if len(argument.shape) != 1 or argument.kind != "real":
        return None
    tall = replace(argument, shape=(*argument.shape, 1))
    return replace(task, arguments={**task.arguments, name: tall})


def of_one_example(task: Task) -> Task | None:
    """Return the task with one example where they are columns: (3, 1) for (3, 5)."""
    if len(task.guessed) != 1:
        return None
    (name,) = task.guessed
    argument = task.arguments[name]
    if len(argument.shape) != 2 or argument.shape[1] == 1:
        return None
    tall = replace(argument, shape=(argument.shape[0], 1))
    return replace(task, arguments={**task.arguments, name: tall})


def also(task: Task) -> Iterator[Task]:
    """Yield the task with what was settled by us settled otherwise."""
    strided = _strided(task)
    if strided is not None:
        yield strided
    labelled = _labelled(task)
    if labelled is not None:
        yield labelled


def _strided(task: Task) -> Task | None:
    """Return the task with windows two apart; None where no stride of 1 was set."""
    plan = _said(task)
    steps = [*plan.prepare, *plan.forward, *plan.backward]
    images = {n: a for n, a in task.arguments.items() if len(a.shape) in (3, 4)}
    if not images or not any("'stride', 1)" in str(_settings(s.value)) for s in steps):
        return None
    wider = {
        name: replace(a, shape=tuple(ODD if s == SIDE else s for s in a.shape))
        for name, a in images.items()
    }
    changed = replace(
        plan,
        prepare=tuple(Bind(s.name, _apart(s.value)) for s in plan.prepare),
        forward=tuple(Bind(s.name, _apart(s.value)) for s in plan.forward),
        backward=tuple(Bind(s.name, _apart(s.value)) for s in plan.backward),
    )
    return replace(task, plan=changed, arguments={**task.arguments, **wider})


def _said(task: Task) -> Plan:
    """Return the plan in which calls say the stride that they leave to a default."""

    def said(steps: tuple[Bind, ...]) -> tuple[Bind, ...]:
        return tuple(Bind(s.name, _with_default(task, s.value)) for s in steps)

    plan = task.plan
    return replace(
        plan,
        prepare=said(plan.prepare),
        forward=said(plan.forward),
        backward=said(plan.backward),
    )


def _with_default(task: Task, expr: Expr) -> Expr:
    if not isinstance(expr, Call):
        return expr
    there = task.program.functions
    name = str(expr.function)
    called = there.get(name) or there.get(f"{name}.__init__")
    names = [n for n in called.arguments if n != "self"] if called else []
    if (
        not called
        or "stride" not in names[len(expr.args) :]
        or called.default("stride") != "1"
        or "stride" in dict(expr.keywords)
    ):
        return expr
    return replace(expr, keywords=(*expr.keywords, ("stride", Const(1))))


def _settings(expr: Expr) -> list[tuple[str, object]]:
    """Return the settings that a call is given, by their names."""
    match expr:
        case Table(items):
            pairs = list(items)
        case Call(_, args, keywords):
            inner = [pair for arg in args for pair in _settings(arg)]
            named = [p for _, value in keywords for p in _settings(value)]
            return [*inner, *named, *_settings(Table(keywords))]
        case _:
            return []
    return [(key, value.value) for key, value in pairs if isinstance(value, Const)]


def _apart(expr: Expr) -> Expr:
    match expr:
        case Table(items):
            return Table(_moved(items))
        case Call(function, args, keywords):
            return Call(function, tuple(map(_apart, args)), _moved(keywords))
        case Row(items, kind):
            return Row(tuple(map(_apart, items)), kind)
    return expr


def _moved(items: tuple[tuple[str, Expr], ...]) -> tuple[tuple[str, Expr], ...]:
    return tuple(
        (key, Const(STRIDE) if (key, value) == ("stride", Const(1)) else _apart(value))
        for key, value in items
    )


def _labelled(task: Task) -> Task | None:
    """Return the task with labels for ones, where the code tells them apart."""
    if not re.search(r"\.(ndim|size)\b", task.program.text):
        return None
    hot = {
        n: Argument(a.shape[:1], (0, a.shape[1] - 1))
        for n, a in task.arguments.items()
        if a.kind == "onehot" and len(a.shape) == 2 and TARGET.fullmatch(n)
    }
    return replace(task, arguments={**task.arguments, **hot}) if hot else None
