"""Pieces of LaTeX as tokens: brackets, cases, matrices, indices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pylatexenc.latexwalker import LatexMacroNode

from gradtutor.graph import Span
from gradtutor.language.formula.notation.tokens import Kind, Token

#: Commands that mark vectors.
VECTORS = {"vec", "mathbf", "bm", "boldsymbol"}


def fence_name(item: Any) -> str:
    """Return the name of a bracket that is a command."""
    name = str(getattr(item, "macroname", ""))
    return {"|": "\\|", "{": "{", "}": "}"}.get(name, name)


def is_digit(char: str) -> bool:
    """Whether a character is part of a number."""
    return char.isdigit() or char == "."


def is_char(item: Any, char: str) -> bool:
    """Whether an item is this character."""
    return isinstance(item, tuple) and item[0] == char


def bracketed(inside: list[Token], span: Span) -> list[Token]:
    """Put brackets around tokens, at the ends of a place."""
    start, end = span
    return [
        Token(Kind.SIGN, "(", (start, start + 1)),
        *inside,
        Token(Kind.SIGN, ")", (max(start, end - 1), end)),
    ]


def conditioned(inside: list[Token], span: Span) -> list[Token]:
    """Return a condition below the line in brackets, its own braces dropped."""
    plain = [one for one in inside if not one.is_sign("{", "}", "(", ")")]
    equal = [
        Token(Kind.SIGN, "==", one.span) if one.is_sign("=") else one for one in plain
    ]
    return bracketed(equal, span)


def index_text(token: Token) -> str:
    """Write a part of an index as part of a name: t-1 is tm1."""
    signs = {"-": "m", "+": "p", ",": "_", "(": "", ")": "", "*": "star", "=": "_"}
    return signs.get(token.text, token.text if token.text.isalnum() else "")


def layer(inside: list[Token]) -> str:
    """Return the 1 of W^{(1)}, nothing of a power."""
    texts = [token.text for token in inside]
    if len(texts) == 3 and (texts[0], texts[2]) in (("(", ")"), ("[", "]")):
        return texts[1] if texts[1].isalnum() else ""
    return ""


def _plain(items: list[Any]) -> list[Any]:
    return [one for one in items if not (isinstance(one, tuple) and one[0].isspace())]


def is_vector(items: list[Any]) -> bool:
    r"""Whether a command for a vector stands here: \vec{w}, \mathbf{x}."""
    found = [one for one in _plain(items) if isinstance(one, LatexMacroNode)]
    if not found or found[0].macroname not in VECTORS or not found[0].nodeargd:
        return False
    letter = found[0].nodeargd.argnlist[-1].latex_verbatim().strip("{}")
    return bool(letter) and letter[0].islower()


def is_ones(items: list[Any]) -> bool:
    r"""Whether \mathbf{1}^\top begins here: the sum of what follows."""
    three = items[:3]
    if len(three) < 3 or not is_char(three[1], "^") or not three[0].nodeargd:
        return False
    raised = getattr(three[2], "latex_verbatim", lambda: three[2][0])()
    turned = raised.strip("{} ") in ("\\top", "T", "\\mathsf{T", "\\mathsf{T}")
    return turned and three[0].nodeargd.argnlist[-1].latex_verbatim() in ("{1}", "1")


def is_derivative(part: list[Token]) -> bool:
    """Whether a part of a fraction is ∂x."""
    return len(part) == 2 and part[0].text == "∂" and part[1].kind is Kind.NAME


def is_operator(above: list[Token], below: list[Token]) -> bool:
    r"""Whether a fraction is d/dx, ∂/∂x or d²/dx²: it asks for a derivative."""
    signs = {token.text for token in (*above[:1], *below[:1])}
    alone = len(above) == 1 or (len(above) > 1 and above[1].is_sign("^"))
    by_name = len(below) > 1 and below[1].kind is Kind.NAME
    return by_name and alone and signs in ({"d"}, {"∂"})


def opening_is_bound(before: list[Token]) -> bool:
    """Whether the brace that closes here opened a sum's bound."""
    depth = 0
    for position in range(len(before) - 1, -1, -1):
        depth += before[position].is_sign("}") - before[position].is_sign("{")
        if depth == 0:
            two = before[max(0, position - 2) : position]
            return (
                len(two) == 2 and two[0].is_sign("∑", "∏") and two[1].is_sign("_", "^")
            )
    return False


def open_bracket(before: list[Token]) -> bool:
    """Whether the innermost open bracket is a round one."""
    depth = 0
    for token in reversed(before):
        if token.is_sign(")", "}"):
            depth += 1
        elif token.is_sign("(", "{"):
            if depth == 0:
                return token.is_sign("(")
            depth -= 1
    return False


def split(items: list[Any], mark: str) -> Iterator[list[Any]]:
    """Split at & or at the end of a row."""
    part: list[Any] = []
    for item in items:
        ends = isinstance(item, LatexMacroNode) and item.macroname == "\\"
        if (mark == "&" and is_char(item, "&")) or (mark == "\\\\" and ends):
            yield part
            part = []
        else:
            part.append(item)
    yield part


def without_commas(cell: list[Token]) -> list[Token]:
    """Drop the comma or the stop at the end of a cell."""
    while cell and cell[-1].is_sign(",", "."):
        cell = cell[:-1]
    return cell


def cases(rows: list[list[list[Token]]], span: Span) -> list[Token]:
    """Write rows of values and conditions as {value, condition; ...}."""
    result = [Token(Kind.SIGN, "{", (span[0], span[0] + 1))]
    for count, row in enumerate(rows):
        result += [Token(Kind.LINE, ";", span)] * bool(count)
        for position, cell in enumerate(row):
            result += [Token(Kind.SIGN, ",", span)] * bool(position) + cell
    return [*result, Token(Kind.SIGN, "}", (span[1] - 1, span[1]))]


def matrix(rows: list[list[list[Token]]], span: Span) -> list[Token]:
    """Write rows as lists; a matrix of one column is a vector."""
    comma = Token(Kind.SIGN, ",", span)
    opened, closed = Token(Kind.SIGN, "[", span), Token(Kind.SIGN, "]", span)
    column = all(len(row) == 1 for row in rows)
    result = [opened]
    for count, row in enumerate(rows):
        result += [comma] * bool(count) + [opened] * (not column)
        for position, cell in enumerate(row):
            result += [comma] * bool(position) + cell
        result += [closed] * (not column)
    return [*result, closed]
