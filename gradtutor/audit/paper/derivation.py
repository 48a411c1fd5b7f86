"""Check a derivation line by line, each given the lines before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.paper.cause import cause
from gradtutor.audit.paper.conditions import condition_of
from gradtutor.audit.paper.expected import expected_text, plainer
from gradtutor.audit.paper.kinks import (
    is_between_sides,
    kink_notes,
    kink_reason,
    sides_of,
)
from gradtutor.audit.paper.lines import Derivation, Line, Part
from gradtutor.audit.paper.notation import as_names
from gradtutor.audit.paper.points import (
    constants,
    numbers_at,
    numbers_given,
    random_numbers,
)
from gradtutor.audit.paper.proof import proved_lines
from gradtutor.audit.paper.records import (
    DerivationReport,
    LineVerdict,
    Numbers,
    part_value,
    true_value,
)
from gradtutor.audit.paper.text import part_inputs, read_derivation
from gradtutor.audit.paper.unfit import unfit, unfit_cause
from gradtutor.audit.report import Place
from gradtutor.errors import TutorError
from gradtutor.graph import inputs
from gradtutor.messages import tr

Array = NDArray[np.float64]

FEWEST = 3  # points that must lie in the domain
TOLERANCE = 1e-9


def audit_derivation(
    text: str,
    seed: int = 0,
    timeout: float = 10.0,
    values: Mapping[str, Array] | None = None,
) -> DerivationReport:
    """Check every line of a derivation; name the first wrong one and why.

    Parameters
    ----------
    text : str
        Definitions (``q = x + y``), values (``x = -2``) and claims
        (``df/dx = df/dq * 1``), a line each. Vectors and matrices have a line with
        their shape, ``W: (2, 3)``; a derivative has the shape of what it is by.
    timeout : float
        Seconds for the search for the misconception.
    values : mapping, optional
        A point at which plain numbers are judged, besides what the text gives.

    Raises
    ------
    gradtutor.language.SourceError
        With the place of what cannot be read.

    Examples
    --------
    >>> report = audit_derivation("q = x + y; f = q*z; df/dq = z; df/dx = z*x")
    >>> report.ok, report.place.line
    (False, 4)
    """
    derivation = read_derivation(text, values or {})
    numbers = random_numbers(derivation, seed)
    given = numbers_given(derivation)
    verdicts = tuple(
        _verdict(derivation, line, numbers, given) for line in derivation.lines
    )
    oks = [verdict.ok for verdict in verdicts]
    notes = (*derivation.notes, *kink_notes(derivation, given))
    report = DerivationReport(False, verdicts, points=len(numbers), notes=notes)
    if len(numbers) < FEWEST:
        reason = tr("too few random points lie in the domain")
        return replace(report, ok=None, reason=reason)
    if False not in oks:
        if derivation.scalar:
            verdicts = proved_lines(derivation, verdicts)
        return replace(report, ok=True, lines=verdicts)
    place = oks.index(False)
    line = derivation.lines[place]
    label, reason = unfit_cause(derivation, line, numbers)
    if reason:
        where = Place(line.number, line.shown or line.text, line.name or _named(line))
        return replace(report, place=where, misconception=label, reason=reason)
    if given is not None and all(
        not part_inputs(derivation, p) for p in line.parts[-1:]
    ):
        numbers_here = [given] if _symbols_right(derivation, line, numbers) else numbers
    else:
        numbers_here = numbers
    label, reason, others = cause(derivation, line, numbers_here, timeout)
    if given and numbers_here == [given] and sides_of(derivation, line):
        label, reason, others = "", kink_reason(derivation, line, given), ()
    where = Place(line.number, line.shown or line.text, line.name or _named(line))
    return replace(
        report, place=where, misconception=label, reason=reason, others=others
    )


def _named(line: Line) -> str:
    """Return the derivative that a line claims: df/dx, d²f/dx², ∂²f/∂x∂y."""
    top, first, *second = line.claim or ("", "")
    if not second:
        return f"d{top}/d{first}"
    if second == [first]:
        return f"d²{top}/d{first}²"
    return f"∂²{top}/∂{first}∂{second[0]}"


# ---- verdicts ----


def _verdict(
    derivation: Derivation, line: Line, numbers: list[Numbers], given: Numbers | None
) -> LineVerdict:
    parts = line.parts if line.claim else line.parts[1:]
    if not parts:
        return LineVerdict(line.number, line.shown or line.text, None)
    ok = all(_right(derivation, line, part, numbers, given) for part in parts)
    shown = line.shown or line.text
    if ok:
        alone = not all(_right(derivation, line, p, numbers, None) for p in parts)
        return LineVerdict(line.number, shown, ok, given=alone)
    expected = _expected(derivation, line, numbers)
    condition = _condition(derivation, line, numbers) if line.claim else ""
    return LineVerdict(line.number, shown, ok, expected, condition=condition)


def _expected(derivation: Derivation, line: Line, numbers: list[Numbers]) -> str:
    """Return the right side that is due; a plainer one where it gives the same."""
    text = expected_text(derivation, line)
    shorter = plainer(text)
    if shorter == text or not line.claim:
        return text
    known = [*derivation.shapes]
    part = Part(as_names(shorter, known), 0)
    try:
        same = _right(derivation, line, part, numbers, None)
    except TutorError:
        return text
    return shorter if same else text


def _condition(derivation: Derivation, line: Line, numbers: list[Numbers]) -> str:
    """Return what must hold of an input for a line to be right."""
    names = [n for n in inputs(derivation.graph()) if n not in derivation.values]
    points = [{n: one.values[n] for n in inputs(derivation.graph())} for one in numbers]

    def right(points: Sequence[Mapping[str, Array]]) -> bool:
        there = [numbers_at(derivation, point) for point in points]
        return all(_right(derivation, line, part, there, None) for part in line.parts)

    return condition_of(points[:FEWEST], names, right)


def _right(
    derivation: Derivation,
    line: Line,
    part: Part,
    numbers: list[Numbers],
    given: Numbers | None,
) -> bool:
    """Whether a part is right everywhere; a plain number also at the point given."""
    if unfit(derivation, part):
        return False
    if all(
        _close(part_value(derivation, part, one), true_value(line, one), TOLERANCE)
        for one in numbers
    ):
        return True
    read = part_inputs(derivation, part)
    if read and _right_with_constants(derivation, line, part, numbers):
        return True
    if given is None or read:
        return False
    precision = 0.5 * 10.0 ** -len(part.text.strip().partition(".")[2])
    precision = precision if "." in part.text else TOLERANCE
    value, true = part_value(derivation, part, given), true_value(line, given)
    near = value.shape == true.shape and bool(
        np.abs(value - true).max() <= 1.001 * precision
    )
    return (
        _close(value, true, TOLERANCE)
        or near
        or is_between_sides(derivation, line, value)
    )


def _right_with_constants(
    derivation: Derivation, line: Line, part: Part, numbers: list[Numbers]
) -> bool:
    """Whether a part is right where its numbers stand for constants: 6x for 2ax."""
    read = part_inputs(derivation, part)
    held = {n: v for n, v in constants(derivation).items() if n not in read}
    if not held:
        return False
    names = inputs(derivation.graph())
    for one in numbers:
        point = {n: one.values[n] for n in names}
        there = numbers_at(derivation, {**point, **held})
        value, right = part_value(derivation, part, there), true_value(line, there)
        if not _close(value, right, TOLERANCE):
            return False
    return True


def _symbols_right(derivation: Derivation, line: Line, numbers: list[Numbers]) -> bool:
    """Whether all parts with names are right, so that a plain number is to blame."""
    return all(
        _right(derivation, line, part, numbers, None)
        for part in line.parts
        if part_inputs(derivation, part)
    )


def _close(one: Array, other: Array, tolerance: float) -> bool:
    if one.shape != other.shape:
        return False
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return np.array_equal(one, other)
    largest = max(np.abs(one).max(initial=1.0), np.abs(other).max(initial=1.0))
    return bool(np.abs(one - other).max(initial=0.0) <= tolerance * largest)
