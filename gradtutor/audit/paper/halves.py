"""A fraction of numbers before what it multiplies: ``1/2 x^2`` is half of a square.

A formula refuses it, as ``1/2x`` has two readings. On paper there is a room between the
half and the rest, or a norm or a square begins there, and only one reading is meant.

>>> halves("L = 1/2 ||X W - Y||^2")[0]
'L = (1/2)*||X W - Y||^2'
"""

from __future__ import annotations

import re

from gradtutor.messages import tr

NORM = r"\|\||‖|∥"
#: Words that may follow a number in a sentence.
WORDS = (
    r"(?!(?:and|as|at|because|by|for|from|hence|if|is|or|since|so|then|therefore|thus|"
    r"when|where|which|with)\b)"
)
HALF = re.compile(
    rf"(?<![\w.^*/)\]])(?P<half>\d+\s*/\s*\d+)(?![\w.])"
    rf"(?:[ \t]+(?=\(|{NORM}|{WORDS}[^\W\d_])|(?={NORM})|(?=\([^()]*\)\s*(?:\^\s*2|²)))"
)
#: 1/N or 2/(3N) before a sum, a norm, or after a room: a mean.
MEAN = re.compile(
    r"(?<![\w.^*/)\]])(?P<half>\d+\s*/\s*(?:[mnNMB](?!\w)|\(\s*\d*\s*\*?\s*[mnNMB]\s*\)))"
    rf"(?:[ \t]+(?=\(|{NORM}|{WORDS}[^\W\d_])|[ \t]*(?=sum\b|∑|Σ|{NORM}))"
)
COMMENT = re.compile(r"#|//")


def halves(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text with a product sign after each such fraction, and what is noted."""
    notes: list[str] = []
    lines = []
    for line in text.split("\n"):
        cut = COMMENT.search(line)
        end = cut.start() if cut else len(line)
        body = line[:end]
        for pattern in (HALF, MEAN):
            notes += [
                _note(line[:end], match) for match in pattern.finditer(line[:end])
            ]
        for pattern in (HALF, MEAN):
            body = pattern.sub(lambda m: f"({m['half']})*", body)
        lines.append(body + line[end:])
    return "\n".join(lines), tuple(dict.fromkeys(notes))


def _note(line: str, match: re.Match[str]) -> str:
    """Say how a fraction was read, with the beginning of what it multiplies."""
    rest = line[match.end() :].strip()
    part = f"{match['half']} {rest}"
    return tr(
        "{part} is read as ({half}) times what follows", part=part, half=match["half"]
    )
