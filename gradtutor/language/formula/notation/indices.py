"""Sums over indices as sums over axes: ∑_i ∑_j A_ij x_i x_j is an einsum.

Every part of a sum has the axes of the indices that still run in it: x_i has i, A_ij
has i and j, ∑_j A_ij x_j has i.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

from gradtutor.gates import Shape
from gradtutor.language.formula.letters.sizes import TOTALS, function_name, rank_of
from gradtutor.language.formula.trees import Beside, Numeral, filled, placed
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.formula.notation.grammar import Grammar

#: The axis of the entries of a row x_i that is a vector itself.
ROW = "*"
#: Letters that may be indices though no sum runs over them: i of ∑_j A_ij x_j.
FREE = "ijklmn"
#: Most indices of a tensor.
MOST = 4
NORMS = ("norm", "norm_squared", "norm_1")
Axes = tuple[str, ...]


@dataclass
class Part:
    """Factors, each with the indices of its axes; their product is the value."""

    factors: list[tuple[ast.expr, Axes]]

    @property
    def axes(self) -> Axes:
        """The indices of all factors, in the order of their first use."""
        return tuple(dict.fromkeys(one for _, axes in self.factors for one in axes))


@dataclass
class Sum(ast.expr):
    """A sum over indices before its axes are known."""

    body: ast.expr
    over: tuple[str, ...]
    bound: ast.expr | None = None
    _fields = ("body",)

    __hash__ = object.__hash__


@dataclass
class Indexed:
    """Reads the sums of one text; what it learns of shapes stays in ``shapes``."""

    parser: Grammar
    running: frozenset[str] = frozenset()
    shapes: dict[str, Shape] = field(default_factory=dict)

    # ---- sums ----

    def total(self, node: Sum) -> Part:
        """Sum the axes of the indices."""
        before, self.running = self.running, self.running | set(node.over)
        part = self.part(node.body)
        self.running = before
        for index in node.over:
            part = self._over(node, part, index)
        return part

    def _over(self, node: Sum, part: Part, index: str) -> Part:
        numbers = [tree for tree, axes in part.factors if not axes]
        arrays = [(tree, axes) for tree, axes in part.factors if axes]
        if index not in part.axes:
            if node.bound is None:
                message = tr("nothing in this sum depends on {index}", index=index)
                hint = tr("as in x_{index}, an entry of a vector", index=index)
                raise self.parser.fault(message, self.parser.span(node), hint)
            return Part([*part.factors, (node.bound, ())])
        if len({axes for _, axes in arrays}) == 1:
            axes = arrays[0][1]
            factors = [tree for tree, _ in part.factors]
            call = self._sum(self._product(factors), axes.index(index), len(axes))
            rest = tuple(one for one in axes if one != index)
            return Part([(self._placed(call, node), rest)])
        rest = tuple(one for one in part.axes if one != index)
        product = self._einsum(arrays, rest)
        return Part([(tree, ()) for tree in numbers] + [(product, rest)])

    def _sum(self, tree: ast.expr, axis: int, rank: int) -> ast.Call:
        keywords = [ast.keyword("axis", Numeral(axis, str(axis)))] if rank > 1 else []
        return ast.Call(ast.Name("sum"), [tree], keywords)

    def _einsum(self, arrays: list[tuple[ast.expr, Axes]], rest: Axes) -> ast.expr:
        letters: dict[str, str] = {}
        for _, axes in arrays:
            for one in axes:
                letters.setdefault(one, "ijklmnab"[len(letters)])
        before = ",".join("".join(letters[one] for one in axes) for _, axes in arrays)
        after = "".join(letters[one] for one in rest)
        text = ast.Constant(f"{before}->{after}")
        call = ast.Call(
            ast.Name("einsum"),
            [tree for tree, _ in arrays],
            [ast.keyword("subscripts", text)],
        )
        return self._placed(call, arrays[0][0])

    # ---- parts ----

    def part(self, node: ast.expr) -> Part:
        """Read a part of a sum: its factors and their axes."""
        match node:
            case Sum():
                return self.total(node)
            case ast.Name():
                return self._name(node)
            case ast.Constant():
                return Part([(node, ())])
            case ast.BinOp(left, Beside() | ast.Mult() | ast.MatMult() as op, right):
                rows = self._rows(left, right, is_inner=isinstance(op, ast.MatMult))
                if rows is not None:
                    return rows
                return Part([*self.part(left).factors, *self.part(right).factors])
            case ast.Call() if function_name(node) in NORMS:
                return self._norm(node)
            case ast.Attribute() | ast.Subscript() | ast.Call() if self._refused(node):
                raise self._unread(node)
        return self._each(node)

    def whole(self, node: ast.expr) -> tuple[ast.expr, Axes]:
        """Return one tree for a part, and its axes."""
        part = self.part(node)
        shared = {axes for _, axes in part.factors if axes}
        if len(shared) <= 1:
            tree = self._product([tree for tree, _ in part.factors])
            return self._placed(tree, node), part.axes
        arrays = [one for one in part.factors if one[1]]
        numbers = [tree for tree, axes in part.factors if not axes]
        tree = self._product([*numbers, self._einsum(arrays, part.axes)])
        return self._placed(tree, node), part.axes

    def _name(self, node: ast.Name) -> Part:
        if node.id in self.running:
            message = tr(
                "the index {index} has no value of its own here", index=node.id
            )
            hint = tr("give the sum numbers as bounds, or name a vector for it")
            raise self.parser.fault(message, self.parser.span(node), hint)
        stem, axes = self.entry(node.id)
        if not axes:
            self._refuse_shifted(node)
            return Part([(node, ())])
        self.learn(node, stem, axes)
        tree = self.parser.put(ast.Name(stem), *self.parser.span(node))
        if len(axes) == 2 and axes[0] == axes[1]:  # A_ii
            return Part([(self._placed(filled("diagonal(a)", a=tree), node), axes[:1])])
        if len(set(axes)) < len(axes):
            raise self._unread(node)
        return Part([(tree, axes)])

    def _refuse_shifted(self, node: ast.Name) -> None:
        """Refuse x_{i+1} and A_{i,1}, where an index runs that is no axis."""
        below = node.id.partition("_")[2]
        letters = "".join(self.running)
        if re.search(rf"(?:^|_)[{letters}](?:[pm_]?\d+)?(?:_|$)", below):
            raise self._unread(node)

    def entry(self, name: str) -> tuple[str, Axes]:
        """Return the tensor and the running indices of an entry's name: A_ij."""
        stem, _, below = name.rpartition("_")
        letters = tuple(below.replace("_", ""))
        while stem and not set(letters) & self.running:
            stem, _, more = stem.rpartition("_")
            letters = (*more, *letters)
        free = set(letters) - self.running
        if not stem or len(letters) > MOST or (free and len(letters) > 2):
            return name, ()
        return (stem, letters) if free <= set(FREE) else (name, ())

    def learn(self, node: ast.expr, stem: str, axes: Axes) -> None:
        """Note the shape of a tensor, the same at every use."""
        known = self.shapes.get(stem)
        if known is not None and len(known) != len(axes):
            message = tr("{name} has one index here and two there", name=stem)
            raise self.parser.fault(message, self.parser.span(node))
        self.shapes[stem] = tuple(_size(one) for one in axes)

    def _each(self, node: ast.expr) -> Part:
        """Read an operation of each entry on its own, all operands on the same axes."""
        names = [
            name
            for name, value in ast.iter_fields(node)
            if isinstance(value, ast.expr)
            or (isinstance(value, list) and value and isinstance(value[0], ast.expr))
        ]
        operands = [one for name in names for one in _listed(getattr(node, name))]
        parts = [self.whole(one) for one in operands]
        trees, axes = self._aligned(node, parts)
        found = iter(trees)
        fresh = copy.copy(node)
        for name in names:
            value = getattr(node, name)
            several = isinstance(value, list)
            new = [next(found) for _ in value] if several else next(found)
            setattr(fresh, name, new)
        return Part([(self._placed(fresh, node), axes)])

    def _aligned(
        self, node: ast.expr, parts: Sequence[tuple[ast.expr, Axes]]
    ) -> tuple[list[ast.expr], Axes]:
        """Bring operands to the same axes: x_i − x_j has a row of j for each i."""
        axes: Axes = max((axes for _, axes in parts), key=len, default=())
        pairs = {one for _, one in parts if one}
        if pairs == {one for one in pairs if len(one) == 1} and len(pairs) == 2:
            first, second = dict.fromkeys(axes for _, axes in parts if axes)
            trees = [
                filled("reshape(a, shape=(-1, 1))", a=tree) if one == first else tree
                for tree, one in parts
            ]
            return [self._placed(tree, node) for tree in trees], (*first, *second)
        if len(axes) == 2 and any(one == axes[:1] for _, one in parts):
            axes = axes[::-1]
            parts = [
                (filled("a.T", a=tree), one[::-1]) if len(one) == 2 else (tree, one)
                for tree, one in parts
            ]
        if any(one and axes[len(axes) - len(one) :] != one for _, one in parts):
            raise self._unread(node)
        return [self._placed(tree, node) for tree, _ in parts], axes

    # ---- rows: x_i is a vector itself ----

    def _rows(self, left: ast.expr, right: ast.expr, *, is_inner: bool) -> Part | None:
        """Read wᵀx_i, x_iᵀw and ⟨w, x_i⟩: a product of the matrix x by w."""
        if isinstance(left, ast.BinOp) and isinstance(left.op, Beside | ast.Mult):
            inner = self._rows(left.right, right, is_inner=is_inner)
            if inner is None:
                return None
            return Part([*self.part(left.left).factors, *inner.factors])
        if isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub):
            inner = self._rows(left.operand, right, is_inner=is_inner)
            minus = self.parser.number("-1", self.parser.span(left))
            return inner and Part([(minus, ()), *inner.factors])
        turned = isinstance(left, ast.Attribute) and left.attr == "T"
        if not (turned or is_inner):
            return None
        one = left.value if isinstance(left, ast.Attribute) else left
        sides = [one, right]
        if not all(isinstance(side, ast.Name) for side in sides):
            return None
        entries = [self.entry(side.id) for side in sides if isinstance(side, ast.Name)]
        indices = [axes for _, axes in entries]
        if sorted(map(len, indices)) not in ([0, 1], [1, 1]):
            return None
        trees: list[tuple[ast.expr, Axes]] = []
        for side, (stem, axes) in zip(sides, entries, strict=True):
            self.learn(side, stem, (*axes, ROW))
            tree = self.parser.put(ast.Name(stem), *self.parser.span(side))
            trees.append((tree, (*axes, ROW)))
        if indices[0] and indices[1]:
            return Part([(self._einsum(trees, (*indices[0], *indices[1])), ())])
        (matrix, axes), (vector, _) = sorted(trees, key=lambda one: -len(one[1]))
        product = ast.BinOp(matrix, ast.MatMult(), vector)
        return Part([(self._placed(product, right), axes[:1])])

    def _norm(self, node: ast.Call) -> Part:
        """Read ‖x_i − µ‖: the norm of each row."""
        names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
        indexed = {axes for one in names if (axes := self.entry(one.id)[1])}
        if not indexed:
            return Part([(node, ())])
        if len(indexed) > 1 or len(min(indexed)) > 1:
            raise self._unread(node)
        (axes,) = indexed
        argument = _Rows(self).visit(node.args[0])
        axis = ast.keyword("axis", ast.UnaryOp(ast.USub(), Numeral(1, "1")))
        call = ast.Call(node.func, [argument], [axis])
        return Part([(self._placed(call, node), axes)])

    # ---- pieces ----

    def _refused(self, node: ast.expr) -> bool:
        """Whether indices run inside what is no operation of each entry."""
        if isinstance(node, ast.Call):
            name = function_name(node)
            whole = name in TOTALS or name in ("softmax", "logsumexp", "outer")
            return whole and any(map(self._runs, node.args))
        return isinstance(node, ast.Attribute | ast.Subscript) and self._runs(
            node.value
        )

    def _runs(self, node: ast.expr) -> bool:
        names = (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
        return any(self.entry(name)[1] for name in names)

    def _unread(self, node: ast.expr) -> Exception:
        message = tr("a sum with these indices is not read")
        hint = tr("write it with products of matrices, or with einsum")
        return self.parser.fault(message, self.parser.span(node), hint)

    def _product(self, factors: Iterable[ast.expr]) -> ast.expr:
        return reduce(lambda left, right: self.parser.binary(left, "*", right), factors)

    def _placed(self, tree: ast.expr, node: ast.expr) -> ast.expr:
        return placed(tree, self.parser.places, self.parser.span(node))


class _Rows(ast.NodeTransformer):
    """Reads entries as rows: ‖x_i − µ‖ has the matrix x and the vector µ."""

    def __init__(self, reader: Indexed) -> None:
        self.reader = reader

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return the tensor of an entry."""
        parser = self.reader.parser
        stem, axes = self.reader.entry(node.id)
        if axes or rank_of(node.id) == 1:
            self.reader.learn(node, stem, (*axes, ROW))
        return parser.put(ast.Name(stem), *parser.span(node))


def _listed(value: ast.expr | list[ast.expr]) -> list[ast.expr]:
    return value if isinstance(value, list) else [value]


def _size(index: str) -> str:
    """Name the number of values of an index: n for i, m for j, d for a row's own."""
    return {"i": "n", "j": "m", ROW: "d", "k": "k"}.get(index, f"n_{index}")
