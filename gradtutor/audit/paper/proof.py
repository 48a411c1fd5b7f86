"""Prove a right derivation's lines by sympy, in a child process with a time limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import sympy

from gradtutor.audit.paper.lines import Derivation, Line, Part, derivative_of
from gradtutor.audit.paper.records import LineVerdict
from gradtutor.audit.program.source import ProgramError, read_program
from gradtutor.audit.sandbox.process import run_job
from gradtutor.calculus.backward import backward_graph
from gradtutor.calculus.closed_form import closed_form
from gradtutor.language.formula import parse_formula

SECONDS = 5.0
HEAD = "from sympy import *\n\n\ndef prove():\n    return [\n"


def proved_lines(
    derivation: Derivation, verdicts: Sequence[LineVerdict]
) -> tuple[LineVerdict, ...]:
    """Return the verdicts, ``proved`` where sympy shows a line for all values."""
    differences = [_differences(derivation, line) for line in derivation.lines]
    asked = [i for i, found in enumerate(differences) if found]
    if not asked:
        return tuple(verdicts)
    text = HEAD + "".join(_row(differences[i] or []) for i in asked) + "    ]\n"
    job = {"kind": "call", "function": "prove", "arguments": []}
    try:
        _, written = run_job(
            read_program("proof.py", text), job, {"none": np.zeros(1)}, SECONDS
        )
    except ProgramError:
        return tuple(verdicts)
    proved = dict(zip(asked, np.ravel(written["value0"]), strict=True))
    return tuple(
        replace(verdict, proved=True) if proved.get(i) else verdict
        for i, verdict in enumerate(verdicts)
    )


def _row(differences: Sequence[sympy.Expr]) -> str:
    """Write the proof of one line; only sympy's own text goes into it."""
    proofs = " and ".join(f"simplify({sympy.srepr(d)}) == 0" for d in differences)
    return f"        float({proofs}),\n"


def _differences(derivation: Derivation, line: Line) -> list[sympy.Expr] | None:
    """Return left side minus each part, in the inputs; None without a formula."""
    if not line.claim:
        return None
    true = _derivative(derivation, line.claim)
    parts = [_expression(derivation, part) for part in line.parts]
    if true is None or any(part is None for part in parts):
        return None
    return [true - part for part in parts]


def _second(derivation: Derivation, claim: tuple[str, ...]) -> sympy.Expr | None:
    """Return a second derivative, where it is by an input."""
    first = _derivative(derivation, claim[:2])
    defined = any(line.name == claim[2] for line in derivation.definitions)
    if first is None or defined:
        return None
    symbol = next((s for s in first.free_symbols if s.name == claim[2]), None)
    return sympy.Integer(0) if symbol is None else first.diff(symbol)


def _derivative(derivation: Derivation, claim: tuple[str, ...]) -> sympy.Expr | None:
    top, below, *more = claim
    if more:
        return _second(derivation, claim)
    if top == below:
        return sympy.Integer(1)
    if not any(line.name == top for line in derivation.definitions):
        return sympy.Integer(0)
    graph = derivation.graph(top)
    if below not in graph:
        return sympy.Integer(0)
    backward = backward_graph(graph, wrt=[below])
    if below not in backward.of_node:
        return sympy.Integer(0)
    return closed_form(backward.graph, backward.of_node[below])


def _expression(derivation: Derivation, part: Part) -> sympy.Expr | None:
    """Return a part in the inputs: its names and derivatives put in."""
    graph = parse_formula(part.text.strip())
    found = closed_form(graph, graph.graph["output"])
    if found is None:
        return None
    names = [line.name for line in derivation.definitions]
    known = [*names, *(str(s) for s in derivation.graph().nodes)]
    put: dict[sympy.Symbol, sympy.Expr] = {}
    for symbol in found.free_symbols:
        quotient = None if symbol.name in known else derivative_of(symbol.name, known)
        value = _derivative(derivation, quotient) if quotient else symbol
        if symbol.name in names:
            inner = derivation.graph(symbol.name)
            value = closed_form(inner, inner.graph["output"])
        if value is None:
            return None
        put[symbol] = value
    return found.subs(put, simultaneous=True)
