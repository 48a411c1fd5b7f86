"""A class with forward and backward; a network that returns its gradients."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
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
    Row,
    Upstream,
)
from gradtutor.audit.program.naming import CACHE, TARGET, UPSTREAM
from gradtutor.audit.program.plan import OBJECT, RESULT, RETURNED, Draft, Plan
from gradtutor.audit.program.returned import order_of
from gradtutor.audit.program.source import Function, Program, ProgramError
from gradtutor.audit.program.styles.clipping import clip_bounds, is_gentle
from gradtutor.audit.program.styles.costs import SQUARES, SQUARES_SAID
from gradtutor.audit.program.styles.graded import (
    graded_names,
    loss_and_rest,
    returns_both,
)
from gradtutor.audit.program.styles.roles import (
    is_gradient_of,
    kept_for_backward,
    output_for,
    said_of,
)
from gradtutor.audit.program.styles.stored import (
    averages,
    kept_gradients,
    kept_output,
    prediction,
)
from gradtutor.audit.program.usage import Usage
from gradtutor.audit.program.values import (
    RATES,
    Values,
    constructor,
    fixed_leaves,
)
from gradtutor.messages import mark, tr

FORWARD = (
    "forward",
    "feedforward",
    "feed_forward",
    "forward_pass",
    "forward_propagation",
    "forwardprop",
    "forward_prop",
    "fprop",
    "compute",
    "loss",
    "predict",
    "__call__",
    "call",
    "f",
)
BACKWARD = (
    "backward",
    "backprop",
    "backward_pass",
    "backward_propagation",
    "backpropagation",
    "back_propagation",
    "back_prop",
    "bprop",
    "gradient",
    "gradients",
    "grad",
    "compute_gradients",
    "vjp",
)
LOSSES = (
    "loss",
    "cost",
    "compute_loss",
    "compute_cost",
    "loss_and_grad",
    "loss_and_grads",
)


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


def method_pair(program: Program, cls: str) -> tuple[str, str] | None:
    """Return a class's forward and backward; the same where one returns both."""
    names = next(kind.methods for kind in program.kinds if kind.name == cls)
    backward = next(iter(backwards(program, cls)), None)
    losses = [n for n in (*LOSSES, *(f"_{o}" for o in LOSSES)) if n in names]
    for name in losses:
        if returns_both(program.functions[f"{cls}.{name}"]):
            return name, name
    if backward is None:
        return None
    if backward.lstrip("_").startswith(("grad", "compute_grad")) and losses:
        return losses[0], backward
    taken = _arguments(program, cls, backward)
    for name in losses:
        if len(taken) > 1 and _arguments(program, cls, name) == taken:
            return name, backward  # loss(X, y) beside backward(X, y)
    forward = next((n for n in FORWARD if n in names), None)
    return (forward, backward) if forward else None


def backwards(program: Program, cls: str) -> list[str]:
    """Return a class's methods that are named like gradients, likely ones first."""
    names = (*BACKWARD, *(f"_{n}" for n in BACKWARD))
    return [n for n in names if f"{cls}.{n}" in program.functions]


def _arguments(program: Program, cls: str, method: str) -> tuple[str, ...]:
    """Return the arguments that a method needs."""
    function = program.functions.get(f"{cls}.{method}")
    return function.arguments[: function.required] if function else ()


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
    values = Values(program, known, graded_names(backward) | set(returns))
    args, keywords = constructor(program, cls, values)
    made = Bind(OBJECT, Call(Ref(cls), args, keywords))
    values.add(forward, forward.arguments)
    steps, outputs, upstreams = [_method(forward, values)], [_output(forward)], 0
    back: tuple[Bind, ...] = ()
    rate, helper = "", ""
    assumed: tuple[str, ...] = (tr(ONE_ALONE),) if _takes_one(backward) else ()
    texts = backward.returns
    if forward is backward:
        texts = tuple(texts[i] for i in loss_and_rest(forward)[1])
        returned: Expr = _gradients_of_both(forward)
    else:
        given, upstreams, rate = _given(program, forward, backward, values)
        back = (Bind(RETURNED, Call(Attribute(Ref(OBJECT), backward_name), *given)),)
        inputs = [n for n, v in values.values.items() if isinstance(v, Leaf)]
        inputs = [n for n in inputs if n in forward.arguments]
        returned = kept_gradients(forward, backward, inputs) or Ref(RETURNED)
        ups = [n for n, v in given[1] if isinstance(v, Upstream)]
        if len(ups) > 1:
            outputs = [Pick(Ref(RESULT), output_for(forward, n)) for n in ups]
        target = [
            n for n in backward.arguments[: backward.required] if TARGET.fullmatch(n)
        ]
        if target and not upstreams and target[0] not in forward.arguments:
            steps, outputs, helper, assumed = _with_cost(
                program, cls, steps, target[0], outputs[0]
            )
        if not upstreams and averages(program, cls):
            outputs = [Call(Ref("mean_of"), (outputs[0],))]
    plan = Plan(
        f"{cls}.{backward_name}",
        f"{cls}.{forward_name}",
        prepare=(made,),
        forward=tuple(steps),
        outputs=tuple(outputs),
        backward=back,
        returned=returned,
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values),
        upstreams=upstreams,
        several=backward.returns_tuple,
        owner=OBJECT,
        rate=rate,
        helper=helper,
        assumed=assumed,
        texts=texts,
        gentle=is_gentle(backward),
        clips=clip_bounds(backward),
        sparse=_takes_one(backward),
        arguments=backward.arguments,
    )
    plan = replace(plan, order=order_of(plan, returns))
    said = tuple((n, said_of(v)) for n, v in values.values.items())
    return Draft(plan, values.leaves, (), said)


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


def _given(
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


def _with_cost(
    program: Program, cls: str, steps: list[Bind], target: str, output: Expr
) -> tuple[list[Bind], list[Expr], str, tuple[str, ...]]:
    """Put a cost behind the output: its own, else half the squared distance."""
    init = program.functions.get(f"{cls}.__init__")
    kept = (
        init is not None
        and init.node is not None
        and any(
            isinstance(n, ast.Attribute) and n.attr == "cost"
            for n in ast.walk(init.node)
        )
    )
    if kept:
        function: Expr = Attribute(Attribute(Ref(OBJECT), "cost"), "fn")
        steps = [*steps, Bind("cost", Call(function, (output, Leaf(target))))]
        return steps, [Ref("cost")], "", ()
    methods = next(kind.methods for kind in program.kinds if kind.name == cls)
    own = next(
        (n for n in methods if re.fullmatch(r"(compute_)?(loss|cost|mse)", n)), None
    )
    if own and program.functions[f"{cls}.{own}"].required == 2:
        call = Call(Attribute(Ref(OBJECT), own), (output, Leaf(target)))
        return [*steps, Bind("cost", call)], [Ref("cost")], "", ()
    call = Call(Ref("half_of_squares"), (output, Leaf(target)))
    return [*steps, Bind("cost", call)], [Ref("cost")], SQUARES, (tr(SQUARES_SAID),)
