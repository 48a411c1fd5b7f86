"""Text to tokens, each with its place: numbers, names, signs, raised and lowered runs.

>>> [token.text for token in tokens("½sin²x")]
['½', 'sin', '^', '(', '2', ')', 'x', '']
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from gradtutor.graph import Span
from gradtutor.language.errors import FormulaSyntaxError
from gradtutor.language.syntax import SIGNS
from gradtutor.messages import mark, tr


class Kind(Enum):
    """What a token is."""

    NUMBER = auto()
    FRACTION = auto()  # ½
    NAME = auto()
    TEXT = auto()  # "ij,jk->ik"
    SIGN = auto()
    PRIME = auto()  # of x' and xᵀ
    LOWERED = auto()  # the 2 of ‖x‖₂
    LINE = auto()  # the end of a statement
    END = auto()


@dataclass(frozen=True)
class Token:
    """A piece of text: what it is, how it is written in plain signs, its place."""

    kind: Kind
    text: str
    span: Span
    spaced: bool = False  # whether a blank stands before it
    bold: bool = False  # in bold type or with an arrow: a vector

    def is_sign(self, *signs: str) -> bool:
        """Whether it is one of these signs."""
        return self.kind is Kind.SIGN and self.text in signs


#: Signs of a page, and the plain sign that each of them means.
PLAIN = {char: sign for char, sign in SIGNS.items() if sign not in ("**", " ")}
PLAIN |= (
    dict.fromkeys("＾↑", "^") | dict.fromkeys("×·⋅∗∙", "*") | dict.fromkeys("∘⊛", "⊙")
)
PLAIN |= dict.fromkeys("÷⁄∕", "/") | {"⊘": "/"} | dict.fromkeys("−–—", "-")
PLAIN |= {"≤": "<=", "⩽": "<=", "≦": "<=", "≥": ">=", "⩾": ">=", "≧": ">="}
PLAIN |= {"≠": "!=", "≔": "=", "∧": "&", "∨": "∨", "∥": "‖", "∣": "|"}
#: Brackets that are functions: ⌊x⌋.
ROUNDING = {"⌊": "floor", "⌈": "ceil", "⌋": "", "⌉": ""}
#: Signs of mathematics that are not read, and what to do.
NOT_READ = {
    "∫": mark("write the function alone: diff differentiates, nothing integrates"),
}
#: Two signs that are one.
DOUBLE = (".*", "./", ".^", "**", "<=", ">=", "==", "!=", ":=", "=<", "->", "&&")
#: MATLAB's signs of operations element by element.
DOTTED = {".*": "⊙", "./": "/", ".^": "^"}
MEANT = DOTTED | {"**": "^", ":=": "=", "=<": "<=", "&&": "&"}
SINGLE = "+-*/⊙⊗^@()[]{},:;=<>|‖√∛∜∑∏∞⟨⟩&∨.~_↦→∈?∇!"
PRIMES = "'′’ᵀᵗ"
#: ³√x and ⁴√x.
DEGREES = {"2": "√", "3": "∛", "4": "∜"}
#: A letter that is no E: an expectation.
EXPECTATION = "𝔼"
#: Names that are a sum or a product where limits follow: Σ_{i=1}^{n}, sum_{i=1}^3.
CAPITALS = {"Σ": "∑", "Π": "∏", "sum": "∑", "prod": "∏"}
LIMITS = re.compile(r"_\{?\s*\w+\s*=(?!=)")
OPEN, CLOSE = "([{⟨", ")]}⟩"
BEFORE_ROOTS = "+-*/(=,@[{"
NUMBER = re.compile(
    r"0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+"
    r"|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?"
)
NAME = re.compile(r"[^\W\d_][\w\u0300-\u036f]*|_\w+")
STRING = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")


def tokens(text: str) -> list[Token]:
    """Split a text into tokens, a LINE at each end of a statement, an END at last.

    Raises
    ------
    FormulaSyntaxError
        At a sign that is no mathematics.
    """
    return list(_logical(_Scanner(text).scan(), len(text)))


def _logical(found: Iterator[Token], length: int) -> Iterator[Token]:
    """Drop line ends inside brackets, empty lines, and double ends."""
    depth, last = 0, True
    for token in found:
        if token.kind is Kind.SIGN:
            depth += (token.text in OPEN) - (token.text in CLOSE)
        ends = token.kind is Kind.LINE
        if ends and (last or (depth > 0 and token.text == "\n")):
            continue
        last = ends
        yield token
    yield Token(Kind.END, "", (length, length), True)


class _Scanner:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        # one character for each, so that places stay what they are
        plain = (PLAIN.get(char, char) for char in text)
        self.plain = "".join(
            sign if len(sign) == 1 else char
            for sign, char in zip(plain, text, strict=True)
        )
        self.at = 0
        self.spaced = False
        self.before: Token | None = None

    def scan(self) -> Iterator[Token]:
        while self.at < len(self.text):
            char = self.plain[self.at]
            if char in " \t\u00a0\u3000\u2009\u202f\f" or self.plain.startswith(
                "\\\n", self.at
            ):
                self.spaced, self.at = True, self.at + 1 + (char == "\\")
            elif char == "#":
                end = self.plain.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                for token in self._next(char):
                    self.before, self.spaced = token, False
                    yield token

    def _make(self, kind: Kind, length: int, text: str | None = None) -> Token:
        start, self.at = self.at, self.at + length
        shown = self.plain[start : self.at] if text is None else text
        return Token(kind, shown, (start, self.at), self.spaced)

    def _next(self, char: str) -> list[Token]:
        if char in "\n;":
            return [self._make(Kind.LINE, 1)]
        if char in PRIMES and (char not in "'’" or self._after_operand()):
            return [self._make(Kind.PRIME, 1)]
        script = _script(char)
        if script:
            return self._scripted(script)
        if char in "\"'":
            return [self._string()]
        if _is_fraction(char):
            return [self._make(Kind.FRACTION, 1)]
        if char.isdigit() or (char == "." and self.plain[self.at + 1 :][:1].isdigit()):
            match = NUMBER.match(self.plain, self.at)
            if match:
                return [self._make(Kind.NUMBER, len(match[0]))]
        if char in ROUNDING:
            return self._rounding(char)
        if char in CAPITALS and LIMITS.match(self.plain, self.at + 1):
            return [self._make(Kind.SIGN, 1, CAPITALS[char])]
        return self._word() or [self._sign(char)]

    def _rounding(self, char: str) -> list[Token]:
        """Read ⌊x⌋ as floor(x)."""
        bracket = self._make(Kind.SIGN, 1, "(" if ROUNDING[char] else ")")
        if not ROUNDING[char]:
            return [bracket]
        name = Token(Kind.NAME, ROUNDING[char], bracket.span, bracket.spaced)
        return [name, replace(bracket, spaced=False)]

    def _after_operand(self) -> bool:
        """Whether a quote here is a prime: right after a name, a bracket, a prime."""
        last = self.before
        if last is None or self.spaced:
            return False
        return last.kind in (Kind.NAME, Kind.PRIME) or last.is_sign(*CLOSE, "|", "‖")

    def _string(self) -> Token:
        match = STRING.match(self.plain, self.at)
        if not match:
            raise self._fault(tr("this quote is never closed"))
        return self._make(Kind.TEXT, len(match[0]), match[0][1:-1])

    def _scripted(self, script: str) -> list[Token]:
        """Read a raised run as a power, a lowered one as a part of the name."""
        end = self.at
        while end < len(self.text) and _script(self.plain[end]) == script:
            end += 1
        start = self.at
        text = unicodedata.normalize("NFKC", self.plain[start:end]).replace("−", "-")
        if script == "<sub>":
            return [self._make(Kind.LOWERED, end - start, text)]
        if text in ("T", "⊤"):
            return [self._make(Kind.PRIME, end - start)]
        alone = self.before is None or self.spaced or self.before.is_sign(*BEFORE_ROOTS)
        if text in DEGREES and alone and self.plain[end : end + 1] == "√":
            return [self._make(Kind.SIGN, end + 1 - start, DEGREES[text])]
        first = self._make(Kind.SIGN, end - start, "^")
        inside = [
            replace(token, span=first.span, spaced=False)
            for token in _Scanner(text).scan()
        ]
        around = [Token(Kind.SIGN, sign, first.span) for sign in "()"]
        return [first, around[0], *inside, around[1]]

    def _word(self) -> list[Token]:
        match = NAME.match(self.plain, self.at)
        if not match:
            return []
        length = next(
            (i for i, char in enumerate(match[0]) if _script(char) or char in PRIMES),
            len(match[0]),
        )
        lowered = self.at + length
        end = lowered
        while end < len(self.text) and _script(self.plain[end]) == "<sub>":
            end += 1
        name = unicodedata.normalize("NFKC", self.plain[self.at : lowered])
        if self.plain[self.at : lowered] == EXPECTATION:
            name = EXPECTATION
        if end > lowered:  # x₁ is x_1
            name += "_" + unicodedata.normalize("NFKC", self.plain[lowered:end])
        return [self._make(Kind.NAME, end - self.at, name)]

    def _sign(self, char: str) -> Token:
        pair = self.plain[self.at : self.at + 2]
        if pair in DOUBLE:
            return self._make(Kind.SIGN, 2, MEANT.get(pair, pair))
        meant = PLAIN.get(char, char)
        if meant not in SINGLE and meant not in DOUBLE:
            raise self._fault(tr("the sign {char!r} is not read", char=char))
        return self._make(Kind.SIGN, 1, meant)

    def _fault(self, message: str) -> FormulaSyntaxError:
        hint = tr("only letters, digits, + - * / ^ @ ( ) and comparisons")
        sign = self.text[self.at : self.at + 1]
        if sign in NOT_READ:
            hint = tr(NOT_READ[sign])
        return FormulaSyntaxError(message, self.text, (self.at, self.at + 1), hint)


def _script(char: str) -> str:
    """Return <super> of ², <sub> of ₂, and nothing of other characters."""
    if char.isascii() or char in PRIMES:
        return ""
    kind = unicodedata.decomposition(char).split(" ")[0]
    return kind if kind in ("<super>", "<sub>") else ""


def _is_fraction(char: str) -> bool:
    decomposed = unicodedata.decomposition(char)
    return decomposed.startswith("<fraction>") and "2044" in decomposed
