"""Slips of people who write as on paper, each with how it is written here.

>>> find_slip("1 + |x - y|").hint
'write abs(x - y)'
>>> find_slip("2*sin x").hint
'write sin(x)'
>>> find_slip("x² + 1").hint
'write a power with ^: x^2'
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from gradtutor.gates import SPELLINGS, Pointwise
from gradtutor.graph import Span
from gradtutor.messages import mark, tr

#: Longest argument that a hint repeats.
LONGEST = 60


@dataclass(frozen=True)
class Slip:
    """What is wrong, where in the line, and what to write."""

    message: str
    hint: str
    span: Span


def find_slip(line: str) -> Slip | None:
    """Return the first known slip of a line that could not be read."""
    line = line.split("#")[0]
    for pattern, message, hint in _slips():
        match = pattern.search(line)
        if match:
            given = _blanks(match)
            return Slip(tr(message, **given), tr(hint, **given), match.span())
    return None


def _blanks(match: re.Match[str]) -> dict[str, str]:
    """Return what the sentences of a slip may repeat."""
    named = match.groupdict(default="")
    argument = named.get("argument", "").strip()
    return {
        "text": match[0],
        "point": match[0].replace(",", "."),
        "plain": unicodedata.normalize("NFKC", match[0]).replace("−", "-"),
        "gate": named.get("gate", ""),
        "argument": argument if 0 < len(argument) <= LONGEST else "x",
    }


@cache
def _slips() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Return the patterns with what is wrong and what to do, in blanks."""
    gates = "|".join(
        re.escape(name)
        for name, gate in SPELLINGS.items()
        if isinstance(gate, Pointwise) and gate.arity == (1, 1)
    )
    rows = (
        (
            r"^\s*[^\W\d]\w*\s*=(?!=)[^=,()\[\]]+,\s*[^\W\d]\w*\s*=(?!=)",
            mark("definitions stand between commas"),
            mark(
                "write each on a line of its own, or a semicolon between: a = 1; b = 2"
            ),
        ),
        (r"\$", mark("LaTeX is not read"), mark("leave the dollar signs out")),
        (
            r"⁻?[⁰¹²³⁴-⁹]+",
            mark("a raised digit is not read"),
            mark("write a power with ^: x^{plain}"),
        ),
        (
            r"(?<!\|)\|(?P<argument>[^|]+)\|(?!\|)",
            mark("bars are not read"),
            mark("write abs({argument})"),
        ),
        (
            rf"\b(?P<gate>{gates}) +(?!(?:if|else|and|or|is|in|not)\b)(?=\w)"
            r"(?P<argument>\w+\b(?! *[\w*^/@(]))?",  # of sin 2*x, how much is unknown
            mark("the argument of {gate} needs brackets"),
            mark("write {gate}({argument})"),
        ),
        (
            r"(?:(?<==)|(?<== ))0,\d+\b",  # lr=0,1
            mark("{text} is two numbers here"),
            mark("write the decimal point as a point: {point}"),
        ),
    )
    return tuple((re.compile(pattern), wrong, hint) for pattern, wrong, hint in rows)
