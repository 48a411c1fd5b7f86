"""Words around a formula that ask for something: derivative of, let, 求 … 的导数.

>>> from gradtutor.language.formula.notation.tokens import tokens
>>> found = tokens("derivative of x^2 with respect to x")[:-1]
>>> rest, left, name = without_request(found)
>>> [token.text for token in rest], [token.text for token in left], name
(['x', '^', '2'], ['derivative', 'of', 'with', 'respect', 'to', 'x'], 'x')
"""

from __future__ import annotations

import re
from dataclasses import replace

from gradtutor.language.formula.notation.tokens import Kind, Token

_DERIVED = ("derivative", "gradient", "differential", "slope")
#: Words before a formula, the longest first.
BEFORE: list[tuple[str, ...]] = [
    *((*ask, *article, word, "of") for word in _DERIVED
      for ask in (("what", "is"), ("find",), ("compute",), ("calculate",), ())
      for article in (("the",), ())),
    *((word,) for word in (*_DERIVED, "differentiate", "let", "define", "find")),
    *((word,) for word in ("minimize", "maximize", "minimise", "maximise", "grad")),
    *((word,) for word in ("设", "令", "函数", "已知", "求导", "求", "对")),
]  # fmt: skip
#: Words behind it; a variable may follow the first two.
BY = [("with", "respect", "to"), ("wrt",), ("w", ".", "r", ".", "t", "."), ("by",)]
BEHIND = [("的导数",), ("的梯度",), ("求导",)]
#: What is asked for and not done; its product with a formula is no answer.
NOT_DONE = {"integrate", "integral", "plot", "graph", "solve", "simplify", "积分"}
#: Chinese that stands right before a letter: 求x.
GLUED = re.compile(r"(设|令|函数|求导|求|对)([a-zA-Zα-ω]\w*)")
GLUED_BEHIND = re.compile(r"([a-zA-Zα-ω]\w*?)(的导数|的梯度|求导)")


def without_request(line: list[Token]) -> tuple[list[Token], list[Token], str]:
    """Split a line into its formula, the words that ask, and by what they ask."""
    line = [part for token in line for part in _cut(token)]
    left: list[Token] = []
    name = ""
    length = _begins(line)
    left, line = line[:length], line[length:]
    for words in BY:
        at = len(line) - len(words) - 1
        if left and at > 0 and _texts(line[at:-1]) == list(words):
            name, behind, line = line[-1].text, line[at:], line[:at]
            left += behind
    for words in BEHIND:
        if len(line) > 1 and _texts(line[-1:]) == list(words):
            left, line = [*left, line[-1]], line[:-1]
    return line, left, name


def _begins(line: list[Token]) -> int:
    """Return how many words stand before the formula."""
    total = 0
    while total < len(line) - 1:
        rest = line[total:]
        found = next((one for one in BEFORE if _starts(rest, one)), None)
        if found is None:
            return total
        total += len(found)
    return total


def _starts(rest: list[Token], words: tuple[str, ...]) -> bool:
    if _texts(rest[: len(words)]) != list(words) or len(rest) == len(words):
        return False
    after = rest[len(words)]
    glued = after.is_sign("(") and not after.spaced and words[-1] not in _CALLED
    starts = after.kind in (Kind.NUMBER, Kind.NAME, Kind.FRACTION)
    return not glued and (starts or after.is_sign("(", "-", "√", "|", "∑"))


_CALLED = (*_DERIVED, "grad", "differentiate", "求导", "求")


def _texts(tokens: list[Token]) -> list[str]:
    return [token.text.lower() for token in tokens]


def _cut(token: Token) -> list[Token]:
    """Split 求x into 求 and x, x的导数 into x and 的导数."""
    for pattern in (GLUED, GLUED_BEHIND):
        match = pattern.fullmatch(token.text) if token.kind is Kind.NAME else None
        if match:
            start, end = token.span
            middle = start + len(match[1])
            return [
                replace(token, text=match[1], span=(start, middle)),
                replace(token, text=match[2], span=(middle, end), spaced=False),
            ]
    return [token]
