"""Functions of a home-made engine: called with its variables, they keep their inputs.

As in DeZero: ``Square()(Variable(x))``, then ``backward(gy)`` with arrays or variables.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gradtutor.audit.program.calls import (
    Attribute,
    Bind,
    Call,
    Expr,
    Leaf,
    Pick,
    Ref,
    Upstream,
)
from gradtutor.audit.program.plan import RESULT, RETURNED, Draft, Plan
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.values import Values, constructor, fixed_leaves

DATA = ("data", "value", "array", "val")


def variable_of(program: Program, cls: str) -> tuple[str, str] | None:
    """Return the class that a function's call makes, and where its numbers are.

    None where a class is no such function.
    """
    there = [f"{cls}.{name}" for name in ("__call__", "forward", "backward")]
    if not all(name in program.functions for name in there):
        return None
    text = program.functions[there[0]].node
    calls = {
        node.func.id
        for node in (ast.walk(text) if text else ())
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    for kind in program.classes:
        init = program.functions.get(f"{kind}.__init__")
        if kind in calls and init and init.node:
            kept = {
                n.attr
                for n in ast.walk(init.node)
                if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
            }
            data = next((name for name in DATA if name in kept), "")
            if data:
                return kind, data
    return None


def variable_function(
    program: Program, cls: str, known: set[str], returns: Sequence[str] = ()
) -> Draft:
    """Plan the call of a function with variables, and of its ``backward``."""
    found = variable_of(program, cls)
    assert found is not None  # it was asked for before
    kind, data = found
    forward = program.functions[f"{cls}.forward"]
    values = Values(program, known, set(forward.arguments) | set(returns))
    values.add(forward, forward.arguments)
    args, keywords = constructor(program, cls, values)
    names = [n for n in forward.arguments if isinstance(values.values.get(n), Leaf)]
    made = tuple(
        Bind(f"v_{n}", Call(Ref(kind), (Call(Ref("array_of"), (Leaf(n),)),)))
        for n in names
    )
    given: tuple[Expr, ...] = tuple(Ref(f"v_{n}") for n in names)
    back = Call(Ref("backward_of"), (Ref("f"), Ref(kind), Upstream()))
    plan = Plan(
        f"{cls}.backward",
        f"{cls}.forward",
        forward=(
            *made,
            Bind("f", Call(Ref(cls), args, keywords)),
            Bind(RESULT, Call(Ref("f"), given)),
        ),
        outputs=(Attribute(Pick(Ref(RESULT), 0), data),),
        backward=(Bind(RETURNED, back),),
        returned=Ref(RETURNED),
        order=tuple(returns) or tuple(names),
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values),
        several=True,
        within=program.functions[f"{cls}.backward"].lines,
    )
    return Draft(plan, values.leaves, first=likely_shapes(values))


def likely_shapes(values: Values) -> str:
    """Say what to try first: two matrices with a product, arrays alike, or neither."""
    joined = [usage.joined for usage in values.leaves.values()]
    return "product" if joined == [True, True] else "" if any(joined) else "alike"
