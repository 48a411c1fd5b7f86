"""What a page needs to grade an expression: references at points, known mistakes.

The numbers are computed here, by the program's own formulas; a page evaluates only what
the learner wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.graders.expression_notes import simple_points
from gradtutor.course.kinds.graders.expressions import candidates
from gradtutor.course.kinds.json_numbers import json_numbers
from gradtutor.equality.digits import at_point
from gradtutor.equality.equivalence import compare
from gradtutor.equality.evaluation import Expression, evaluate, read_related
from gradtutor.equality.sampling import draw, one_point
from gradtutor.evaluate.values import Array
from gradtutor.graph import ShapeError
from gradtutor.language import SourceError

#: More points, at which an answer must agree too; their seed is one of their own.
MORE, MORE_SEED = 96, 1001


def expression_page(question: Question) -> dict[str, Any]:
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
        found.append({"name": name, "values": json_numbers(np.resize(values, count))})
    return found


def _exact(
    wanted: Expression, points: Mapping[str, Array], rounded: Array
) -> list[Any]:
    """Return a reference's values, of fifty digits where float64 has lost some."""
    if not points:
        return json_numbers(rounded)
    found = []
    for n, value in enumerate(rounded):
        digits, _ = at_point(wanted.graph, one_point(points, n))
        found.append(float(value) if digits is None else float(digits))
    return json_numbers(found)


def _columns(
    points: Mapping[str, Array], where: Mapping[str, str]
) -> dict[str, list[Any]]:
    """Return each name's values, those of names that stand for formulas too."""
    found = {name: json_numbers(values) for name, values in points.items()}
    for name, formula in where.items():
        values = evaluate(read_related(formula, list(points), None), points)
        found[name] = json_numbers(values)
    return found


def _at(expression: Expression, point: Mapping[str, float]) -> Any:
    known = {name: np.array([value]) for name, value in point.items()}
    given = {name: known[name] for name in expression.variables if name in known}
    return json_numbers(evaluate(expression, given or known))[0]
