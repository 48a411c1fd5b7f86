"""Greek letters by the names that people and LaTeX give them.

>>> spelled("β", ["beta", "x"]), spelled("y_hat", ["ŷ"]), spelled("x", ["y"])
('beta', 'ŷ', 'x')
>>> LETTERS["gamma"], LETTERS["Omega"], LETTERS["lambda"], LETTERS.get("san")
('γ', 'Ω', 'λ', None)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

FINAL_SIGMA = "ς"


def _name(letter: str) -> str:
    """Return a letter's name in its case; Unicode writes lamda."""
    words = unicodedata.name(letter).split()
    word = words[-1].lower().replace("lamda", "lambda")
    return word.capitalize() if "CAPITAL" in words else word


SMALL = [chr(code) for code in range(0x3B1, 0x3CA) if chr(code) != FINAL_SIGMA]
CAPITALS = [letter.upper() for letter in SMALL]
LETTERS = {_name(letter): letter for letter in [*SMALL, *CAPITALS]}
WORDS = {letter: name for name, letter in LETTERS.items()} | {"lamda": "lambda"}
#: Accents that stand over a letter, as LaTeX names them.
ACCENTS = {"\u0302": "_hat", "\u0304": "_bar", "\u0305": "_bar", "\u0303": "_tilde"}


def accents_in_words(name: str) -> str:
    """Return a name with its accents in words: ŷ₁ is y_hat_1."""
    signs = unicodedata.normalize("NFD", name)
    return "".join(ACCENTS.get(sign, sign) for sign in signs)


def in_words(name: str) -> str:
    """Return a name with its Greek letters and accents in words: ŷ is y_hat.

    >>> in_words("β_1"), in_words("λ"), in_words("lambda"), in_words("x̂")
    ('beta_1', 'lambda', 'lambda', 'x_hat')
    """
    words = "".join(WORDS.get(sign, sign) for sign in accents_in_words(name))
    return "_".join(WORDS.get(part, part) for part in words.split("_"))


def spelled(name: str, names: Iterable[str]) -> str:
    """Return how names spell this one: β is beta where LaTeX was written."""
    known = list(names)
    if name in known:
        return name
    return next((one for one in known if in_words(one) == in_words(name)), name)


def spellings(name: str) -> set[str]:
    """Return how else a name may stand in a formula: Σ as Sigma, y_hat as ŷ."""
    words = in_words(name)
    stem, *rest = words.split("_")
    letter = "_".join([LETTERS.get(stem, stem), *rest])
    accented = {
        unicodedata.normalize("NFC", one.replace(accent, sign, 1))
        for sign, accent in ACCENTS.items()
        for one in (words, letter)
        if accent in one
    }
    return {words, letter, *accented}
