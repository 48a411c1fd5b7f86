r"""Formulas that stand in a sentence, as mathematics; the words around them stay.

>>> in_sentence("Take f = w², and it is").startswith("Take <math alttext=")
True
>>> in_sentence("and/or, 2-8-1, a step") == "and/or, 2-8-1, a step"
True
"""

from __future__ import annotations

import re
from html import escape

from gradtutor.course.web.mathematics.formula import FUNCTIONS, formula

#: What formulas are written with; Chinese and other words end a run of it.
RUN = re.compile(
    "[-A-Za-z0-9Α-Ωα-ωµ∂√Σ'²³⁴ᵀ_^+*/=≈≠<>≤≥←→·×±().,;:\\[\\]{}|@…\u0302-\u0304\u0307"
    "āēīōūȳ ŷẑ]+"
)
SIGNS = re.compile(r"[=≈≠≤≥←→·×²³⁴ᵀ∂√Σ^*]|\w_\w|[+/<>]|\s-\s")
WORDS = re.compile(r"(?<![_A-Za-z])[A-Za-z]{2,}")
#: Names of more letters than one that formulas have.
KNOWN = re.compile(
    rf"{'|'.join((*FUNCTIONS, 'sigmoid', 'relu', 'softmax', 'gelu', 'sqrt', 'lr'))}"
    r"|[dδ∂][A-Za-z]|[A-Z]{2}|true|mu|lam|eta|nan|variance|output"
)
#: Signs between two operands, and shapes of arrays, which stay as they are written.
BINARY = re.compile(r"[-+*/=<>≈≠≤≥←→·×@]")
SHAPE = re.compile(r"\(\d+, ?\d+\)")
ENDS = ".,;:"
LONG = 30  # letters; such a formula scrolls where the page is narrow
ARTICLES = ("a", "A", "I")


def in_sentence(text: str) -> str:
    """Return text as HTML, its formulas as MathML."""
    parts, end = [], 0
    for match in RUN.finditer(text):
        parts.append(escape(text[end : match.start()], quote=False))
        parts.append(_run(match[0]))
        end = match.end()
    return "".join([*parts, escape(text[end:], quote=False)])


def _run(text: str) -> str:
    """Set the longest formulas in a run of such characters."""
    chunks = re.split(r"( +)", text)  # words at even places, blanks between them
    at, found = 0, []
    while at < len(chunks):
        size, markup = (0, "") if at % 2 else _longest(chunks, at)
        found.append(markup if size else escape(chunks[at], quote=False))
        at += size or 1
    return "".join(found)


def _longest(chunks: list[str], at: int) -> tuple[int, str]:
    """Return how many chunks from a place are one formula, and its MathML."""
    if at >= 2 and BINARY.fullmatch(chunks[at - 2]):
        return 0, ""  # the rest of what has words in it
    for end in range(len(chunks), at, -2):
        bare = "".join(chunks[at:end]).rstrip(ENDS)
        goes_on = end + 1 < len(chunks) and BINARY.fullmatch(chunks[end + 1])
        if not goes_on and _is_mathematical(bare):
            found = formula(bare)
            if found is not None:
                rest = escape("".join(chunks[at:end])[len(bare) :])
                return end - at, " ".join(map(_element, _sides(bare))) + rest
    return 0, ""


def _sides(text: str) -> list[str]:
    """Cut a formula at its relations, where a line may break."""
    sides = [""]
    for piece in re.split(r" (?=[=≈≠<>≤≥←→] )", text):
        whole = sides[-1].count("(") == sides[-1].count(")")
        if sides[-1] and not (whole and formula(piece) and formula(sides[-1])):
            sides[-1] += f" {piece}"
        else:
            sides.append(piece)
    return sides[1:]


def _element(text: str) -> str:
    found = formula(text)
    assert found is not None  # it was read as a part of the whole
    inner = f'<math alttext="{escape(text)}">{found.markup()}</math>'
    return inner if len(text) < LONG else f'<span class="long">{inner}</span>'


def _is_mathematical(text: str) -> bool:
    """Whether a text has signs of mathematics, and no words but names."""
    words = text.split(" ")
    if (
        not SIGNS.search(text)
        or SHAPE.search(text)
        or text.count("(") != text.count(")")
    ):
        return False
    if "" in (words[0], words[-1]) or BINARY.fullmatch(words[0]):
        return False
    if len(words) > 1 and (
        (words[0] in ARTICLES and not BINARY.fullmatch(words[1]))
        or (words[-1] in ARTICLES and not BINARY.fullmatch(words[-2]))
    ):
        return False
    return all(KNOWN.fullmatch(word) for word in WORDS.findall(text))
