"""Small digits of an SVG, ₁ and ⁻², as larger ones moved: the Chinese font lacks them.

>>> with_moved_digits("<text>w₁ = 2·10⁻⁷ m</text>")[:60]
'<text>w<tspan font-size="10" dy="3">1</tspan><tspan dy="-3">'
"""

from __future__ import annotations

import re

PLAIN = "0123456789"
BELOW = str.maketrans("₀₁₂₃₄₅₆₇₈₉", PLAIN)
ABOVE = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀ", PLAIN + "-T")
SMALL = re.compile(r"([₀-₉]+)|([⁰¹²³⁴-⁹⁻ᵀ]+)")
TEXT = re.compile(r"(<text\b[^>]*>)([^<]+)(?=</text>)")
SIZE, DOWN, UP = 10, 3, -5  # of a text of 14 points


def with_moved_digits(svg: str) -> str:
    """Return an SVG whose indices and exponents are usual digits, small and moved."""
    return TEXT.sub(lambda found: found[1] + _moved(found[2]), svg)


def _moved(text: str) -> str:
    """Write a text in parts; what follows small digits stands on the line again."""
    written, end, back = "", 0, 0
    for found in SMALL.finditer(text):
        step = DOWN if found[1] else UP
        digits = found[0].translate(BELOW if found[1] else ABOVE)
        written += _part(text[end : found.start()], back)
        if found.start() > end:
            back = 0
        written += f'<tspan font-size="{SIZE}" dy="{step + back}">{digits}</tspan>'
        end, back = found.end(), -step
    return written + _part(text[end:], back)


def _part(text: str, dy: int) -> str:
    return f'<tspan dy="{dy}">{text}</tspan>' if text and dy else text
