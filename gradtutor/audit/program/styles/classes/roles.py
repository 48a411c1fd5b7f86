"""What a backward method is called with, and the cost behind an object's output."""

from __future__ import annotations

import ast
import re
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
    Upstream,
)
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import CACHE, TARGET, UPSTREAM
from gradtutor.audit.program.plan import OBJECT, RESULT, Plan
from gradtutor.audit.program.source import Program, ProgramError
from gradtutor.audit.program.styles.classes.stored import (
    prediction,
)
from gradtutor.audit.program.styles.costs import SQUARES, SQUARES_SAID
from gradtutor.audit.program.styles.roles import (
    is_gradient_of,
    kept_for_backward,
)
from gradtutor.audit.program.usage import Usage
from gradtutor.audit.program.values import (
    RATES,
    Values,
)
from gradtutor.messages import tr


def given_to(
    program: Program, forward: Function, backward: Function, values: Values
) -> tuple[tuple[tuple[Expr, ...], tuple[tuple[str, Expr], ...]], int, str]:
    """Return what backward is called with, its upstream gradients, its rate."""
    found: list[tuple[str, Expr]] = []
    number, rate = 0, ""
    for place, name in enumerate(backward.arguments):
        required = place < backward.required
        value = _role(name, forward, backward, values, required=required)
        pairs = [(n, values.values[n]) for n in forward.arguments if n in values.values]
        predicted = prediction(forward, backward, name, pairs)
        if predicted is not None:
            value = predicted
        elif (
            place == 1
            and found
            and prediction(forward, backward, backward.arguments[0], pairs)
        ):
            value = pairs[1][1]
        if RATES.fullmatch(name):
            rate, value = name, Const(1.0)
        if value is None and required:
            raise ProgramError(
                tr(
                    "{path}: what is the argument {name!r} of {backward}?{clear}\n"
                    "name it like an argument of {forward}, cache, or upstream",
                    path=program.path,
                    name=name,
                    backward=backward.signature,
                    clear="",
                    forward=forward.signature,
                ),
                backward.first_line or None,
            )
        if isinstance(value, Upstream):
            value, number = Upstream(number), number + 1
        if value is not None:
            found.append((name, value))
    return ((), tuple(found)), number, rate


def _role(
    name: str, forward: Function, backward: Function, values: Values, *, required: bool
) -> Expr | None:
    outputs = forward.returns
    if name in values.values:
        return values.values[name]
    if name in outputs and not CACHE.fullmatch(name):
        return Pick(Ref(RESULT), outputs.index(name))
    if CACHE.fullmatch(name) and len(outputs) > 1:
        return kept_for_backward(name, forward)
    if not required and backward.default(name) in ("1", "1.0"):
        return None  # backward(self, dout=1), the end of the chain
    if is_gradient_of(name, outputs):
        return Upstream()
    if UPSTREAM.fullmatch(name) and not (TARGET.fullmatch(name) and required is False):
        return Upstream()
    if TARGET.fullmatch(name) and required:
        value = values.leaf(name, _usage(backward, name))
        values.values[name] = value
        return value
    if required and len(backward.arguments) == 1:
        return Upstream()
    first = next(iter(values.values), None)
    if required and first and any(TARGET.fullmatch(n) for n in backward.arguments):
        return values.values[first]  # backprop(x, y) beside feedforward(a)
    return None


def _usage(function: Function, name: str) -> Usage:
    from gradtutor.audit.program.usage import usages

    return usages(function.node, {}).get(name, Usage()) if function.node else Usage()


def with_cost(program: Program, cls: str, plan: Plan, target: str) -> Plan:
    """Put a cost behind the output: its own, else half the squared distance."""
    output = plan.outputs[0]
    own = _own_cost(program, cls)
    if own is not None:
        call = Call(own, (output, Leaf(target)))
        return replace(
            plan,
            forward=(*plan.forward, Bind("cost", call)),
            outputs=(Ref("cost"),),
            assumed=(),
        )
    call = Call(Ref("half_of_squares"), (output, Leaf(target)))
    return replace(
        plan,
        forward=(*plan.forward, Bind("cost", call)),
        outputs=(Ref("cost"),),
        helper=SQUARES,
        assumed=(tr(SQUARES_SAID),),
    )


def _own_cost(program: Program, cls: str) -> Expr | None:
    """Return the cost that an object holds, or has as a method; None: it has none."""
    init = program.functions.get(f"{cls}.__init__")
    nodes = ast.walk(init.node) if init and init.node else ()
    if any(isinstance(n, ast.Attribute) and n.attr == "cost" for n in nodes):
        return Attribute(Attribute(Ref(OBJECT), "cost"), "fn")
    methods = next(kind.methods for kind in program.kinds if kind.name == cls)
    for name in methods:
        if re.fullmatch(r"(compute_)?(loss|cost|mse)", name):
            two = program.functions[f"{cls}.{name}"].required == 2
            return Attribute(Ref(OBJECT), name) if two else None
    return None
