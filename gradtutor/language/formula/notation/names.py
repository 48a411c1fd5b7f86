"""Which letters are names: xy is x times y where x and y are names of their own.

>>> from gradtutor.language.formula.notation.tokens import tokens
>>> [token.text for token in settled(tokens("x^2 + xy + y^2"), set())][4:6]
['x', 'y']
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import pairwise

from gradtutor.language.formula.functions.naming import known_function
from gradtutor.language.formula.notation.tokens import Kind, Token

#: Longest name that may be a product of letters.
LONGEST = 4
#: Functions that are read out of sinx, xlnx and sin2x; a sin x is too near to asin x.
CALLED = r"(?:sin|cos|tan|ln|log|exp|sqrt)"
PIECE = re.compile(rf"{CALLED}(?=\d*[a-z\u03b1-\u03c9])|\d+|[a-z\u03b1-\u03c9]")
GLUED = re.compile(rf"[b-z\u03b1-\u03c9]?(?:{CALLED}\d*[a-z\u03b1-\u03c9])+")
#: A Greek letter before another one: αx is a product, Δx and δx are not.
MIXED = re.compile(r"[\u03b1-\u03c9](?<![δ])[a-zA-Z]")
#: Names with numbers below, side by side: w_1r_1.
NUMBER_BELOW = re.compile(r"[a-zA-Z\u03b1-\u03c9]_\d{1,2}(?!\d)")
NUMBERED = re.compile(rf"(?:{NUMBER_BELOW.pattern}){{2,}}")
#: π before a name with something below: πε_0.
PI_THEN = re.compile(r"π[a-zA-Zα-ω]_\w+")
#: xe before an exponent: x times e to it.
EULER = re.compile(r"[a-zA-Z]{1,2}e")
#: What glued letters spell otherwise.
WORDS = {"tanh", "sinh", "cosh", "sine", "logp", "logq", "expm", "cost", "tang"}
WORDS |= {"costs", "logs", "tank", "using", "basin", "tans", "sins", "expo", "log1p"}
MATRIX_THEN_VECTOR = re.compile(r"[A-Z]+[a-zα-ω]|[A-Z]{2,3}|[a-zα-ω][A-Z][a-zα-ω]?")


def settled(found: list[Token], declared: Collection[str]) -> list[Token]:
    """Split names that are products of names into their letters.

    Parameters
    ----------
    declared : collection of str
        Names that have a shape or a value from elsewhere.
    """
    own = {*declared, *assigned(found)}
    single = own | {token.text for token in found if _is_letter(token)}
    tensors = has_transpose(found)
    return [
        part
        for position, token in enumerate(found)
        for part in _parts(token, found, position, own, single, tensors=tensors)
    ]


def products(names: Collection[str], declared: Collection[str]) -> bool:
    """Whether one of these inputs is a product, or a function of another input."""
    letters = {name for name in [*names, *declared] if len(name) == 1}
    return any(
        name not in declared
        and (_split(name, letters) or _glued(name) or NUMBERED.fullmatch(name))
        for name in names
    )


def has_euler(text: str, names: Collection[str]) -> bool:
    """Whether a name ends in Euler's number: xe^x, but not xe^2 or xe**x."""
    return any(
        EULER.fullmatch(name) and re.search(rf"(?<!\w){name}\s*\^\s*[^\s\d]", text)
        for name in names
    )


def assigned(found: list[Token]) -> Iterator[str]:
    """Return the names that a line of the text gives a meaning."""
    start = True
    for token, after in pairwise(found):
        heads = start and token.kind is Kind.NAME and after.is_sign("=", ":", "(")
        if heads and not (after.is_sign("(") and _is_call(found, token)):
            yield token.text
        start = token.kind is Kind.LINE


def _is_call(found: list[Token], name: Token) -> bool:
    """Whether a name with a bracket is a call, no head such as f(x) = ..."""
    line = []
    for token in found[found.index(name) :]:
        if token.kind in (Kind.LINE, Kind.END):
            break
        line.append(token)
    closing = next((i for i, one in enumerate(line) if one.is_sign(")")), len(line))
    return not (closing + 1 < len(line) and line[closing + 1].is_sign("="))


def has_transpose(found: list[Token]) -> bool:
    """Whether a text transposes or takes a norm: its letters are tensors then."""
    return any(
        token.kind is Kind.PRIME or token.is_sign("‖", "@") for token in found
    ) or any(
        power.is_sign("^") and token.kind is Kind.NAME and token.text == "T"
        for power, token in pairwise(found)
    )


def _is_letter(token: Token) -> bool:
    return token.kind is Kind.NAME and len(token.text) == 1


def _parts(
    token: Token,
    found: list[Token],
    position: int,
    own: set[str],
    single: set[str],
    *,
    tensors: bool,
) -> list[Token]:
    after = found[position + 1] if position + 1 < len(found) else token
    plain = token.kind is Kind.NAME and len(token.text) > 1 and token.text not in own
    if plain and PI_THEN.fullmatch(token.text):  # πε_0, πr_1
        return list(_cut(token, ["π", token.text[1:]]))
    if plain and NUMBERED.fullmatch(token.text):
        return list(_cut(token, NUMBER_BELOW.findall(token.text)))
    longest = 3 * LONGEST if GLUED.fullmatch(token.text) else LONGEST + 3
    if not plain or known_function(token.text) or len(token.text) > longest:
        return [token]
    if position and found[position - 1].is_sign("."):
        return [token]
    tensor = tensors and MATRIX_THEN_VECTOR.fullmatch(token.text)
    parts = list(token.text) if tensor else _split(token.text, single)
    called = after.is_sign("(") and not after.spaced
    parts = parts or ([] if called else _glued(token.text))
    if not parts and after.is_sign("^") and EULER.fullmatch(token.text):
        power = found[min(position + 2, len(found) - 1)]
        parts = [] if power.kind is Kind.NUMBER else list(token.text)
    if not parts or (after.is_sign("(") and not after.spaced and len(parts) == 0):
        return [token]
    return list(_cut(token, parts))


def _split(name: str, letters: Collection[str]) -> list[str]:
    """Return the letters of a product, π and numbers' names before others too."""
    if len(name) < 2 or len(name) > LONGEST or not name.isalpha():
        return []
    if name[0] == "π" and (len(name) == 2 or set(name[1:]) <= set(letters)):
        return list(name)
    if name[0] == "π":
        return ["π", name[1:]]
    if MIXED.fullmatch(name):
        return list(name)
    known = all(letter in letters for letter in name)
    return list(name) if known and len(set(name)) == len(name) else []


def _glued(name: str) -> list[str]:
    """Return the pieces of xsinx: x, sin, x."""
    glued = GLUED.fullmatch(name) and name not in WORDS
    return PIECE.findall(name) if glued else []


def _cut(token: Token, parts: list[str]) -> Iterator[Token]:
    start, end = token.span
    for count, part in enumerate(parts):
        stop = end if count == len(parts) - 1 else min(end, start + len(part))
        yield replace(
            token,
            kind=Kind.NUMBER if part.isdigit() else Kind.NAME,
            text=part,
            span=(start, stop),
            spaced=token.spaced and count == 0,
        )
        start = min(stop, end - 1)


def starts_operand(token: Token) -> bool:
    """Whether an operand may begin here, so that a product is meant."""
    if token.kind in (Kind.NUMBER, Kind.NAME, Kind.FRACTION):
        return True
    return token.is_sign("(", "[", "{", "‖", "√", "∛", "∜", "∑", "∏", "⟨", "∞")
