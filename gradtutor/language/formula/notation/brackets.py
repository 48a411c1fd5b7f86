"""What stands in brackets: groups, lists, cases, |x|, ‖x‖, ⟨x, y⟩, roots."""

from __future__ import annotations

import ast

from gradtutor.language.formula.doubts import doubt
from gradtutor.language.formula.functions.forms import chosen
from gradtutor.language.formula.notation.grammar import Grammar
from gradtutor.language.formula.notation.names import starts_operand
from gradtutor.language.formula.notation.tokens import Kind, Token
from gradtutor.language.formula.trees import placed
from gradtutor.messages import tr

ROOTS = {"√": 2, "∛": 3, "∜": 4}
#: The norm that an index names: ‖x‖₁.
NORMS: dict[str, tuple[ast.expr, ...]] = {
    "1": (ast.Constant(1),),
    "2": (ast.Constant(2),),
    "F": (),
    "∞": (ast.Name("inf"),),
    "inf": (ast.Name("inf"),),
    **dict.fromkeys(("*", "star", "nuc", "tr"), (ast.Constant("nuc"),)),
    **dict.fromkeys(("op", "spec"), (ast.Constant(2),)),
}


#: Words of cases, in English and Chinese.
IF_WORDS = ("if", "for", "when", "若", "当", "如果")
ELSE_WORDS = ("otherwise", "else", "否则", "其他", "其它")
OPPOSITES = {(ast.Gt, ast.LtE), (ast.Lt, ast.GtE), (ast.Eq, ast.NotEq)}


def opposite(one: ast.expr, other: ast.expr) -> bool:
    """Whether one condition holds exactly where the other does not: x > 0, x <= 0."""
    match one, other:
        case ast.Compare(a, [first], [b]), ast.Compare(c, [second], [d]):
            kinds = {(type(first), type(second)), (type(second), type(first))}
            alike = [ast.dump(a), ast.dump(b)] == [ast.dump(c), ast.dump(d)]
            return alike and bool(kinds & OPPOSITES)
    return False


class Brackets(Grammar):
    """Reads what is enclosed."""

    # ---- brackets ----

    def bracketed(self) -> ast.expr:
        """Read a group, or several values with commas between."""
        opened = self.step()
        bars, norms, cases = self.bars, self.norms, self.cases
        self.bars = self.norms = self.cases = 0
        items = [] if self.here.is_sign(")") else [self.expression()]
        while self.takes(","):
            if not self.here.is_sign(")"):
                items.append(self.expression())
        is_tuple = len(items) != 1 or self.last.is_sign(",")
        self.bars, self.norms, self.cases = bars, norms, cases
        end = self.close(")", opened)
        if is_tuple:
            return self.put(ast.Tuple(items), opened.span[0], end.span[1])
        return self._widened(items[0], opened, end)

    def _widened(self, node: ast.expr, opened: Token, end: Token) -> ast.expr:
        """Let a bracketed part's place hold its brackets, for messages and carets."""
        self.places[node] = (opened.span[0], end.span[1])
        return node

    def listed(self) -> ast.expr:
        """Read a list of numbers, or square brackets that group."""
        opened = self.step()
        items = []
        while not self.here.is_sign("]"):
            items.append(self.expression())
            if not self.takes(","):
                break
        end = self.close("]", opened)
        positive = self.here.is_sign("_") and self.ahead().is_sign("+")
        plain = len(items) != 1 or self._is_literal(items[0])
        if plain and not positive:
            return self.put(ast.List(items), opened.span[0], end.span[1])
        return self._widened(items[0], opened, end)

    def _is_literal(self, node: ast.expr) -> bool:
        if isinstance(node, ast.UnaryOp):
            node = node.operand
        if isinstance(node, ast.Name):
            return not self.is_latex
        return isinstance(node, ast.Constant | ast.List)

    def inner(self) -> ast.expr:
        """Read ⟨x, y⟩ as x @ y."""
        opened = self.step()
        left = self.expression()
        if not self.takes(","):
            raise self.fault(
                tr("an inner product has two parts"), hint=tr("as in ⟨x, y⟩")
            )
        right = self.expression()
        end = self.close("⟩", opened)
        return self._widened(self.binary(left, "@", right), opened, end)

    def piecewise(self) -> ast.expr:
        """Read {x if x > 0, 0 otherwise}, or braces that only group."""
        opened = self.step()
        self.cases += 1
        cases: list[tuple[ast.expr, ast.expr]] = []
        value = self.expression()
        while self._condition_follows():
            test = self.disjunction()
            cases.append((value, test))
            self.takes(",")
            if self.here.kind is Kind.LINE:
                self.step()
            if self.here.is_sign("}"):  # the last case has a condition of its own
                return self._all_told(cases, opened)
            if self.word(*ELSE_WORDS) and not starts_operand(self.here):
                raise self.fault(tr("a value is missing before otherwise"))
            value = self.expression()
        self._otherwise()
        self.cases -= 1
        if cases and self.here.kind in (Kind.END, Kind.LINE):
            end = (
                self.last
            )  # {x if x > 0, 0 otherwise: as in LaTeX, one brace is enough
        else:
            end = self.close("}", opened)
        if not cases:
            return self._widened(value, opened, end)
        return self._chosen(cases, value, opened, end)

    def _all_told(
        self, cases: list[tuple[ast.expr, ast.expr]], opened: Token
    ) -> ast.expr:
        """Read cases without an otherwise: the last one is what holds else."""
        self.cases -= 1
        end = self.close("}", opened)
        *before, (value, test) = cases
        if len(before) != 1 or not opposite(before[0][1], test):
            shown = self.segment(test)
            note = tr("the last case, {test}, holds wherever no other does", test=shown)
            self.notes.append(note)
        return self._chosen(before, value, opened, end) if before else value

    def _condition_follows(self) -> bool:
        """Whether this value's condition follows: if, for, or a comma and it."""
        if self.word(*IF_WORDS):
            return True
        if not self.here.is_sign(","):
            return False
        if self.ahead().text in ELSE_WORDS:
            return False
        self.step()
        self.word(*IF_WORDS)
        return True

    def _otherwise(self) -> None:
        self.takes(",")
        self.word(*ELSE_WORDS)
        if self.here.kind is Kind.LINE:
            self.step()

    def _chosen(
        self,
        cases: list[tuple[ast.expr, ast.expr]],
        otherwise: ast.expr,
        opened: Token,
        end: Token,
    ) -> ast.expr:
        span = (opened.span[0], end.span[1])
        return placed(chosen(cases, otherwise), self.places, span)

    def absolute(self) -> ast.expr:
        """Read |x|; ||x|| is a norm."""
        opened = self.step()
        doubled = self.here.is_sign("|") and not self.here.spaced
        self.bars += 1
        inner = self.expression()
        self.bars -= 1
        end = self.close("|", opened)
        span = (opened.span[0], end.span[1])
        if doubled and isinstance(inner, ast.Call) and self._fills(inner, span):
            return self._normed(inner.args[0], span)
        return self.call("abs", [inner], span)

    def _fills(self, inner: ast.Call, span: tuple[int, int]) -> bool:
        """Whether |…| stands in |…| without anything between: a norm."""
        return (
            isinstance(inner.func, ast.Name)
            and inner.func.id == "abs"
            and self.span(inner) == (span[0] + 1, span[1] - 1)
        )

    def norm_(self) -> ast.expr:
        """Read ‖x‖."""
        opened = self.step()
        self.norms += 1
        inner = self.expression()
        self.norms -= 1
        end = self.close("‖", opened)
        return self._normed(inner, (opened.span[0], end.span[1]))

    def _normed(self, inner: ast.expr, span: tuple[int, int]) -> ast.expr:
        """Read which norm it is: ‖x‖₂, ‖x‖_1, ‖A‖_F."""
        kind = "F"  # without an index: of all numbers
        token = self.here
        lowered = token.kind is Kind.LOWERED or (
            token.kind is Kind.NAME and token.text.startswith("_")
        )
        if lowered:
            kind = self.step().text.lstrip("_")
        elif self.here.is_sign("∞"):
            kind = self.step().text
        elif self.takes("_"):
            kind = self.step().text
            if kind == "{":
                kind = self.step().text
                self.takes("}")
        if kind not in NORMS:
            raise self.fault(
                tr("the norm {kind} is not read", kind=kind), token.span, "1, 2, F or ∞"
            )
        span = (span[0], self.last.span[1])
        return self.call("norm", [inner, *NORMS[kind]], span)

    def root(self) -> ast.expr:
        """Read √x, ∛x: of one operand with its exponent."""
        sign = self.step()
        inner = self.power()
        glued = starts_operand(self.here) and not self.here.spaced
        if glued and not self.last.is_sign(")", "}", "]"):
            more = self.here
            span = (sign.span[0], more.span[1])
            radicand = self.segment(inner)
            first = f"{sign.text}({radicand})*{more.text}"
            second = f"{sign.text}({radicand}*{more.text})"
            raise doubt(self.text, span, first, second)
        span = (sign.span[0], self.span(inner)[1])
        return self.rooted(inner, ROOTS[sign.text], span)

    def rooted(self, inner: ast.expr, degree: int, span: tuple[int, int]) -> ast.expr:
        """Make a square root, a cube root, or a fourth one."""
        if degree == 2:
            return self.call("sqrt", [inner], span)
        if degree == 3:
            return self.call("cbrt", [inner], span)
        exponent = self.binary(
            self.number("1", span), "/", self.number(str(degree), span)
        )
        return self.put(ast.BinOp(inner, ast.Pow(), exponent), *span)
