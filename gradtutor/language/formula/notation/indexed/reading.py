"""Parts of a formula as arrays: every axis has an index, or belongs to the value.

∑_j W_ij x_j is W @ x, with one value for each i; wᵀx_i is x @ w, where x_i is a row.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import replace

from gradtutor.language.formula.functions.naming import known_function
from gradtutor.language.formula.letters import is_minus_one
from gradtutor.language.formula.letters.sizes import function_name
from gradtutor.language.formula.notation.indexed.aligning import (
    Operand,
    UnalignedError,
    aligned,
    together,
)
from gradtutor.language.formula.notation.indexed.cells import NORMS
from gradtutor.language.formula.notation.indexed.contractions import (
    contracted,
    times,
    turned,
    whole_number,
)
from gradtutor.language.formula.notation.indexed.parts import Axes, Part, Total
from gradtutor.language.formula.notation.indexed.pointwise import is_pointwise
from gradtutor.language.formula.notation.indexed.products import Products
from gradtutor.language.formula.trees import Beside, Hadamard, placed
from gradtutor.messages import tr

#: Functions of one argument that are of each entry with more.
EXTREMES = ("max", "min", "maximum", "minimum")


class Reader(Products):
    """Reads the expressions of one text."""

    def part(self, node: ast.expr) -> Part:
        """Read a part of a formula: its factors, their axes, its kind."""
        part = self._part(node)
        span = self.parser.places.get(node, (0, 1))
        for tree, _ in part.factors:
            placed(tree, self.parser.places, span)
        return part

    def _part(self, node: ast.expr) -> Part:
        match node:
            case Total():
                return self.total(node)
            case ast.Name():
                return self.name(node)
            case ast.Constant() | ast.List():
                return Part(((node, ()),))
            case ast.UnaryOp(ast.USub(), operand):
                part = self.part(operand)
                return replace(part, negative=not part.negative)
            case ast.UnaryOp(ast.UAdd(), operand):
                return self.part(operand)
            case ast.BinOp(
                left, Beside() | Hadamard() | ast.Mult() | ast.MatMult() as op, right
            ):
                return self.product(node, self.part(left), op, self.part(right))
            case ast.BinOp(left, ast.Pow(), right):
                return self._power(node, left, right)
            case ast.Attribute(value, "T"):
                part = self.part(value)
                lies = not part.lies if len(part.cell) == 1 else part.lies
                return replace(part, cell=part.cell[::-1], lies=lies)
            case ast.Call():
                return self._call(node)
            case ast.Attribute() | ast.Subscript():
                if any(True for _ in self.entries_in(node)):
                    raise self.unread(node)
                return Part(((node, ()),))
        return self._each(node)

    def whole(self, part: Part) -> Operand:
        """Return one tree for a part, its axes in order, the cell's at last."""
        axes = part.axes
        numbers = [tree for tree, own in part.factors if not own]
        arrays = [(tree, own) for tree, own in part.factors if own]
        if len({own for _, own in arrays}) <= 1:
            tree = times([one for one, _ in part.factors])
            tree = turned(tree, arrays[0][1], axes) if arrays else tree
        else:
            try:
                if len({one for _, own in arrays for one in own}) > 2 or all(
                    len(own) == 1 for _, own in arrays
                ):
                    raise UnalignedError
                trees = [aligned(tree, own, axes) for tree, own in arrays]
                tree = times([*numbers, *trees])
            except UnalignedError:
                tree = times([*numbers, contracted(arrays, axes)])
        tree = ast.UnaryOp(ast.USub(), tree) if part.negative else tree
        return Operand(tree, axes, part.cell, part.lies)

    # ---- powers ----

    def _power(self, node: ast.expr, left: ast.expr, right: ast.expr) -> Part:
        base = self.part(left)
        if len(base.cell) == 2 and is_minus_one(right) and not base.indices:
            self.sizes.join(*base.cell)
            one = self.whole(base)
            tree = ast.BinOp(one.tree, ast.Pow(), right)
            return Part(((tree, base.cell),), base.cell)
        if base.cell and base.indices:
            inner = self.segment(left)
            message = tr("{part} is a vector: its power has two readings", part=inner)
            hint = tr(
                r"write \|{part}\|^2, its length, or {part} \odot {part}", part=inner
            )
            raise self.doubt(message, node, hint)
        return self._each(node)

    # ---- functions ----

    def _call(self, node: ast.Call) -> Part:
        name = function_name(node)
        if name in NORMS:
            return self._norm(node)
        if name in ("dot", "inner") and len(node.args) == 2:
            sides = [self.part(one) for one in node.args]
            if all(len(one.cell) == 1 for one in sides):
                return self.product(node, sides[0], ast.MatMult(), sides[1])
        parts = [self.part(one) for one in node.args]
        unknown = not known_function(name)  # refused where functions are looked up
        if unknown or self._is_pointwise(name, len(parts)):
            return self._aligned_call(node, parts)
        for argument, part in zip(node.args, parts, strict=True):
            if part.indices:
                shown = self.segment(argument)
                message = tr(
                    "{function} takes a whole vector, and {part} is one entry",
                    function=name,
                    part=shown,
                )
                hint = tr("write it with the vector's own name, without the index")
                raise self.fault(message, argument, hint)
        fresh = copy.copy(node)
        fresh.args = [self.whole(part).tree for part in parts]
        cell = parts[0].cell if parts and name in ("softmax", "inv") else ()
        return Part(((fresh, cell),), cell)

    @staticmethod
    def _is_pointwise(name: str, count: int) -> bool:
        plain = known_function(name) or name
        if name in EXTREMES:
            return count > 1
        return is_pointwise(plain)

    def _aligned_call(self, node: ast.Call, parts: list[Part]) -> Part:
        operands = self._together(node, parts)
        fresh = copy.copy(node)
        fresh.args = [one.tree for one in operands]
        first = operands[0]
        return Part(((fresh, first.axes),), first.cell, first.lies)

    def _norm(self, node: ast.Call) -> Part:
        """Read ‖x_i − µ‖: the norm of each row."""
        part = self.part(node.args[0])
        fresh = copy.copy(node)
        one = self.whole(part)
        fresh.args = [one.tree, *node.args[1:]]
        if not part.indices:
            return Part(((fresh, ()),))
        if len(part.cell) != 1:
            raise self.unread(node)
        axis = ast.keyword("axis", whole_number(-1))
        fresh.keywords = [*node.keywords, axis]
        return Part(((fresh, part.indices),))

    # ---- operations of each entry ----

    def _each(self, node: ast.expr) -> Part:
        """Read an operation of each entry on its own, all operands on the same axes."""
        slots = [
            (name, place)
            for name, value in ast.iter_fields(node)
            for place in range(len(value) if isinstance(value, list) else 1)
            if isinstance(value[place] if isinstance(value, list) else value, ast.expr)
        ]
        fresh = copy.copy(node)
        given = []
        for name, place in slots:
            value = getattr(node, name)
            if isinstance(value, list):
                setattr(fresh, name, list(value))
                value = value[place]
            given.append(self.part(value))
        operands = self._together(node, given)
        for (name, place), one in zip(slots, operands, strict=True):
            if isinstance(getattr(node, name), list):
                getattr(fresh, name)[place] = one.tree
            else:
                setattr(fresh, name, one.tree)
        first = operands[0]
        return Part(((fresh, first.axes),), first.cell, first.lies)

    def _together(self, node: ast.expr, parts: list[Part]) -> list[Operand]:
        """Bring operands to the same axes, or refuse."""
        additive = isinstance(node, ast.BinOp) and isinstance(
            node.op, ast.Add | ast.Sub
        )
        vectors = any(part.cell for part in parts)
        mixed = any(part.indices and not part.cell for part in parts)
        if additive and vectors and mixed:
            raise self.fault(
                tr("a vector and a number of each index are added here"),
                node,
                tr("give every letter an index, or write the sum with whole vectors"),
            )
        try:
            return together(self.sizes, [self.whole(part) for part in parts])
        except UnalignedError:
            message = tr("rows of two different indices meet here")
            hint = tr("write ‖x − y‖² as ‖x‖² − 2 x^T y + ‖y‖²")
            raise self.fault(message, node, hint) from None

    def output(self, node: ast.expr, letters: Axes = ()) -> Operand:
        """Read a whole line, its axes in the order of the letters before =."""
        part = self.part(node)
        one = self.whole(part)
        wanted = tuple(self.free[letter] for letter in letters if letter in self.free)
        if letters and set(wanted) == set(part.indices) and part.indices:
            axes = (*wanted, *one.cell)
            one = replace(one, tree=turned(one.tree, one.axes, axes), axes=axes)
        placed(one.tree, self.parser.places, self.parser.places.get(node, (0, 1)))
        return one
