"""A loss as lines of NumPy write it: of the error, squared or absolute, exactly."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from gradtutor.language.program.models.settings import make_setting
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


def take_loss(
    run: Interpreter,
    body: list[ast.stmt],
    is_error: Callable[[ast.AST], bool],
    line: ast.AST,
) -> None:
    """Take the loss that lines write, else the squared error, and say so."""
    if any(one.kind == "loss" for one in run.found.settings):
        return
    found = written_loss(run, body, is_error)
    if found is None:
        check_slope(run, body, is_error)
        make_setting(run, "MSELoss", [], {}, line)
        note = tr(
            "line {line}: the text has an error and no loss: the squared error, "
            "MSELoss, is taken",
            line=getattr(line, "lineno", 1),
        )
        run.notes.append(note)
        return
    place, name, reduction, exactly = found
    given = {"reduction": reduction} if exactly else {}
    make_setting(run, name, [], given, place)
    if not exactly:
        note = tr(
            "line {line}: this loss is a constant times the mean, which is taken: "
            "{name}",
            line=getattr(place, "lineno", 1),
            name=name,
        )
        run.notes.append(note)


REDUCTIONS = ("sum", "mean", "average", "max", "median", "norm")
BENT = ("abs", "absolute", "fabs", "square", "sqrt", "norm", "log", "maximum", "where")
Loss = tuple[ast.AST, str, str, bool]


def written_loss(
    run: Interpreter, body: list[ast.stmt], is_error: Callable[[ast.AST], bool]
) -> Loss | None:
    """Return the loss that lines work out of an error; None where they have none.

    Parameters
    ----------
    is_error : callable
        Whether a node is the difference of the output and its target.

    Returns
    -------
    tuple or None
        Where it is, MSELoss or L1Loss, "sum" or "mean", and whether it is exactly that,
        not a constant times it.

    Raises
    ------
    SourceError
        When a line has another loss, or takes the loss on.
    """
    lines = [one for line in body for one in ast.walk(line)]
    same = {
        name
        for one in lines
        if isinstance(one, ast.Assign) and is_error(one.value)
        for name in map(_spelled, one.targets)
    }

    def error(node: ast.AST) -> bool:
        return is_error(node) or _spelled(node) in same

    for line in lines:
        if not isinstance(line, ast.Assign | ast.Return):
            continue
        value = line.value
        if value is None or not _is_of_errors(value, error):
            continue
        found = _exact(value, error)
        near = found is None and _of_a_constant(value, error)
        if not found and not near:
            raise run.fail(_unread(), value, _hint())
        name, reduction = found or near or ("", "")
        if isinstance(line, ast.Assign):
            _check_goes_on(run, lines, _spelled(line.targets[0]), line)
        return value, name, reduction, bool(found)
    return None


def _unread() -> str:
    return tr("this loss is none that is read exactly")


def _hint() -> str:
    return tr("write np.mean((output - target) ** 2), MSELoss, or np.mean(np.abs(...))")


def _spelled(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def _word(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _is_of_errors(value: ast.AST, error: Callable[[ast.AST], bool]) -> bool:
    """Whether a value is a number made of errors that are squared, or bent."""
    calls = [one for one in ast.walk(value) if isinstance(one, ast.Call)]
    reduced = any(_word(one) in REDUCTIONS for one in calls)
    return reduced and any(_is_bent(one, error) for one in ast.walk(value))


def _is_bent(node: ast.AST, error: Callable[[ast.AST], bool]) -> bool:
    """Whether a node is no longer linear in the error."""
    match node:
        case ast.BinOp(base, ast.Pow(), _):
            return any(map(error, ast.walk(base)))
        case ast.BinOp(a, ast.Mult(), b):
            return error(a) and error(b)
        case ast.Call() if _word(node) in (*BENT, "pow", "power"):
            return any(map(error, ast.walk(node)))
    return False


def _exact(value: ast.AST, error: Callable[[ast.AST], bool]) -> tuple[str, str] | None:
    """Return the loss that a value exactly is: the mean, the sum, sum / y.size."""
    match value:
        case ast.Call(func, args, []) if _word(value) in ("sum", "mean"):
            inner = args[0] if len(args) == 1 else None
            if isinstance(func, ast.Name) and func.id == "sum":
                return None  # over the rows alone
            if not args and isinstance(func, ast.Attribute):
                inner = func.value
            kind = _kind(inner, error) if inner is not None else ""
            return (kind, _word(value)) if kind else None
        case ast.BinOp(left, ast.Div(), ast.Attribute(ast.Name(), "size")):
            found = _exact(left, error)
            return (found[0], "mean") if found and found[1] == "sum" else None
    return None


def _kind(node: ast.AST, error: Callable[[ast.AST], bool]) -> str:
    """Return MSELoss of a squared error, L1Loss of an absolute one."""
    match node:
        case ast.BinOp(base, ast.Pow(), ast.Constant(2 | 2.0)) if error(base):
            return "MSELoss"
        case ast.BinOp(a, ast.Mult(), b) if error(a) and error(b):
            return "MSELoss"
        case ast.Call(args=[base, *more], keywords=[]) if error(base):
            powers = [getattr(one, "value", None) for one in more]
            name = _word(node)
        case ast.Call(ast.Attribute(base), [*more], []) if error(base):
            powers = [getattr(one, "value", None) for one in more]
            name = _word(node)
        case _:
            return ""
    if (name == "square" and not powers) or (
        name in ("pow", "power") and powers == [2]
    ):
        return "MSELoss"
    return "L1Loss" if name in ("abs", "absolute", "fabs") and not powers else ""


def _of_a_constant(
    value: ast.AST, error: Callable[[ast.AST], bool]
) -> tuple[str, str] | None:
    """Return the loss that a constant times a value is: 0.5 * sum, sum / len(y)."""
    match value:
        case ast.Call(ast.Name("sum"), [inner], []):  # over rows of one output
            kind = _kind(inner, error)
            return (kind, "mean") if kind else None
        case ast.BinOp(a, ast.Mult(), b):
            pairs = [(a, b), (b, a)]
        case ast.BinOp(a, ast.Div(), b):
            pairs = [(a, b)]
        case _:
            return None
    for inner, factor in pairs:
        if not _is_constant(factor):
            continue
        found = _exact(inner, error) or _of_a_constant(inner, error)
        if found:
            return found[0], "mean"
    return None


def _is_constant(node: ast.AST) -> bool:
    """Whether a factor is a number: 0.5, len(y), X.shape[0], m."""
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.Call(ast.Name("len"), [ast.Name()], []):
            return True
        case ast.Subscript(ast.Attribute(ast.Name(), "shape"), ast.Constant()):
            return True
        case ast.BinOp(a, ast.Mult() | ast.Div(), b):
            return _is_constant(a) and _is_constant(b)
        case ast.UnaryOp(ast.USub(), _):
            return False
    return isinstance(node, ast.Attribute) and node.attr == "size"


def _check_goes_on(
    run: Interpreter, lines: list[ast.AST], name: str, made: ast.Assign
) -> None:
    """Refuse a loss that another line takes on: loss = loss + penalty."""
    for one in lines:
        if isinstance(one, ast.AugAssign) and _spelled(one.target) == name:
            raise run.fail(_unread(), one, _hint())
        if not isinstance(one, ast.Assign) or one is made:
            continue
        targets = {*map(_spelled, one.targets)}
        added = [*_terms(one.value)]
        total = name not in targets and targets & {*map(_spelled, added[:1])}
        if name in {*map(_spelled, added)} and not total:
            raise run.fail(_unread(), one, _hint())


def _terms(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a value adds or scales."""
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
            yield from _terms(node.left)
            yield from _terms(node.right)
    else:
        yield node


# ---- an error whose slope is taken through something ----

THROUGH = ("sum", "mean", "dot", "matmul", "outer", "print", "str", "multiply", "array",
           "asarray", "float", "append", "copy", "einsum", "reshape")  # fmt: skip


def check_slope(
    run: Interpreter, body: list[ast.stmt], is_error: Callable[[ast.AST], bool]
) -> None:
    """Refuse an error that a function bends where no loss stands: sign(out - y)."""
    for line in body:
        if not isinstance(line, ast.Assign | ast.AugAssign):
            continue
        for one in ast.walk(line):
            if not isinstance(one, ast.Call) or _word(one) in THROUGH:
                continue
            if any(map(is_error, one.args)):
                raise run.fail(_unread(), one, _hint())
