"""Number questions: a number, or a formula of numbers, within a tolerance.

>>> read_number("1/3"), read_number("-.5"), read_number("1e-3")
(0.3333333333333333, -0.5, 0.001)
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from gradtutor.course.content.model import Mistake, Question
from gradtutor.course.kinds.answer_text import (
    PickError,
    bare_answer,
    without_thousands,
    without_unit,
)
from gradtutor.course.kinds.verdict import Note, Verdict, invalid, wrong
from gradtutor.equality.evaluation import constant
from gradtutor.language import SourceError

#: Three significant digits are asked for: the last one may be half a unit off.
TOLERANCE = 0.005
#: What an answer that is a whole number may be off by.
COUNT = 0.49
#: What an answer of exactly zero may be off by, in parts of the tolerance.
AT_ZERO = 0.1
#: How often the tolerance an answer may miss by and still be called close.
CLOSE = 4
WORDS = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "nan": math.nan}
WORDS |= {"∞": math.inf, "+∞": math.inf, "-∞": -math.inf}


def read_number(text: str, unit: str = "") -> float:
    """Read a learner's number: ``1e-3``, ``1/3``, ``-.5``, ``exp(-2)``, ``12,730``.

    Parameters
    ----------
    unit : str
        What the question measures in; a number may come in another unit of its kind.

    Raises
    ------
    PickError
        With what to write instead.
    """
    plain = without_thousands(without_unit(bare_answer(text), unit))
    if plain.lower() in WORDS:
        return WORDS[plain.lower()]
    if re.fullmatch(r"[+-]?\d+,\d+", plain):
        raise PickError("decimal-comma", suggestion=plain.replace(",", "."))
    if re.fullmatch(r"[+-]?\d*\.?\d+\s*%", plain):
        share = float(plain.rstrip("% ")) / 100
        raise PickError("percent", suggestion=f"{share:.6g}")
    try:
        value = constant(plain)
    except SourceError as error:
        raise PickError("unreadable", message=str(error)) from None
    if not math.isfinite(value):
        raise PickError("not-finite", value=value)
    return value


def within(given: float, wanted: float, tolerance: float = TOLERANCE) -> bool:
    """Whether a number is right to its significant digits, however small it is.

    >>> within(1002, 1000), within(0.105, 0.1046), within(0.1, 0.105)
    (True, True, False)
    >>> within(1e-17, 0), within(0.004, 0), within(math.inf, math.inf)
    (True, False, True)
    """
    if not math.isfinite(wanted) or not math.isfinite(given):
        return given == wanted or (math.isnan(given) and math.isnan(wanted))
    # A last digit that rounding has moved is no mistake: hence the little more.
    return abs(given - wanted) <= allowance(wanted, tolerance) * (1 + 1e-9)


def allowance(wanted: float, tolerance: float) -> float:
    """Return how far off a number may be, in its own unit."""
    return tolerance * (abs(wanted) if abs(wanted) > 1e-12 else AT_ZERO)


def tolerance_of(question: Question, wanted: float) -> float:
    """Return how far off an answer may be, as a part of it.

    Where the question does not say, three significant digits are asked for; a whole
    number is asked for as it is, however large: 7849 parameters are not 7850.
    """
    stated = question.fields.get("tolerance")
    if stated is not None:
        return float(stated)
    counted = math.isfinite(wanted) and wanted != 0 and wanted == round(wanted)
    return min(TOLERANCE, COUNT / abs(wanted)) if counted else TOLERANCE


def grade_number(question: Question, answer: Sequence[str]) -> Verdict:
    """Grade a number."""
    if len(answer) != 1:
        return invalid("one-answer", count=len(answer))
    try:
        given = read_number(answer[0], question.fields.get("unit", ""))
    except PickError as error:
        return invalid(error.key, **error.values)
    wanted = reference(question.fields["answer"])
    tolerance = tolerance_of(question, wanted)
    if within(given, wanted, tolerance):
        return Verdict("correct")
    for mistake in question.mistakes:
        if within(given, wrong_number(mistake, wanted), tolerance):
            return wrong(mistake.name)
    return wrong(notes=(_note(given, wanted, tolerance),))


def reference(text: str) -> float:
    """Return a reference answer, which may be ``inf`` or ``nan`` too."""
    return WORDS[text] if text in WORDS else constant(text)


def wrong_number(mistake: Mistake, wanted: float) -> float:
    """Return the number that a known mistake gives."""
    if mistake.derive:
        return -wanted if mistake.derive == "sign" else 1 / wanted
    return reference(str(mistake.answer))


def _note(given: float, wanted: float, tolerance: float) -> Note:
    if within(given, -wanted, tolerance):
        return Note("sign")
    if wanted and given and within(given * wanted, 1.0, tolerance):
        return Note("inverse")
    if within(given, wanted, CLOSE * tolerance):
        return Note("near-number", {"tolerance": tolerance})
    return Note("number-off", {"given": given})
