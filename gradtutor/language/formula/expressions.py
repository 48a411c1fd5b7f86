"""Expressions to gates, bottom-up, by a loop: depth costs no stack."""

from __future__ import annotations

import ast
from typing import Any

from gradtutor.graph import (
    add_input,
    add_number,
)
from gradtutor.language.errors import (
    ArgumentError,
    LimitError,
    SourceShapeError,
)
from gradtutor.language.formula.arrays import constant_array
from gradtutor.language.formula.constants import constant_value
from gradtutor.language.formula.functions.calls import read_call
from gradtutor.language.formula.functions.keywords import (
    full_index,
    has_new_axis,
    is_new_axis,
    is_whole,
    read_index,
)
from gradtutor.language.formula.functions.norms import (
    BY_RANK,
    NormError,
    is_of_rank,
    norm_tree,
)
from gradtutor.language.formula.functions.opening import opened
from gradtutor.language.formula.functions.ranked import (
    HELD,
    RANKED,
    RankError,
    ranked_tree,
)
from gradtutor.language.formula.letters import (
    is_minus_one,
)
from gradtutor.language.formula.products import Products
from gradtutor.language.formula.trees import Beside, Star, placed
from gradtutor.language.formula.walk import OPERATORS, post_order
from gradtutor.language.literals import Literal
from gradtutor.language.syntax import MAX_EXPONENT
from gradtutor.messages import tr


class Expressions(Products):
    """Reads expressions."""

    def _expression(self, root: ast.expr, name: str | None = None) -> str:
        """Read an expression bottom-up, by a loop, so that depth costs no stack."""
        nodes: dict[ast.expr, str] = {}
        while (inner := opened(self.source, root)) is not None:
            root = inner
        for item in post_order(self.source, root):
            nodes[item] = self._node(item, nodes, name if item is root else None)
        return nodes[root]

    def _node(
        self, item: ast.expr, nodes: dict[ast.expr, str], name: str | None
    ) -> str:
        inner = opened(self.source, item)
        if inner is not None:
            return nodes[inner]
        given = constant_array(self.source, item)
        if given is not None and given.shape:
            return self._constant(given, item)
        match item:
            case ast.List(items):
                return self._stacked_list([nodes[one] for one in items], item, name)
            case ast.Name(identifier):
                return self._name(identifier, item)
            case ast.Constant() | ast.UnaryOp(ast.USub(), ast.Constant()):
                return self._number(item)
            case ast.UnaryOp(ast.UAdd(), operand):
                return nodes[operand]
            case ast.UnaryOp(_, operand):
                return self._gate("neg", [nodes[operand]], item, name)
            case ast.BinOp(left, op, right):
                sides = [nodes[left], nodes[right]]
                if isinstance(op, ast.Pow):
                    self._check_exponent(right)
                    if is_minus_one(right) and self._rank(sides[0]) == 2:
                        return self._inverse(sides[0], item, name)
                sign = OPERATORS[type(op)]
                if isinstance(op, Beside | Star):
                    sign = self._product_of(sides, item, op)
                return self._gate(sign, sides, item, name)
            case ast.Compare(left, [op], [right]):
                return self._gate(
                    OPERATORS[type(op)], [nodes[left], nodes[right]], item, name
                )
            case ast.IfExp(test, body, orelse):
                branches = [nodes[test], nodes[body], nodes[orelse]]
                return self._gate("where", branches, item, name)
            case ast.Attribute(value):
                return self._gate("transpose", [nodes[value]], item, name)
            case ast.Subscript(value, index) if has_new_axis(index):
                return self._widened(nodes[value], item, name)
            case ast.Subscript(value, index):
                at = read_index(self.source, index)
                return self._gate("index", [nodes[value]], item, name, at=at)
        return self._call(item, nodes, name)

    def _widened(self, node: str, item: ast.Subscript, name: str | None) -> str:
        """Read x[:, None], which has an axis of one more, and x[..., 0]."""
        items = item.slice.elts if isinstance(item.slice, ast.Tuple) else [item.slice]
        items = full_index(items, self._rank(node))
        plain = [one for one in items if not is_new_axis(one)]
        if any(not is_whole(one) for one in plain):
            at = read_index(self.source, ast.Tuple(plain))
            named = name if len(plain) == len(items) else None
            node = self._gate("index", [node], item, named, at=at)
        if len(plain) == len(items):
            return node
        sizes = iter(self.graph.nodes[node]["shape"] or ())
        kept = [one for one in items if is_new_axis(one) or isinstance(one, ast.Slice)]
        shape = [1 if is_new_axis(one) else next(sizes, 1) for one in kept]
        shape += sizes
        if sum(isinstance(size, str) for size in shape) > 1:
            message = tr("a new axis needs sizes that are numbers")
            hint = tr("give the shape, as in x: (3,)")
            raise self.fail(SourceShapeError, message, item, hint)
        numbers = tuple(-1 if isinstance(size, str) else size for size in shape)
        return self._gate("reshape", [node], item, name, shape=numbers)

    def _norm(self, x: str, item: ast.expr, name: str | None, **said: ast.expr) -> str:
        """Read a norm of some order, which of a matrix is another than of a vector."""
        shape = self.graph.nodes[x]["shape"] or ()
        try:
            tree = norm_tree(said, shape)
        except NormError as error:
            raise self.fail(ArgumentError, str(error), item, error.hint) from None
        if not shape and self.undeclared and is_of_rank(said):
            self.graph.graph.setdefault("vectors", []).append(x)
        if len(shape) == 2 and 1 not in shape and "singular_value" in ast.unparse(tree):
            self.source.notes.append(
                tr("of a matrix that norm is a singular value; norm(A) is Frobenius'")
            )
        self.meaning[HELD] = x
        placed(tree, self.source.places, self.source.span(item))
        return self._expression(tree, name)

    def _ranked(
        self, gate: str, x: str, item: ast.expr, name: str | None, said: dict[str, Any]
    ) -> str:
        """Read a call that the rank of its first argument gives its meaning."""
        shape = self.graph.nodes[x]["shape"] or ()
        try:
            tree = ranked_tree(gate, said["more"], said["words"], shape)
        except RankError as error:
            raise self.fail(ArgumentError, str(error), item, error.hint) from None
        self.meaning[HELD] = x
        placed(tree, self.source.places, self.source.span(item))
        return self._expression(tree, name)

    def _constant(self, given: Literal, item: ast.expr) -> str:
        """Place an array of numbers that has no name: a constant, c1, c2, ..."""
        count = 1
        while f"c{count}" in self.graph or f"c{count}" in self.written:
            count += 1
        text = getattr(item, "text", "") or self.source.plain(item)
        span = self.source.span(item)
        node = add_input(
            self.graph, f"c{count}", given.shape, role="constant", span=span
        )
        self.graph.nodes[node].update(value=given.value, made=text)
        self.source.notes.append(f"{node} = {text}")
        return node

    def _stacked_list(self, parts: list[str], item: ast.expr, name: str | None) -> str:
        """Read [x, 2, y]: parts of one shape, stacked along a new first axis."""
        rows = []
        for part in parts:
            shape = self.graph.nodes[part]["shape"] or ()
            if not all(isinstance(size, int) for size in shape):
                message = tr("a list holds numbers, and arrays whose sizes are known")
                hint = tr("declare them above the formula, as in x: (3,)")
                raise self.fail(ArgumentError, message, item, hint)
            rows.append(self._gate("reshape", [part], item, None, shape=(1, *shape)))
        for row in rows[1:-1]:
            rows[0] = self._gate("concat", [rows[0], row], item, None, axis=0)
        if len(rows) == 1:
            return rows[0]
        return self._gate("concat", [rows[0], rows[-1]], item, name, axis=0)

    def _check_exponent(self, exponent: ast.expr) -> None:
        value = constant_value(self.source, exponent)
        if value is not None and not abs(value) <= MAX_EXPONENT:
            message = tr("the exponent is larger than {limit}", limit=MAX_EXPONENT)
            raise self.fail(
                LimitError, message, exponent, tr("use exp(n*log(x)) instead")
            )

    def _call(
        self, item: ast.expr, nodes: dict[ast.expr, str], name: str | None
    ) -> str:
        call = read_call(self.source, item)
        args = [nodes[arg] for arg in call.args]
        if call.gate == "abs":
            self._refuse_bars(args[0], item)
        if call.gate == BY_RANK:
            return self._norm(args[0], item, name, **call.attrs)
        if call.gate in RANKED:
            return self._ranked(call.gate, args[0], item, name, call.attrs)
        if call.gate == "prod":
            return self._multiplied(args[0], item, name, call.attrs["axis"])
        args += [add_number(self.graph, value) for value in call.defaults]
        while len(args) > 2 and call.folds:  # max(a, b, c) = max(max(a, b), c)
            args[:2] = [self._gate(call.gate, args[:2], item, None)]
        return self._gate(call.gate, args, item, name, **call.attrs)
