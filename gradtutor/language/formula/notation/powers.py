"""Exponents, transposes and primes: x^2, xᵀ, x', and e to a power.

>>> from gradtutor.language import parse
>>> parse("e^(2x)").graph["reading"]["text"]
'exp(2*x)'
"""

from __future__ import annotations

import ast

from gradtutor.language.formula.doubts import AmbiguousError, doubt
from gradtutor.language.formula.functions.naming import known_function
from gradtutor.language.formula.letters.sizes import rank_of
from gradtutor.language.formula.notation.operands import Operands
from gradtutor.language.formula.notation.tokens import Kind, Token
from gradtutor.messages import tr

#: Words that stand between operands, and begin none.
WORDS_BETWEEN = {"if", "else", "otherwise", "and", "or", "for", "when", "in", "is"}

#: Primes that may mark a derivative.
LONE = "'’′"
#: What functions are called: f'(x) is a derivative, x'(y + z) a product.
FUNCTION_NAMES = {"f", "g", "h", "F", "G"}


class Powers(Operands):
    """Reads an operand with its exponent."""

    is_euler = False  # e to a power is exp

    def power(self) -> ast.expr:
        """Read a base and its exponent; exponents nest to the right."""
        before = self.last if self.at else None
        base = self.operand()
        while self.here.kind is Kind.PRIME or self._is_transpose():
            base = self._transposed(base)
            self._refuse_derivative(base)
            self._refuse_lone_prime(base, before)
        lowered = self.here.kind is Kind.LOWERED and self.here.text == "+"
        if lowered or (self.here.is_sign("_") and self.ahead().is_sign("+")):
            sign = self.step()
            self.takes("+")
            zero = self.number("0", sign.span)
            span = (self.span(base)[0], sign.span[1])
            base = self.call("max", [base, zero], span)
        if not self.here.is_sign("^"):
            return base
        sign = self.step()
        if self._is_lone_plus():
            zero = self.number("0", sign.span)
            span = (self.span(base)[0], self.last.span[1])
            return self.call("max", [base, zero], span)
        return self.raised(base, self.exponent(), sign)

    def _is_lone_plus(self) -> bool:
        """Whether the exponent is a lone plus: (x - K)^+ is the positive part."""
        inside = [self.here.text, self.ahead().text, self.ahead(2).text]
        if inside == ["(", "+", ")"]:
            self.at += 3
            return True
        after = self.ahead()
        ends = after.kind in (Kind.LINE, Kind.END) or after.is_sign(
            ")", "]", "}", ",", "^", "*", "+", "-", "/"
        )
        if self.here.is_sign("+") and ends:
            self.step()
            return True
        return False

    def _refuse_derivative(self, base: ast.expr) -> None:
        """Refuse f'(x), which asks for what diff works out."""
        inner = base.value if isinstance(base, ast.Attribute) else base
        if not (isinstance(inner, ast.Name) and self.here.is_sign("(")):
            return
        if inner.id in FUNCTION_NAMES - set(self.values) and not self.here.spaced:
            hint = tr("write {name} itself, as in {name}(x) = x^2", name=inner.id)
            message = tr("{name}' is what diff works out", name=inner.id)
            raise AmbiguousError(message, self.text, self.span(base), hint)

    def _refuse_lone_prime(self, base: ast.expr, before: Token | None) -> None:
        """Refuse (x^2)', which may be a derivative: nothing is multiplied by it."""
        names = [one.id for one in ast.walk(base) if isinstance(one, ast.Name)]
        matrices = any(rank_of(name) == 2 or name in self.values for name in names)
        beside = before is not None and (
            before.kind in (Kind.NAME, Kind.NUMBER, Kind.PRIME)
            or before.is_sign("*", "@", "⊙", "⊗", ")", "]")
        )
        follows = self.begins_factor() or self.here.is_sign("*", "@", "⊙", "⊗", "^")
        if self.last.text not in LONE or matrices or beside or follows:
            return
        inner = base.value if isinstance(base, ast.Attribute) else base
        part = self.segment(inner)
        message = tr("{part} has two readings", part=self.segment(base))
        hint = tr(
            "write {part}.T for the transpose; diff works out the derivative of "
            "{part} alone",
            part=part,
        )
        raise AmbiguousError(message, self.text, self.span(base), hint)

    def _is_transpose(self) -> bool:
        """Whether ^T follows, and T is no value."""
        if not self.here.is_sign("^"):
            return False
        one, two = self.ahead(), self.ahead(2)
        if one.is_sign("(", "{") and two.text == "T":
            one = two
        free = one.text not in self.values
        only = self.counts.get("T", 0) == self._raised_ts()
        return one.kind is Kind.NAME and one.text in ("T", "⊤") and free and only

    def _raised_ts(self) -> int:
        return sum(
            token.text == "T"
            and (
                before.is_sign("^") or (before.is_sign("(", "{") and first.is_sign("^"))
            )
            for first, before, token in zip(
                [self.found[0], *self.found], self.found, self.found[1:], strict=False
            )
        )

    def _transposed(self, base: ast.expr) -> ast.expr:
        end = self.step()
        if end.is_sign("^"):
            bracket = self.takes("(", "{")
            end = self.step()
            if bracket:
                end = self.step()
        node = ast.Attribute(base, "T")
        return self.put(node, self.span(base)[0], end.span[1])

    def exponent(self) -> ast.expr:
        """Read an exponent: a sign, an operand, its own exponent."""
        sign = self.takes("-", "+")
        if sign:
            self.deeper()
            inner = self.exponent()
            self.depth -= 1
            kind = ast.USub if sign.text == "-" else ast.UAdd
            return self.put(
                ast.UnaryOp(kind(), inner), sign.span[0], self.span(inner)[1]
            )
        self.deeper()
        value = self.power()
        self.depth -= 1
        return value

    def raised(self, base: ast.expr, exponent: ast.expr, sign: Token) -> ast.expr:
        """Make a power; e to a power is exp."""
        self.glued_exponent(base, exponent, sign)
        euler = isinstance(base, ast.Name) and base.id == "e" and self.is_euler
        if euler:
            span = (self.span(base)[0], self.span(exponent)[1])
            return self.call("exp", [exponent], span)
        return self.binary(base, "^", exponent)

    def glued_exponent(self, base: ast.expr, exponent: ast.expr, sign: Token) -> None:
        """Refuse x^2y: x^2*y or x^(2*y)."""
        token = self.here
        self._refuse_root(base, exponent, sign)
        bare = self.text[self.last.span[0] : self.last.span[1]].isalnum()
        glued = token.kind in (Kind.NAME, Kind.NUMBER) and not token.spaced
        script = self.text[sign.span[0] : sign.span[1]] not in ("^", "**", "＾")
        if not (bare and glued) or script or self.is_latex:
            return
        if token.kind is Kind.NAME and (
            token.text in WORDS_BETWEEN or known_function(token.text)
        ):
            return
        span = (self.span(base)[0], token.span[1])
        front, power = self.segment(base), self.segment(exponent)
        raise doubt(
            self.text,
            span,
            f"{front}^{power}*{token.text}",
            f"{front}^({power}*{token.text})",
        )

    def _refuse_root(self, base: ast.expr, exponent: ast.expr, sign: Token) -> None:
        """Refuse x^1/3 and x^-2/3: the bar may belong to the exponent."""
        inner = exponent.operand if isinstance(exponent, ast.UnaryOp) else exponent
        whole = isinstance(inner, ast.Constant) and self.last.kind is Kind.NUMBER
        lone = inner is not exponent or getattr(inner, "value", 0) == 1
        digits = self.ahead().kind is Kind.NUMBER and not self.ahead().spaced
        glued = self.here.is_sign("/") and not self.here.spaced and digits
        if not (whole and lone and glued) or self.segment_of(sign) not in ("^", "＾"):
            return
        below = self.ahead()
        front, power = self.segment(base), self.segment(exponent)
        span = (self.span(base)[0], below.span[1])
        first = f"{front}^({power}/{below.text})"
        raise doubt(self.text, span, first, f"({front}^({power}))/{below.text}")
