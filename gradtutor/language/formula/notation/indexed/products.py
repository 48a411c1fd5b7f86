"""Sums, products and extremes over indices, and products of vectors and matrices."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from gradtutor.language.formula.notation.indexed.aligning import Operand
from gradtutor.language.formula.notation.indexed.contractions import (
    contracted,
    summed,
    times,
    whole_number,
)
from gradtutor.language.formula.notation.indexed.naming import Naming
from gradtutor.language.formula.notation.indexed.parts import Part, Total
from gradtutor.language.formula.trees import Hadamard
from gradtutor.messages import tr


class Products(Naming):
    """Reads sums and products; a reader of everything else stands on it."""

    @abstractmethod
    def part(self, node: ast.expr) -> Part:
        """Read a part of a formula: its factors, their axes, its kind."""

    @abstractmethod
    def whole(self, part: Part) -> Operand:
        """Return one tree for a part, its axes in order, the cell's at last."""

    # ---- sums ----

    def total(self, node: Total) -> Part:
        """Read a sum: its terms' factors without the index stand outside."""
        before = dict(self.scope)
        labels = [self.bind(node, letter) for letter in node.over]
        part = self.part(node.body)
        self.scope = before
        for label in labels:
            if label not in part.axes:
                part = self._repeated(node, part, label)
        labels = [label for label in labels if label in part.axes]
        if not labels:
            return part
        if node.kind != "sum":
            return self._extreme(node, part, labels)
        outside = tuple(one for one in part.factors if not set(one[1]) & set(labels))
        inside = [one for one in part.factors if set(one[1]) & set(labels)]
        if len({axes for _, axes in inside}) == 1:
            product = times([tree for tree, _ in inside])
            total = summed(product, inside[0][1], labels, "sum")
        else:
            used = Part(tuple(inside), part.cell).axes
            found = {one for _, axes in inside for one in axes}
            out = tuple(one for one in used if one in found and one not in labels)
            total = contracted(inside, out), out
        return replace(part, factors=(*outside, total))

    def _repeated(self, node: Total, part: Part, label: str) -> Part:
        """Multiply a term without the index by the number of its values."""
        count = node.stop
        if node.bounds:
            count = whole_number(node.bounds[1] - node.bounds[0] + 1)
        if node.kind != "sum" or count is None:
            message = tr("nothing in this sum depends on {index}", index=label[0])
            hint = tr("as in x_{index}, an entry of a vector", index=label[0])
            raise self.fault(message, node, hint)
        return replace(part, factors=(*part.factors, (count, ())))

    def _extreme(self, node: Total, part: Part, labels: Sequence[str]) -> Part:
        if part.cell:
            message = tr("the largest of vectors has no meaning")
            message = tr("a product of vectors") if node.kind == "prod" else message
            raise self.fault(message, node, tr("as in x_{index}", index=labels[0][0]))
        one = self.whole(part)
        return Part((summed(one.tree, one.axes, labels, node.kind),))

    # ---- products ----

    def product(self, node: ast.expr, a: Part, op: ast.operator, b: Part) -> Part:
        """Multiply two parts: numbers, entry by entry, or as matrices."""
        negative = a.negative != b.negative
        if isinstance(op, Hadamard) and a.cell and b.cell:
            if len(a.cell) != len(b.cell):
                raise self.unread(node)
            for old, new in zip(b.cell, a.cell, strict=True):
                self.sizes.join(new, old)
                b = b.renamed(old, new)
        elif a.cell and b.cell:
            return self._matrix_product(node, a, op, b)
        lies = a.lies or b.lies
        factors = (*a.factors, *b.factors)
        return Part(factors, a.cell or b.cell, lies, negative)

    def _matrix_product(
        self, node: ast.expr, a: Part, op: ast.operator, b: Part
    ) -> Part:
        negative = a.negative != b.negative
        vectors = len(a.cell) == len(b.cell) == 1
        if vectors and b.lies and not a.lies:
            cell = (*a.cell, *b.cell)
            return Part((*a.factors, *b.factors), cell, negative=negative)
        if vectors and not a.lies and not isinstance(op, ast.MatMult):
            message = tr("two vectors side by side have two readings")
            assert isinstance(node, ast.BinOp)
            sides = (self.segment(node.left), self.segment(node.right))
            hint = tr(
                "write {a} ⊙ {b}, element by element, or {a}^T {b}, the inner product",
                a=sides[0],
                b=sides[1],
            )
            raise self.doubt(message, node, hint)
        label = a.cell[-1]
        self.sizes.join(label, b.cell[0])
        b = b.renamed(b.cell[0], label)
        cell = (*a.cell[:-1], *b.cell[1:])
        both = (*a.factors, *b.factors)
        inside = [one for one in both if label in one[1]]
        found = dict.fromkeys(one for _, axes in inside for one in axes)
        out = tuple(one for one in found if one != label and one not in cell)
        out = (*out, *(one for one in cell if one in found))
        outside = tuple(one for one in both if label not in one[1])
        factors = (*outside, (contracted(inside, out), out))
        lies = len(a.cell) == 1 and len(b.cell) == 2
        return Part(factors, cell, lies, negative)
