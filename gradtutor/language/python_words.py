"""What Python's own parser says of a text, in our words and in both languages."""

from __future__ import annotations

import re
from functools import cache

from gradtutor.messages import mark, tr

#: Python's messages that help a person as they are; the others only say "no formula".
KEPT = (
    mark("unmatched {sign}"),
    mark("{sign} was never closed"),
    mark("closing parenthesis {close} does not match opening parenthesis {open}"),
    mark(
        "closing parenthesis {close} does not match opening parenthesis {open} on line "
        "{line}"
    ),
    mark("invalid character {sign}"),
    mark("invalid non-printable character {sign}"),
    mark("invalid decimal literal"),
    mark("unterminated string literal (detected at line {line})"),
    mark("expected 'else' after 'if' expression"),
    mark("unexpected indent"),
    mark("unindent does not match any outer indentation level"),
    mark("positional argument follows keyword argument"),
    mark("unexpected character after line continuation character"),
)


def in_our_words(said: str) -> str:
    """Return what Python says, as a message of ours where it is known.

    >>> in_our_words("unmatched ')'")
    "unmatched ')'"
    """
    for pattern, sentence in _patterns():
        match = pattern.fullmatch(said)
        if match:
            return tr(sentence, **match.groupdict())
    return tr("Python cannot read this: {said}", said=said)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    blank = re.compile(r"\\{(\w+)\\}")
    return [
        (re.compile(blank.sub(r"(?P<\1>.+?)", re.escape(sentence))), sentence)
        for sentence in KEPT
    ]
