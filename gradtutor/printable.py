"""Text from outside as a terminal may be given it."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    r"""Return a text whose control characters are shown, one sign each, not obeyed.

    A name from outside may hold an escape sequence, which a terminal would follow, or
    a mark that turns the direction of writing; ends of lines and tabs stay.

    >>> printable("\x1b[31mred")
    '␛[31mred'
    """
    if text.isprintable():
        return text
    return "".join(map(_shown_sign, text))


def _shown_sign(char: str) -> str:
    if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf"):
        return char
    return chr(0x2400 + ord(char)) if ord(char) < 0x20 else "�"
