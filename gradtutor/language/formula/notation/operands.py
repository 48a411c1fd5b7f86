"""Operands: numbers, fractions, names, brackets, sums over an index."""

from __future__ import annotations

import ast
import unicodedata

from gradtutor.language.formula.notation.brackets import ROOTS, Brackets
from gradtutor.language.formula.notation.functions import Functions
from gradtutor.language.formula.notation.tidying import OPERATOR
from gradtutor.language.formula.notation.tokens import Kind, Token
from gradtutor.language.formula.notation.totals import read_total
from gradtutor.language.formula.trees import Numeral
from gradtutor.messages import tr


class Operands(Brackets, Functions):
    """Reads what stands between operators."""

    def operand(self) -> ast.expr:
        """Read one operand with what follows it: x[0], x.T, x'."""
        node = self.atom()
        while True:
            if (
                self.here.is_sign("[")
                and not self.here.spaced
                and self._indexable(node)
                and not self._concentration()
            ):
                node = self.indexed(node)
            elif self.here.is_sign("!"):
                end = self.step().span[1]
                node = self.call("factorial", [node], (self.span(node)[0], end))
            elif self.here.is_sign(".") and self.ahead().kind is Kind.NAME:
                node = self.attribute(node)
            else:
                return node

    def _concentration(self) -> bool:
        """Whether the [S] of V_{max}[S] is a factor: chemists write so in LaTeX."""
        name = self.ahead()
        plain = name.kind is Kind.NAME and name.text not in "ijklmnt"
        return self.is_latex and plain and self.ahead(2).is_sign("]")

    def _indexable(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name | ast.Call | ast.Subscript | ast.Attribute)

    def atom(self) -> ast.expr:
        """Read a number, a name, a bracket."""
        token = self.here
        if token.kind is Kind.NUMBER:
            self.step()
            return self._mixed(self.number(token.text, token.span))
        if token.kind is Kind.FRACTION:
            self.step()
            return self._fraction(token)
        if token.kind is Kind.TEXT:
            self.step()
            return self.put(ast.Constant(token.text), *token.span)
        if token.kind is Kind.NAME:
            return self.named()
        if token.is_sign("∞"):
            self.step()
            return self.put(ast.Name("inf"), *token.span)
        reader = {
            "(": self.bracketed,
            "[": self.listed,
            "{": self.piecewise,
            "|": self.absolute,
            "‖": self.norm_,
            "⟨": self.inner,
            **dict.fromkeys(("∑", "∏"), self.total),
            **dict.fromkeys(ROOTS, self.root),
        }.get(token.text)
        if token.kind is not Kind.SIGN or reader is None:
            self.refuse_operator(token)
            raise self.fault(tr("this is not a formula"), token.span)
        self.deeper()
        node: ast.expr = reader()
        self.depth -= 1
        return node

    def refuse_operator(self, token: Token) -> None:
        """Refuse a d/dx that stands before a part of a formula."""
        if token.text.startswith("∇"):
            hint = tr("write the function alone: diff works out its gradient")
            raise self.fault(tr("this is not a formula"), token.span, hint)
        match = OPERATOR.fullmatch(token.text)
        if match:
            order = f" --order {match['order']}" if match["order"] else ""
            hint = tr("write the function alone, and --wrt {name}", name=match["name"])
            raise self.fault(
                tr("d/dx is what diff works out"), token.span, f"{hint}{order}"
            )

    def _mixed(self, whole: ast.expr) -> ast.expr:
        """Read 1½ as one number."""
        token = self.here
        if token.kind is not Kind.FRACTION or token.spaced:
            return whole
        self.step()
        assert isinstance(whole, Numeral)
        value = float(str(whole.value)) + unicodedata.numeric(token.text)
        return self.put(Numeral(value), self.span(whole)[0], token.span[1])

    def _fraction(self, token: Token) -> ast.expr:
        above, _, below = unicodedata.normalize("NFKC", token.text).partition("⁄")
        parts = [self.number(part, token.span) for part in (above, below)]
        return self.binary(parts[0], "/", parts[1])

    # ---- sums over an index ----

    def total(self) -> ast.expr:
        """Read ∑ x, ∑_i x_i and ∑_{i=1}^{n} x_i^2 over vectors."""
        return read_total(self)
