"""Which names are vectors and matrices themselves: w and x_i of wᵀx_i, µ of ‖x_i − µ‖.

A transpose, a norm, an inner product and bold type mark them; a sum has the kind of
its terms, and what a matrix multiplies is a vector.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping

from gradtutor.language.formula.constants import CONSTANTS
from gradtutor.language.formula.letters.sizes import TOTALS, function_name
from gradtutor.language.formula.notation.indexed.parts import Total
from gradtutor.language.formula.notation.indexed.scopes import Scopes
from gradtutor.language.formula.trees import Beside, Star

NORMS = ("norm", "norm_squared", "norm_1", "norm_inf")
MatrixProduct = Beside | Star | ast.MatMult
#: Rounds after which the kinds have spread through any formula.
ROUNDS = 6


class Cells:
    """How many axes an entry of each name has of its own.

    Parameters
    ----------
    given : mapping from str to int
        Names whose number of axes is declared.
    bold : collection of str
        Names in bold type or with an arrow: vectors, capitals matrices.
    """

    def __init__(
        self,
        tree: ast.Module,
        scopes: Scopes,
        given: Mapping[str, int],
        bold: Collection[str] = (),
    ) -> None:
        self.scopes = scopes
        stems = {scopes.stem(name) for name in bold}
        self.found = {stem: 2 if stem.isupper() else 1 for stem in stems}
        self.given = given
        self.indices: dict[str, int] = {}
        nodes = list(ast.walk(tree))
        for node in nodes:
            entry = scopes.entry(node.id) if isinstance(node, ast.Name) else None
            if entry:
                self.indices[entry[0]] = len(entry[1])
        for _ in range(ROUNDS):
            before = dict(self.found)
            self._settle(nodes, self._spread)
            self._settle(nodes, self._spread_over_sums)
            if before == self.found:
                break

    # ---- the kind of an expression ----

    def of_name(self, name: str) -> int:
        """Return the axes that a name's value has of its own; all, if it is bare."""
        entry = self.scopes.entry(name)
        stem = entry[0] if entry else name
        count = self.indices.get(stem, 0)
        if stem in self.given:
            rank = self.given[stem] - (count if entry else 0)
        else:
            rank = self.found.get(stem, 0) + (0 if entry else count)
        return max(0, min(rank, 2))

    def rank(self, node: ast.expr) -> int:
        """Return 1 for a vector, 2 for a matrix, 0 for a number."""
        match node:
            case ast.Name(name):
                return self.of_name(name)
            case ast.Attribute(value, "T") | ast.UnaryOp(operand=value):
                return self.rank(value)
            case Total(body=value):
                return self.rank(value)
            case ast.BinOp(left, op, right):
                return self._of_operation(left, op, right)
            case ast.IfExp(_, one, other):
                return max(self.rank(one), self.rank(other))
            case ast.Call(args=args) if function_name(node) not in TOTALS:
                return max(map(self.rank, args), default=0)
        return 0

    def _of_operation(self, left: ast.expr, op: ast.operator, right: ast.expr) -> int:
        one, other = self.rank(left), self.rank(right)
        if not isinstance(op, MatrixProduct) or not one or not other:
            return one if isinstance(op, ast.Pow) else max(one, other)
        if one == other == 1:
            return 2 if self.lies(right) and not self.lies(left) else 0
        return max(one + other - 2, 0)

    def lies(self, node: ast.expr) -> bool:
        """Whether a vector was transposed, or is such a one times others."""
        match node:
            case ast.Attribute(value, "T"):
                return self.rank(value) == 1 and not self.lies(value)
            case ast.UnaryOp(operand=value):
                return self.lies(value)
            case ast.BinOp(left, Beside() | Star() | ast.Mult() | ast.MatMult(), right):
                return self.lies(left) or (not self.rank(left) and self.lies(right))
            case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Div(), _):
                return self.lies(left)
        return False

    # ---- what marks a vector ----

    def _settle(self, nodes: list[ast.AST], spread: Callable[[ast.AST], None]) -> None:
        for _ in range(ROUNDS):
            before = dict(self.found)
            for node in nodes:
                spread(node)
            if before == self.found:
                return

    def _spread(self, node: ast.AST) -> None:
        match node:
            case ast.Attribute(value, "T"):
                self.want(value)
            case ast.Call(args=[value, *_]) if function_name(node) in NORMS:
                if not self.rank(value):
                    self.want(value)
            case ast.BinOp(left, ast.MatMult(), right):
                self.want(left)
                self.want(right)
            case ast.BinOp(left, Beside() | Star(), right):
                self._product(left, right)

    def _spread_over_sums(self, node: ast.AST) -> None:
        """Spread from one term to the other, once all products are known."""
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                stem = self.scopes.stem(name)
                self.found[stem] = max(self.found.get(stem, 0), self.rank(value))
            case ast.BinOp(left, ast.Add() | ast.Sub(), right):
                one, other = self.rank(left), self.rank(right)
                if other and not one:
                    self.want(left)
                if one and not other:
                    self.want(right)

    def _product(self, left: ast.expr, right: ast.expr) -> None:
        """Spread from a row or a matrix to what it multiplies, and back."""
        lies = self.rank(left) == 1 and self.lies(left)
        if (lies or self.rank(left) == 2) and not self.rank(right):
            self.want(right)
        if self._is_matrix(left) and self.rank(right) == 1 and not self.lies(right):
            self.want(left)

    def _is_matrix(self, node: ast.expr) -> bool:
        """Whether a name is a bare capital letter: a matrix, if it is no number."""
        if not isinstance(node, ast.Name) or self.scopes.entry(node.id):
            return False
        stem = node.id.split("_")[0]
        return len(stem) == 1 and stem.isupper()

    def want(self, node: ast.expr) -> None:
        """Note that an expression is a vector, or a matrix by its letter."""
        match node:
            case ast.Name(name):
                stem = self.scopes.stem(name)
                if stem in CONSTANTS or stem in self.given or self.rank(node):
                    return
                self.found[stem] = 2 if self._is_matrix(node) else 1
            case ast.Attribute(value, "T") | ast.UnaryOp(operand=value):
                self.want(value)
            case Total(body=value):
                self.want(value)
            case ast.BinOp(left, ast.Add() | ast.Sub(), right):
                self.want(left)
                self.want(right)
            case ast.BinOp(left, ast.Div(), _):
                self.want(left)
            case ast.BinOp(left, Beside() | Star() | ast.Mult(), right):
                if self._is_matrix(left):
                    self.want(left)
                self.want(right)
            case ast.Call(args=[value]) if function_name(node) not in TOTALS:
                self.want(value)
