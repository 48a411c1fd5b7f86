"""Which function of a program is meant, and what its arguments are."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.errors import SourceError, near
from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.values import Function, Unknown
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.functions.tracer import FunctionTracer
    from gradtutor.language.program.walking.interpreter import Interpreter

#: Functions of JAX and others that differentiate the function they are given.
GRADIENTS = ("grad", "value_and_grad", "jacobian", "jacrev", "jacfwd", "hessian",
             "check_grads", "elementwise_grad", "derivative")  # fmt: skip
#: Names of functions that are not what a file is about.
ASIDE = ("main", "test", "plot", "load", "show", "print")


def chosen_function(run: Interpreter, wanted: str) -> Function:
    """Return the function of a name; else the one differentiated, called, the last.

    Raises
    ------
    SourceError
        When there is none.
    """
    named = {k: v for k, v in run.scope.names.items() if isinstance(v, Function)}
    if wanted:
        if wanted in named:
            return named[wanted]
        message = tr("there is no function {wanted!r} in this program", wanted=wanted)
        hint = near(wanted, named) or tr(
            "there is {named}", named=", ".join(named) or "none"
        )
        raise SourceError(message, run.source.text, (0, 1), hint)
    for node in ast.walk(run.source.tree):
        if isinstance(node, ast.Call) and _word(node.func) in GRADIENTS and node.args:
            asked = named.get(_word(node.args[0]))
            if asked is not None:
                return asked
    called: list[Function] = [f for f in run.found.functions if f in named.values()]
    for found in [*called[::-1], *reversed(named.values())]:
        if not found.name.startswith(ASIDE) and found.node.args.args:
            return found
    message = tr("this program has no function that can be read as a circuit")
    hint = tr("a circuit is made of numbers: def f(x, w): return ...")
    raise SourceError(message, run.source.text, (0, 1), hint)


def _word(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def point_of_call(run: Interpreter, function: Function) -> dict[str, Any]:
    """Return what the program gives a function's arguments, by name."""
    spec = function.node.args
    names = [one.arg for one in (*spec.posonlyargs, *spec.args)]
    args, keywords = run.found.arguments.get(id(function), ((), {}))
    given = dict(zip(names, args, strict=False)) | dict(keywords)
    for node in ast.walk(run.source.tree):
        match node:
            case ast.Call(
                ast.Call(inner, [ast.Name(f), *_]), args=values
            ):  # grad(f)(x)
                if _word(inner) in GRADIENTS and f == function.name and not given:
                    worked = [run.evaluate(one, run.scope) for one in values]
                    given = dict(zip(names, worked, strict=False))
    defaults = dict(zip(reversed(names), reversed(spec.defaults), strict=False))
    for one, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if default is not None:
            defaults[one.arg] = default
    for name, default in defaults.items():
        given.setdefault(name, run.evaluate(default, function.scope))
    for name in [*names, *(one.arg for one in spec.kwonlyargs)]:
        if name not in given and run.scope.has(name):  # def f(x, w) beside w = ...
            given[name] = run.scope.find(name)
    return {k: v for k, v in given.items() if not isinstance(v, Unknown)}


def given_arguments(
    tracer: FunctionTracer, function: Function, values: dict[str, Any]
) -> dict[str, Any]:
    """Return a function's arguments: inputs of the circuit, or constants."""
    spec = function.node.args
    given: dict[str, Any] = {}
    counts = _counting(function)
    for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
        value = values.get(one.arg, 0.0 if one.arg not in values else None)
        known = one.arg in values
        if known and _is_setting(value, counts=one.arg in counts):
            given[one.arg] = value
            continue
        shape = value.shape if isinstance(value, Data | Filled) else ()
        sizes = tuple(size for size in shape or () if type(size) is int)
        whole = sizes if len(sizes) == len(shape or ()) else ()
        at = tracer.run.span(one)
        given[one.arg] = tracer.new_input(one.arg, whole, value if known else None, at)
    return given


def _is_setting(value: Any, *, counts: bool) -> bool:
    """Whether an argument is no number of the circuit: a word, a switch, a count."""
    if type(value) is int:
        return counts
    if isinstance(value, list | tuple):
        return True
    return not isinstance(value, float | Data | Filled)


def _counting(function: Function) -> set[str]:
    """Return the names that a function counts, cuts or shapes by."""
    found: set[str] = set()
    for node in ast.walk(function.node):
        inside: list[ast.AST] = []
        if isinstance(node, ast.Call) and _word(node.func) in (
            *("range", "reshape", "zeros", "ones", "eye", "arange", "one_hot"),
        ):
            inside = [*node.args, *node.keywords]
        elif isinstance(node, ast.Subscript):
            inside = [node.slice]
        elif isinstance(node, ast.keyword) and node.arg in ("axis", "dim"):
            inside = [node.value]
        for part in inside:
            found |= {one.id for one in ast.walk(part) if isinstance(one, ast.Name)}
    return found
