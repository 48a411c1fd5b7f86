r"""Read a formula as lessons write it in a terminal, w ← w - r·∂L/∂w, into MathML.

>>> formula("x² / 2").markup()
'<mfrac><msup><mi>x</mi><mn>2</mn></msup><mn>2</mn></mfrac>'
>>> formula("no formula") is None
True
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from gradtutor.course.web.mathematics.parts import (
    ACCENTS,
    TIMES,
    Part,
    applied,
    bracketed,
    fraction,
    index,
    name,
    number,
    power,
    root,
    row,
    sign,
)

RELATIONS = {
    "=": "=", "≈": "≈", "≠": "≠", "<": "<", ">": ">", "≤": "≤", "≥": "≥",
    "←": "←", "->": "→", "→": "→",
}  # fmt: skip
PRODUCTS = {"*": "·", "·": "·", "×": "×", "@": TIMES}
SUMS = {"+": "+", "-": "−", "±": "±"}
POWERS = {"²": "2", "³": "3", "⁴": "4", "ᵀ": "⊤"}
#: Functions that may stand without parentheses.
FUNCTIONS = ("exp", "log", "ln", "sin", "cos", "tan", "tanh", "max", "min")
DOTS = ("...", "…")
TOKEN = re.compile(
    rf"(?P<space>\s*)(?:(?P<number>\d+(?:\.\d+)?(?:e[-+]?\d+)?)|(?P<dots>\.\.\.|…)"
    rf"|(?P<name>(?:[A-Za-z]{{3,}}(?:-[A-Za-z]{{3,}})+|[A-Za-z]+|[Α-Ωα-ωµ]|[一-鿿]+)"
    rf"[{''.join(ACCENTS)}]*\d*(?:_\w+)?)"
    rf"|(?P<sign>->|\*\*|\.T\b|[-+*/@·×±=≈≠<>≤≥←→²³⁴ᵀ^()\[\],Σ∂√]))"
)


class NoFormulaError(ValueError):
    """Text that is words, or a formula of another kind."""


@dataclass(frozen=True)
class Token:
    """A sign, a name or a number, and whether a space stands before it."""

    kind: str
    text: str
    spaced: bool


END = Token("end", "", spaced=True)


def formula(text: str) -> Part | None:
    """Return a formula as MathML; None where the text is none."""
    try:
        reader = _Reader(list(_tokens(text)))
        found = reader.relations()
        return found if reader.next is END else None
    except NoFormulaError:
        return None


def _tokens(text: str) -> list[Token]:
    text, at, found = _plain(text), 0, []
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise NoFormulaError
        kind = str(match.lastgroup)
        found.append(Token(kind, match[kind], spaced=bool(match["space"])))
        at = match.end()
    return found


def _plain(text: str) -> str:
    """Return a text with marks as characters of their own, brackets of one kind."""
    apart = unicodedata.normalize("NFD", text.strip()).replace("=\u0338", "≠")
    return apart.replace("（", "(").replace("）", ")").replace("，", ",")


class _Reader:
    """A formula, read from the left by how tightly its signs bind."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.at = [*tokens, END], 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        """Return the next token and pass it."""
        found = self.next
        self.at += 1
        return found

    def takes(self, *texts: str) -> str:
        """Pass one of these signs where it comes next; return it, or nothing."""
        return self.take().text if self.next.text in texts else ""

    def relations(self) -> Part:
        """Read sides with = and the like between them; the left one may lack."""
        parts = [] if self.next.text in RELATIONS else [self.sums()]
        while self.next.text in RELATIONS:
            parts += [sign(RELATIONS[self.take().text]), self.sums()]
        return row(*parts)

    def sums(self) -> Part:
        """Read terms with + and - between them."""
        parts = [sign(SUMS[found])] if (found := self.takes("-", "+")) else []
        parts.append(self.products())
        while self.next.text in SUMS:
            parts += [sign(SUMS[self.take().text]), self.products()]
        return row(*parts)

    def products(self, *, of_sum: bool = False) -> Part:
        """Read factors; a bar goes below all that stands before it.

        What a sum is over ends where a bar stands above another sum.
        """
        parts = [self.factor()]
        while True:
            if (
                of_sum
                and self.next.text == "/"
                and self.tokens[self.at + 1].text == "Σ"
            ):
                return row(*parts)
            if self.takes("/"):
                parts = [fraction(row(*parts), self.factor())]
            elif self.next.text in PRODUCTS:
                parts += [sign(PRODUCTS[self.take().text]), self.factor()]
            elif self.is_beside():
                parts += [sign(TIMES), self.factor()]
            else:
                return row(*parts)

    def is_beside(self) -> bool:
        """Whether a factor follows without a sign: 2p, 2(x + 1)."""
        factor = self.next.kind == "name" or self.next.text == "("
        return factor and not self.next.spaced

    def factor(self) -> Part:
        """Read a factor: a sum over what follows, a slope, a power."""
        if self.takes("Σ"):
            return row(sign("∑"), self.products(of_sum=True))
        if self.next.text == "-":
            return row(sign(SUMS[self.take().text]), self.factor())
        found = self.powers()
        if found.small and self.next.text == "/":
            return fraction(found, self._below()) if self.is_slope() else found
        return found

    def is_slope(self) -> bool:
        """Whether a differential stands below the bar, too."""
        after = self.tokens[self.at + 1]
        return after.text == "∂" or (after.kind == "name" and name(after.text).small)

    def _below(self) -> Part:
        self.take()
        return self.powers()

    def powers(self) -> Part:
        """Read what may have an exponent or an index."""
        if self.takes("∂"):
            found = self.powers()
            return Part("mrow", (sign("∂"), found), small=True)
        if self.takes("√"):
            return root(self.powers())
        found = self.atom()
        while True:
            if self.next.text in POWERS:
                found = power(found, number(POWERS[self.take().text]))
            elif self.takes(".T"):
                found = power(found, sign("⊤"))
            elif self.takes("^", "**"):
                found = power(found, self.exponent())
            elif self.next.text == "[" and not self.next.spaced:
                found = index(found, self.inside("[", "]"))
            else:
                return found

    def exponent(self) -> Part:
        """Read an exponent, which may be negative."""
        if self.takes("-"):
            return row(sign(SUMS["-"]), self.powers())
        return self.powers()

    def atom(self) -> Part:
        """Read a number, a name, a function of something, or parentheses."""
        token = self.take()
        if token.kind == "number":
            return number(token.text)
        if token.kind == "dots":
            return sign("⋯")
        if token.text == "(":
            self.at -= 1
            return bracketed(self.inside("(", ")"))
        if token.kind != "name":
            raise NoFormulaError
        return self.named(token)

    def named(self, token: Token) -> Part:
        """Read a name, and what it is a function of."""
        called = name(token.text)
        if self.next.text == "(" and not self.next.spaced:
            inside = self.inside("(", ")")
            return root(inside) if token.text == "sqrt" else applied(
                called, bracketed(inside)
            )  # fmt: skip
        if token.text in FUNCTIONS and self.next.text != "(" and self.starts():
            return applied(called, self.products())
        return called

    def starts(self) -> bool:
        """Whether the next token begins a factor."""
        return self.next.kind in ("name", "number") or self.next.text in ("Σ", "√")

    def inside(self, first: str, last: str) -> Part:
        """Read what stands in brackets, with commas between."""
        if not self.takes(first):
            raise NoFormulaError
        parts = [self.relations()]
        while self.takes(","):
            parts.append(sign(","))
            if self.next.text != last:
                parts.append(self.relations())
        if not self.takes(last):
            raise NoFormulaError
        return row(*parts)
