"""Names and numbers as they are written by hand: ``w_1`` as w₁, ``1e-7`` as 1·10⁻⁷.

>>> shown("w_1"), shown("gamma2"), shown("∂f/∂w1 = x"), shown("conv1"), shown("x_hi")
('w₁', 'γ₂', '∂f/∂w₁ = x', 'conv1', 'x_hi')
>>> shown("q = 1.2e-12"), shown("3.0e+15 to 1.0e+16")
('q = 1.2·10⁻¹²', '3.0·10¹⁵ to 1.0·10¹⁶')
>>> in_lines("learning_rate_of_the_first_layer = 0.5"), in_lines("q = x + y")
(['learning_rate_of_', 'the_first_layer', '= 0.5'], ['q = x + y'])
"""

from __future__ import annotations

import re

from gradtutor.language.greek import LETTERS

BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
#: A name with digits at its end; not within a longer one, and not a call's.
NAME = re.compile(r"(?<![\w.])([^\W\d_]+)(?:_?(\d{1,2}))?(?![\w(])")


#: A number with a power of ten, as Python writes it.
TENS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?)0*(\d+)(?!\w)")
ABOVE = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
#: Longest name on one line, in characters, and where a longer one is broken.
LONGEST_NAME = 20
LONG = re.compile(rf"\w{{{LONGEST_NAME + 1},}}")
PIECES = re.compile(r"[^_\s]+_*|_+")


def shown(text: str) -> str:
    """Return a text of a picture, its names and numbers as they are written by hand."""
    return NAME.sub(_written, with_powers(text))


def with_powers(text: str) -> str:
    """Return a text with its numbers as they are written by hand."""
    return TENS.sub(_power, text)


def _power(found: re.Match[str]) -> str:
    sign = "-" if found[2] == "-" else ""
    return f"{found[1]}·10{(sign + found[3]).translate(ABOVE)}"


def in_lines(text: str) -> list[str]:
    """Break a text with a long name at the name's underscores, and after it."""
    if not LONG.search(text):
        return [text]
    lines = [""]
    for word in text.replace("= ", "=\0").split():
        for count, piece in enumerate(PIECES.findall(word)):
            gap = " " if count == 0 and lines[-1] else ""
            if lines[-1] and len(lines[-1] + gap + piece) > LONGEST_NAME:
                lines.append(piece)
            else:
                lines[-1] += gap + piece
    return [line.replace("\0", " ") for line in lines]


def _written(found: re.Match[str]) -> str:
    stem, digits = found[1], found[2] or ""
    letter = stem if len(stem) == 1 else LETTERS.get(stem, "")
    return letter + digits.translate(BELOW) if letter else found[0]
