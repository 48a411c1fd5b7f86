"""What each argument of a gradient function is given: inputs, a cache, the upstream."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from gradtutor.audit.program.calls import Const, Expr, Leaf, Pick, Ref, Rest, Upstream
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import (
    CACHE,
    UPSTREAM,
    is_gradient_name,
    stem,
)
from gradtutor.audit.program.plan import RESULT
from gradtutor.audit.program.source import Program, ProgramError
from gradtutor.audit.program.values import SETTINGS, Values
from gradtutor.messages import tr


def said_of(value: Expr) -> str:
    """Say what an argument was taken for."""
    match value:
        case Upstream():
            return tr("the gradient of the output")
        case Rest():
            return tr("the cache that forward returns")
        case Pick():
            return tr("a result of forward")
    if not isinstance(value, Leaf):
        return str(value)
    return tr("forward's argument {name}", name=value)


def place_of_output(forward: Function) -> int:
    """Return where the output stands among the results: not where the cache is."""
    names = forward.returns
    if len(names) > 1 and (CACHE.fullmatch(names[0]) or is_gradient_name(names[0])):
        return next((i for i, n in enumerate(names) if not CACHE.fullmatch(n)), 0)
    return 0


def output_for(forward: Function, upstream: str) -> int:
    """Return which result an upstream gradient belongs to, by its name."""
    names = forward.returns
    for candidate in (stem(upstream), upstream.removeprefix("d"), stem(upstream) + "s"):
        if candidate in names:
            return names.index(candidate)
    return 0


def roles_of(
    program: Program, forward: Function, backward: Function, values: Values
) -> list[tuple[str, Expr]]:
    """Return what each argument of backward is given.

    Raises
    ------
    ProgramError
        Naming the argument that has no clear meaning, and what all were taken for.
    """
    found = {n: _role(n, forward, backward, values) for n in backward.arguments}
    required = backward.arguments[: backward.required]
    unclear = [n for n in required if found[n] is None]
    has_upstream = any(isinstance(v, Upstream) for v in found.values())
    only = [n for n, v in values.values.items() if isinstance(v, Leaf)]
    if len(backward.arguments) == len(unclear) == len(forward.arguments) == len(only):
        found[unclear[0]] = Leaf(only[0])  # def dtanh(y), beside def tanh(x)
    elif len(unclear) == 1 and not has_upstream:
        found[unclear[0]] = Upstream()
    elif unclear:
        raise _unclear(program, forward, backward, found, unclear[0])
    number = 0
    kept: list[tuple[str, Expr]] = []
    for name, value in found.items():
        if value is None:
            continue
        if isinstance(value, Upstream):
            value, number = Upstream(number), number + 1
        kept.append((name, value))
    return kept


def _unclear(
    program: Program,
    forward: Function,
    backward: Function,
    found: Mapping[str, Expr | None],
    name: str,
) -> ProgramError:
    taken = [
        tr("{name} is {what}", name=n, what=said_of(v))
        for n, v in found.items()
        if v is not None
    ]
    clear = f"\n{'; '.join(taken)}" if taken else ""
    return ProgramError(
        tr(
            "{path}: what is the argument {name!r} of {backward}?{clear}\n"
            "name it like an argument of {forward}, cache, or upstream",
            path=program.path,
            name=name,
            backward=backward.signature,
            clear=clear,
            forward=forward.signature,
        ),
        backward.first_line or None,
    )


def _role(
    name: str, forward: Function, backward: Function, values: Values
) -> Expr | None:
    outputs = forward.returns
    if name in values.values:
        return values.values[name]
    if name in values.leaves:
        return Leaf(name)
    if _is_forward(name, backward):
        return Ref(forward.name)
    if name in outputs and len(outputs) > 1 and not CACHE.fullmatch(name):
        return Pick(Ref(RESULT), outputs.index(name))
    if name in outputs and not CACHE.fullmatch(name):
        return Ref(RESULT)
    if CACHE.fullmatch(name) and _leaves_something(forward):
        return kept_for_backward(name, forward)
    optional = backward.arguments.index(name) >= backward.required
    if optional and name in forward.arguments:
        return None  # both leave it as it is
    if UPSTREAM.fullmatch(name) and not (optional and _is_flag(backward, name)):
        return Upstream()
    if is_gradient_of(name, outputs):
        return Upstream()
    if optional:
        return None
    lower = {n.lower(): v for n, v in values.values.items()}
    if name.lower() in lower and len(lower) == len(values.values):
        return lower[name.lower()]
    if name in SETTINGS and len(backward.arguments) > 1:
        return Const(SETTINGS[name])
    return None


def _is_forward(name: str, backward: Function) -> bool:
    """Whether an argument is a function that backward calls: forward itself."""
    return any(
        isinstance(node.func, ast.Name) and node.func.id == name
        for node in (ast.walk(backward.node) if backward.node else ())
        if isinstance(node, ast.Call)
    )


def is_gradient_of(name: str, outputs: Sequence[str]) -> bool:
    """Whether a name is that of the gradient of a result: dc_next beside c_next."""
    return stem(name) in outputs and stem(name) != name and not CACHE.fullmatch(name)


def _is_flag(function: Function, name: str) -> bool:
    return function.default(name) in ("None", "True", "False")


def _leaves_something(forward: Function) -> bool:
    return len(forward.returns) != 1 or bool(CACHE.fullmatch(forward.returns[0]))


def kept_for_backward(name: str, forward: Function) -> Expr:
    """Return what forward keeps for backward."""
    names = forward.returns
    if name in names and len(names) > 1:
        return Pick(Ref(RESULT), names.index(name))
    if len(names) == 2:
        return Pick(Ref(RESULT), 1 - place_of_output(forward))
    return Rest(Ref(RESULT))
