"""A function or a method that trains, and by reading returns a step's gradients."""

from __future__ import annotations

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
)
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import TARGET
from gradtutor.audit.program.plan import OBJECT, RESULT, Draft, Plan
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.steps.loops import Loop
from gradtutor.audit.program.styles.clipping import clip_bounds, is_gentle
from gradtutor.audit.program.styles.placing import by_place
from gradtutor.audit.program.styles.roles import said_of
from gradtutor.audit.program.values import Values, constructor, fixed_leaves
from gradtutor.messages import mark, tr

#: Losses that courses take, of prediction ``a`` and target ``y``; tried one by one.
LOSSES = """
import numpy as np


def half_of_squares(a, y):
    return 0.5 * np.sum((a - y) ** 2)


def sum_of_squares(a, y):
    return np.sum((a - y) ** 2)


def half_of_mean_squares(a, y):
    return 0.5 * np.sum((a - y) ** 2) / len(y)


def mean_of_squares(a, y):
    return np.sum((a - y) ** 2) / len(y)


def cross_entropy_of_two(a, y):
    return -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a))


def mean_cross_entropy_of_two(a, y):
    return cross_entropy_of_two(a, y) / len(y)


def mean_cross_entropy_of_two_columns(a, y):
    return cross_entropy_of_two(a, y) / np.shape(y)[-1]


def cross_entropy(a, y):
    if np.ndim(y) < np.ndim(a):
        return -np.sum(np.log(a[np.arange(len(y)), y]))
    return -np.sum(y * np.log(a))


def mean_cross_entropy(a, y):
    return cross_entropy(a, y) / len(y)


def times_the_examples(loss, y):
    return loss * len(y)


def opposite(loss):
    return -loss
"""
SAID = {
    "half_of_squares": mark("half of the sum of the squared differences"),
    "sum_of_squares": mark("the sum of the squared differences"),
    "half_of_mean_squares": mark("half of the mean of the squared differences"),
    "mean_of_squares": mark("the mean of the squared differences"),
    "cross_entropy_of_two": mark("the cross-entropy of 0 and 1, summed"),
    "mean_cross_entropy_of_two": mark("the mean cross-entropy of 0 and 1"),
    "mean_cross_entropy_of_two_columns": mark("the mean cross-entropy of 0 and 1"),
    "cross_entropy": mark("the cross-entropy, summed"),
    "mean_cross_entropy": mark("the mean cross-entropy"),
}


def training(
    program: Program, loop: Loop, known: set[str], returns: Sequence[str] = ()
) -> Draft:
    """Plan the call: the loss comes first, then the gradients of the parameters."""
    function = program.functions[loop.function]
    cls, _, method = loop.function.rpartition(".")
    values = Values(program, known, set(loop.parameters) | set(returns))
    target: Expr = Ref(function.name)
    prepare: tuple[Bind, ...] = ()
    if cls:
        args, keywords = constructor(program, cls, values)
        prepare = (Bind(OBJECT, Call(Ref(cls), args, keywords)),)
        target = Attribute(Ref(OBJECT), method)
    values.add(function, function.arguments)
    places = range(1, len(loop.parameters) + 1)
    plan = Plan(
        loop.function,
        loop.function,
        prepare=prepare,
        forward=(_called(target, function, values),),
        outputs=(Pick(Ref(RESULT), 0),),
        returned=Row(tuple(Pick(Ref(RESULT), i) for i in places), "tuple"),
        order=tuple(returns) or loop.parameters,
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=_fixed(values, loop),
        upstreams=0,
        several=True,
        texts=tuple(f"d{name}" for name in loop.parameters),
        arguments=function.arguments,
        steps=True,
        gentle=is_gentle(program, function),
        clips=clip_bounds(program, function),
    )
    said = tuple((n, said_of(v)) for n, v in values.values.items())
    plans = _readings(plan, loop, values)
    first, *others = map(_upwards, plans) if loop.ascends else plans
    drafts = [Draft(one, values.leaves, (), said, shapes=loop.shapes) for one in others]
    return Draft(
        first, values.leaves, tuple(drafts), said, shapes=loop.shapes, likeliest=True
    )


def _called(target: Expr, function: Function, values: Values) -> Bind:
    given = [(n, values.values[n]) for n in function.arguments if n in values.values]
    first = by_place(function, given)
    args = tuple(v for n, v in given if n in first)
    return Bind(
        RESULT, Call(target, args, tuple((n, v) for n, v in given if n not in first))
    )


def _fixed(values: Values, loop: Loop) -> frozenset[str]:
    """Return what the step does not change: examples and labels."""
    return fixed_leaves(values) | {n for n in values.leaves if n not in loop.parameters}


def _readings(plan: Plan, loop: Loop, values: Values) -> list[Plan]:
    """Return the plan with each loss that can be meant."""
    if loop.assumed:
        names = [n for n in SAID if not loop.picks or n.endswith("cross_entropy")]
        usual = [_not_own(_with_loss(plan, n), loop.own) for n in names]
        return [*(_with_loss(plan, name) for name in loop.own), *usual]
    target = next((n for n in values.leaves if TARGET.fullmatch(n)), "")
    if not loop.reported or not target:
        return [plan]
    return [plan, _of_the_sum(plan, target)]


def _with_loss(plan: Plan, name: str) -> Plan:
    """Differentiate one of the usual losses, or a function of the file's own."""
    both = Pick(Ref(RESULT), 0)
    sides = [Pick(both, 0), Pick(both, 1)]
    function = name.lstrip("-")
    order = tuple(reversed(sides) if name != function else sides)
    cost = Call(Ref(function), order)
    what = tr(SAID[name]) if name in SAID else function
    note = tr("no loss is computed: it was taken for {what}", what=what)
    return replace(
        plan,
        forward=(*plan.forward, Bind("cost", cost)),
        outputs=(Ref("cost"),),
        helper=LOSSES,
        assumed=(note,),
    )


def _not_own(plan: Plan, own: Sequence[str]) -> Plan:
    """Say that the file has losses of its own, which were tried before this one."""
    if not own:
        return plan
    note = tr(
        "the step's gradients are not those of the file's own {own}, tried first",
        own=", ".join(name.lstrip("-") for name in own),
    )
    return replace(plan, assumed=(*plan.assumed, note))


def _upwards(plan: Plan) -> Plan:
    """Differentiate the loss with the other sign: what comes back is added."""
    up = Bind("up", Call(Ref("opposite"), plan.outputs))
    return replace(
        plan, forward=(*plan.forward, up), outputs=(Ref("up"),), helper=LOSSES
    )


def _of_the_sum(plan: Plan, target: str) -> Plan:
    """Differentiate the sum over the examples, where the mean is only shown."""
    cost = Call(Ref("times_the_examples"), (plan.outputs[0], Leaf(target)))
    note = tr(
        "the step was compared with the loss that is shown now and then, times the "
        "number of examples"
    )
    return replace(
        plan,
        forward=(*plan.forward, Bind("cost", cost)),
        outputs=(Ref("cost"),),
        helper=LOSSES,
        assumed=(note,),
    )
