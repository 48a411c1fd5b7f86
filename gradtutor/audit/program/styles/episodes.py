"""Policy gradients over an episode: ``policy_backward(eph, epdlogp)`` after Karpathy.

``policy_forward(x)`` takes one observation; ``ep...`` are those of an episode, row by
row, and ``epdlogp`` is the gradient of a value inside it, ``logp``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gradtutor.audit.program.calls import (
    Attribute,
    Bind,
    Call,
    Const,
    Expr,
    Globals,
    Leaf,
    Pick,
    Ref,
    Row,
    Table,
    Upstream,
)
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import stem
from gradtutor.audit.program.plan import OBJECT, RESULT, RETURNED, Draft, Plan
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.usage import Usage
from gradtutor.audit.program.values import Values, constructor
from gradtutor.messages import tr

EPISODE = "ep"
SHAPES = {"W1": ["H_", "D_"], "W2": ["H_"]}


def is_of_episodes(forward: Function, backward: Function) -> bool:
    """Whether a gradient function takes an episode's gradients of an inner value."""
    inner = _inner(backward)
    return bool(inner) and inner in _locals(forward)


def _inner(backward: Function) -> str:
    """Return the value whose gradients are given: logp for ``epdlogp``."""
    for name in backward.arguments:
        bare = name.removeprefix(EPISODE)
        if bare != name and stem(bare) != bare:
            return stem(bare)
    return ""


def _locals(function: Function) -> set[str]:
    return {
        node.id
        for node in (ast.walk(function.node) if function.node else ())
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def episodes(
    program: Program,
    forward: Function,
    backward: Function,
    known: set[str],
    returns: Sequence[str] = (),
) -> Draft:
    """Plan the calls: forward for each row, backward for all of them at once.

    Two methods of a class work with its own arrays, functions with the module's.
    """
    cls, _, method = forward.name.rpartition(".")
    first, *others = forward.arguments
    rows = f"{EPISODE}{first}"
    values = Values(program, known, set(others) | set(returns))
    values.add(forward, others)
    prepare: tuple[Bind, ...] = ()
    functions: list[Expr] = [Ref(forward.name), Ref(backward.name)]
    if cls:
        args, keywords = constructor(program, cls, values)
        prepare = (Bind(OBJECT, Call(Ref(cls), args, keywords)),)
        own = backward.name.rpartition(".")[2]
        functions = [Attribute(Ref(OBJECT), name) for name in (method, own)]
    put = {} if cls else dict(_globals(program, forward, backward, values))
    values.values[rows] = values.leaf(rows, Usage())
    put |= {rows: Leaf(rows)} if rows not in backward.arguments else {}
    prepare += (Bind("put", Globals(tuple(put.items()))),) if put else ()
    plan = _planned((forward, backward), functions, values, rows, returns)
    plan = replace(plan, prepare=prepare, owner=OBJECT if cls else "")
    return Draft(plan, values.leaves, shapes={rows: ["T_", "D_"], **SHAPES})


def _planned(
    two: tuple[Function, Function],
    functions: Sequence[Expr],
    values: Values,
    rows: str,
    returns: Sequence[str],
) -> Plan:
    forward, backward = two
    inner = _inner(backward)
    given = Row(tuple(values.values[n] for n in forward.arguments[1:]), "tuple")
    ran = Call(Ref("episode"), (functions[0], Leaf(rows), Const(inner), given))
    back = Call(
        functions[1],
        tuple(_given(n, forward, values) for n in backward.arguments),
    )
    return Plan(
        backward.name,
        forward.name,
        forward=(Bind(RESULT, ran),),
        outputs=(Pick(Ref(RESULT), inner),),
        backward=(Bind(RETURNED, back),),
        returned=Ref(RETURNED),
        order=tuple(returns),
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=frozenset({rows}),
        texts=backward.returns if backward.returns_tuple else (),
        several=backward.returns_tuple,
        assumed=(
            tr(
                "{function} is given the gradient of {inner}, row by row of an episode",
                function=backward.name,
                inner=inner,
            ),
        ),
    )


def _globals(
    program: Program, forward: Function, backward: Function, values: Values
) -> Iterator[tuple[str, Expr]]:
    """Yield the dict of weights of the module that both functions read."""
    own = {*forward.arguments, *backward.arguments}
    keys: dict[str, list[str]] = {}
    for function in (forward, backward):
        for node in ast.walk(function.node) if function.node else ():
            match node:
                case ast.Subscript(ast.Name(name), ast.Constant(str(key))) if (
                    name not in own
                ):
                    keys.setdefault(name, []).append(key)
    for name, read in keys.items():
        items = tuple((k, values.leaf(k, Usage())) for k in dict.fromkeys(read))
        for key, _ in items:
            values.leaves[key].graded = True
        values.values[name] = Table(items)
        yield name, values.values[name]


def _given(name: str, forward: Function, values: Values) -> Expr:
    """Return what an argument of backward is: rows of a result, the gradients."""
    bare = name.removeprefix(EPISODE)
    if name in values.values:
        return values.values[name]
    if bare != name and stem(bare) != bare:
        return Upstream()
    if bare in forward.returns:
        return Pick(Ref(RESULT), bare)
    return Pick(Ref(RESULT), forward.returns[-1] if forward.returns else bare)
