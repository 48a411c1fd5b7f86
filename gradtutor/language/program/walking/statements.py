"""Statements of a program: assignments, loops, conditions, definitions."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.errors import LimitError, SourceError
from gradtutor.language.program.array_values import Data
from gradtutor.language.program.data.attributes import CONSTANTS
from gradtutor.language.program.data.containers import elements, truth
from gradtutor.language.program.data.operators import binary
from gradtutor.language.program.values import (
    Class,
    Function,
    Library,
    Scope,
    Unknown,
)
from gradtutor.language.program.walking.assigning import assign
from gradtutor.language.program.walking.blocks import (
    MAX_ROUNDS,
    Spent,
    is_quiet,
    rounds,
    stride,
)
from gradtutor.language.program.walking.decorators import decorated
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter


class Left(Exception):  # noqa: N818 (no error: a way out of a block)
    """A block was left: by return, break or continue."""

    def __init__(self, how: str, value: Any = None) -> None:
        super().__init__(how)
        self.how, self.value = how, value


Handler = Callable[["Interpreter", Any, Scope], None]


def execute(run: Interpreter, body: Sequence[ast.stmt], scope: Scope) -> None:
    """Walk through statements, one after the other."""
    for statement in body:
        run.tick(statement)
        handler = HANDLERS.get(type(statement))
        if handler is not None:
            handler(run, statement, scope)


# ---- names ----


def _import(run: Interpreter, statement: ast.Import, scope: Scope) -> None:
    for alias in statement.names:
        whole = alias.name if alias.asname else alias.name.partition(".")[0]
        scope.names[alias.asname or whole] = Library(whole)
        run.imported.add(whole.partition(".")[0])


def _import_from(run: Interpreter, statement: ast.ImportFrom, scope: Scope) -> None:
    module = statement.module or ""
    run.imported.add(module.partition(".")[0])
    for alias in statement.names:
        if alias.name == "*":
            run.stars.append(module)
        else:
            path = f"{module}.{alias.name}" if module else alias.name
            found = CONSTANTS.get(path, Library(path))
            scope.names[alias.asname or alias.name] = found


def _assign(run: Interpreter, statement: ast.Assign, scope: Scope) -> None:
    value = run.evaluate(statement.value, scope)
    for target in statement.targets:
        assign(run, target, value, scope)


def _annotated(run: Interpreter, statement: ast.AnnAssign, scope: Scope) -> None:
    if statement.value is not None:
        assign(run, statement.target, run.evaluate(statement.value, scope), scope)


def _augmented(run: Interpreter, statement: ast.AugAssign, scope: Scope) -> None:
    value = run.evaluate(statement.value, scope)
    before = run.evaluate(statement.target, scope)
    if isinstance(before, list) and isinstance(value, list | tuple):
        before.extend(value)  # the same list goes by other names too
        return
    after = binary(run, statement.op, before, value, statement)
    assign(run, statement.target, after, scope)


# ---- definitions ----


def _function(run: Interpreter, statement: ast.FunctionDef, scope: Scope) -> None:
    made = Function(statement, scope, statement.name)
    scope.names[statement.name] = decorated(run, made)


def _class(run: Interpreter, statement: ast.ClassDef, scope: Scope) -> None:
    bases = tuple(run.evaluate(base, scope) for base in statement.bases)
    inner = Scope(scope)
    found = Class(statement, scope, bases, inner.names)
    for part in statement.body:
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            inner.names[part.name] = Function(part, scope, part.name, found)
        else:
            execute(run, [part], inner)
    scope.names[statement.name] = found


# ---- conditions and loops ----


def _if(run: Interpreter, statement: ast.If, scope: Scope) -> None:
    value = run.evaluate(statement.test, scope)
    known = truth(value)
    if known is None and run.tracer is not None:
        reason = value.reason if isinstance(value, Unknown) else ""
        message = tr("which way this goes is known only when the program runs")
        raise run.fail(message, statement.test, reason)
    for taken, body in ((True, statement.body), (False, statement.orelse)):
        if known is None:
            _perhaps(run, body, scope)
        elif known is taken:
            execute(run, body, scope)


def _perhaps(run: Interpreter, body: list[ast.stmt], scope: Scope) -> None:
    """Walk through what may or may not happen: it does not leave the block."""
    with contextlib.suppress(Left):
        execute(run, body, scope)


def _for(run: Interpreter, statement: ast.For, scope: Scope) -> None:
    from gradtutor.language.program.walking.interpreter import Loop

    iterable = run.evaluate(statement.iter, scope)
    items, count, over_data = elements(run, iterable, statement.iter)
    if run.tracer is not None and (count or 0) > MAX_ROUNDS:
        message = tr(
            "this loop goes round {n:,} times, up to {most:,} are read",
            n=count,
            most=MAX_ROUNDS,
        )
        raise LimitError(message, run.source.text, run.span(statement.iter))
    run.loops.append(Loop(count, over_data, stride=stride(run, statement.iter, scope)))
    try:
        spent = Spent(run)
        for item in items[:MAX_ROUNDS]:
            if spent.enough():
                break
            before = run.found.steps
            assign(run, statement.target, item, scope)
            if _round(run, statement.body, scope) or run.found.steps > before:
                break  # a round that trains is like the next
        else:
            execute(run, statement.orelse, scope)
    finally:
        run.loops.pop()


def _round(run: Interpreter, body: list[ast.stmt], scope: Scope) -> bool:
    """Walk through one round; return whether the loop ends with it."""
    try:
        execute(run, body, scope)
    except Left as left:
        if left.how == "return":
            raise
        return left.how == "break"
    return False


def _while(run: Interpreter, statement: ast.While, scope: Scope) -> None:
    from gradtutor.language.program.walking.interpreter import Loop

    run.loops.append(Loop(rounds(run, statement, scope)))
    try:
        spent = Spent(run)
        for _ in range(MAX_ROUNDS):
            if spent.enough():
                break
            before = run.found.steps
            known = truth(run.evaluate(statement.test, scope))
            if known is False:
                break
            if known is None and run.tracer is not None:
                message = tr("which way this goes is known only when the program runs")
                raise run.fail(message, statement.test)
            ends = _round(run, statement.body, scope)
            if ends or known is None or run.found.steps > before:
                break
    finally:
        run.loops.pop()


def _with(run: Interpreter, statement: ast.With, scope: Scope) -> None:
    for item in statement.items:
        value = run.evaluate(item.context_expr, scope)
        if item.optional_vars is not None:
            assign(run, item.optional_vars, value, scope)
    before = run.quiet
    run.quiet |= any(is_quiet(run, one.context_expr, scope) for one in statement.items)
    try:
        execute(run, statement.body, scope)
    except Left as left:
        if run.quiet and run.tracer is not None and left.how == "return":
            left.value = run.tracer.stopped(left.value, statement)
        raise
    finally:
        run.quiet = before


def _try(run: Interpreter, statement: ast.Try, scope: Scope) -> None:
    execute(run, statement.body, scope)
    execute(run, statement.orelse, scope)
    execute(run, statement.finalbody, scope)


# ---- ways out ----


def _return(run: Interpreter, statement: ast.Return, scope: Scope) -> None:
    given = statement.value
    raise Left("return", None if given is None else run.evaluate(given, scope))


def _raise(run: Interpreter, statement: ast.Raise, scope: Scope) -> None:
    if run.tracer is not None:
        message = tr("the model refuses its input here")
        raise run.fail(message, statement)
    raise Left("return", Data())


def _assert(run: Interpreter, statement: ast.Assert, scope: Scope) -> None:
    """Work out what is asserted: it may show the model at work."""
    if run.tracer is None:
        with contextlib.suppress(SourceError):
            run.evaluate(statement.test, scope)


def _leave(run: Interpreter, statement: ast.stmt, scope: Scope) -> None:
    raise Left("break" if isinstance(statement, ast.Break) else "continue")


def _expression(run: Interpreter, statement: ast.Expr, scope: Scope) -> None:
    run.evaluate(statement.value, scope)


HANDLERS: dict[type[ast.stmt], Handler] = {
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.If: _if,
    ast.For: _for,
    ast.While: _while,
    ast.With: _with,
    ast.Try: _try,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Break: _leave,
    ast.Continue: _leave,
    ast.Expr: _expression,
}
