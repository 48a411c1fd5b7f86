"""What a learner typed, with its wrapping taken off: a claim's left side, a unit.

>>> bare_answer("df/dx = 2*x"), bare_answer("x >= 0")
('2*x', 'x >= 0')
>>> without_unit("400ms", "s"), without_unit("9.03 dB", "dB")
('400*0.001', '9.03')
"""

from __future__ import annotations

import re
from typing import Any


class PickError(ValueError):
    """A pick that is none; ``key`` and ``values`` say it in the learner's language."""

    def __init__(self, key: str, /, **values: Any) -> None:
        super().__init__(key)
        self.key, self.values = key, values


#: Full-width forms stand for their ASCII signs; a ² or ½ stays the mathematics it is.
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,
    ord("−"): ord("-"),
    ord("。"): ord("."),
}
#: What stands left of the equals sign where an answer is written out as a claim:
#: a name, y', f(x), f'(x), df/dx, ∂f/∂x, d²f/dx².
CLAIM = re.compile(
    r"""\s*(?: [^\W\d]\w*['′]*\s*(?:\(\s*\w+(?:\s*,\s*\w+)*\s*\))?
            | [d∂][²2]?\s*\w*\s*/\s*[d∂]\s*\w+[²2]?
        )\s*:?=(?!=)""",
    re.VERBOSE,
)
#: Words and signs before an answer: "= 4", "≈ 4", "answer: 4", 答案是 4, 约 4.
BEFORE = re.compile(
    r"\s*(?:(?:the\s+)?answer(?:\s+is|\s*[:=])|(?:答案|结果)\s*(?:是|为|[:=])"
    r"|大?约(?:为|等于)?|[=≈≃≅~])\s*",
    re.IGNORECASE,
)
#: What TeX puts around a formula.
AROUND = (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"))
THOUSANDS = re.compile(
    r"[+-]?[1-9]\d{0,2}(?:(?:,\d{3})+|(?:[ '_\u00a0\u2009\u202f]\d{3})+)(?:\.\d*)?"
)
UNIT = re.compile(r"(?<=[\d.)⁰-⁹½¼¾])\s*([^\W\d_]+(?:/[^\W\d_]+)?)\s*$")

#: Units by name: what they measure, and how many of its base units they are.
UNITS: dict[str, tuple[str, float]] = {
    "s": ("time", 1.0),
    "ms": ("time", 1e-3),
    "us": ("time", 1e-6),
    "µs": ("time", 1e-6),
    "min": ("time", 60.0),
    "h": ("time", 3600.0),
    "Hz": ("frequency", 1.0),
    "kHz": ("frequency", 1e3),
    "MHz": ("frequency", 1e6),
    "dB": ("level", 1.0),
    "B": ("memory", 1.0),
    "byte": ("memory", 1.0),
    "bytes": ("memory", 1.0),
    "kB": ("memory", 1e3),
    "KB": ("memory", 1e3),
    "MB": ("memory", 1e6),
    "GB": ("memory", 1e9),
    "V": ("voltage", 1.0),
    "mV": ("voltage", 1e-3),
    "µV": ("voltage", 1e-6),
    "uV": ("voltage", 1e-6),
}


def half_width(text: str) -> str:
    """Return a text with full-width digits, letters and signs as ASCII.

    >>> half_width("０．５＊x²")
    '0.5*x²'
    """
    return text.translate(FULL_WIDTH)


def bare_answer(text: str) -> str:
    """Return an answer without ``df/dx =``, ``≈`` or dollar signs around it.

    >>> bare_answer("答案是 ½。"), bare_answer("$y = 2x$")
    ('½', '2x')
    """
    plain = half_width(text).strip()
    before = None
    while plain != before:  # $y = 2x$ in whatever order
        before = plain
        for opened, closed in AROUND:
            inside = plain[len(opened) : -len(closed)]
            if plain == f"{opened}{inside}{closed}" and opened not in inside:
                plain = inside.strip()
        for wrapping in (CLAIM, BEFORE):
            found = wrapping.match(plain)
            plain = plain[found.end() :].strip() if found else plain
        plain = plain.removesuffix(".").rstrip()
    return plain


def without_thousands(text: str) -> str:
    """Return ``12730`` for ``12,730`` or ``12 730``; any other text as it is."""
    return re.sub(r"[^\d.+-]", "", text) if THOUSANDS.fullmatch(text) else text


def without_unit(text: str, unit: str) -> str:
    """Return a number's text in a question's unit.

    Parameters
    ----------
    unit : str
        The unit of the question, empty where it asks for a bare number.

    Raises
    ------
    PickError
        When the unit is one of something else.
    """
    match = UNIT.search(text)
    if match is None or match[1] not in UNITS:
        return text
    if not unit:
        raise PickError("no-unit", unit=match[1])
    kind, factor = UNITS[match[1]]
    wanted, base = UNITS[unit]
    if kind != wanted:
        raise PickError("other-unit", unit=match[1], wanted=unit)
    number = text[: match.start()]
    return number if factor == base else f"{number}*{factor / base:.12g}"
