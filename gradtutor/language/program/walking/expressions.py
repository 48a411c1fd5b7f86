"""Expressions of a program: names, attributes, containers, comprehensions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtutor.errors import TutorError
from gradtutor.language.errors import LimitError
from gradtutor.language.program.data.attributes import attribute
from gradtutor.language.program.data.containers import MAX_ITEMS, elements, truth
from gradtutor.language.program.data.indexing import subscript
from gradtutor.language.program.data.operators import binary, compare, unary
from gradtutor.language.program.values import (
    MODELS,
    Function,
    Library,
    Method,
    Scope,
    Tensor,
    Unknown,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

Handler = Callable[["Interpreter", Any, Scope], Any]
#: Names that Python itself has, and what they are here.
PYTHON_NAMES = {"__name__": "__main__", "__file__": "program.py"}


def evaluate(run: Interpreter, node: ast.expr, scope: Scope) -> Any:
    """Work out an expression; what it is not known to be is an Unknown."""
    handler = HANDLERS.get(type(node))
    if handler is None:
        return run.unknown(tr("this expression is not read"), node)
    return handler(run, node, scope)


# ---- names and values ----


def _constant(run: Interpreter, node: ast.Constant, scope: Scope) -> Any:
    return node.value


def _name(run: Interpreter, node: ast.Name, scope: Scope) -> Any:
    if scope.has(node.id):
        return scope.find(node.id)
    if node.id in PYTHON_NAMES:
        return PYTHON_NAMES[node.id]
    return Library(node.id)


def _attribute(run: Interpreter, node: ast.Attribute, scope: Scope) -> Any:
    return attribute(run, run.evaluate(node.value, scope), node.attr, node)


def _lambda(run: Interpreter, node: ast.Lambda, scope: Scope) -> Any:
    return Function(node, scope)


def _walrus(run: Interpreter, node: ast.NamedExpr, scope: Scope) -> Any:
    value = run.evaluate(node.value, scope)
    scope.names[node.target.id] = value
    return value


def _text(run: Interpreter, node: ast.JoinedStr, scope: Scope) -> Any:
    """Join an f-string whose parts are known."""
    parts: list[str] = []
    for piece in node.values:
        value = run.evaluate(
            piece.value if isinstance(piece, ast.FormattedValue) else piece, scope
        )
        if not isinstance(value, str | int | float):
            return run.unknown(
                tr("a part of this text is known only when it runs"), node
            )
        parts.append(str(value))
    return "".join(parts)[:MAX_ITEMS]


# ---- containers ----


def _items(run: Interpreter, nodes: list[ast.expr], scope: Scope) -> list[Any]:
    """Work out the items of a list, those behind stars too."""
    items: list[Any] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            value = run.evaluate(node.value, scope)
            items += elements(run, value, node)[0]
        else:
            items.append(run.evaluate(node, scope))
    return items[:MAX_ITEMS]


def _list(run: Interpreter, node: ast.List, scope: Scope) -> Any:
    return _items(run, node.elts, scope)


def _tuple(run: Interpreter, node: ast.Tuple, scope: Scope) -> Any:
    return tuple(_items(run, node.elts, scope))


def _dict(run: Interpreter, node: ast.Dict, scope: Scope) -> Any:
    found: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        item = run.evaluate(value, scope)
        if key is None:
            found.update(item if isinstance(item, dict) else {})
            continue
        name = run.evaluate(key, scope)
        if isinstance(name, str | int | float | tuple | Library):
            found[name] = item
    return found


def _comprehension(run: Interpreter, node: Any, scope: Scope) -> Any:
    """Go through a list comprehension or a generator, its conditions checked."""
    found: list[Any] = []
    _generate(run, node, list(node.generators), Scope(scope), found)
    return found


def _generate(
    run: Interpreter, node: Any, generators: list[Any], scope: Scope, found: list[Any]
) -> None:
    from gradtutor.language.program.walking.assigning import assign

    if not generators:
        if isinstance(node, ast.DictComp):
            pair = run.evaluate(node.key, scope), run.evaluate(node.value, scope)
            found.append(pair)
        else:
            found.append(run.evaluate(node.elt, scope))
        if len(found) >= MAX_ITEMS and isinstance(found[-1], MODELS):
            message = tr("this list has more than {most:,} layers", most=MAX_ITEMS)
            raise LimitError(message, run.source.text, run.span(node))
        return
    first, *rest = generators
    for item in elements(run, run.evaluate(first.iter, scope), first.iter)[0]:
        assign(run, first.target, item, scope)
        kept = all(truth(run.evaluate(test, scope)) is not False for test in first.ifs)
        if kept and len(found) < MAX_ITEMS:
            _generate(run, node, rest, scope, found)


def _dict_comprehension(run: Interpreter, node: ast.DictComp, scope: Scope) -> Any:
    pairs = _comprehension(run, node, scope)
    plain = (str, int, float, tuple)
    return {key: value for key, value in pairs if isinstance(key, plain)}


def _subscript(run: Interpreter, node: ast.Subscript, scope: Scope) -> Any:
    value = run.evaluate(node.value, scope)
    return subscript(run, value, run.evaluate(node.slice, scope), node)


def _slice(run: Interpreter, node: ast.Slice, scope: Scope) -> Any:
    parts = (node.lower, node.upper, node.step)
    return slice(*(part and run.evaluate(part, scope) for part in parts))


# ---- operators ----


def _binary(run: Interpreter, node: ast.BinOp, scope: Scope) -> Any:
    a, b = run.evaluate(node.left, scope), run.evaluate(node.right, scope)
    return binary(run, node.op, a, b, node)


def _unary(run: Interpreter, node: ast.UnaryOp, scope: Scope) -> Any:
    return unary(run, node.op, run.evaluate(node.operand, scope), node)


def _compare(run: Interpreter, node: ast.Compare, scope: Scope) -> Any:
    values = [run.evaluate(one, scope) for one in (node.left, *node.comparators)]
    return compare(run, node, values)


def _boolean(run: Interpreter, node: ast.BoolOp, scope: Scope) -> Any:
    """Work out and, or: the first value that decides, as Python does."""
    stops = isinstance(node.op, ast.Or)
    value: Any = None
    first: Unknown | None = None  # what is not known may be decided by what follows
    for part in node.values:
        value = run.evaluate(part, scope)
        known = truth(value)
        if known is None:
            unknown = value if isinstance(value, Unknown) else run.unknown("", node)
            first = first or unknown
        elif known is stops:
            return value
    return first or value


def _if_else(run: Interpreter, node: ast.IfExp, scope: Scope) -> Any:
    """Take the branch that is known; of an unknown condition, the first."""
    test = run.evaluate(node.test, scope)
    known = truth(test)
    if (
        isinstance(test, Tensor) and run.tracer and run.tracer.plain
    ):  # a where, gate by gate
        sides = [run.evaluate(one, scope) for one in (node.body, node.orelse)]
        return run.tracer.function("where", [test, *sides], {}, node)
    if known is None and run.tracer is not None:
        message = tr("which way this goes is known only when the program runs")
        raise run.fail(message, node.test)
    other = known is False or getattr(test, "made", "") == "device"
    return run.evaluate(node.orelse if other else node.body, scope)


# ---- calls ----


def _call(run: Interpreter, node: ast.Call, scope: Scope) -> Any:
    called = run.evaluate(node.func, scope)
    if isinstance(called, Library) and called.path == "super" and not node.args:
        return run.call(called, [scope], {}, node)
    args = _items(run, node.args, scope)
    keywords: dict[str, Any] = {}
    for one in node.keywords:
        value = run.evaluate(one.value, scope)
        if one.arg is not None:
            keywords[one.arg] = value
        elif isinstance(value, dict):
            keywords |= {k: v for k, v in value.items() if isinstance(k, str)}
        else:
            keywords["**"] = value
    try:
        return run.call(called, args, keywords, node)
    except TutorError:
        raise
    except MISFITS:  # arguments that a table of ours does not expect
        name = ast.unparse(node.func)
        message = tr("{name} is not read with such arguments", name=name)
        if run.tracer is not None:
            raise run.fail(message, node, _of_an_input(run, called)) from None
        return run.unknown(message, node)


def _of_an_input(run: Interpreter, called: Any) -> str:
    """Say what to do where an input whose shape is not known is taken apart."""
    owner = called.owner if isinstance(called, Method) else None
    number = run.tracer.inputs.number(owner)
    if not number:  # the first input's shape is found by trying
        return ""
    return tr(
        "the shape of this input is not in the text: where another model gives it, "
        "call both in the forward of one module; else call the model on arrays of its "
        "shape"
    )


#: What Python raises where arguments are not what a function can do with.
MISFITS = (TypeError, IndexError, KeyError, AttributeError, ArithmeticError)


HANDLERS: dict[type[ast.expr], Handler] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.JoinedStr: _text,
    ast.List: _list,
    ast.Set: _list,
    ast.Tuple: _tuple,
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _dict_comprehension,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _boolean,
    ast.IfExp: _if_else,
    ast.Call: _call,
}
