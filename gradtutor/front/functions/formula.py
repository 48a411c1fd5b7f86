"""A Python function as a formula: its own lines where it has only such, else a trace.

>>> formula_of(lambda x, y: x * y + 1).text
'x * y + 1'
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from gradtutor.errors import TutorError
from gradtutor.front.functions.source import NoSourceError, source_of
from gradtutor.front.functions.tracing import trace
from gradtutor.messages import tr

#: Python's own functions that formulas have too.
OF_THE_LANGUAGE = ("abs", "max", "min", "sum", "pow")
ArrayFunction = Callable[..., Any]


class FunctionError(TutorError):
    """A function that is no formula; the message says why and what to do."""


@dataclass(frozen=True)
class Written:
    """A function as text of the language.

    Attributes
    ----------
    values : mapping
        Of inputs: defaults of arguments, arrays from around the function.
    """

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


def formula_of(function: ArrayFunction) -> Written:
    """Return a function's formula.

    A function of assignments and one return keeps its lines and names. Any other, with
    loops or helpers, is called once with stand-ins for its arguments, which note what
    is done with them.

    Raises
    ------
    FunctionError
        When it does what no formula can: branches on a value, needs a plain number.
    """
    arguments = _arguments(function)
    try:
        written = _own_lines(function, arguments)
    except NoSourceError:
        written = None
    if written is not None:
        return written
    text, values = trace(function, list(arguments))
    return Written(text, values | _defaults(arguments))


def _arguments(function: ArrayFunction) -> dict[str, Any]:
    """Return the arguments by name, with their defaults."""
    arguments = {}
    for name, one in inspect.signature(function).parameters.items():
        if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            raise FunctionError(
                tr("*{name} has no fixed number: name each argument", name=name)
            )
        arguments[name] = one.default
    return arguments


def _defaults(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults that are numbers."""
    return {
        name: value
        for name, value in arguments.items()
        if value is not inspect.Parameter.empty and value is not None
    }


# ---- a function's own lines ----


def _own_lines(function: ArrayFunction, arguments: Mapping[str, Any]) -> Written | None:
    """Return the lines of a function of assignments and a return; None of another."""
    node = _node(function, list(arguments))
    body = _statements(node)
    if body is None:
        return None
    known = _around(function)
    reader = _Lines(known, set(arguments))
    lines = [reader.line(one) for one in body]
    if reader.stuck:
        return None
    return Written("\n".join(lines), reader.values | _defaults(arguments))


def _node(
    function: ArrayFunction, names: list[str]
) -> ast.FunctionDef | ast.Lambda | None:
    """Find the function in its text, a lambda by its arguments."""
    try:
        tree = ast.parse(source_of(function).strip())
    except SyntaxError:  # a lambda inside of a call over several lines
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
            return node
        if isinstance(node, ast.Lambda) and _names(node) == names:
            return node
    return None


def _names(node: ast.Lambda) -> list[str]:
    return [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]


def _statements(node: ast.FunctionDef | ast.Lambda | None) -> list[ast.stmt] | None:
    """Return assignments and the return at the end; None where there is more."""
    if node is None:
        return None
    if isinstance(node, ast.Lambda):
        return [ast.Return(node.body)]
    body = [one for one in node.body if not _is_silent(one)]
    if not body or not isinstance(body[-1], ast.Return) or body[-1].value is None:
        return None
    return body if all(map(_is_assignment, body[:-1])) else None


def _is_silent(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring or an import."""
    return isinstance(statement, ast.Import | ast.ImportFrom) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _is_assignment(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign([ast.Name()]) | ast.AnnAssign(ast.Name(), _, ast.expr()):
            return True
        case ast.AugAssign(ast.Name()):
            return True
    return False


def _around(function: ArrayFunction) -> dict[str, Any]:
    """Return what the names around a function mean."""
    found = inspect.getclosurevars(function)
    return {**found.globals, **found.nonlocals}


@dataclass
class _Lines:
    """Writes statements; notes values from around, and whether one is a function."""

    around: Mapping[str, Any]
    known: set[str]
    values: dict[str, Any] = field(default_factory=dict)
    stuck: bool = False

    def line(self, statement: ast.stmt) -> str:
        match statement:
            case ast.Return(ast.expr() as value):
                return self._text(value)
            case ast.Assign([ast.Name(name)], value):
                text = self._text(value)
            case ast.AnnAssign(ast.Name(name), _, ast.expr() as value):
                text = self._text(value)
            case ast.AugAssign(ast.Name(name) as target, operator, value):
                whole = ast.BinOp(ast.Name(target.id, ast.Load()), operator, value)
                text = self._text(whole)
            case _:
                raise AssertionError(ast.dump(statement))
        self.known.add(name)
        return f"{name} = {text}"

    def _text(self, node: ast.expr) -> str:
        return ast.unparse(ast.fix_missing_locations(_Replaced(self).visit(node)))

    def value(self, node: ast.Name) -> ast.expr:
        """Return what stands for a name from around the function."""
        value = self.around[node.id]
        if isinstance(value, ModuleType):
            return ast.Name("np", ast.Load())
        if isinstance(value, bool | int | float | np.number):
            return ast.Constant(float(value) if value != int(value) else int(value))
        if isinstance(value, np.ndarray | list | tuple):
            self.values[node.id] = np.asarray(value, dtype=np.float64)
            return node
        self.stuck = self.stuck or callable(value)
        return node


class _Replaced(ast.NodeTransformer):
    """Puts values in the place of names that a function takes from around it."""

    def __init__(self, lines: _Lines) -> None:
        self.lines = lines

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace a name that is no argument and was not assigned."""
        if node.id in self.lines.known:
            return node
        if node.id in self.lines.around:
            return self.lines.value(node)
        self.lines.stuck |= node.id not in OF_THE_LANGUAGE
        return node
