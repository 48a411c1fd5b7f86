"""What is said of a wrong expression: where and how it differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.verdict import Note
from gradtutor.equality.equivalence import Outcome, different
from gradtutor.equality.evaluation import constant, evaluate, read_related
from gradtutor.evaluate.values import Array

ROUNDED = 0.01  # a relative difference that rounding by hand makes
#: Numbers that a learner can follow by hand, the plainest first.
SIMPLE = (2.0, 3.0, 1.0, 0.5, -1.0, -2.0, 4.0, 0.2, 0.8, 0.4, 5.0, 1.5, 0.25, 0.1)
CLEAR = 0.1  # a relative difference that is seen at once


def difference_note(question: Question, given: str, outcome: Outcome) -> Note:
    """Return what stands out where an answer differs from the right one."""
    a, b = outcome.given, outcome.wanted
    if a.ndim > 1:
        return _tensor_note(a, b)
    undefined = ~np.isfinite(a)
    if undefined.any():
        return Note("undefined", {"at": _place(outcome, int(np.argmax(undefined)))})
    pattern = _pattern(a, b)
    if pattern:
        return pattern
    off = different(a, b)
    if 0 < off.sum() < len(off):
        return _partly(outcome, off)
    with np.errstate(all="ignore"):
        if (np.abs(a - b) <= ROUNDED * np.abs(b)).all():
            return Note("rounded")
    fields = question.fields
    mine, right = (
        read_related(text, fields["domain"], fields.get("where")).variables
        for text in (given, fields["answer"])
    )
    for name in right:
        if name not in mine:
            return Note("no-variable", {"name": name})
    return _at_simple_point(question, given)


def _pattern(a: Array, b: Array) -> Note | None:
    """Say how the two are related, if they are in the same way everywhere."""
    with np.errstate(all="ignore"):
        ratio, gap, product = a / b, a - b, a * b
    if _constant(ratio) and ratio[0] != 0:
        if abs(ratio[0] + 1) < 1e-9:
            return Note("sign")
        return Note("factor", {"factor": _fraction(float(ratio[0]))})
    if _constant(product) and abs(product[0] - 1) < 1e-9:
        return Note("inverse")
    if _constant(gap):
        return Note("offset", {"offset": _fraction(float(gap[0]))})
    return None


def _constant(values: Array) -> bool:
    finite = bool(np.isfinite(values).all())
    return finite and float(np.ptp(values)) <= 1e-9 * float(np.max(np.abs(values)))


def _fraction(value: float) -> str:
    """Write 0.333... as 1/3 and other numbers in four digits."""
    near = Fraction(value).limit_denominator(12)
    return str(near) if abs(float(near) - value) < 1e-9 * abs(value) else f"{value:.4g}"


def _partly(outcome: Outcome, off: Array) -> Note:
    right, bad = int(np.argmin(off)), int(np.argmax(off))
    values = {
        "right": int(len(off) - off.sum()),
        "count": len(off),
        "at": _place(outcome, right),
        "wrong_at": _place(outcome, bad),
        "given": float(outcome.given[bad]),
        "wanted": float(outcome.wanted[bad]),
    }
    return Note("partly-right", values)


def _place(outcome: Outcome, n: int) -> str:
    return ", ".join(f"{name} = {v[n]:.3g}" for name, v in outcome.points.items())


def _at_simple_point(question: Question, given: str) -> Note:
    """Compare at a point that can be checked by hand and tells the two apart."""
    fields = question.fields
    texts = (given, fields["answer"])
    best: tuple[float, dict[str, float], float, float] = (-1.0, {}, 0.0, 0.0)
    for point in simple_points(fields["domain"]):
        mine, right = (_value(text, point, fields.get("where")) for text in texts)
        gap = abs(mine - right) / max(abs(mine), abs(right), 1e-300)
        if gap > best[0]:
            best = (gap, point, mine, right)
        if gap > CLEAR:
            break
    _, point, mine, right = best
    at = ", ".join(f"{name} = {value:g}" for name, value in point.items())
    return Note("differs", {"at": at, "given": mine, "wanted": right})


def simple_points(domain: Mapping[str, tuple[float, float]]) -> Iterator[Any]:
    """Yield points of plain numbers, the variables apart from each other."""
    choices = {
        name: [one for one in SIMPLE if low <= one <= high] or [low, (low + high) / 2]
        for name, (low, high) in domain.items()
    }
    for shift in range(len(SIMPLE)):
        for stride in (1, 2):
            yield {
                name: values[(shift + stride * n) % len(values)]
                for n, (name, values) in enumerate(choices.items())
            }


def _value(
    text: str, point: Mapping[str, float], where: Mapping[str, str] | None
) -> float:
    if not point:
        return constant(text)
    at = {name: np.array([value]) for name, value in point.items()}
    return float(evaluate(read_related(text, point, where), at)[0])


def _tensor_note(a: Array, b: Array) -> Note:
    with np.errstate(all="ignore"):
        if np.allclose(a, -b, rtol=1e-9):
            return Note("sign")
    element = np.unravel_index(int(np.argmax(np.abs(a[0] - b[0]))), a[0].shape)
    place = "[" + ", ".join(map(str, map(int, element))) + "]"
    values = {
        "name": place,
        "given": float(a[0][element]),
        "wanted": float(b[0][element]),
    }
    return Note("element-of", values)
