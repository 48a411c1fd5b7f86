"""Why is a line of a derivation wrong? The same hypotheses as for code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.diagnosis.graph import Array, Forward
from gradtutor.audit.diagnosis.search import diagnose
from gradtutor.audit.diagnosis.tables import read_tables
from gradtutor.audit.formula import forward_text
from gradtutor.audit.paper.expected import differentiated
from gradtutor.audit.paper.lines import Derivation, Line
from gradtutor.audit.paper.records import Numbers, part_value, true_value
from gradtutor.audit.program.calls import Bind, Call, Leaf, Ref
from gradtutor.audit.program.plan import Plan
from gradtutor.audit.program.source import ProgramError, read_program
from gradtutor.audit.sandbox.process import run_job
from gradtutor.calculus.closed_form import derivative_text
from gradtutor.graph import inputs
from gradtutor.language import SourceError
from gradtutor.language.formula import parse_formula
from gradtutor.messages import tr

POINTS = 5
CLOSE = 1e-9
INNER = "dropped-inner-derivative"
FIRST = "first_derivative"  # the name of what a second derivative differentiates


def cause(
    derivation: Derivation, line: Line, numbers: list[Numbers], timeout: float
) -> tuple[str, str, tuple[str, ...]]:
    """Return the likely misconception, a sentence, and others with the same numbers."""
    numbers = numbers[:POINTS]
    plain = _plain_reason(derivation, line, numbers)
    claim = line.claim or ()
    if len(claim) < 2 or claim[0] == claim[1]:
        return "", plain, ()
    theirs = _first_wrong_part(derivation, line, numbers)
    forward = _tables(derivation, line, numbers, timeout)
    if forward is None or len(forward.points) < len(numbers):
        return "", plain, ()
    found = diagnose(forward, {claim[-1]: theirs})
    if found is None:
        return "", plain, ()
    label, same = found.best.label, {found.best.label, *found.others}
    if label == "overwritten-gradient":  # on paper nothing is overwritten
        label = "forgotten-path"
    claimed = {one.claim for one in derivation.lines}
    node = found.best.node
    arrived = any((claim[0], name) in claimed for name in (node.target, node.name))
    if label == "upstream-left-out" and INNER in same and not arrived:
        label = INNER  # a factor, on one line
    others = tuple(sorted(same - {label, "overwritten-gradient"}))
    return label, f"{found.best.said}; {plain}", others


def _first_wrong_part(
    derivation: Derivation, line: Line, numbers: list[Numbers]
) -> tuple[Array, ...]:
    for part in line.parts:
        values = [part_value(derivation, part, one) for one in numbers]
        right = [true_value(line, one) for one in numbers]
        if not np.allclose(values, right, CLOSE, CLOSE):
            return tuple(np.asarray(value) for value in values)
    return tuple(
        np.asarray(part_value(derivation, line.parts[-1], one)) for one in numbers
    )


def _plain_reason(derivation: Derivation, line: Line, numbers: list[Numbers]) -> str:
    parts = line.parts if line.claim else line.parts[1:]
    for part in parts:
        for one in numbers:
            value, right = part_value(derivation, part, one), true_value(line, one)
            if value.shape != right.shape:
                return tr(
                    "its shape is {shape}, and {wanted} is due",
                    shape=value.shape,
                    wanted=right.shape,
                )
            if right.size > 1 and not np.allclose(value, right, CLOSE, CLOSE):
                place = np.unravel_index(np.abs(value - right).argmax(), right.shape)
                index = ", ".join(str(int(i)) for i in place)
                return tr(
                    "at a random point, element [{index}]: it gives {value:.6g}, "
                    "and right is {right:.6g}",
                    index=index,
                    value=value[place],
                    right=right[place],
                )
            if right.size == 1 and not np.allclose(value, right, CLOSE, CLOSE):
                at = ", ".join(
                    f"{name} = {one.values[name].item():.4g}"
                    for name in _inputs(derivation)
                    if one.values[name].size == 1
                )
                return tr(
                    "at {point} it gives {value:.6g}, and right is {right:.6g}",
                    point=at,
                    value=value.item(),
                    right=right.item(),
                )
    return ""


def _inputs(derivation: Derivation) -> list[str]:
    return inputs(derivation.graph())


def _formula(derivation: Derivation, line: Line) -> tuple[str, str]:
    """Return what a line differentiates, as a formula, and by which of its inputs.

    A second derivative is the derivative of the first one, which is written out.
    """
    assert line.claim is not None
    top, *by = line.claim
    below = by[-1]
    if len(by) == 1:
        free = below if any(d.name == below for d in derivation.definitions) else ""
        return derivation.program(top, free), below
    graph, node = differentiated(derivation, (top, by[0]))
    if graph is None:
        return "", below
    return f"{FIRST} = {derivative_text(graph, node, [])}", below


def _tables(
    derivation: Derivation, line: Line, numbers: list[Numbers], timeout: float
) -> Forward | None:
    """Measure the definitions as a function in which the denominator is an input."""
    formula, below = _formula(derivation, line)
    shapes = derivation.tensors("")
    try:
        names = inputs(parse_formula(formula, shapes))
    except SourceError:
        return None
    if below not in names:
        return None
    text = forward_text(formula, shapes)
    program = read_program("derivation.py", text)
    call = Call(Ref("forward"), tuple(Leaf(name) for name in names))
    plan = Plan(
        "forward",
        "forward",
        forward=(Bind("result", call),),
        outputs=(Ref("result"),),
        leaves=tuple(names),
        upstreams=0,
    )
    arrays: dict[str, NDArray[np.float64]] = {}
    for i, one in enumerate(numbers):
        arrays |= {f"{i}.{name}": np.asarray(one.values[name]) for name in names}
        arrays[f"{i}.upstream"] = np.ones(1)
    job = {"kind": "diagnose", "plan": plan.to_json()}
    try:
        answer, written = run_job(program, job, arrays, timeout)
    except ProgramError:
        return None
    return read_tables(answer, written, plan.differentiable)
