"""Number questions: a number, or a formula of numbers, within a tolerance.

>>> read_number("1/3"), read_number("-.5"), read_number("1e-3")
(0.3333333333333333, -0.5, 0.001)
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence

from gradtutor.course.content.model import Mistake, Question
from gradtutor.course.kinds.picking import PickError
from gradtutor.course.kinds.verdict import Note, Verdict, invalid, wrong
from gradtutor.equality.evaluation import constant
from gradtutor.language import SourceError

TOLERANCE = 0.005
#: How often the tolerance an answer may miss by and still be called close.
CLOSE = 4
WORDS = {"inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "nan": math.nan}
WORDS |= {"∞": math.inf, "+∞": math.inf, "-∞": -math.inf}


def read_number(text: str) -> float:
    """Read a learner's number: ``1e-3``, ``1/3``, ``-.5``, ``exp(-2)``, ``inf``.

    Raises
    ------
    PickError
        With what to write instead.
    """
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
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
    """Whether a number is right: absolutely or relatively, whichever is more lenient.

    >>> within(1002, 1000), within(0.004, 0), within(math.inf, math.inf)
    (True, True, True)
    """
    if not math.isfinite(wanted) or not math.isfinite(given):
        return given == wanted or (math.isnan(given) and math.isnan(wanted))
    # A last digit that rounding has moved is no mistake: hence the little more.
    return abs(given - wanted) <= tolerance * max(1.0, abs(wanted)) * (1 + 1e-9)


def grade_number(question: Question, answer: Sequence[str]) -> Verdict:
    """Grade a number."""
    if len(answer) != 1:
        return invalid("one-answer", count=len(answer))
    try:
        given = read_number(answer[0])
    except PickError as error:
        return invalid(error.key, **error.values)
    wanted = reference(question.fields["answer"])
    tolerance = question.fields.get("tolerance", TOLERANCE)
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
