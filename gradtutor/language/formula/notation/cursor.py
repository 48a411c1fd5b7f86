"""Where a reader stands among the tokens, and the pieces of a tree that it makes."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gradtutor.graph import Span
from gradtutor.language.errors import FormulaSyntaxError, LimitError
from gradtutor.language.formula.notation.tokens import Kind, Token
from gradtutor.language.formula.trees import Beside, Hadamard, Numeral, Star
from gradtutor.messages import tr

#: Brackets, bars, signs and functions inside each other; each costs some calls.
MAX_DEPTH = 60
OPERATORS: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "@": ast.MatMult,
    "^": ast.Pow,
    "": Beside,
    "⊙": Hadamard,
    "star": Star,
}
RELATIONS: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "==": ast.Eq,
    "!=": ast.NotEq,
}


class Cursor:
    """The tokens of a text, a position, and the tree's places."""

    def __init__(self, text: str, found: Sequence[Token]) -> None:
        self.text, self.found = text, found
        self.at = 0
        self.depth = 0
        self.places: dict[ast.AST, Span] = {}

    # ---- tokens ----

    @property
    def here(self) -> Token:
        """The token to read next."""
        return self.found[self.at]

    @property
    def last(self) -> Token:
        """The token read last."""
        return self.found[max(0, self.at - 1)]

    def ahead(self, count: int = 1) -> Token:
        """Return a token further on; behind the end there is only the end."""
        return self.found[min(self.at + count, len(self.found) - 1)]

    def step(self) -> Token:
        """Read a token."""
        token = self.here
        self.at += token.kind is not Kind.END
        return token

    def takes(self, *signs: str) -> Token | None:
        """Read the next token if it is one of these signs."""
        return self.step() if self.here.is_sign(*signs) else None

    def word(self, *words: str) -> bool:
        """Read the next token if it is one of these words."""
        found = self.here.kind is Kind.NAME and self.here.text in words
        self.at += found
        return found

    def close(self, sign: str, opened: Token) -> Token:
        """Read a closing bracket."""
        if not self.here.is_sign(sign):
            if self.here.kind in (Kind.END, Kind.LINE):
                raise self.fault(
                    tr("{sign!r} was never closed", sign=opened.text), opened.span
                )
            raise self.fault(tr("this is not a formula"), self.here.span)
        return self.step()

    def fault(
        self, message: str, span: Span | None = None, hint: str = ""
    ) -> Exception:
        """Make an error that points at the next token, or at a place."""
        start, end = span or self.here.span
        start = min(start, max(0, len(self.text) - 1))
        place = (start, max(end, start + 1))
        default = tr("an operator or operand is missing or one too many")
        return FormulaSyntaxError(message, self.text, place, hint or default)

    def deeper(self) -> None:
        """Count a level of nesting, within the limit."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            message = tr(
                "the expression nests more than {limit} levels deep", limit=MAX_DEPTH
            )
            hint = tr("name parts of it on lines of their own: q = x + y")
            raise LimitError(message, self.text, self.here.span, hint)

    # ---- pieces of a tree ----

    def span(self, node: ast.AST) -> Span:
        """Return a node's place."""
        return self.places[node]

    def segment(self, node: ast.AST) -> str:
        """Return the text that a node was read from."""
        return self.text[slice(*self.places[node])]

    def segment_of(self, token: Token) -> str:
        """Return the text that a token was read from."""
        return self.text[slice(*token.span)]

    def put(self, node: ast.expr, start: int, end: int) -> ast.expr:
        """Give a node its place."""
        self.places[node] = (start, max(end, start + 1))
        return node

    def binary(self, left: ast.expr, sign: str, right: ast.expr) -> ast.expr:
        """Make an operation of two operands."""
        node = ast.BinOp(left, OPERATORS[sign](), right)
        start, end = self.span(left)[0], self.span(right)[1]
        return self.put(node, min(start, self.span(right)[0]), max(end, start + 1))

    def call(
        self, name: str, args: list[ast.expr], span: Span, name_span: Span | None = None
    ) -> ast.expr:
        """Make a call of a function by its name."""
        func = self.put(ast.Name(name), *(name_span or span))
        return self.put(ast.Call(func, args, []), *span)

    def number(self, text: str, span: Span) -> ast.expr:
        """Make a number that is written as this text."""
        plain = text.replace("_", "")
        whole = plain.isdigit() or plain[:2].lower() in ("0x", "0b", "0o")
        if whole and len(plain) > 4000:
            message = tr("a number with thousands of digits")
            raise LimitError(message, self.text, span, tr("write it as 1e300"))
        base = 10 if plain.isdigit() else 0
        value = int(plain, base) if whole else float(plain)
        return self.put(Numeral(value, text), *span)
