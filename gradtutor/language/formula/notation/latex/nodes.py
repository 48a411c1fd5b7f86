"""LaTeX's characters and nodes as tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pylatexenc.latexwalker import (
    LatexEnvironmentNode,
    LatexGroupNode,
)

from gradtutor.graph import Span
from gradtutor.language.errors import FormulaSyntaxError, SourceError
from gradtutor.language.formula.doubts import doubt
from gradtutor.language.formula.functions.naming import known_function
from gradtutor.language.formula.notation.cursor import RELATIONS
from gradtutor.language.formula.notation.indexed.scopes import FREE
from gradtutor.language.formula.notation.latex.commands import (
    ENGLISH,
    INDICATOR,
    Commands,
    exploded,
)
from gradtutor.language.formula.notation.latex.pieces import (
    bracketed,
    cases,
    conditioned,
    index_text,
    is_char,
    is_digit,
    layer,
    matrix,
    opening_is_bound,
    split,
    without_commas,
)
from gradtutor.language.formula.notation.tokens import (
    CAPITALS,
    EXPECTATION,
    Kind,
    Token,
    tokens,
)
from gradtutor.messages import tr

MATRICES = {"matrix", "pmatrix", "bmatrix", "array", "smallmatrix", "vmatrix"}


LINES = {"aligned", "align", "align*", "gather", "gather*", "equation", "equation*"}


MAX_NESTED = 60


class NodeReader(Commands):
    """Turns characters and nodes into tokens."""

    def read(self, items: list[Any]) -> list[Token]:
        """Read a list of characters and nodes."""
        self.depth += 1
        if self.depth > MAX_NESTED:
            raise FormulaSyntaxError(tr("this LaTeX nests too deep"), self.text, (0, 1))
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
            return self._environment(item, before), at + 1
        return self.macro(items, at, before)

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
        pattern = str.isalpha if char.isalpha() else is_digit
        while (
            end < len(items)
            and isinstance(items[end], tuple)
            and pattern(items[end][0])
        ):
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
            raise self.fault(error.message, (place, place + 1), error.hint) from None
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
            raise self.fault(
                tr("nothing is raised or lowered here"), (start, start + 1)
            )
        inside, after = self._unit(items, at)
        self._refuse_digits(sign, items, at, start)
        end = inside[-1].span[1] if inside else start + 1
        span = (start, max(end, start + 1))
        bound = sign == "_" and any(token.is_sign("=") for token in inside)
        if bound and before and before[-1].text in CAPITALS:  # Σ_{i=1}, not Σ_{11}
            meant = CAPITALS[before[-1].text]
            before[-1] = replace(before[-1], kind=Kind.SIGN, text=meant)
        if before and before[-1].text == EXPECTATION:
            raise self.no_expectation((before[-1].span[0], span[1]))
        if (before and before[-1].is_sign("∑", "∏", "^{")) or self._limits(before):
            return self._bounds(sign, inside, span), after
        if sign == "_":
            return self._lowered(inside, span, before), after
        return self._raised(inside, span, before), after

    def _refuse_digits(self, sign: str, items: list[Any], at: int, start: int) -> None:
        """Refuse x^23: TeX raises the 2 alone."""
        two = items[at : at + 2]
        if len(two) < 2 or not all(isinstance(one, tuple) for one in two):
            return
        run = "".join(one[0] for one in two)
        if not run.isdigit() or two[1][1] != two[0][1] + 1:
            return
        end = at
        while end < len(items) and isinstance(items[end], tuple):
            if not items[end][0].isdigit():
                break
            end += 1
        digits = "".join(one[0] for one in items[at:end])
        whole, first = f"{sign}{{{digits}}}", f"{sign}{{{digits[0]}}} {digits[1:]}"
        raise doubt(self.text, (start, items[end - 1][1] + 1), whole, first)

    def _limits(self, before: list[Token]) -> bool:
        """Whether a sum's lower bound has just been read."""
        return (
            bool(before)
            and before[-1].is_sign("}")
            and any(token.is_sign("∑", "∏") for token in before[-30:])
            and opening_is_bound(before)
        )

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
            return self.read(exploded(item.nodelist)), at + 1
        return self.macro(items, at, [])

    def _lowered(
        self, inside: list[Token], span: Span, before: list[Token]
    ) -> list[Token]:
        """Join an index to the name before it: x_{1} is x_1."""
        index = "".join(map(index_text, inside))
        if before and before[-1].is_sign("‖"):
            return [Token(Kind.LOWERED, index.strip("_") or "2", span)]
        if before and before[-1].text == "∇":
            return [replace(before.pop(), text=f"∇_{index}")]
        relation = any(one.text in RELATIONS or one.is_sign("=") for one in inside)
        if relation and before and before[-1].text == INDICATOR:
            return conditioned(inside, span)
        if relation and (not before or before[-1].kind is not Kind.NAME):
            message = tr("a value at a point is not read")
            raise self.fault(message, span, tr("give it by --at, as in --at x=1"))
        sums = any(token.is_sign("∑", "∏") for token in before)
        if index in FREE and before and before[-1].is_sign(")") and not sums:
            return []  # softmax(z)_i has one value for each i
        if [token.text for token in inside] == ["+"]:
            return [Token(Kind.SIGN, "^", span), *inside]
        if not before or before[-1].kind is not Kind.NAME or not index:
            raise self.fault(
                tr("an index stands behind a name"), span, tr("as in x_{1}")
            )
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
        index = layer(inside)
        if index and before and before[-1].kind is Kind.NAME:  # W^{(1)}
            name = before.pop()
            joined = f"{name.text}_{index}"
            return [replace(name, text=joined, span=(name.span[0], span[1]))]
        return [
            Token(Kind.SIGN, "^", (span[0], span[0] + 1)),
            *bracketed(inside, span),
        ]

    # ---- groups and environments ----

    def _group(self, node: Any) -> list[Token]:
        inside = self.read(exploded(node.nodelist))
        if len(inside) <= 1:
            return inside
        return bracketed(inside, (node.pos, node.pos + node.len))

    def _environment(self, node: Any, before: list[Token]) -> list[Token]:
        name = node.environmentname
        span = (node.pos, node.pos + node.len)
        if name in LINES:
            return self._rows(node, join=Kind.LINE)
        rows = [self._cells(row) for row in split(exploded(node.nodelist), "\\\\")]
        rows = [row for row in rows if any(row)]
        if name in ("cases", "dcases", "rcases", "cases*"):
            return cases(rows, span)
        if name == "array" and before and before[-1].is_sign("{"):
            return cases(rows, span)[1:-1]  # in the braces of left and right
        if name.rstrip("*") in MATRICES:
            return matrix(rows, span)
        raise self.fault(tr("the environment {name} is not read", name=name), span)

    def _rows(self, node: Any, join: Kind) -> list[Token]:
        result: list[Token] = []
        for row in split(exploded(node.nodelist), "\\\\"):
            result += self.read(
                [one for one in row if one != "\n" and not is_char(one, "\n")]
            )
            result.append(Token(join, ";", (node.pos, node.pos + 1)))
        return result

    def _cells(self, row: list[Any]) -> list[list[Token]]:
        cells = split([one for one in row if not is_char(one, "\n")], "&")
        return [without_commas(self.read(cell)) for cell in cells]
