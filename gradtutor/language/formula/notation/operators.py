"""Operators, from the loosest to the tightest, and what stands side by side."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from gradtutor.language.formula.doubts import AmbiguousError, doubt
from gradtutor.language.formula.notation.cursor import RELATIONS
from gradtutor.language.formula.notation.names import starts_operand
from gradtutor.language.formula.notation.powers import WORDS_BETWEEN, Powers
from gradtutor.language.formula.notation.tokens import Kind, Token
from gradtutor.messages import mark, tr

#: Words of mathematics that mean something else than a variable, and what to do.
NOT_READ = {
    "lim": mark("write the function alone"),
    "mod": mark("write x % n"),
    "int": mark("write the function alone: diff differentiates, nothing integrates"),
    "grad": mark("write the function alone: diff works out its gradient"),
    "plus": mark("write x + y"),
    "minus": mark("write x - y"),
    "times": mark("write x*y"),
    "over": mark("write x/y"),
    "divided": mark("write x/y"),
    "squared": mark("write x^2"),
    "cubed": mark("write x^3"),
}


class Operators(Powers):
    """Reads expressions."""

    def expression(self) -> ast.expr:
        """Read a conditional expression, or a disjunction."""
        self.deeper()
        value = self.disjunction()
        if self.here.kind is Kind.NAME and self.here.text == "if" and not self.cases:
            self.step()
            test = self.disjunction()
            if not self.word("else", "otherwise"):
                raise self.fault(
                    tr("an else is missing"), hint=tr("as in x if x > 0 else 0")
                )
            otherwise = self.expression()
            node = ast.IfExp(test, value, otherwise)
            value = self.put(node, self.span(value)[0], self.span(otherwise)[1])
        if isinstance(value, ast.Compare) and self.takes("?"):
            value = self._chosen_by(value)
        self.depth -= 1
        return value

    def _chosen_by(self, test: ast.expr) -> ast.expr:
        """Read x > 0 ? x : 0, as C and JavaScript write it."""
        body = self.expression()
        if not self.takes(":"):
            raise self.fault(tr("an else is missing"), hint=tr("as in x > 0 ? x : 0"))
        otherwise = self.expression()
        node = ast.IfExp(test, body, otherwise)
        return self.put(node, self.span(test)[0], self.span(otherwise)[1])

    def disjunction(self) -> ast.expr:
        """Read conditions with or between."""
        return self._logic(ast.Or, ("or",), ("∨",), self._conjunction)

    def _conjunction(self) -> ast.expr:
        return self._logic(ast.And, ("and",), ("&",), self._comparison)

    def _logic(
        self,
        kind: type[ast.boolop],
        words: tuple[str, ...],
        signs: tuple[str, ...],
        part: Callable[[], ast.expr],
    ) -> ast.expr:
        parts = [part()]
        while self.word(*words) or self.takes(*signs):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        node = ast.BoolOp(kind(), parts)
        return self.put(node, self.span(parts[0])[0], self.span(parts[-1])[1])

    def _comparison(self) -> ast.expr:
        left = self.sum_()
        signs: list[ast.cmpop] = []
        sides: list[ast.expr] = []
        while self.here.kind is Kind.SIGN and self._relation() in RELATIONS:
            signs.append(RELATIONS[self._relation()]())
            self.step()
            sides.append(self.sum_())
        if not signs:
            return left
        node = ast.Compare(left, signs, sides)
        return self.put(node, self.span(left)[0], self.span(sides[-1])[1])

    def _relation(self) -> str:
        """Return the next sign; the = of a case, as in {1, x = 0}, compares."""
        equal = self.cases and self.here.text == "="
        return "==" if equal else self.here.text

    def sum_(self) -> ast.expr:
        """Read terms with plus and minus between."""
        total = self.term()
        while sign := self.takes("+", "-"):
            total = self.binary(total, sign.text, self.term())
        return total

    def term(self) -> ast.expr:
        """Read factors with signs between; what stands side by side binds tighter."""
        total, _ = self.chain()
        while sign := self.takes("*", "/", "@", "⊙", "⊗"):
            right, factors = self.chain()
            if sign.text == "⊗":
                span = (self.span(total)[0], self.span(right)[1])
                total = self.call("kron", [total, right], span)
                continue
            if sign.text == "/" and len(factors) > 1:
                raise self._shared_bar(total, right, factors)
            if sign.text == "@" and len(factors) > 1:
                right = self._rejoined(factors)
            star = sign.text == "*" and self.of_matrices
            total = self.binary(total, "star" if star else sign.text, right)
        return total

    def _rejoined(self, factors: list[ast.expr]) -> ast.expr:
        total = factors[0]
        for factor in factors[1:]:
            total = self.binary(total, "", factor)
        return total

    def _shared_bar(
        self, above: ast.expr, below: ast.expr, factors: list[ast.expr]
    ) -> Exception:
        """Refuse 1/2x: (1/2)*x or 1/(2*x)."""
        start, end = self.span(above)[0], self.span(below)[1]
        top, first = self.segment(above), self.segment(factors[0])
        below_bar = self.text[self.span(factors[0])[0] : end]
        name = re.match(r"[d∂]\s*(\w+)", below_bar)
        if top in ("d", "∂") and name and top not in self.values:
            hint = tr("write the function alone, and --wrt {name}", name=name[1])
            message = tr(
                "{top}/{bottom} is what diff works out", top=top, bottom=name[0]
            )
            return AmbiguousError(message, self.text, (start, end), hint)
        rest = self.text[self.span(factors[1])[0] : end].strip()
        return doubt(
            self.text,
            (start, end),
            f"({top}/{first})*{rest}",
            f"{top}/({self.segment(below)})",
        )

    def chain(self) -> tuple[ast.expr, list[ast.expr]]:
        """Read factors side by side, as 2x sin y: the product and its factors."""
        sign = self.takes("-", "+", "~")
        if sign:
            return self._signed(sign)
        first = self.here
        factors = [self.power()]
        while self.begins_factor():
            self._refuse_word(first)
            self._refuse_word(self.here)
            factors.append(self.power())
        return self._rejoined(factors), factors

    def _refuse_word(self, token: Token) -> None:
        """Refuse lim x, x mod 3 and (x + y)_2, which are no products."""
        glued = not token.spaced and self.last.is_sign(")", "]")
        if token.kind is Kind.NAME and token.text[0] == "_" and glued:
            message = tr("an index stands behind a name")
            raise self.fault(message, token.span, tr("as in x_{1}"))
        if token.text in NOT_READ and token.text not in self.values:
            message = tr("the word {word} is not read", word=token.text)
            raise self.fault(message, token.span, NOT_READ[token.text])

    def _signed(self, sign: Token) -> tuple[ast.expr, list[ast.expr]]:
        self.deeper()
        _, factors = self.chain()
        self.depth -= 1
        kind = {"-": ast.USub, "+": ast.UAdd, "~": ast.Invert}[sign.text]
        first, *rest = factors
        lead = self.put(ast.UnaryOp(kind(), first), sign.span[0], self.span(first)[1])
        if not rest:
            return lead, [lead]
        return self._rejoined([lead, *rest]), [lead, *rest]

    def begins_factor(self) -> bool:
        """Whether another factor follows without a sign."""
        token = self.here
        if token.is_sign("|"):
            return not self.bars
        if token.kind is Kind.NAME and token.text in WORDS_BETWEEN:
            return False
        if token.is_sign("‖"):
            return not self.norms
        return starts_operand(token)
