"""Arguments, indices and attributes: f(a, axis=0), x[0], x[:, 1], x.T."""

from __future__ import annotations

import ast

from gradtutor.language.formula.notation.grammar import Grammar
from gradtutor.language.formula.notation.tokens import Kind


class Arguments(Grammar):
    """Reads what follows an operand directly."""

    def called(self, func: ast.expr) -> ast.expr:
        """Read the arguments of a call."""
        opened = self.step()
        self.deeper()
        bars, norms, cases = self.bars, self.norms, self.cases
        self.bars = self.norms = self.cases = 0
        args: list[ast.expr] = []
        keywords: list[ast.keyword] = []
        while not self.here.is_sign(")"):
            self._argument_into(args, keywords)
            if not self.takes(","):
                break
        self.bars, self.norms, self.cases = bars, norms, cases
        end = self.close(")", opened)
        self.depth -= 1
        node = ast.Call(func, args, keywords)
        return self.put(node, self.span(func)[0], end.span[1])

    def _argument_into(self, args: list[ast.expr], keywords: list[ast.keyword]) -> None:
        if self.here.kind is Kind.NAME and self.ahead().is_sign("="):
            name = self.step()
            self.step()
            value = self._keyword_value()
            keyword = ast.keyword(name.text, value)
            self.places[keyword] = (name.span[0], self.span(value)[1])
            keywords.append(keyword)
        else:
            args.append(self._keyword_value())

    def _keyword_value(self) -> ast.expr:
        constants = {"None": None, "True": True, "False": False}
        if self.here.kind is Kind.NAME and self.here.text in constants:
            token = self.step()
            return self.put(ast.Constant(constants[token.text]), *token.span)
        return self.expression()

    def indexed(self, node: ast.expr) -> ast.expr:
        """Read an index in square brackets."""
        opened = self.step()
        items = [self._position()]
        while self.takes(","):
            items.append(self._position())
        end = self.close("]", opened)
        index = items[0]
        if len(items) > 1:
            index = self.put(ast.Tuple(items), opened.span[0], end.span[1])
        whole = ast.Subscript(node, index)
        return self.put(whole, self.span(node)[0], end.span[1])

    def _position(self) -> ast.expr:
        start = self.here.span[0]
        parts: list[ast.expr | None] = [None]
        while not self.here.is_sign(",", "]") and self.here.kind is not Kind.END:
            if self.takes(":"):
                parts.append(None)
            else:
                parts[-1] = self.expression()
        if len(parts) == 1 and parts[0] is not None:
            return parts[0]
        node = ast.Slice(*parts[:3])
        return self.put(node, start, self.last.span[1])

    def attribute(self, node: ast.expr) -> ast.expr:
        """Read .T, or a method with its arguments."""
        self.step()
        name = self.step()
        whole = self.put(
            ast.Attribute(node, name.text), self.span(node)[0], name.span[1]
        )
        turned = name.text == "T"  # X.T (X w - y) is a product
        return self.called(whole) if self.here.is_sign("(") and not turned else whole
