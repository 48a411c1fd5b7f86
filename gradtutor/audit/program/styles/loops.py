"""A training loop of a script, which reading has made a function of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradtutor.audit.program.calls import Pick, Ref, Row
from gradtutor.audit.program.plan import RESULT, Draft
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.steps.loops import Loop
from gradtutor.audit.program.styles.both import both_in_one
from gradtutor.messages import tr


def training_loop(
    program: Program, loop: Loop, known: set[str], returns: Sequence[str] = ()
) -> Draft:
    """Plan the call: the loss comes first, then the gradients of the parameters."""
    function = program.functions[loop.function]
    draft = both_in_one(program, function, known, loop.parameters)
    places = range(1, len(function.returns))
    note = tr(
        "no loss is computed: it was taken for half the sum of the squares of {error}",
        error=loop.squares,
    )
    plan = replace(
        draft.plan,
        outputs=(Pick(Ref(RESULT), 0),),
        returned=Row(tuple(Pick(Ref(RESULT), i) for i in places), "tuple"),
        order=loop.parameters,
        several=True,
        texts=function.returns[1:],
        assumed=(note,) if loop.squares else (),
    )
    return replace(draft, plan=plan)
