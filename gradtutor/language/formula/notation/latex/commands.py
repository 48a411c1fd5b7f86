"""Commands of LaTeX as tokens: fractions, roots, accents, fences, words."""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import replace
from typing import Any

from pylatexenc.latexwalker import (
    LatexCharsNode,
    LatexCommentNode,
    LatexGroupNode,
    LatexMathNode,
    LatexSpecialsNode,
)

from gradtutor.graph import Span
from gradtutor.language.errors import FormulaSyntaxError, SourceError
from gradtutor.language.formula.notation.latex import words
from gradtutor.language.formula.notation.latex.pieces import (
    VECTORS,
    bracketed,
    fence_name,
    is_derivative,
    is_ones,
    is_operator,
    is_vector,
    open_bracket,
)
from gradtutor.language.formula.notation.tokens import EXPECTATION, Kind, Token
from gradtutor.messages import tr

#: The 1 before a condition, which is left out: the condition itself is 1 or 0.
INDICATOR = "𝟙"
#: Words that stand alone among letters.
DOMAINS = {"where", "with", "for"}
ENGLISH = {"if", "for", "otherwise", "else", "when", "and", "or"}


def exploded(nodes: list[Any]) -> list[Any]:
    """Return the nodes with text as single characters, without math's own marks."""
    result: list[Any] = []
    for node in nodes:
        if isinstance(node, LatexCharsNode):
            result += [(char, node.pos + i) for i, char in enumerate(node.chars)]
        elif isinstance(node, LatexMathNode):
            result += exploded(node.nodelist)
        elif isinstance(node, LatexSpecialsNode):
            chars = node.specials_chars
            result += [(char, node.pos + i) for i, char in enumerate(chars)]
        elif node is not None and not isinstance(node, LatexCommentNode):
            result.append(node)
    return result


class Commands:
    """Reads commands; a reader of everything else stands on it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0

    def fault(self, message: str, span: Span, hint: str = "") -> SourceError:
        """Make an error that points at a place."""
        return FormulaSyntaxError(message, self.text, span, hint)

    @abstractmethod
    def read(self, items: list[Any]) -> list[Token]:
        """Read a list of characters and nodes."""

    def macro(
        self, items: list[Any], at: int, before: list[Token]
    ) -> tuple[list[Token], int]:
        """Read a command, and where the reading goes on."""
        node = items[at]
        name, span = node.macroname, (node.pos, node.pos + max(node.len, 1))
        span = (span[0], span[0] + len(self.text[slice(*span)].rstrip()))
        if name in ("left", "right"):
            return self._fence(name, items, at, before)
        if name == "\\":
            return [Token(Kind.LINE, ";", span)], at + 1
        if name in words.SKIPPED or name in words.DROPPED:
            return [], at + 1
        if name in words.TRANSPOSED:
            return [Token(Kind.PRIME, "'", span)], at + 1
        if name == "cdot" and is_vector(items[:at][-2:]) and is_vector(items[at:][1:3]):
            return [Token(Kind.SIGN, "@", span)], at + 1
        if name in words.LOOKS and is_ones(items[at:]):
            return [Token(Kind.NAME, "sum", span)], at + 3
        if name in words.SIGNS:
            return self._sign(words.SIGNS[name], span, before), at + 1
        if name in words.NAMES or name in words.FUNCTIONS:
            return [Token(Kind.NAME, words.NAMES.get(name, name), span)], at + 1
        if name in ("lfloor", "lceil", "rfloor", "rceil"):
            closing = Token(Kind.SIGN, "(" if name[0] == "l" else ")", span)
            function = {"lfloor": "floor", "lceil": "ceil"}.get(name, "")
            return [Token(Kind.NAME, function, span)] * bool(function) + [
                closing
            ], at + 1
        if name == "infty":
            return [Token(Kind.NAME, "inf", span)], at + 1
        if name == "partial":
            return [Token(Kind.NAME, "∂", span)], at + 1
        return self._with_arguments(node, name, span), at + 1

    def _sign(self, sign: str, span: Span, before: list[Token]) -> list[Token]:
        """Read a sign; braces behind max and min are brackets."""
        if sign == "{" and before and before[-1].text in ("max", "min"):
            return [Token(Kind.SIGN, "(", span)]
        if sign == "}" and open_bracket(before):
            return [Token(Kind.SIGN, ")", span)]
        return [Token(Kind.SIGN, sign, span)]

    def _with_arguments(self, node: Any, name: str, span: Span) -> list[Token]:
        given = list(node.nodeargd.argnlist) if node.nodeargd else []
        if name in words.FRACTIONS:
            return self._fraction(given, span)
        if name == "sqrt":
            return self._root(given, span)
        if name in words.ACCENTS:
            return self._accented(words.ACCENTS[name], given, span)
        if name in words.WORDS:
            return self._word(given, span)
        if name in words.LOOKS:
            return self._look(name, given, span)
        message = tr("\\{name} is not read", name=name)
        raise self.fault(message, span, tr("write it as a line of text"))

    def _argument(self, node: Any) -> list[Token]:
        if node is None:
            return []
        inner = node.nodelist if isinstance(node, LatexGroupNode) else [node]
        return self.read(exploded(inner))

    def _look(self, name: str, given: list[Any], span: Span) -> list[Token]:
        inside = self._argument(given[-1])
        if [token.text for token in inside] == ["E"] and name == "mathbb":
            return [Token(Kind.NAME, EXPECTATION, span)]
        if [token.text for token in inside] == ["P"] and name == "mathbb":
            raise self.no_expectation(span)
        if [token.text for token in inside] == ["1"]:
            return [Token(Kind.NAME, INDICATOR, span)]
        if [token.text for token in inside] == ["T"]:
            return [Token(Kind.PRIME, "'", span)]
        if len(inside) != 1:
            return inside
        bold = name in VECTORS and inside[0].kind is Kind.NAME
        return [replace(inside[0], span=span, bold=bold or inside[0].bold)]

    def no_expectation(self, span: Span) -> SourceError:
        """Make the error of an expectation under a distribution."""
        message = tr("an expectation is not read")
        return self.fault(message, span, tr("write the mean of samples: mean(x)"))

    def _fraction(self, given: list[Any], span: Span) -> list[Token]:
        above, below = (self._argument(one) for one in given[-2:])
        if is_derivative(above) and is_derivative(below):
            text = f"d{''.join(t.text for t in above[1:])}_d{below[1].text}"
            return [Token(Kind.NAME, text, span)]
        if is_operator(above, below):
            order = "".join(token.text for token in above if token.text.isdigit())
            mark = above[0].text
            return [Token(Kind.SIGN, f"{mark}{order}/{mark}{below[1].text}", span)]
        if not above or not below:
            raise self.fault(
                tr("a fraction needs two parts"), span, tr("as in \\frac{1}{2}")
            )
        inside = [
            *bracketed(above, span),
            Token(Kind.SIGN, "/", span),
            *bracketed(below, span),
        ]
        first, *rest = bracketed(inside, span)
        return [replace(first, spaced=True), *rest]  # a factor, no argument

    def _root(self, given: list[Any], span: Span) -> list[Token]:
        degree, inside = self._argument(given[0]), self._argument(given[-1])
        text = "".join(token.text for token in degree)
        name = {"": "sqrt", "2": "sqrt", "3": "cbrt"}.get(text, "root")
        if name == "root":
            inside = [*inside, Token(Kind.SIGN, ",", span), *degree]
        return [Token(Kind.NAME, name, span), *bracketed(inside, span)]

    def _accented(self, accent: str, given: list[Any], span: Span) -> list[Token]:
        inside = self._argument(given[-1])
        if len(inside) != 1 or inside[0].kind is not Kind.NAME:
            raise self.fault(tr("{accent} stands over one letter", accent=accent), span)
        stem, _, index = inside[0].text.partition("_")
        text = "_".join(part for part in (stem, accent, index) if part)
        return [replace(inside[0], text=text, span=span)]

    def _word(self, given: list[Any], span: Span) -> list[Token]:
        r"""Read \mathrm{loss} as one name, \text{if } as a word."""
        node = given[-1]
        text = self.text[node.pos : node.pos + node.len].strip("{}").strip()
        text = text.replace("\\_", "_").rstrip(",.").strip()
        if text in ("T", "\\top"):
            return [Token(Kind.PRIME, "'", span)]
        if text == "e":
            return [Token(Kind.NAME, "e", span)]
        if re.fullmatch(r"[^\W\d]\w*", text):
            return [Token(Kind.NAME, text, span)]
        if text.split()[:1] and text.split()[0] in DOMAINS:
            return [Token(Kind.NAME, "for", span)]
        spoken = [word for word in text.split() if word in ENGLISH]
        return [Token(Kind.NAME, word, span) for word in spoken[:1]]

    def _fence(
        self, name: str, items: list[Any], at: int, before: list[Token]
    ) -> tuple[list[Token], int]:
        r"""Read what \left and \right stand before."""
        node = items[at]
        at += 1
        while (
            at < len(items) and isinstance(items[at], tuple) and items[at][0].isspace()
        ):
            at += 1
        item = items[at] if at < len(items) else ("", node.pos)
        fence = item[0] if isinstance(item, tuple) else fence_name(item)
        place = item[1] if isinstance(item, tuple) else item.pos
        span = (node.pos, place + 1)
        table = words.OPENINGS if name == "left" else words.CLOSINGS
        if fence not in table:
            raise self.fault(tr("\\{name} stands before a bracket", name=name), span)
        entry = table[fence]
        if isinstance(entry, str):
            braces = fence == "." and any(one.is_sign("{") for one in before)
            closes = "}" if braces and not open_bracket(before) else entry
            return [Token(Kind.SIGN, closes, span)], at + 1
        function, sign = entry
        named = [Token(Kind.NAME, function, span)] * bool(function)
        return [*named, Token(Kind.SIGN, sign, span)], at + 1
