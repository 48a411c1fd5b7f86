"""Greek letters by the names that people and LaTeX give them.

>>> LETTERS["gamma"], LETTERS["Omega"], LETTERS["lambda"], LETTERS.get("san")
('γ', 'Ω', 'λ', None)
"""

from __future__ import annotations

import unicodedata

FINAL_SIGMA = "ς"


def _name(letter: str) -> str:
    """Return a letter's name in its case; Unicode writes lamda."""
    words = unicodedata.name(letter).split()
    word = words[-1].lower().replace("lamda", "lambda")
    return word.capitalize() if "CAPITAL" in words else word


SMALL = [chr(code) for code in range(0x3B1, 0x3CA) if chr(code) != FINAL_SIGMA]
CAPITALS = [letter.upper() for letter in SMALL]
LETTERS = {_name(letter): letter for letter in [*SMALL, *CAPITALS]}
