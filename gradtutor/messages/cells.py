"""Widths in a terminal, where a Chinese sign takes two columns.

>>> cells("梯度 x"), wrapped("沿着负梯度方向走一步。", 12)
(6, ['沿着负梯度方', '向走一步。'])
"""

from __future__ import annotations

import re
from textwrap import fill
from unicodedata import east_asian_width

#: What stays together: a word of Latin signs, or a sign with what cannot start a line.
PIECE = re.compile(r"(?:[!-~]+|.)[，。：；、）”’？！]* ?")


def cells(text: str) -> int:
    """Count a terminal's columns."""
    return sum(1 + (east_asian_width(sign) in "WF") for sign in text)


def padded(text: str, width: int) -> str:
    """Fill a text up to so many columns."""
    return text + " " * (width - cells(text))


def aligned(text: str, width: int) -> str:
    """Fill a text up to so many columns, on the left."""
    return " " * (width - cells(text)) + text


def paragraph(text: str, width: int, first: str = "", rest: str | None = None) -> str:
    """Break a text into lines of so many columns, each behind its indent.

    Parameters
    ----------
    first, rest : str
        The indent of the first line, and of those below it; the same where None.
    """
    rest = first if rest is None else rest
    if all(cells(sign) == 1 for sign in text):
        return fill(text, width, initial_indent=first, subsequent_indent=rest)
    lines = wrapped(text, width - cells(first))
    return "\n".join((first if n == 0 else rest) + one for n, one in enumerate(lines))


def wrapped(text: str, width: int) -> list[str]:
    """Cut a text into lines of at most so many columns, where Chinese may be cut."""
    lines = [""]
    for piece in PIECE.findall(text):
        if lines[-1] and cells(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]
