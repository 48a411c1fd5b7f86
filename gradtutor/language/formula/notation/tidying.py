"""What stands around a formula: arrows, domains, d/dx, stops, and Σᵢ for a sum.

>>> from gradtutor.language.formula.notation.tokens import tokens
>>> [token.text for token in tidied(tokens("x ↦ max{0, x}.")).tokens]
['max', '(', '0', ',', 'x', ')', '']
>>> tidied(tokens("d/dx x^2")).asked
('x', 1)
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from gradtutor.language.errors import FormulaSyntaxError
from gradtutor.language.formula.notation.mathematica import without_brackets
from gradtutor.language.formula.notation.requests import NOT_DONE, without_request
from gradtutor.language.formula.notation.tokens import Kind, Token
from gradtutor.messages import tr

#: What d/dx, d²/dx² and ∂/∂x of LaTeX come as; the text is by what and how often.
OPERATOR = re.compile(r"[d∂](?P<order>\d?)/[d∂](?P<name>\w+)")
EXTREMES = {"max", "min"}
#: Letters that are a sum or a product where an index stands below.
BELOW = re.compile(r"(?P<sign>[ΣΠ])_(?P<index>[a-z])")
#: A sum right before its term: Σxᵢ².
GLUED = re.compile(r"[ΣΠ][a-z]\w{0,2}(_[i-n])?")
SUMS = {"Σ": "∑", "Π": "∏"}
WORDS_OF_DOMAINS = ("for", "where", "with", "if")
OPEN, CLOSE = "([{", ")]}"


@dataclass
class Tidied:
    """The tokens of the formula alone; what was left out, and what was asked."""

    tokens: list[Token]
    notes: list[str] = field(default_factory=list)
    asked: tuple[str, int] | None = None


def tidied(
    found: list[Token], declared: Collection[str] = (), text: str = ""
) -> Tidied:
    """Drop what is around the formulas of a text, line by line."""
    result = Tidied([])
    line: list[Token] = []
    for token in without_brackets(found):
        if token.kind in (Kind.LINE, Kind.END):
            result.tokens += [*_line(line, declared, text, result), token]
            line = []
        else:
            line.append(token)
    return result


def _line(
    line: list[Token], declared: Collection[str], text: str, result: Tidied
) -> list[Token]:
    line = _without_words(_without_stop(_behind_arrow(line)), declared, text, result)
    line = _with_differences(line)
    line = _without_sets(line, text, result)
    line = _round_extremes(line)
    line = _sums(line)
    return _asked(line, declared, result)


def _behind_arrow(line: list[Token]) -> list[Token]:
    """Drop x ↦ and f: x ↦ before a formula."""
    places = [i for i, token in enumerate(line) if token.is_sign("↦", "→")]
    return line[places[-1] + 1 :] if places else line


def _without_words(
    line: list[Token], declared: Collection[str], text: str, result: Tidied
) -> list[Token]:
    """Drop words that ask for a derivative; refuse those that ask for another thing."""
    if len(line) < 2 or line[0].text in declared:
        return line
    first = line[0]
    if first.text.lower() in NOT_DONE and not line[1].is_sign("=", "*", "+", ")"):
        message = tr("{word} is not done here", word=first.text)
        hint = tr("write the function alone: diff works out its derivative")
        raise FormulaSyntaxError(message, text, first.span, hint)
    rest, left, name = without_request(line)
    if left:
        words = " ".join(token.text for token in left)
        result.notes.append(
            tr("{words} is left out: no part of the formula", words=words)
        )
    if name:
        result.asked = (name, 1)
    return rest


def _with_differences(line: list[Token]) -> list[Token]:
    """Join ΔG of LaTeX, which is one quantity."""
    result: list[Token] = []
    for token in line:
        last = result[-1] if result else token
        single = token.kind is Kind.NAME and len(token.text.split("_")[0]) == 1
        if last.kind is Kind.NAME and last.text in ("Delta", "Δ") and single:
            span = (last.span[0], token.span[1])
            result[-1] = replace(last, text=f"Δ{token.text}", span=span)
        else:
            result.append(token)
    return result


def _without_stop(line: list[Token]) -> list[Token]:
    """Drop the full stop or the comma of a sentence."""
    while len(line) > 1 and line[-1].is_sign(".", ","):
        line = line[:-1]
    return line


def _without_sets(line: list[Token], text: str, result: Tidied) -> list[Token]:
    """Drop x ∈ R behind a formula, with its comma or its brackets, and say so."""
    places = [i for i, token in enumerate(line) if _is_member(line, i)]
    if not places or places[0] < 2 or _inside_braces(line[: places[0]]):
        return line
    start = places[0] - 1
    if line[start - 1].is_sign(",", "(") or line[start - 1].text in WORDS_OF_DOMAINS:
        start -= 1
    if start == 0:
        return line
    span = line[start].span[0], line[-1].span[1]
    result.notes.append(left_out(text[slice(*span)]))
    return _without_stop(line[:start])


def _is_member(line: list[Token], place: int) -> bool:
    """Whether x ∈ R or "for x in R" has its sign here."""
    word = line[place].kind is Kind.NAME and line[place].text == "in"
    before = line[place - 2] if place > 1 else line[place]
    named = before.text in WORDS_OF_DOMAINS or before.is_sign(",")
    return line[place].is_sign("∈") or (word and named and not _depth(line[:place]))


def _depth(line: list[Token]) -> int:
    signs = [token.text for token in line if token.kind is Kind.SIGN]
    return sum((sign in OPEN) - (sign in CLOSE) for sign in signs)


def left_out(part: str) -> str:
    """Say that a part of a text was not read, as it only says where a formula holds."""
    part = part.strip(" ,()\n").removeprefix("\\quad").strip()
    return tr("{part} is left out: it says where the formula holds", part=part)


def _inside_braces(line: list[Token]) -> bool:
    depth = 0
    for token in line:
        depth += token.is_sign("{") - token.is_sign("}")
    return depth > 0


def _round_extremes(line: list[Token]) -> list[Token]:
    """Read the braces of max{0, x} as brackets."""
    result, braces = list(line), []
    for place, token in enumerate(line):
        if token.is_sign("{"):
            function = place > 0 and line[place - 1].text in EXTREMES
            braces.append(place if function else -1)
        elif token.is_sign("}") and braces:
            start = braces.pop()
            if start >= 0:
                result[start] = replace(line[start], text="(")
                result[place] = replace(token, text=")")
    return result


def _sums(line: list[Token]) -> list[Token]:
    """Read Σᵢ as a sum where a name with this index follows: Σᵢ xᵢ."""
    result: list[Token] = []
    for place, token in enumerate(line):
        if token.kind is Kind.NAME and GLUED.fullmatch(token.text):
            result += _parted(token)
            continue
        match = BELOW.fullmatch(token.text) if token.kind is Kind.NAME else None
        if match and _has_index(line[place + 1 :], match["index"]):
            start, end = token.span
            sign = replace(token, kind=Kind.SIGN, text=SUMS[match["sign"]])
            result.append(replace(sign, span=(start, start + 1)))
            result.append(Token(Kind.LOWERED, match["index"], (start + 1, end)))
        else:
            result.append(token)
    return result


def _parted(token: Token) -> list[Token]:
    """Read Σx_i as the sum of x_i."""
    start, end = token.span
    sign = Token(Kind.SIGN, SUMS[token.text[0]], (start, start + 1), token.spaced)
    name = replace(token, text=token.text[1:], span=(start + 1, end), spaced=False)
    return [sign, name]


def _has_index(tokens: list[Token], index: str) -> bool:
    first = tokens[0] if tokens else None
    if first is None or first.is_sign("^", ")", "|", "*", "/", "+", "-", "="):
        return False
    names = [token.text for token in tokens if token.kind is Kind.NAME]
    return any(index in name.partition("_")[2] for name in names)


# ---- a request to differentiate ----


def _asked(line: list[Token], declared: Collection[str], result: Tidied) -> list[Token]:
    """Drop d/dx before a whole formula, and keep what it asks for."""
    start = _behind_equals(line)
    line = line[:start] + _inside_d(line[start:], result)
    for read in (_operator, _by_signs, _nabla):
        found = read(line[start:], declared)
        rest = line[start + found[2] :] if found else []
        if found and not (len(rest) == 1 and rest[0].text not in (found[0], "")):
            name, order, length = found
            result.asked = (name, order)
            return [*line[:start], *line[start + length :]]
    return line


def _inside_d(line: list[Token], result: Tidied) -> list[Token]:
    """Read Mathematica's D[f, x] as f, and keep what it asks for."""
    ends = len(line) > 5 and line[0].text == "D" and line[1].is_sign("[")
    if not (ends and line[-1].is_sign("]") and line[-3].is_sign(",")):
        return line
    result.asked = (line[-2].text, 1)
    return line[2:-3]


def _behind_equals(line: list[Token]) -> int:
    """Return where the formula of ``y = ...`` begins."""
    if len(line) > 1 and line[0].kind is Kind.NAME and line[1].is_sign("="):
        return 2
    return 0


Found = tuple[str, int, int] | None


def _operator(line: list[Token], _declared: Collection[str]) -> Found:
    """Read the operator of LaTeX, which is one token."""
    match = OPERATOR.fullmatch(line[0].text) if line else None
    if not match or line[0].kind is not Kind.SIGN or not _is_whole(line, 1):
        return None
    return match["name"], int(match["order"] or 1), 1


def _by_signs(line: list[Token], declared: Collection[str]) -> Found:
    """Read d/dx, ∂/∂x and d^2/dx^2, written with signs."""
    texts = [token.text for token in line]
    above, start = _power(texts, 1)
    mark = texts[0] if texts else ""
    if mark not in ("d", "∂") or mark in declared or texts[start : start + 1] != ["/"]:
        return None
    name = "".join(texts[start + 1 : start + 2])
    below, end = _power(texts, start + 2)
    if name[:1] != mark or len(name) < 2 or above != below or not _is_whole(line, end):
        return None
    return name[1:], above, end


def _nabla(line: list[Token], _declared: Collection[str]) -> Found:
    """Read ∇ and ∇_x before a whole formula."""
    word, _, name = line[0].text.partition("_") if line else ("", "", "")
    return (name, 1, 1) if word == "∇" and _is_whole(line, 1) else None


def _power(texts: list[str], at: int) -> tuple[int, int]:
    """Return the order that stands here, ^2 or ², and where the reading goes on."""
    if texts[at : at + 1] != ["^"]:
        return 1, at
    inside = [text for text in texts[at + 1 : at + 4] if text in ("(", ")")]
    digits = "".join(texts[at + 1 + bool(inside) : at + 2 + bool(inside)])
    return int(digits) if digits in ("2", "3", "4") else 0, at + 2 + len(inside)


def _is_whole(line: list[Token], start: int) -> bool:
    """Whether the operator is before all of the rest: no sum of other terms."""
    rest = line[start:]
    if not rest or rest[0].is_sign("*", "/", "+", "=", ")"):
        return False
    depth = 0
    for place, token in enumerate(rest):
        if token.kind is Kind.SIGN:
            depth += (token.text in OPEN) - (token.text in CLOSE)
        loose = token.is_sign("+", "-") and depth == 0 and place > 0
        if (loose and not rest[place - 1].is_sign("^", "*", "/")) or token.is_sign("="):
            return False
    return True
