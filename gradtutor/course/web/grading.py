"""What a page needs to grade a question by itself: references at points, mistakes.

The numbers are computed here, by the program's own formulas; a page evaluates only what
the learner wrote.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.answer_text import UNITS
from gradtutor.course.kinds.circuit_answer import circuit
from gradtutor.course.kinds.expression_answer import candidates
from gradtutor.course.kinds.expression_notes import simple_points
from gradtutor.course.kinds.number_answer import (
    TOLERANCE,
    reference,
    tolerance_of,
    wrong_number,
)
from gradtutor.equality.digits import at_point
from gradtutor.equality.equivalence import compare
from gradtutor.equality.evaluation import Expression, evaluate, read_related
from gradtutor.equality.sampling import draw, one_point
from gradtutor.evaluate.values import Array
from gradtutor.gates import COPY
from gradtutor.graph import ShapeError, operands, topological_order
from gradtutor.language import SourceError

#: More points, at which an answer must agree too; their seed is one of their own.
MORE, MORE_SEED = 96, 1001


def grading_data(question: Question) -> dict[str, Any]:
    """Return what a page grades a question by; ``by`` is ``terminal`` where it cannot.

    Parameters
    ----------
    question : Question
        With its variant's numbers filled in.
    """
    fields = question.fields
    if question.kind == "number":
        return _number(question)
    if question.kind == "choice":
        wanted = fields.get("several") or [fields["answer"]]
        return {"wanted": list(wanted), "several": "several" in fields}
    if question.kind == "order":
        known = [
            {"name": one.name, "order": list(one.answer)}
            for one in question.mistakes
            if one.answer is not None
        ]
        return {"before": [list(pair) for pair in fields["before"]], "known": known}
    if question.kind == "circuit":
        return _circuit(question)
    if question.kind == "expression" and not fields.get("shapes"):
        return _expression(question)
    return {"by": "terminal"}


# ---- numbers ----


def _number(question: Question) -> dict[str, Any]:
    fields = question.fields
    wanted = reference(fields["answer"])
    mistakes = [
        {"name": one.name, "value": _json(wrong_number(one, wanted))}
        for one in question.mistakes
    ]
    unit = fields.get("unit", "")
    tolerance = tolerance_of(question, wanted)
    data = {"wanted": _json(wanted), "tolerance": tolerance, "unit": unit}
    return {**data, "mistakes": mistakes, "units": UNITS}


# ---- expressions ----


def _expression(question: Question) -> dict[str, Any]:
    """Return the points, what is right there, and what each known mistake gives."""
    fields = question.fields
    domain, where = fields["domain"], fields.get("where") or {}
    answer = fields["answer"]
    first = compare(answer, answer, domain, where=where, prove=False)
    free = {name: domain[name] for name in domain if name not in where}
    more = draw(free, MORE, MORE_SEED)
    wanted = read_related(answer, domain, where)
    simple = [
        {"point": point, "wanted": _at(wanted, point)}
        for point in simple_points(domain)
    ]
    return {
        "names": list(domain),
        "free": list(free),
        "variables": wanted.variables,
        "points": _columns(first.points, where),
        "wanted": _exact(wanted, first.points, first.wanted),
        "more": _columns(more, where),
        "more_wanted": _exact(wanted, more, evaluate(wanted, more)) if free else [],
        "known": _known(question, first.points),
        "simple": simple,
    }


def _known(question: Question, points: Mapping[str, Array]) -> list[dict[str, Any]]:
    """Return the values of each known wrong answer at the points."""
    domain, where = question.fields["domain"], question.fields.get("where")
    found = []
    for name, text in candidates(question):
        try:
            values = evaluate(read_related(text, domain, where), points)
        except (SourceError, ShapeError, ValueError):
            continue
        count = len(next(iter(points.values()), [0, 0, 0]))
        found.append({"name": name, "values": _numbers(np.resize(values, count))})
    return found


def _exact(
    wanted: Expression, points: Mapping[str, Array], rounded: Array
) -> list[Any]:
    """Return a reference's values, of fifty digits where float64 has lost some."""
    if not points:
        return _numbers(rounded)
    found = []
    for n, value in enumerate(rounded):
        digits, _ = at_point(wanted.graph, one_point(points, n))
        found.append(float(value) if digits is None else float(digits))
    return _numbers(found)


def _columns(
    points: Mapping[str, Array], where: Mapping[str, str]
) -> dict[str, list[Any]]:
    """Return each name's values, those of names that stand for formulas too."""
    found = {name: _numbers(values) for name, values in points.items()}
    for name, formula in where.items():
        values = evaluate(read_related(formula, list(points), None), points)
        found[name] = _numbers(values)
    return found


def _at(expression: Expression, point: Mapping[str, float]) -> Any:
    known = {name: np.array([value]) for name, value in point.items()}
    given = {name: known[name] for name in expression.variables if name in known}
    return _numbers(evaluate(expression, given or known))[0]


# ---- circuits ----


def _circuit(question: Question) -> dict[str, Any]:
    """Return the gates in order, the inputs' values, and the blanks."""
    graph, at, blanks = circuit(question)
    order = [n for n in topological_order(graph) if graph.nodes[n]["gate"] != COPY]
    nodes = [
        {
            "id": node,
            "gate": graph.nodes[node]["gate"],
            "args": list(operands(graph, node)),
            "value": _json(at.get(node, graph.nodes[node].get("value"))),
        }
        for node in order
    ]
    rows = [
        {"key": one.key, "label": one.label, "kind": one.kind, "name": one.name}
        for one in blanks
    ]
    tolerance = question.fields.get("tolerance", TOLERANCE)
    output = graph.graph["output"]
    return {"nodes": nodes, "output": output, "blanks": rows, "tolerance": tolerance}


# ---- numbers as JSON ----


def _numbers(values: Array | Sequence[float]) -> list[Any]:
    return [_json(float(value)) for value in np.ravel(values)]


def _json(value: float | None) -> Any:
    """Return a number; nan and infinities as text, which JSON has no number for."""
    return value if value is None or math.isfinite(value) else str(value)
