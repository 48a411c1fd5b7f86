"""Arithmetic between tensors: axes are brought into one order, then a gate."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.values import Tensor, Weight
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
}
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}


def binary(tracer: Tracer, op: ast.operator, a: Any, b: Any, node: ast.AST) -> Tensor:
    """Append a + b, a @ b and the like."""
    if isinstance(op, ast.MatMult):
        return product(tracer, a, b, node)
    gate = OPERATORS.get(type(op))
    if gate is None:
        raise tracer.run.fail(tr("this operator is not for tensors here"), node)
    return pointwise(tracer, gate, a, b, node)


def compared(tracer: Tracer, op: ast.cmpop, a: Any, b: Any, node: ast.AST) -> Tensor:
    """Append a > b and the like."""
    gate = COMPARISONS.get(type(op))
    if gate is None:
        raise tracer.run.fail(tr("this comparison is not for tensors here"), node)
    return pointwise(tracer, gate, a, b, node)


def pointwise(tracer: Tracer, gate: str, a: Any, b: Any, node: ast.AST) -> Tensor:
    """Append a gate of two tensors, or of a tensor and a number, element by element."""
    first, second = (_operand(tracer, x, node, gate) for x in (a, b))
    tensors = [t for t in (first, second) if isinstance(t, Tensor)]
    longest = max(tensors, key=lambda t: len(t.order))
    if all(len(t.order) in (len(longest.order), 0) for t in tensors):
        order = longest.order  # the other one is turned to lie the same way
        axes = tuple(order.index(i) for i in range(len(order)))
        nodes = [
            tracer.arranged(t, axes, node) if isinstance(t, Tensor) and t.order else t
            for t in (first, second)
        ]
    else:  # NumPy's broadcasting aligns the last axes as the text counts them
        nodes = [
            tracer.natural(t, node) if isinstance(t, Tensor) else t
            for t in (first, second)
        ]
        order = tuple(range(len(longest.order)))
    names = [n.node if isinstance(n, Tensor) else n for n in nodes]
    made = tracer.net.gate(gate, *names, layer=tracer.at(node, gate))
    return Tensor(made, order)


def _left_out(tracer: Tracer, value: Data, gate: str, node: ast.AST) -> str:
    """Take numbers that the text does not have as what changes nothing, and say so."""
    neutral = 1.0 if gate in ("mul", "div", "pow") else 0.0
    if not value.zero:
        word = tracer.run.source.segment(node).split("\n")[0]
        note = tr(
            "warning: in {word} stand numbers that the text does not give: they "
            "are taken as {neutral}",
            word=word,
            neutral=f"{neutral:g}",
        )
        tracer.net.notes += [note] * (note not in tracer.net.notes)
    return tracer.net.number(0.0 if value.zero else neutral)


def _operand(tracer: Tracer, value: Any, node: ast.AST, gate: str = "add") -> Any:
    """Return a tensor, or the node of a number."""
    if isinstance(value, Tensor | Weight):
        return tracer.tensor(value, node)
    if (found := tracer.constant(value, node)) is not None:
        return found
    if isinstance(value, bool | int | float):
        return tracer.net.number(float(value))
    if isinstance(value, Filled) and not (value.lower or value.counted):
        return tracer.net.number(value.value)
    if isinstance(value, Data) and value.of is None:
        return _left_out(tracer, value, gate, node)
    message = tr("a tensor or a number is expected here")
    raise tracer.run.fail(message, node, getattr(value, "reason", ""))


#: What PyTorch adds to squared lengths in its cosine of two rows.
LEAST = 1e-12


def similarity(tracer: Tracer, a: Any, b: Any, node: ast.AST) -> Tensor:
    """Append the cosine of each pair of rows, (N,)."""
    net, at = tracer.net, tracer.at(node, "cosine")

    def inner(x: Tensor, y: Tensor) -> str:
        return net.gate(
            "sum", pointwise(tracer, "mul", x, y, node).node,
            layer=at, axis=(-1,), keepdims=False,
        )  # fmt: skip

    first, second = (
        Tensor(tracer.natural(tracer.tensor(one, node), node), (0, 1)) for one in (a, b)
    )
    squares = [
        net.gate("add", inner(x, x), net.number(LEAST), layer=at)
        for x in (first, second)
    ]
    size = net.gate("sqrt", net.gate("mul", *squares, layer=at), layer=at)
    return Tensor(net.gate("div", inner(first, second), size, layer=at), (0,))


# ---- products ----


def product(tracer: Tracer, a: Any, b: Any, node: ast.AST) -> Tensor:
    """Append a matrix product over the last axis of a, the last but one of b.

    Axes before these two are the same in both, or in one of them only.
    """
    first, second = tracer.tensor(a, node), tracer.tensor(b, node)
    ranks = len(first.order), len(second.order)
    if max(ranks) <= 2:
        names = tracer.natural(first, node), tracer.natural(second, node)
        made = tracer.net.gate("matmul", *names, layer=tracer.at(node, "@"))
        return Tensor(made, tuple(range(sum(ranks) - 2)))
    if min(ranks) < 2:
        raise tracer.run.fail(tr("a product of these ranks is not here"), node)
    batch = "abcdefgh"[: max(ranks) - 2]
    letters = [batch[len(batch) - (rank - 2) :] for rank in ranks]
    return contracted(
        tracer, first, f"{letters[0]}xk", second, f"{letters[1]}ky", f"{batch}xy", node
    )


def contracted(
    tracer: Tracer,
    a: Tensor,
    letters_a: str,
    b: Tensor,
    letters_b: str,
    out: str,
    node: ast.AST,
) -> Tensor:
    """Append a sum of products; letters name axes as the text counts them."""
    parts = [
        "".join(letters[t.order.index(i)] for i in range(len(t.order)))
        for t, letters in ((a, letters_a), (b, letters_b))
    ]
    subscripts = f"{','.join(parts)}->{out}"
    at = tracer.at(node, "@")
    made = tracer.net.gate("einsum", a.node, b.node, layer=at, subscripts=subscripts)
    return Tensor(made, tuple(range(len(out))))
