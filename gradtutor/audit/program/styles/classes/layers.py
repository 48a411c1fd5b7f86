"""A class with forward and backward; a network that returns its gradients."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from gradtutor.audit.program.calls import (
    Attribute,
    Bind,
    Call,
    Expr,
    Leaf,
    Pick,
    Ref,
    Row,
    Upstream,
)
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import TARGET
from gradtutor.audit.program.plan import OBJECT, RESULT, RETURNED, Draft, Plan
from gradtutor.audit.program.returned import order_of
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.styles.classes.roles import given_to, with_cost
from gradtutor.audit.program.styles.classes.stored import (
    averages,
    kept_gradients,
    kept_output,
)
from gradtutor.audit.program.styles.clipping import clip_bounds, is_gentle
from gradtutor.audit.program.styles.graded import (
    graded_of,
    loss_and_rest,
    returns_both,
)
from gradtutor.audit.program.styles.roles import (
    output_for,
    said_of,
)
from gradtutor.audit.program.values import (
    Values,
    constructor,
    fixed_leaves,
)
from gradtutor.messages import mark, tr

ONE_ALONE = mark(
    "only one number of the upstream gradient is not 0, as the code expects"
)


def _takes_one(backward: Function) -> bool:
    """Whether a loop passes over zeros of the upstream gradient and ends at another."""
    for node in ast.walk(backward.node) if backward.node else ():
        match node:
            case ast.For(
                _, _, [ast.If(ast.Compare(_, [ast.Eq()]), [ast.Continue()]), *b]
            ):
                if any(isinstance(item, ast.Return | ast.Break) for item in b):
                    return True
    return False


def layer(
    program: Program,
    cls: str,
    forward_name: str,
    backward_name: str,
    known: set[str],
    returns: Sequence[str] = (),
) -> Draft:
    """Plan the calls of an object's methods."""
    forward = program.functions[f"{cls}.{forward_name}"]
    backward = program.functions[f"{cls}.{backward_name}"]
    values = Values(program, known, graded_of(forward, backward) | set(returns))
    args, keywords = constructor(program, cls, values)
    made = Bind(OBJECT, Call(Ref(cls), args, keywords))
    values.add(forward, forward.arguments)
    for name in values.alone & set(values.leaves):
        values.leaves[name].graded = True
    plan = Plan(
        f"{cls}.{backward_name}",
        f"{cls}.{forward_name}",
        prepare=(made,),
        forward=(_method(forward, values),),
        outputs=(_output(forward),),
        upstreams=0,
        several=backward.returns_tuple,
        owner=OBJECT,
        assumed=(tr(ONE_ALONE),) if _takes_one(backward) else (),
        texts=backward.returns,
        gentle=is_gentle(program, backward),
        clips=clip_bounds(program, backward),
        sparse=_takes_one(backward),
        arguments=backward.arguments,
    )
    if forward is backward:
        texts = tuple(backward.returns[i] for i in loss_and_rest(forward)[1])
        plan = replace(plan, texts=texts, returned=_gradients_of_both(forward))
    else:
        plan = _of_two(program, cls, plan, (forward, backward), values)
    return _drafted(plan, values, returns)


def _drafted(plan: Plan, values: Values, returns: Sequence[str]) -> Draft:
    """Put the arguments into a plan, and what comes back."""
    plan = replace(
        plan,
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values),
    )
    plan = replace(plan, order=order_of(plan, returns))
    said = tuple((n, said_of(v)) for n, v in values.values.items())
    return Draft(plan, values.leaves, (), said)


def _of_two(
    program: Program,
    cls: str,
    plan: Plan,
    methods: tuple[Function, Function],
    values: Values,
) -> Plan:
    """Add the call of a backward method, and a cost where it takes the target."""
    forward, backward = methods
    given, upstreams, rate = given_to(program, forward, backward, values)
    called = Attribute(Ref(OBJECT), backward.name.rpartition(".")[2])
    leaves = [n for n, v in values.values.items() if isinstance(v, Leaf)]
    inputs = [n for n in leaves if n in forward.arguments]
    plan = replace(
        plan,
        backward=(Bind(RETURNED, Call(called, *given)),),
        returned=kept_gradients(forward, backward, inputs) or Ref(RETURNED),
        upstreams=upstreams,
        rate=rate,
    )
    ups = [n for n, v in given[1] if isinstance(v, Upstream)]
    if len(ups) > 1:
        places = [output_for(forward, name) for name in ups]
        plan = replace(plan, outputs=tuple(Pick(Ref(RESULT), i) for i in places))
    required = backward.arguments[: backward.required]
    target = [name for name in required if TARGET.fullmatch(name)]
    if target and not upstreams and target[0] not in forward.arguments:
        plan = with_cost(program, cls, plan, target[0])
    if not upstreams and averages(program, cls):
        plan = replace(plan, outputs=(Call(Ref("mean_of"), plan.outputs[:1]),))
    return plan


def _method(function: Function, values: Values) -> Bind:
    name = function.name.rpartition(".")[2]
    given = [(n, values.values[n]) for n in function.arguments if n in values.values]
    target = Ref(OBJECT) if name == "__call__" else Attribute(Ref(OBJECT), name)
    return Bind(RESULT, Call(target, (), tuple(given)))


def _output(forward: Function) -> Expr:
    kept = kept_output(forward)
    if kept is not None:
        return kept
    if returns_both(forward):
        return Pick(Ref(RESULT), loss_and_rest(forward)[0])
    return Pick(Ref(RESULT), 0)


def _gradients_of_both(function: Function) -> Expr:
    _, rest = loss_and_rest(function)
    if len(rest) == 1:
        return Pick(Ref(RESULT), rest[0])
    return Row(tuple(Pick(Ref(RESULT), i) for i in rest), "tuple")
