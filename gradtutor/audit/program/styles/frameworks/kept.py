"""Gradients kept on tensors, as fast.ai teaches: ``inp.g = out.g @ w.t()``."""

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
    Leaf,
    Pick,
    Ref,
    Table,
    Upstream,
)
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import TARGET
from gradtutor.audit.program.plan import OBJECT, RESULT, RETURNED, Draft, Plan
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.steps.kept import kept_as, reads_kept
from gradtutor.audit.program.steps.loops import Loop
from gradtutor.audit.program.styles.placing import called
from gradtutor.audit.program.styles.roles import said_of
from gradtutor.audit.program.values import Values, constructor, fixed_leaves


def kept_of_functions(
    program: Program,
    forward: Function,
    backward: Function,
    known: set[str],
    returns: Sequence[str] = (),
) -> Draft:
    """Plan the calls of ``lin(x, w, b)`` and ``lin_grad(inp, out, w, b)``."""
    name = kept_as(backward.node)
    values = Values(program, known, _graded(forward.arguments) | set(returns))
    values.add(forward, forward.arguments)
    outputs = reads_kept(backward.node, name)
    roles = list(_roles(forward, backward, outputs, values))
    steps: tuple[Bind, ...] = (called(forward, values, RESULT),)
    if outputs:
        kept = Call(Ref("keep"), (Ref(RESULT), Const(name), Upstream()))
        steps = (*steps, Bind("kept", kept))
    back = Call(Ref(backward.name), tuple(value for _, value in roles))
    plan = _plan(values, backward.name, forward.name, name, upstreams=bool(outputs))
    after = (*steps[1:], Bind(RETURNED, back))
    plan = replace(plan, forward=steps[:1], backward=after)
    said = tuple((n, said_of(value)) for n, value in roles)
    return Draft(plan, values.leaves, (), said)


def _graded(names: Sequence[str]) -> set[str]:
    """Return the names that are no targets: a gradient is kept on them."""
    return {name for name in names if not TARGET.fullmatch(name)}


def _roles(
    forward: Function, backward: Function, outputs: Sequence[str], values: Values
) -> Iterator[tuple[str, Expr]]:
    """Yield what each argument of backward is: by name, the output, or in order."""
    left = [n for n in forward.arguments if n not in backward.arguments]
    for name in backward.arguments:
        if name in outputs:
            yield name, Ref(RESULT)
        elif name in values.values:
            yield name, values.values[name]
        elif left:
            yield name, values.values.get(left.pop(0), Const(None))
        else:
            yield name, Ref(RESULT)


def keeps_in_class(program: Program, cls: str) -> str:
    """Return the attribute in which a class's ``backward(self)`` keeps gradients."""
    backward = program.functions.get(f"{cls}.backward")
    if f"{cls}.__call__" not in program.functions or backward is None:
        return ""
    if backward.arguments:
        return ""
    own = [program.functions.get(f"{cls}.{n}") for n in ("bwd", "backward")]
    found = [kept_as(f.node) for f in own if f and not f.empty]
    calls = "backward()" in ast.unparse(backward.node) if backward.node else False
    others = [kept_as(f.node) for f in program.functions.values()] if calls else []
    return next((name for name in (*found, *others) if name), "")


def kept_of_class(
    program: Program, cls: str, known: set[str], returns: Sequence[str] = ()
) -> Draft:
    """Plan the calls of an object, ``layer(inp)``, and of its ``backward()``."""
    name = keeps_in_class(program, cls)
    forward = (
        program.functions.get(f"{cls}.forward") or program.functions[f"{cls}.__call__"]
    )
    if forward.empty or not forward.arguments:
        forward = program.functions[f"{cls}.__call__"]
    nodes = [program.functions.get(f"{cls}.{n}") for n in ("bwd", "backward")]
    reads = any(f and reads_kept(f.node, name) for f in nodes)
    reads |= len(_graded(forward.arguments)) == len(forward.arguments)
    values = Values(program, known, _graded(forward.arguments) | set(returns))
    args, keywords = constructor(program, cls, values)
    made = Bind(OBJECT, Call(Ref(cls), args, keywords))
    values.add(forward, forward.arguments)
    given = tuple(values.values[n] for n in forward.arguments if n in values.values)
    steps = (made, Bind(RESULT, Call(Ref(OBJECT), given)))
    kept = Bind("kept", Call(Ref("keep"), (Ref(RESULT), Const(name), Upstream())))
    back = Bind(RETURNED, Call(Attribute(Ref(OBJECT), "backward")))
    plan = _plan(values, f"{cls}.backward", forward.name, name, upstreams=reads)
    after = (kept, back) if reads else (back,)
    return Draft(replace(plan, forward=steps, backward=after), values.leaves)


def kept_of_step(
    program: Program, loop: Loop, known: set[str], returns: Sequence[str] = ()
) -> Draft:
    """Plan the call of ``forward_and_backward(inp, targ)``, which returns its loss."""
    function = program.functions[loop.function]
    name = kept_as(ast.parse(program.text))
    values = Values(program, known, _graded(loop.parameters) | set(returns))
    values.add(function, function.arguments)
    plan = _plan(values, function.name, function.name, name, upstreams=False)
    step = called(function, values, RESULT)
    return Draft(replace(plan, forward=(step,)), values.leaves)


def _plan(
    values: Values, function: str, forward: str, name: str, *, upstreams: bool
) -> Plan:
    """Return a plan without its calls; what comes back is kept on the leaves."""
    leaves = Table(tuple((n, Leaf(n)) for n in values.leaves))
    return Plan(
        function,
        forward,
        outputs=(Pick(Ref(RESULT), 0),),
        returned=Call(Ref("held"), (Ref(RESULT), Const(name), leaves)),
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values),
        upstreams=int(upstreams),
        several=True,
        wrap="torch",
    )
