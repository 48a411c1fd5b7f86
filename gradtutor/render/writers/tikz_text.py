r"""The texts of a picture as LaTeX: names, numbers and signs in mathematics.

>>> print(mathematics("∂f/∂w1 = 2*q*x**2"))
$\partial f/\partial w_{1} = 2\,q\,x^{2}$
>>> print(mathematics("-4.00"), mathematics("1.0e-07"), mathematics("max"))
$-4.00$ $1.0\cdot 10^{-7}$ $\mathrm{max}$
>>> print(mathematics("学习率_1 = 2"))
$\mbox{学习率\_1} = 2$
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

#: Names with an index, numbers, powers, runs of spaces, and any other character.
TOKEN = re.compile(
    r"(?P<name>[A-Za-zα-ωΑ-Ω]+)(?P<index>_?\d+|_[A-Za-z]\w*)?"
    r"|(?P<wide>[\u2e80-\uffef][\w\u2e80-\uffef]*)"  # Chinese is not mathematics
    r"|(?P<number>\d+(?:\.\d+)?)(?:e(?P<tens>[+-]?\d+))?"
    r"|(?P<power>\*\*|\^)(?P<exponent>-?\w+)?"
    r"|(?P<blank>_{2,})"  # a line to write on
    r"|(?P<gap>\s+(?=\())"  # between a name and its shape
    r"|(?P<space>\s+)"
    r"|(?P<sign>.)",
    re.DOTALL,
)
#: Signs that pylatexenc knows in text only, or that read otherwise in a formula.
SIGNS = {"*": r"\,", "×": r"\times", "÷": r"\div", "·": r"\cdot", "²": "^2", "³": "^3"}
SIGNS |= {"→": r"\to", "−": "-", "ᵀ": r"^{\top}", "…": r"\ldots", "Σ": r"\Sigma"}


def mathematics(text: str) -> str:
    """Return a short text of a picture as mathematics between dollars."""
    joined = ""
    for piece in _pieces(text):
        after_command = re.search(r"\\[A-Za-z]+$", joined)
        if piece == "-" and after_command:
            piece = "{-}"  # a sign, which gets no space of its own
        joined += f" {piece}" if after_command and piece[:1].isalpha() else piece
    return f"${joined}$" if joined.strip() else ""


def italic(text: str) -> str:
    """Return mathematics whose numbers are slanted, as a gradient's are."""
    inner = mathematics(text).strip("$")
    return rf"$\mathit{{{inner}}}$" if inner else ""


def _pieces(text: str) -> Iterator[str]:
    for match in TOKEN.finditer(text):
        if match["name"]:
            yield _name(match["name"], (match["index"] or "").removeprefix("_"))
        elif match["wide"]:
            yield rf"\mbox{{{plain(match['wide'])}}}"
        elif match["number"]:
            tens = match["tens"]
            yield match["number"] + (rf"\cdot 10^{{{int(tens)}}}" if tens else "")
        elif match["blank"]:
            yield r"\framebox[2.4em]{\vphantom{0}}"
        elif match["power"]:
            yield f"^{{{match['exponent'] or ''}}}"
        elif match["gap"]:
            yield r"\ "
        elif match["space"]:
            yield " "
        else:
            yield SIGNS.get(match["sign"]) or _encoded(match["sign"])


def _name(stem: str, index: str) -> str:
    """Write a letter in italics, a word upright, with its index below."""
    letters = "".join(map(_encoded, stem))
    shown = letters if len(stem) == 1 else rf"\mathrm{{{letters}}}"
    below = rf"_{{\mathrm{{{plain(index)}}}}}" if len(index) > 1 and index else ""
    return shown + (f"_{{{index}}}" if index.isdecimal() or len(index) == 1 else below)


def plain(text: str) -> str:
    """Return a text as LaTeX's own text: what means something to TeX is escaped."""
    return "".join(_escaped(one) for one in text)


@cache
def _escaped(character: str) -> str:
    found: str = _encoder().unicode_to_latex(character)
    return found


@cache
def _encoded(character: str) -> str:
    """Return a character as it is written inside mathematics."""
    found = _escaped(character)
    inner = re.fullmatch(r"\\ensuremath\{(.*)\}", found)
    return inner[1] if inner else found


@cache
def _encoder() -> Any:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    return UnicodeToLatexEncoder(
        replacement_latex_protection="braces",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )
