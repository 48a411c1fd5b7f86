"""A cost behind the output: the file's own, or the one that courses define."""

from __future__ import annotations

import re

from gradtutor.audit.program.calls import Bind, Call, Leaf, Pick, Ref
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import TARGET
from gradtutor.audit.program.plan import RESULT
from gradtutor.audit.program.source import Program
from gradtutor.audit.program.styles.placing import by_place
from gradtutor.audit.program.styles.roles import place_of_output
from gradtutor.audit.program.usage import Usage
from gradtutor.audit.program.values import Values
from gradtutor.messages import mark, tr

BINARY = """
import numpy as np


def cross_entropy_of_columns(A, Y):
    m = Y.shape[1]
    return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
"""
BINARY_SAID = mark(
    "the file has no cost: the mean of the cross-entropy over the columns was taken"
)
SQUARES = """
import numpy as np

from gradtutor.messages import mark


def half_of_squares(a, y):
    assert np.shape(a) == np.shape(y)
    return 0.5 * np.sum((a - y) ** 2)
"""
SQUARES_SAID = mark("the file has no cost: half of the squared distance was taken")
COST = re.compile(
    r"(compute_?|calc_?|calculate_?)?(cost|loss)\w*|cross_entropy\w*|bce\w*|mse\w*|"
    r"(?!d_)\w+_(loss|cost)",
    re.IGNORECASE,
)


def cost_of(
    program: Program, forward: Function, backward: Function, values: Values
) -> Function | str | None:
    """Return the function of the cost; "" where it is needed and missing; else None."""
    missing = [
        n
        for n in backward.arguments[: backward.required]
        if TARGET.fullmatch(n) and n not in values.values and n not in forward.returns
    ]
    if not missing or len(backward.arguments) < 2:
        return None
    tail = (
        backward.name.partition("propagation")[2]
        or backward.name.partition("backward")[2]
    )
    named = [
        f
        for name, f in program.functions.items()
        if "." not in name
        and COST.fullmatch(name)
        and any(TARGET.fullmatch(a) for a in f.arguments)
        and not any(word in name for word in ("grad", "backward", "prime", "deriv"))
    ]
    same_tail = [f for f in named if tail and f.name.endswith(tail)]
    plain = [f for f in named if "reg" not in f.name.lower().split("_")[-1]]
    chosen = [*same_tail, *plain, *named]
    return chosen[0] if chosen else ""


def cost_step(
    program: Program,
    cost: Function | str,
    forward: Function,
    backward: Function,
    values: Values,
) -> tuple[Bind, str, tuple[str, ...]]:
    """Return the step that computes a cost, the helper's text, and what was assumed."""
    output = Pick(Ref(RESULT), place_of_output(forward))
    if isinstance(cost, str):
        target = next(n for n in backward.arguments if TARGET.fullmatch(n))
        values.values[target] = values.leaf(target, Usage())
        step = Bind(
            "cost", Call(Ref("cross_entropy_of_columns"), (output, Leaf(target)))
        )
        return step, BINARY, (tr(BINARY_SAID),)
    first = next(
        (a for a in cost.arguments if a in forward.returns and a not in values.values),
        next(a for a in cost.arguments if not TARGET.fullmatch(a)),
    )
    others = [a for a in cost.arguments if a != first]
    values.add(cost, others)
    mine = {
        first: output,
        **{a: values.values[a] for a in others if a in values.values},
    }
    given = [(a, mine[a]) for a in cost.arguments if a in mine]
    places = by_place(cost, given)
    call = Call(
        Ref(cost.name),
        tuple(v for a, v in given if a in places),
        tuple((a, v) for a, v in given if a not in places),
    )
    return Bind("cost", Pick(call, 0)), "", ()
