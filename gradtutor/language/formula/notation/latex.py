r"""LaTeX to the tokens of the same mathematics, each with its place in the text.

pylatexenc finds commands, groups and environments; what they mean is said here.

>>> "".join(token.text for token in latex_tokens(r"\frac{1}{2} x_{1}^2"))
'((1)/(2))x_1^(2)'
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pylatexenc import macrospec
from pylatexenc.latexwalker import (
    LatexCharsNode,
    LatexCommentNode,
    LatexEnvironmentNode,
    LatexGroupNode,
    LatexMacroNode,
    LatexMathNode,
    LatexSpecialsNode,
    LatexWalker,
    LatexWalkerError,
    get_default_latex_context_db,
)

from gradtutor.graph import Span
from gradtutor.language.errors import FormulaSyntaxError, SourceError
from gradtutor.language.formula.naming import known_function
from gradtutor.language.formula.notation import latex_words as words
from gradtutor.language.formula.notation.tokens import Kind, Token, tokens

MATRICES = {"matrix", "pmatrix", "bmatrix", "array", "smallmatrix", "vmatrix"}
LINES = {"aligned", "align", "align*", "gather", "gather*", "equation", "equation*"}
LINES |= {"split", "multline", "eqnarray", "alignat"}
#: Words that stand alone among letters.
ENGLISH = {"if", "for", "otherwise", "else", "when", "and", "or"}
MAX_NESTED = 60


def latex_tokens(text: str) -> list[Token]:
    """Read LaTeX into tokens, an END at last.

    Raises
    ------
    FormulaSyntaxError
        At what is no LaTeX, and at commands that are not read.
    """
    walker = LatexWalker(text, latex_context=_context(), tolerant_parsing=False)
    try:
        nodes, _, _ = walker.get_latex_nodes()
        found = list(_Reader(text).read(_exploded(nodes)))
    except LatexWalkerError as error:
        place = min(getattr(error, "pos", 0) or 0, max(0, len(text) - 1))
        message = "this LaTeX has a group or a command that is never closed"
        raise FormulaSyntaxError(message, text, (place, place + 1)) from None
    except RecursionError:
        raise FormulaSyntaxError("this LaTeX nests too deep", text, (0, 1)) from None
    return [*_lines(found), Token(Kind.END, "", (len(text), len(text)), True)]


def _context() -> Any:
    """Return pylatexenc's table of commands, with the arguments of ours."""
    context = get_default_latex_context_db()
    one = sorted((words.LOOKS | words.WORDS | words.ACCENTS.keys()) - {"displaystyle"})
    macros = [macrospec.std_macro(name, "{") for name in one]
    macros += [macrospec.std_macro(name, "{{") for name in sorted(words.FRACTIONS)]
    macros += [
        macrospec.std_macro(name, "")
        for name in ("left", "right", "middle", "limits", "big", "Big")
    ]
    context.add_context_category("mathematics", macros=macros, prepend=True)
    return context


def _exploded(nodes: list[Any]) -> list[Any]:
    """Return the nodes with text as single characters, without math's own marks."""
    result: list[Any] = []
    for node in nodes:
        if isinstance(node, LatexCharsNode):
            result += [(char, node.pos + i) for i, char in enumerate(node.chars)]
        elif isinstance(node, LatexMathNode):
            result += _exploded(node.nodelist)
        elif isinstance(node, LatexSpecialsNode):
            chars = node.specials_chars
            result += [(char, node.pos + i) for i, char in enumerate(chars)]
        elif node is not None and not isinstance(node, LatexCommentNode):
            result.append(node)
    return result


def _lines(found: list[Token]) -> list[Token]:
    """Drop ends of lines at the start, at the end and after each other."""
    result: list[Token] = []
    for token in found:
        blank = token.kind is Kind.LINE and (not result or result[-1].kind is Kind.LINE)
        result += [] if blank else [token]
    while result and result[-1].kind is Kind.LINE:
        result.pop()
    return result


class _Reader:
    """Turns characters and nodes into tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0

    def read(self, items: list[Any]) -> list[Token]:
        """Read a list of characters and nodes."""
        self.depth += 1
        if self.depth > MAX_NESTED:
            raise FormulaSyntaxError("this LaTeX nests too deep", self.text, (0, 1))
        result: list[Token] = []
        at = 0
        while at < len(items):
            made, at = self._next(items, at, result)
            result += made
        self.depth -= 1
        return result

    def _next(
        self, items: list[Any], at: int, before: list[Token]
    ) -> tuple[list[Token], int]:
        item = items[at]
        if isinstance(item, tuple):
            return self._character(items, at, before)
        if isinstance(item, LatexGroupNode):
            return self._group(item), at + 1
        if isinstance(item, LatexEnvironmentNode):
            return self._environment(item), at + 1
        return self._macro(items, at, before)

    def _fault(self, message: str, span: Span, hint: str = "") -> SourceError:
        return FormulaSyntaxError(message, self.text, span, hint)

    # ---- characters ----

    def _character(
        self, items: list[Any], at: int, before: list[Token]
    ) -> tuple[list[Token], int]:
        char, place = items[at]
        span = (place, place + 1)
        if char == "\n":
            return [Token(Kind.LINE, "\n", span)] if not self.depth - 1 else [], at + 1
        if char.isspace() or char in "&~":
            return [], at + 1
        if char in "^_":
            return self._script(char, items, at, before)
        if char == "'" and before:
            return [Token(Kind.PRIME, "'", span)], at + 1
        end = at
        pattern = str.isalpha if char.isalpha() else _is_digit
        while end < len(items) and isinstance(items[end], tuple) and pattern(items[end][0]):
            end += 1
        run = "".join(items[i][0] for i in range(at, max(end, at + 1)))
        if char.isalpha():
            return self._letters(run, place), at + len(run)
        return self._plain(run, place), at + len(run)

    def _plain(self, run: str, place: int) -> list[Token]:
        """Read digits and signs as in a plain text."""
        try:
            found = tokens(run)[:-1]
        except SourceError as error:
            raise self._fault(error.message, (place, place + 1), error.hint) from None
        if run == ";":
            found = [Token(Kind.LINE, ";", (0, 1))]
        return [
            replace(one, span=(one.span[0] + place, one.span[1] + place))
            for one in found
        ]

    def _letters(self, run: str, place: int) -> list[Token]:
        """Read letters one by one, but words such as exp and otherwise whole."""
        if run in ENGLISH or (len(run) > 2 and known_function(run)):
            return [Token(Kind.NAME, run, (place, place + len(run)))]
        return [
            Token(Kind.NAME, letter, (place + i, place + i + 1))
            for i, letter in enumerate(run)
        ]

    # ---- raised and lowered ----

    def _script(
        self, sign: str, items: list[Any], at: int, before: list[Token]
    ) -> tuple[list[Token], int]:
        start = items[at][1]
        at += 1
        while at < len(items) and isinstance(items[at], tuple) and items[at][0] == " ":
            at += 1
        if at == len(items):
            raise self._fault("nothing is raised or lowered here", (start, start + 1))
        inside, after = self._unit(items, at)
        end = inside[-1].span[1] if inside else start + 1
        span = (start, max(end, start + 1))
        if before and before[-1].is_sign("∑", "∏", "^{") or self._limits(before):
            return self._bounds(sign, inside, span), after
        if sign == "_":
            return self._lowered(inside, span, before), after
        return self._raised(inside, span, before), after

    def _limits(self, before: list[Token]) -> bool:
        """Whether a sum's lower bound has just been read."""
        return bool(before) and before[-1].is_sign("}") and any(
            token.is_sign("∑", "∏") for token in before[-30:]
        ) and _opening_is_bound(before)

    def _bounds(self, sign: str, inside: list[Token], span: Span) -> list[Token]:
        return [
            Token(Kind.SIGN, sign, (span[0], span[0] + 1)),
            Token(Kind.SIGN, "{", (span[0], span[0] + 1)),
            *inside,
            Token(Kind.SIGN, "}", (max(span[1] - 1, span[0]), span[1])),
        ]

    def _unit(self, items: list[Any], at: int) -> tuple[list[Token], int]:
        """Read what ^ or _ applies to: one character, one command, one group."""
        item = items[at]
        if isinstance(item, tuple):
            char, place = item
            if char.isalpha():
                return [Token(Kind.NAME, char, (place, place + 1))], at + 1
            return self._plain(char, place), at + 1
        if isinstance(item, LatexGroupNode):
            return self.read(_exploded(item.nodelist)), at + 1
        return self._macro(items, at, [])

    def _lowered(
        self, inside: list[Token], span: Span, before: list[Token]
    ) -> list[Token]:
        """Join an index to the name before it: x_{1} is x_1."""
        index = "".join(map(_index_text, inside))
        if before and before[-1].is_sign("‖"):
            return [Token(Kind.LOWERED, index.strip("_") or "2", span)]
        if not before or before[-1].kind is not Kind.NAME or not index:
            raise self._fault("an index stands behind a name", span, "as in x_{1}")
        name = before.pop()
        return [
            replace(name, text=f"{name.text}_{index}", span=(name.span[0], span[1]))
        ]

    def _raised(
        self, inside: list[Token], span: Span, before: list[Token]
    ) -> list[Token]:
        first = inside[0] if inside else None
        if len(inside) == 1 and first is not None and first.kind is Kind.PRIME:
            return [replace(first, span=span)]
        layer = _layer(inside)
        if layer and before and before[-1].kind is Kind.NAME:  # W^{(1)}
            name = before.pop()
            joined = f"{name.text}_{layer}"
            return [replace(name, text=joined, span=(name.span[0], span[1]))]
        return [
            Token(Kind.SIGN, "^", (span[0], span[0] + 1)),
            *_bracketed(inside, span),
        ]

    # ---- groups and environments ----

    def _group(self, node: Any) -> list[Token]:
        inside = self.read(_exploded(node.nodelist))
        if len(inside) <= 1:
            return inside
        return _bracketed(inside, (node.pos, node.pos + node.len))

    def _environment(self, node: Any) -> list[Token]:
        name = node.environmentname
        span = (node.pos, node.pos + node.len)
        if name in LINES:
            return self._rows(node, join=Kind.LINE)
        rows = [self._cells(row) for row in _split(_exploded(node.nodelist), "\\\\")]
        rows = [row for row in rows if any(row)]
        if name in ("cases", "dcases", "rcases", "cases*"):
            return _cases(rows, span)
        if name.rstrip("*") in MATRICES:
            return _matrix(rows, span)
        raise self._fault(f"the environment {name} is not read", span)

    def _rows(self, node: Any, join: Kind) -> list[Token]:
        result: list[Token] = []
        for row in _split(_exploded(node.nodelist), "\\\\"):
            result += self.read([one for one in row if one != "\n" and not _is(one, "\n")])
            result.append(Token(join, ";", (node.pos, node.pos + 1)))
        return result

    def _cells(self, row: list[Any]) -> list[list[Token]]:
        cells = _split([one for one in row if not _is(one, "\n")], "&")
        return [_without_commas(self.read(cell)) for cell in cells]

    # ---- commands ----

    def _macro(
        self, items: list[Any], at: int, before: list[Token]
    ) -> tuple[list[Token], int]:
        node = items[at]
        name, span = node.macroname, (node.pos, node.pos + max(node.len, 1))
        span = (span[0], span[0] + len(self.text[slice(*span)].rstrip()))
        if name in ("left", "right"):
            return self._fence(name, items, at)
        if name == "\\":
            return [Token(Kind.LINE, ";", span)], at + 1
        if name in words.SKIPPED:
            return [], at + 1
        if name in words.TRANSPOSED:
            return [Token(Kind.PRIME, "'", span)], at + 1
        if name in words.SIGNS:
            return self._sign(words.SIGNS[name], span, before), at + 1
        if name in words.NAMES or name in words.FUNCTIONS:
            return [Token(Kind.NAME, words.NAMES.get(name, name), span)], at + 1
        if name in ("lfloor", "lceil", "rfloor", "rceil"):
            closing = Token(Kind.SIGN, "(" if name[0] == "l" else ")", span)
            function = {"lfloor": "floor", "lceil": "ceil"}.get(name, "")
            return [Token(Kind.NAME, function, span)] * bool(function) + [closing], at + 1
        if name == "infty":
            return [Token(Kind.NAME, "inf", span)], at + 1
        if name == "partial":
            return [Token(Kind.NAME, "∂", span)], at + 1
        return self._with_arguments(node, name, span), at + 1

    def _sign(self, sign: str, span: Span, before: list[Token]) -> list[Token]:
        """Read a sign; braces behind max and min are brackets."""
        if sign == "{" and before and before[-1].text in ("max", "min"):
            return [Token(Kind.SIGN, "(", span)]
        if sign == "}" and _open_bracket(before):
            return [Token(Kind.SIGN, ")", span)]
        return [Token(Kind.SIGN, sign, span)]

    def _with_arguments(self, node: Any, name: str, span: Span) -> list[Token]:
        given = [one for one in (node.nodeargd.argnlist if node.nodeargd else [])]
        if name in words.FRACTIONS:
            return self._fraction(given, span)
        if name == "sqrt":
            return self._root(given, span)
        if name in words.ACCENTS:
            return self._accented(words.ACCENTS[name], given, span)
        if name in words.WORDS:
            return self._word(given, span)
        if name in words.LOOKS:
            return self._look(given, span)
        message = f"\\{name} is not read"
        raise self._fault(message, span, "write it as a line of text")

    def _argument(self, node: Any) -> list[Token]:
        if node is None:
            return []
        inner = node.nodelist if isinstance(node, LatexGroupNode) else [node]
        return self.read(_exploded(inner))

    def _look(self, given: list[Any], span: Span) -> list[Token]:
        inside = self._argument(given[-1])
        if [token.text for token in inside] == ["1"]:  # the indicator of a condition
            return []
        if [token.text for token in inside] == ["T"]:
            return [Token(Kind.PRIME, "'", span)]
        return [replace(token, span=span) for token in inside] if len(inside) == 1 else inside

    def _fraction(self, given: list[Any], span: Span) -> list[Token]:
        above, below = (self._argument(one) for one in given[-2:])
        if _is_derivative(above) and _is_derivative(below):
            text = f"d{''.join(t.text for t in above[1:])}_d{below[1].text}"
            return [Token(Kind.NAME, text, span)]
        if not above or not below:
            raise self._fault("a fraction needs two parts", span, r"as in \frac{1}{2}")
        inside = [
            *_bracketed(above, span),
            Token(Kind.SIGN, "/", span),
            *_bracketed(below, span),
        ]
        return _bracketed(inside, span)

    def _root(self, given: list[Any], span: Span) -> list[Token]:
        degree, inside = self._argument(given[0]), self._argument(given[-1])
        text = "".join(token.text for token in degree)
        name = {"": "sqrt", "2": "sqrt", "3": "cbrt"}.get(text, "root")
        if name == "root":
            inside = [*inside, Token(Kind.SIGN, ",", span), *degree]
        return [Token(Kind.NAME, name, span), *_bracketed(inside, span)]

    def _accented(self, accent: str, given: list[Any], span: Span) -> list[Token]:
        inside = self._argument(given[-1])
        if len(inside) != 1 or inside[0].kind is not Kind.NAME:
            raise self._fault(f"{accent} stands over one letter", span)
        stem, _, index = inside[0].text.partition("_")
        text = "_".join(part for part in (stem, accent, index) if part)
        return [replace(inside[0], text=text, span=span)]

    def _word(self, given: list[Any], span: Span) -> list[Token]:
        """Read \\mathrm{loss} as one name, \\text{if } as a word."""
        node = given[-1]
        text = self.text[node.pos : node.pos + node.len].strip("{}").strip()
        text = text.replace("\\_", "_").rstrip(",.").strip()
        if text in ("T", "\\top"):
            return [Token(Kind.PRIME, "'", span)]
        if text == "e":
            return [Token(Kind.NAME, "e", span)]
        if re.fullmatch(r"[^\W\d]\w*", text):
            return [Token(Kind.NAME, text, span)]
        spoken = [word for word in text.split() if word in ENGLISH]
        return [Token(Kind.NAME, word, span) for word in spoken[:1]]

    def _fence(self, name: str, items: list[Any], at: int) -> tuple[list[Token], int]:
        """Read what \\left and \\right stand before."""
        node = items[at]
        at += 1
        while at < len(items) and isinstance(items[at], tuple) and items[at][0].isspace():
            at += 1
        item = items[at] if at < len(items) else ("", node.pos)
        fence = item[0] if isinstance(item, tuple) else _fence_name(item)
        place = item[1] if isinstance(item, tuple) else item.pos
        span = (node.pos, place + 1)
        table = words.OPENINGS if name == "left" else words.CLOSINGS
        if fence not in table:
            raise self._fault(f"\\{name} stands before a bracket", span)
        entry = table[fence]
        if isinstance(entry, str):
            return [Token(Kind.SIGN, entry, span)], at + 1
        function, sign = entry
        named = [Token(Kind.NAME, function, span)] * bool(function)
        return [*named, Token(Kind.SIGN, sign, span)], at + 1


# ---- small pieces ----


def _fence_name(item: Any) -> str:
    name = str(getattr(item, "macroname", ""))
    return {"|": "\\|", "{": "{", "}": "}"}.get(name, name)


def _is_digit(char: str) -> bool:
    return char.isdigit() or char == "."


def _is(item: Any, char: str) -> bool:
    return isinstance(item, tuple) and item[0] == char


def _bracketed(inside: list[Token], span: Span) -> list[Token]:
    """Put brackets around tokens, at the ends of a place."""
    start, end = span
    return [
        Token(Kind.SIGN, "(", (start, start + 1)),
        *inside,
        Token(Kind.SIGN, ")", (max(start, end - 1), end)),
    ]


def _index_text(token: Token) -> str:
    """Write a part of an index as part of a name: t-1 is tm1."""
    signs = {"-": "m", "+": "p", ",": "_", "(": "", ")": "", "*": "star", "=": "_"}
    return signs.get(token.text, token.text if token.text.isalnum() else "")


def _layer(inside: list[Token]) -> str:
    """Return the 1 of W^{(1)}, nothing of a power."""
    texts = [token.text for token in inside]
    if len(texts) == 3 and (texts[0], texts[2]) in (("(", ")"), ("[", "]")):
        return texts[1] if texts[1].isalnum() else ""
    return ""


def _is_derivative(part: list[Token]) -> bool:
    return len(part) == 2 and part[0].text == "∂" and part[1].kind is Kind.NAME


def _opening_is_bound(before: list[Token]) -> bool:
    """Whether the brace that closes here opened a sum's bound."""
    depth = 0
    for position in range(len(before) - 1, -1, -1):
        depth += before[position].is_sign("}") - before[position].is_sign("{")
        if depth == 0:
            two = before[max(0, position - 2) : position]
            return len(two) == 2 and two[0].is_sign("∑", "∏") and two[1].is_sign("_", "^")
    return False


def _open_bracket(before: list[Token]) -> bool:
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


def _split(items: list[Any], mark: str) -> Iterator[list[Any]]:
    """Split at & or at the end of a row."""
    part: list[Any] = []
    for item in items:
        ends = isinstance(item, LatexMacroNode) and item.macroname == "\\"
        if (mark == "&" and _is(item, "&")) or (mark == "\\\\" and ends):
            yield part
            part = []
        else:
            part.append(item)
    yield part


def _without_commas(cell: list[Token]) -> list[Token]:
    """Drop the comma or the stop at the end of a cell."""
    while cell and cell[-1].is_sign(",", "."):
        cell = cell[:-1]
    return cell


def _cases(rows: list[list[list[Token]]], span: Span) -> list[Token]:
    result = [Token(Kind.SIGN, "{", (span[0], span[0] + 1))]
    for count, row in enumerate(rows):
        result += [Token(Kind.LINE, ";", span)] * bool(count)
        for position, cell in enumerate(row):
            result += [Token(Kind.SIGN, ",", span)] * bool(position) + cell
    return [*result, Token(Kind.SIGN, "}", (span[1] - 1, span[1]))]


def _matrix(rows: list[list[list[Token]]], span: Span) -> list[Token]:
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
