"""One function that returns a loss and its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradtutor.audit.program.calls import Expr, Pick, Ref, Row
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.plan import RESULT, Draft, Plan
from gradtutor.audit.program.returned import order_of
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.styles.clipping import clip_bounds, is_gentle
from gradtutor.audit.program.styles.graded import graded_names, loss_and_rest
from gradtutor.audit.program.styles.placing import called
from gradtutor.audit.program.styles.roles import said_of
from gradtutor.audit.program.values import Values, fixed_leaves


def both_in_one(
    program: Program, function: Function, known: set[str], returns: Sequence[str] = ()
) -> Draft:
    """Plan the calls of a function that returns a loss and its gradient."""
    graded = set(returns) | graded_names(function)
    values = Values(program, known, graded)
    values.add(function, function.arguments)
    place, rest = loss_and_rest(function)
    returned: Expr = Pick(Ref(RESULT), rest[0])
    if len(rest) > 1:
        returned = Row(tuple(Pick(Ref(RESULT), i) for i in rest), "tuple")
    plan = Plan(
        function.name,
        function.name,
        forward=(called(function, values, RESULT),),
        outputs=(Pick(Ref(RESULT), place),),
        returned=returned,
        inputs=tuple(values.values.items()),
        leaves=tuple(values.leaves),
        fixed=fixed_leaves(values),
        upstreams=0,
        several=len(rest) > 1,
        texts=tuple(function.returns[i] for i in rest),
        arguments=function.arguments,
        gentle=is_gentle(program, function),
        clips=clip_bounds(program, function),
    )
    plan = replace(plan, order=order_of(plan, returns))
    said = tuple((n, said_of(v)) for n, v in values.values.items())
    return Draft(plan, values.leaves, (), said)
