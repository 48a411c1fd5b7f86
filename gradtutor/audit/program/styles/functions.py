"""Two functions, forward and backward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradtutor.audit.program.calls import Bind, Call, Expr, Leaf, Pick, Ref, Upstream
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import NO_GRADIENT
from gradtutor.audit.program.plan import RESULT, RETURNED, Draft, Plan
from gradtutor.audit.program.returned import is_unnamed, order_of
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.styles.clipping import clip_bounds, is_gentle
from gradtutor.audit.program.styles.costs import cost_of, cost_step
from gradtutor.audit.program.styles.graded import graded_of
from gradtutor.audit.program.styles.placing import by_place, called
from gradtutor.audit.program.styles.roles import (
    output_for,
    place_of_output,
    roles_of,
    said_of,
)
from gradtutor.audit.program.values import Values, fixed_leaves
from gradtutor.messages import tr


def two_functions(
    program: Program,
    forward: Function,
    backward: Function,
    known: set[str],
    returns: Sequence[str] = (),
) -> Draft:
    """Plan the calls of a forward and a backward function.

    Raises
    ------
    ProgramError
        When an argument of backward has no clear meaning.
    """
    values = Values(program, known, graded_of(forward, backward) | set(returns))
    values.add(forward, forward.arguments)
    for name in values.alone & set(values.leaves):
        values.leaves[name].graded = True
    steps = [called(forward, values, RESULT)]
    outputs: list[Expr] = [Pick(Ref(RESULT), place_of_output(forward))]
    cost = cost_of(program, forward, backward, values)
    assumed: tuple[str, ...] = ()
    helper = ""
    if cost is not None:
        step, helper, assumed = cost_step(program, cost, forward, backward, values)
        steps.append(step)
        outputs = [Ref("cost")]
    roles = roles_of(program, forward, backward, values)
    upstreams = [r for r in roles if isinstance(r[1], Upstream)]
    if len(upstreams) > 1:
        places = [output_for(forward, name) for name, _ in upstreams]
        outputs = [Pick(Ref(RESULT), place) for place in places]
    elif not upstreams and cost is None:
        outputs = [Pick(Ref(RESULT), _place_of_loss(forward))]
    call = Call(
        Ref(backward.name),
        tuple(value for name, value in roles if name in by_place(backward, roles)),
        tuple((n, v) for n, v in roles if n not in by_place(backward, roles)),
    )
    plan = Plan(
        backward.name,
        forward.name,
        forward=tuple(steps),
        outputs=tuple(outputs),
        backward=(Bind(RETURNED, call),),
        returned=Ref(RETURNED),
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values),
        upstreams=len(upstreams),
        several=backward.returns_tuple,
        helper=helper,
        assumed=assumed,
        texts=backward.returns,
        arguments=backward.arguments,
        gentle=is_gentle(program, backward),
        clips=clip_bounds(program, backward),
    )
    unnamed = is_unnamed(plan) and not returns
    plan = replace(plan, order=order_of(plan, returns), unnamed=unnamed)
    said = tuple((name, said_of(value)) for name, value in roles)
    return _with_output_reading(Draft(plan, values.leaves, (), said), roles, forward)


def _place_of_loss(forward: Function) -> int:
    """Return where the loss stands among the results; else where the output does."""
    losses = [i for i, n in enumerate(forward.returns) if NO_GRADIENT.fullmatch(n)]
    several = len(forward.returns) > 1 and len(losses) == 1
    return losses[0] if several else place_of_output(forward)


def _with_output_reading(
    draft: Draft, roles: Sequence[tuple[str, Expr]], forward: Function
) -> Draft:
    """Add the reading in which a derivative of one argument is given the output.

    ``def dtanh(y): return 1 - y*y`` is right for the output of tanh.
    """
    if draft.plan.upstreams or len(roles) != 1 or not isinstance(roles[0][1], Leaf):
        return draft
    if len(draft.plan.leaves) != 1:
        return draft
    call = Call(Ref(draft.plan.function), (Ref(RESULT),))
    note = tr(
        "{function} is given what {forward} returns, not its argument",
        function=draft.plan.function,
        forward=forward.name,
    )
    other = replace(
        draft.plan,
        backward=(Bind(RETURNED, call),),
        assumed=(*draft.plan.assumed, note),
    )
    return replace(draft, alternatives=(replace(draft, plan=other),))
