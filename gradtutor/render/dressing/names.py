"""Names as they are written by hand: ``w_1`` and ``w1`` as w₁, ``gamma2`` as γ₂.

>>> shown("w_1"), shown("gamma2"), shown("∂f/∂w1 = x"), shown("conv1"), shown("x_hi")
('w₁', 'γ₂', '∂f/∂w₁ = x', 'conv1', 'x_hi')
"""

from __future__ import annotations

import re

from gradtutor.language.greek import LETTERS

BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
#: A name with digits at its end; not within a longer one, and not a call's.
NAME = re.compile(r"(?<![\w.])([^\W\d_]+)(?:_?(\d{1,2}))?(?![\w(])")


def shown(text: str) -> str:
    """Return a text of a picture with its names as they are written by hand."""
    return NAME.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    stem, digits = found[1], found[2] or ""
    letter = stem if len(stem) == 1 else LETTERS.get(stem, "")
    return letter + digits.translate(BELOW) if letter else found[0]
