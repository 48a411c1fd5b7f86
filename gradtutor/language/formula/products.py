"""Which product is meant: of numbers, of matrices, an outer one, one of all parts."""

from __future__ import annotations

import ast
import re

from gradtutor.graph import (
    operands,
)
from gradtutor.language.errors import (
    LimitError,
)
from gradtutor.language.formula.building import Building
from gradtutor.language.formula.doubts import AmbiguousError
from gradtutor.language.formula.source import NotedSource
from gradtutor.language.formula.trees import Star
from gradtutor.messages import tr

MAX_FACTORS = 64
#: The bars around what they enclose.
BAR = r"(?:\||∣|\\[lr]?vert)"
BARS = re.compile(rf"(?:\\left)?\s*{BAR}\s*(.*?)\s*(?:\\right)?\s*{BAR}", re.DOTALL)


class Products(Building):
    """Chooses products."""

    def _product_of(self, sides: list[str], item: ast.expr, op: ast.operator) -> str:
        """Choose the product of what stands side by side: @ of tensors, else ×."""
        left, right = (self.graph.nodes[side] for side in sides)
        ranks = [len(side["shape"] or ()) for side in (left, right)]
        rows = [self._is_row(side) for side in sides]
        if 0 in ranks:
            return "mul"
        if isinstance(op, Star):
            said = tr(
                "* between matrices and vectors is the matrix product; ⊙ or .* is not"
            )
            self.source.notes += [said] * (said not in self.source.notes)
            if ranks == [1, 1] and not any(rows):
                return "mul"
        if ranks == [1, 1] and not any(rows):
            message = tr("two vectors side by side have two readings")
            a, b = (str(side["name"] or "x") for side in (left, right))
            hint = tr(
                "write {a}*{b}, element by element, or {a} @ {b}, the inner product",
                a=a,
                b=b,
            )
            raise self.fail(AmbiguousError, message, item, hint)
        outer = ranks == [1, 1] and rows == [False, True]
        return "outer" if outer else "matmul"

    def _is_row(self, node: str) -> bool:
        """Whether a vector lies: it was transposed, or is such a one times a matrix."""
        data = self.graph.nodes[node]
        if data["gate"] == "transpose" and len(data["shape"] or ()) == 1:
            return True
        through = data["gate"] in ("matmul", "mul", "neg")
        inner = operands(self.graph, node) if through else []
        return any(self._is_row(one) for one in inner[:1]) or (
            data["gate"] == "mul" and self._is_row(inner[1])
        )

    def _inverse(self, matrix: str, item: ast.BinOp, name: str | None) -> str:
        """Read X⁻¹ as the inverse; X**-1 of Python may be either, and is refused."""
        if not isinstance(self.source, NotedSource):
            shown = self.source.segment(item.left)
            message = tr("{name} to the power -1 has two readings", name=shown)
            hint = tr(
                "write inv({name}), the inverse, or 1/{name}, element by element",
                name=shown,
            )
            raise self.fail(AmbiguousError, message, item, hint)
        return self._gate("inv", [matrix], item, name)

    def _rank(self, node: str) -> int:
        return len(self.graph.nodes[node]["shape"] or ())

    def _multiplied(
        self, x: str, item: ast.expr, name: str | None, axis: int | None
    ) -> str:
        """Multiply the parts of a tensor along an axis, or all its numbers."""
        shape = self.graph.nodes[x]["shape"]
        if axis is None and len(shape or ()) > 1:
            x = self._gate("reshape", [x], item, None, shape=(-1,))
            shape = self.graph.nodes[x]["shape"]
        rank = len(shape or ())
        place = 0 if axis is None else axis % max(rank, 1)
        size = shape[place] if shape and place < rank else None
        if shape == ():
            return x
        if not isinstance(size, int) or not 1 <= size <= MAX_FACTORS:
            message = (
                tr("a product of {size} is not read", size=size)
                if shape
                else tr("a product of unknown size is not read")
            )
            hint = tr(
                "of 1 to {limit} numbers: give the shape, as in x: (3,)",
                limit=MAX_FACTORS,
            )
            raise self.fail(LimitError, message, item, hint)
        whole = ((None, None, None),) * place
        parts = [
            self._gate("index", [x], item, None, at=(*whole, count))
            for count in range(size)
        ]
        for part in parts[1:-1]:
            parts[0] = self._gate("mul", [parts[0], part], item, None)
        return (
            self._gate("mul", [parts[0], parts[-1]], item, name)
            if size > 1
            else parts[0]
        )

    def _refuse_bars(self, inner: str, item: ast.expr) -> None:
        """Refuse |A| of a matrix: its determinant, or each entry without its sign."""
        written = self.source.segment(item)
        bars = BARS.fullmatch(written)
        if self._rank(inner) != 2 or not bars:
            return
        part = bars[1]
        message = tr("{part} has two readings", part=written)
        hint = tr(
            "write {first} or {second}", first=f"det({part})", second=f"abs({part})"
        )
        raise self.fail(AmbiguousError, message, item, hint)
