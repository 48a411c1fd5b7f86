"""Mathematics to Python's syntax tree: precedence as on paper, every place kept.

>>> read_notation("xᵀAx").shapes
{'x': ('n',), 'A': ('n', 'n')}
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from itertools import pairwise

from gradtutor.gates import Shape
from gradtutor.graph import Span
from gradtutor.language.formula.letters import lettered
from gradtutor.language.formula.notation.indexed import without_indices
from gradtutor.language.formula.notation.names import assigned, has_transpose, settled
from gradtutor.language.formula.notation.operators import Operators
from gradtutor.language.formula.notation.tidying import left_out, tidied
from gradtutor.language.formula.notation.tokens import Kind, Token, tokens
from gradtutor.messages import tr


@dataclass(frozen=True)
class Notation:
    """What was read: the tree, its places, and what to say of it."""

    tree: ast.Module
    places: dict[ast.AST, Span]
    notes: list[str] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)
    implied: bool = True
    free: list[str] = field(default_factory=list)
    asked: tuple[str, int] | None = None


def read_notation(
    text: str,
    declared: Collection[str] = (),
    found: list[Token] | None = None,
    *,
    of_matrices: bool = False,
    capitals: bool = False,
) -> Notation:
    """Read a text as people write mathematics.

    Parameters
    ----------
    declared : collection of str
        Names that have a shape or a value from elsewhere.
    found : list of Token, optional
        The tokens, where the text is LaTeX.
    of_matrices : bool
        Whether * is a product of matrices even where nothing is transposed.
    capitals : bool
        Whether letters are matrices and vectors even where nothing asks for them.

    Raises
    ------
    gradtutor.language.SourceError
        With the place of the mistake, or of a part that has two readings.
    """
    tidy = tidied(found or tokens(text), declared, text)
    ready = settled(tidy.tokens, declared)
    parser = _Parser(text, ready, declared, is_latex=found is not None)
    parser.notes += [*tidy.notes, *_asked_note(tidy.asked)]
    signs = any(token.is_sign("@") for token in ready)
    tensors = has_transpose(ready) or any(token.is_sign("⊙") for token in ready)
    parser.of_matrices = not signs and (of_matrices or tensors)
    tree = ast.Module(parser.statements(), [])
    tree = without_indices(parser, tree, declared)
    shapes = dict(sorted(parser.entries.items()))
    taken = {*declared, *shapes}
    shapes |= lettered(tree, taken, mathematics=True, capitals=capitals)
    shapes = {name: shape for name, shape in shapes.items() if name not in declared}
    made = Notation(tree, parser.places, parser.notes, shapes, free=parser.free)
    return replace(made, asked=tidy.asked)


def _asked_note(asked: tuple[str, int] | None) -> list[str]:
    if asked is None:
        return []
    name, order = asked
    if not name:
        return [tr("∇ asks for the gradient, which diff works out")]
    power = "" if order == 1 else f"^{order}"
    said = tr(
        "d{power}/d{name}{power} asks for a derivative, which diff works out; "
        "the formula is what stands behind it",
        name=name,
        power=power,
    )
    return [said]


def _is_condition(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare | ast.BoolOp)


#: Functions that no line defines anew: log(y) = x is an equation.
ELEMENTARY = {"sin", "cos", "tan", "log", "ln", "exp", "sqrt", "abs"}


class _Parser(Operators):
    """Reads statements."""

    def __init__(
        self,
        text: str,
        found: list[Token],
        declared: Collection[str],
        *,
        is_latex: bool = False,
    ) -> None:
        super().__init__(text, found)
        self.is_latex = is_latex
        self.notes: list[str] = []
        self.entries = {}
        self.free = []
        self.bold = {token.text for token in found if token.bold}
        self.values = {*declared, *assigned(found)}
        names = [token.text for token in found if token.kind is Kind.NAME]
        self.counts = {name: names.count(name) for name in set(names)}
        self.is_euler = "e" not in self.values and any(
            token.text == "e" and after.is_sign("^") for token, after in pairwise(found)
        )

    # ---- statements ----

    def statements(self) -> list[ast.stmt]:
        """Read all lines."""
        result = []
        while self.here.kind is not Kind.END:
            if self.here.kind is Kind.LINE:
                self.step()
                continue
            result.append(self._statement())
            if self.here.kind not in (Kind.LINE, Kind.END):
                raise self.unexpected()
        return result

    def unexpected(self) -> Exception:
        """Make the error of a token that cannot stand here."""
        if self.here.is_sign("="):
            message = tr("only a name can stand before =")
            return self.fault(message, self.here.span, tr("as in y = 2*x + 1"))
        self.refuse_operator(self.here)
        return self.fault(tr("this is not a formula"), self.here.span)

    def _statement(self) -> ast.stmt:
        head = self._head()
        if head is None:
            start = self.here.span[0]
            return self._placed(ast.Expr(self._without_domain()), start)
        name, sign = head
        target = ast.Name(name.text)
        self.put(target, *name.span)
        if sign.text == ":":
            shape = self.tuple_or_expression()
            declared = ast.AnnAssign(target, shape, None, 1)
            return self._placed(declared, name.span[0])
        value = self._without_domain()
        return self._placed(ast.Assign([target], value), name.span[0])

    def _without_domain(self) -> ast.expr:
        """Read a formula, and drop where it holds: ln x, x > 0."""
        value = self.tuple_or_expression()
        conditions: list[ast.expr] = []
        if isinstance(value, ast.Tuple) and len(value.elts) > 1:
            first, *rest = value.elts
            if not _is_condition(first) and all(map(_is_condition, rest)):
                value, conditions = first, rest
        if not _is_condition(value) and self.word("for", "where", "with"):
            conditions.append(self.tuple_or_expression())
        if conditions:
            start, end = self.span(conditions[0])[0], self.span(conditions[-1])[1]
            self.notes.append(left_out(self.text[start:end]))
        return value

    def _placed(self, statement: ast.stmt, start: int) -> ast.stmt:
        self.places[statement] = (start, max(self.last.span[1], start + 1))
        return statement

    def _head(self) -> tuple[Token, Token] | None:
        """Read ``y =``, ``f(x, y) =`` or ``x:``."""
        name, start = self.here, self.at
        if name.kind is not Kind.NAME:
            return None
        self.step()
        name = self._joined(name)
        if self.here.is_sign("(") and name.text not in ELEMENTARY:
            self._skip_parameters()
        sign = self.takes("=", ":")
        if sign is None:
            self.at = start
            return None
        return name, sign

    def _joined(self, name: Token) -> Token:
        """Join the capitals of KL = and MSE =, which LaTeX has as letters."""
        while self.is_latex and name.text.isupper() and self.here.text.isupper():
            if self.here.kind is not Kind.NAME or self.here.spaced:
                break
            span = (name.span[0], self.here.span[1])
            name = replace(name, text=name.text + self.step().text, span=span)
        return name

    def _skip_parameters(self) -> None:
        """Pass over (x, y), and (x; μ, σ²) where an equals sign follows."""
        depth, start = 0, self.at
        while self.here.kind is not Kind.END:
            depth += self.here.is_sign("(") - self.here.is_sign(")")
            self.step()
            if depth == 0:
                break
        if not self.here.is_sign("=", ":"):
            self.at = start

    def tuple_or_expression(self) -> ast.expr:
        """Read an expression, or several with commas between."""
        start = self.here.span[0]
        items = [self.expression()]
        while self.takes(","):
            if self.here.is_sign(")", "]") or self.here.kind is Kind.LINE:
                break
            items.append(self.expression())
        if len(items) == 1 and not self.last.is_sign(","):
            return items[0]
        return self.put(ast.Tuple(items), start, self.last.span[1])
