"""Layers that keep what they compute: ``self.output = ...``, ``self.dinputs = ...``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from gradtutor.audit.program.calls import Attribute, Expr, Ref, Table
from gradtutor.audit.program.definitions import Function
from gradtutor.audit.program.naming import TARGET, is_gradient_name, match_name
from gradtutor.audit.program.plan import OBJECT
from gradtutor.audit.program.source import Program

OUTPUT = re.compile(r"_?(outputs?|out|y|h|a|A|activations?|y_?pred)")
INPUT = re.compile(r"d_?(inputs?|x|X)|grad_?inputs?|inputs?_?grad(ient)?s?")


def kept_output(forward: Function) -> Expr | None:
    """Return the attribute that a forward without a result leaves its output in."""
    if forward.returns:
        return None
    kept = [n for n in _stored(forward) if OUTPUT.fullmatch(n)]
    return Attribute(Ref(OBJECT), kept[-1]) if kept else None


def kept_gradients(
    forward: Function, backward: Function, inputs: Sequence[str]
) -> Expr | None:
    """Return the gradients of forward's arguments that backward keeps; None: none."""
    if backward.returns:
        return None
    found: dict[str, Expr] = {}
    for name in _stored(backward):
        own = match_name(name, list(inputs)) if is_gradient_name(name) else ""
        if not own and INPUT.fullmatch(name) and inputs:
            own = inputs[0]
        if own:
            found[own] = Attribute(Ref(OBJECT), name)
    return Table(tuple(found.items())) if found else None


def prediction(
    forward: Function, backward: Function, name: str, inputs: Sequence[tuple[str, Expr]]
) -> Expr | None:
    """Return what a loss's ``backward(dvalues, y_true)`` calls its upstream gradient.

    It is the prediction: what forward took, or keeps as its output.
    """
    two = len(backward.arguments) == len(forward.arguments) == 2
    if name != "dvalues" or not two or not TARGET.fullmatch(backward.arguments[1]):
        return None
    kept = [n for n in _stored(forward) if OUTPUT.fullmatch(n)]
    return Attribute(Ref(OBJECT), kept[-1]) if kept else inputs[0][1]


def averages(program: Program, cls: str) -> bool:
    """Whether a class has a method that takes the mean of what forward gives."""
    found = [program.functions.get(f"{cls}.{n}") for n in ("calculate", "calc_loss")]
    return any("self.forward(" in _text(f) and "mean" in _text(f) for f in found if f)


def _text(function: Function) -> str:
    return ast.unparse(function.node) if function.node else ""


def _stored(function: Function) -> Iterator[str]:
    for node in ast.walk(function.node) if function.node else ():
        match node:
            case ast.Assign([ast.Attribute(ast.Name("self"), name)]):
                yield name
