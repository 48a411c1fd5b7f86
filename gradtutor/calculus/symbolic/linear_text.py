r"""A linear map of a graph as a matrix in symbols: A + A.T, 2*X.T @ X, diag(p) - ....

Every node between the direction and the result is a sum of chains of factors: matrices,
diagonals, columns, rows. Where a gate has no such form, the map has no text here, and
numbers or its product with a direction are what can be shown.

>>> from gradtutor.language import parse
>>> from gradtutor.calculus.second_order import hessian_map
>>> matrix_text(hessian_map(parse("x: (n,)\nA: (n, n)\nx @ A @ x"), "x", "x"))
'A + A.T'
>>> matrix_text(hessian_map(parse("z: (K,)\nlogsumexp(z)"), "z", "z"))
'diag(softmax(z)) - outer(softmax(z), softmax(z))'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import sympy

from gradtutor.calculus.second_order import LinearMap
from gradtutor.calculus.symbolic.chain_symbols import ONE, Symbols
from gradtutor.calculus.symbolic.chains import Chain, Factor, Sum, sum_text
from gradtutor.gates import COMPARISONS
from gradtutor.graph import Graph, dependents, operands, topological_order
from gradtutor.language.formula.unparse import ELLIPSIS

#: Longest text of a matrix, and most terms of a sum.
MAX_TEXT, MAX_TERMS = 400, 24


class OpaqueError(Exception):
    """A gate that no chain of matrices stands for."""


def matrix_text(linear: LinearMap) -> str | None:
    """Write a map as a matrix, a vector or a number; None where it has no such text."""
    if linear.node is None:
        return "0"
    ranks = [_rank(linear.graph, one) for one in (linear.node, linear.direction)]
    if len(linear.shape) > 2 or max(ranks) > 1:
        return None
    symbols = Symbols(linear.graph)
    try:
        text = sum_text(_chains(linear, symbols), symbols, vector=len(linear.shape) < 2)
    except OpaqueError:
        return None
    return text if len(text) <= MAX_TEXT and ELLIPSIS not in text else None


def _rank(graph: Graph, node: str) -> int:
    return len(graph.nodes[node]["shape"] or ())


def _chains(linear: LinearMap, symbols: Symbols) -> Sum:
    """Carry the direction through the gates that depend on it."""
    graph = linear.graph
    sums: dict[str, Sum] = {linear.direction: (Chain(),)}
    target = str(linear.node)
    moving = set(dependents(graph, [linear.direction]))
    for node in topological_order(graph, [target]):
        if node not in moving or node == linear.direction:
            continue
        gate = graph.nodes[node]["gate"]
        if gate == "copy":
            sums[node] = sums[operands(graph, node)[0]]
            continue
        if gate not in RULES:
            raise OpaqueError
        sums[node] = RULES[gate](_Step(graph, node, sums, symbols))
        if len(sums[node]) > MAX_TERMS:
            raise OpaqueError
    if target not in sums:
        raise OpaqueError
    return sums[target]


@dataclass(frozen=True)
class _Step:
    """One gate and what its arguments do to the direction."""

    graph: Graph
    node: str
    sums: dict[str, Sum]
    symbols: Symbols

    @property
    def args(self) -> list[str]:
        return operands(self.graph, self.node)

    def moves(self, node: str) -> bool:
        return node in self.sums

    def rank(self, node: str) -> int:
        """Rank of a node; one number in a row counts as a number."""
        return self.symbols.rank(node)

    def spread(self, node: str) -> Sum:
        """Return an argument's sum, a number spread over the result's axis."""
        here = self.sums[node]
        if self.rank(node) == 0 and self.rank(self.node) == 1:
            return _times(Factor("column", ONE), here)
        return here

    def split(self) -> tuple[str, str]:
        """Return the argument that moves and the one that does not."""
        left, right = self.args
        if self.moves(left) and self.moves(right):
            raise OpaqueError
        return (left, right) if self.moves(left) else (right, left)


def _times(factor: Factor, sums: Sum) -> Sum:
    return tuple(replace(one, factors=(factor, *one.factors)) for one in sums)


def _scaled(sums: Sum, scalar: sympy.Expr) -> Sum:
    return tuple(replace(one, scalar=one.scalar * scalar) for one in sums)


# ---- a rule for each gate that is linear in one argument ----


def _add(step: _Step) -> Sum:
    return tuple(
        chain for arg in step.args if step.moves(arg) for chain in step.spread(arg)
    )


def _sub(step: _Step) -> Sum:
    left, right = step.args
    first = step.spread(left) if step.moves(left) else ()
    second = step.spread(right) if step.moves(right) else ()
    return (*first, *_scaled(second, sympy.Integer(-1)))


def _neg(step: _Step) -> Sum:
    return _scaled(step.sums[step.args[0]], sympy.Integer(-1))


def _mul(step: _Step) -> Sum:
    moving, other = step.split()
    return _by(step, moving, step.symbols.value(other), step.rank(other))


def _div(step: _Step) -> Sum:
    above, below = step.args
    if step.moves(below):
        raise OpaqueError
    return _by(step, above, 1 / step.symbols.value(below), step.rank(below))


def _by(step: _Step, moving: str, value: sympy.Expr, rank: int) -> Sum:
    """Multiply by what does not move: a number, a diagonal, or a column."""
    if max(rank, step.rank(moving), step.rank(step.node)) > 1:
        raise OpaqueError
    if rank == 0:
        return _scaled(step.spread(moving), value)
    kind = "diagonal" if step.rank(moving) == 1 else "column"
    return _times(Factor(kind, value), step.sums[moving])


def _matmul(step: _Step) -> Sum:
    moving, other = step.split()
    if step.rank(moving) != 1:
        raise OpaqueError
    if step.rank(other) == 1:
        return _times(Factor("row", step.symbols.value(other)), step.sums[moving])
    matrix = _matrix(step, other)
    turned = replace(matrix, transposed=not matrix.transposed)
    return _times(turned if moving == step.args[0] else matrix, step.sums[moving])


def _matrix(step: _Step, node: str) -> Factor:
    """Return a matrix as a factor; the transpose of a transpose is itself."""
    data = step.graph.nodes[node]
    if data["gate"] == "transpose" and not data["attrs"].get("axes"):
        inner = _matrix(step, operands(step.graph, node)[0])
        return replace(inner, transposed=not inner.transposed)
    return Factor("matrix", step.symbols.atom(node))


def _sum(step: _Step) -> Sum:
    (arg,) = step.args
    if step.rank(arg) > 1:
        raise OpaqueError
    if step.rank(arg) == 0:
        return step.sums[arg]
    return _times(Factor("row", ONE), step.sums[arg])


def _same(step: _Step) -> Sum:
    (arg,) = step.args
    if step.rank(arg) > 1:
        raise OpaqueError
    return step.sums[arg]


def _broadcast(step: _Step) -> Sum:
    if step.rank(step.node) > 1:
        raise OpaqueError
    return step.spread(step.args[0])


def _where(step: _Step) -> Sum:
    """Read where(c, a, b) as c a + (1 - c) b, of a condition that is 1 or 0."""
    test, kept, other = step.args
    known = step.graph.nodes[test]["gate"] in COMPARISONS and not step.moves(test)
    if not known or step.rank(step.node) > 1:
        raise OpaqueError
    condition = step.symbols.value(test)
    result: Sum = ()
    for arg, share in ((kept, condition), (other, 1 - condition)):
        if step.moves(arg) and step.rank(test) == 0:
            result += _scaled(step.spread(arg), share)
        elif step.moves(arg):
            result += _times(Factor("diagonal", share), step.spread(arg))
    return result


RULES: dict[str, Callable[[_Step], Sum]] = {
    "add": _add,
    "sub": _sub,
    "neg": _neg,
    "mul": _mul,
    "routed": _mul,  # where no branch was left out it is the product
    "div": _div,
    "matmul": _matmul,
    "sum": _sum,
    "transpose": _same,
    "broadcast": _broadcast,
    "where": _where,
}
