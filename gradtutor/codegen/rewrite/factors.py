"""Numbers that are the same along an axis leave sums along it: batch normalisation.

With γ and σ one number for each channel, sum(γ dz) = γ sum(dz) and
sum(γ dz (z - µ)/σ) = γ/σ sum(dz (z - µ)): these are the sums that the gradients of β
and γ are, so that a step makes each once, and neither x̂ nor γ dz at all.

A *factor* of a tensor is repeated to fill its shape, as NumPy does.
"""

from __future__ import annotations

from typing import Any

from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.rewrite.rules import arguments_of, gate_of
from gradtutor.gates import Shape, broadcast_shapes, normal_axes
from gradtutor.gates.shapes import size_product
from gradtutor.gates.structural.movement import reshaped
from gradtutor.graph import NodeData, node_data

#: Factors that a product is taken apart into, at most.
DEEPEST = 8
#: The dots of the rows of two matrices.
ROW_DOTS = "cp,cp->c"


def is_factor(tape: GraphTape, node: str, shape: Shape) -> bool:
    """Whether a node is smaller than this shape, and is repeated to fill it.

    Not so one number for each example: those are as many as the batch is large.
    """
    own = tape.shape(node)
    if not own or own == shape or len(own) > len(shape):
        return False
    if any(isinstance(size, str) for size in own):
        return False
    return all(
        size in (1, whole) for size, whole in zip(_full(own, shape), shape, strict=True)
    )


def _full(own: Shape, shape: Shape) -> Shape:
    """Return a shape with the axes of 1 that it lacks, as NumPy repeats it."""
    return (1,) * (len(shape) - len(own)) + own


def split(tape: GraphTape, node: str) -> tuple[str, str] | None:
    """Take an unnamed product of a tensor and a factor apart; a quotient as one."""
    shape, gate = tape.shape(node), gate_of(tape, node)
    if gate not in ("mul", "div") or node_data(tape.graph, node)["name"]:
        return None
    a, b = arguments_of(tape, node)
    if tape.shape(a) == shape and is_factor(tape, b, shape):
        return a, b if gate == "mul" else tape.gate("div", tape.number(1.0), b)
    if gate == "mul" and tape.shape(b) == shape and is_factor(tape, a, shape):
        return b, a
    return None


def factors_together(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """(x / σ) γ = x (γ / σ): one product with one number for each channel."""
    if data["gate"] != "mul":
        return None
    for tensor, factor in (args, args[::-1]):
        shape = tape.shape(tensor)
        parts = split(tape, tensor) if is_factor(tape, factor, shape) else None
        if parts is not None:
            inner, other = parts
            together = _product(tape, factor, other)
            if is_factor(tape, together, shape):
                return tape.gate("mul", inner, together)
    return None


def _product(tape: GraphTape, a: str, b: str) -> str:
    """Multiply two factors; by 1/σ is divided by σ."""
    if gate_of(tape, b) == "div" and _is_one(tape, arguments_of(tape, b)[0]):
        return tape.gate("div", a, arguments_of(tape, b)[1])
    return tape.gate("mul", a, b)


def _is_one(tape: GraphTape, node: str) -> bool:
    data = node_data(tape.graph, node)
    return bool(data["gate"] == "number" and data["value"] == 1.0)


# ---- sums ----


def factors_out_of_sums(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """sum(γ x) = γ sum(x), along axes on which γ is one number; of means the same."""
    if data["gate"] not in ("sum", "mean") or data["attrs"].get("axis") is None:
        return None
    shape = tape.shape(args[0])
    axes = normal_axes(data["attrs"]["axis"], len(shape))
    tensors, factors = _taken_apart(tape, args[0], axes)
    if not factors:
        return None
    result = tensors[0]
    for one in tensors[1:]:
        result = tape.gate("mul", result, one)
    result = tape.gate(data["gate"], result, **data["attrs"])
    whole = tape.shape(result)
    for one in factors:
        result = _product(tape, result, _cut(tape, one, whole))
    return result


def _cut(tape: GraphTape, factor: str, shape: Shape) -> str:
    """Return a factor in the shape of a sum that has lost its axes of 1."""
    if broadcast_shapes(tape.shape(factor), shape) == shape:
        return factor
    if gate_of(tape, factor) == "div":  # 1/σ stays 1/σ
        one, below = arguments_of(tape, factor)
        if _is_one(tape, one):
            return tape.gate("div", one, reshaped(tape, below, shape))
    return reshaped(tape, factor, shape)


def _taken_apart(
    tape: GraphTape, node: str, axes: tuple[int, ...]
) -> tuple[list[str], list[str]]:
    """Return the tensors of a product, and its factors that these axes repeat."""
    tensors, factors, waiting = list[str](), list[str](), [node]
    while waiting:
        one = waiting.pop(0)
        parts = split(tape, one)
        if parts is not None and _fills(tape, parts[1], tape.shape(node), axes):
            waiting.insert(0, parts[0])
            factors.append(parts[1])
        elif _multiplies(tape, one) and len(waiting) < DEEPEST:
            waiting[:0] = arguments_of(tape, one)
        else:
            tensors.append(one)
    return tensors, factors


def _fills(tape: GraphTape, node: str, shape: Shape, axes: tuple[int, ...]) -> bool:
    """Whether a factor has every axis but those that are summed, on which it has 1."""
    wanted = tuple(1 if i in axes else size for i, size in enumerate(shape))
    return _full(tape.shape(node), shape) == wanted


def _multiplies(tape: GraphTape, node: str) -> bool:
    """Whether a node is an unnamed product of two tensors of its own shape."""
    if gate_of(tape, node) != "mul" or node_data(tape.graph, node)["name"]:
        return False
    shape = tape.shape(node)
    return all(tape.shape(arg) == shape for arg in arguments_of(tape, node))


def means_from_sums(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """mean(x) = sum(x) / n, where the sum is there: it is the gradient of β."""
    if data["gate"] != "mean":
        return None
    made = _sum_made(tape, args[0], data["attrs"]["axis"])
    if made is None:
        return None
    count = tape.gate("size", _inside(tape, args[0]), axis=data["attrs"]["axis"])
    return tape.gate("div", reshaped(tape, made, data["shape"]), count)


def _sum_made(tape: GraphTape, node: str, axis: Any) -> str | None:
    """Return the sum over the same axes, however these are written and kept."""
    axes = normal_axes(axis, len(tape.shape(node)))
    spellings = [axis, axes, *axes[: len(axes) == 1]]
    for one in spellings:
        for keepdims in (True, False):
            made = tape.made("sum", node, axis=one, keepdims=keepdims)
            if made is not None:
                return made
    return None


def _inside(tape: GraphTape, node: str) -> str:
    """Return a tensor of the same size that is there anyway: a factor of a product."""
    while _multiplies(tape, node):
        node = arguments_of(tape, node)[0]
    return node


# ---- what is divided at the end ----


def factors_into_differences(
    tape: GraphTape, data: NodeData, args: list[str]
) -> str | None:
    """(γ dz - m - c k) / σ = (γ/σ) dz - m/σ - c (k/σ): a pass less, where all take it.

    Each term has a factor that the division joins, or is one itself.
    """
    if data["gate"] not in ("mul", "div"):
        return None
    tensor, factor = args
    shape = tape.shape(tensor)
    if (
        gate_of(tape, tensor) not in ("sub", "add")
        or node_data(tape.graph, tensor)["name"]
    ):
        return None
    if not is_factor(tape, factor, shape) or not _takes(tape, tensor, factor, shape):
        return None
    if data["gate"] == "div":
        factor = tape.gate("div", tape.number(1.0), factor)
    made = {one: _taken(tape, one, factor, shape) for one in _terms(tape, tensor)}
    return _joined(tape, tensor, made)


def _terms(tape: GraphTape, node: str) -> list[str]:
    """Return the terms of a sum of unnamed sums and differences."""
    terms, waiting = list[str](), [node]
    while waiting:
        one = waiting.pop(0)
        data = node_data(tape.graph, one)
        if data["gate"] in ("sub", "add") and not data["name"]:
            waiting[:0] = arguments_of(tape, one)
        else:
            terms.append(one)
    return terms


def _takes(tape: GraphTape, node: str, factor: str, shape: Shape) -> bool:
    """Whether a product with a factor costs nothing more in any term."""
    for term in _terms(tape, node):
        parts = split(tape, term)
        own = term if parts is None else parts[1]
        if not is_factor(tape, own, shape):
            return False
        if broadcast_shapes(tape.shape(own), tape.shape(factor)) == shape:
            return False  # γ of the columns times 1/σ of the rows is a whole matrix
    return True


def _taken(
    tape: GraphTape, term: str, factor: str, shape: Shape
) -> tuple[str | None, str]:
    """Return a term's tensor, or None, and its factor times another."""
    parts = None if is_factor(tape, term, shape) else split(tape, term)
    if parts is None:
        return None, _product(tape, term, factor)
    return parts[0], _product(tape, parts[1], factor)


def _joined(tape: GraphTape, node: str, made: dict[str, tuple[str | None, str]]) -> str:
    """Write the sum again of terms that have taken their factor."""
    if node not in made:
        terms = [_joined(tape, one, made) for one in arguments_of(tape, node)]
        return tape.gate(gate_of(tape, node), *terms)
    tensor, factor = made[node]
    return factor if tensor is None else tape.gate("mul", tensor, factor)


# ---- sums of products, on a CPU ----


def sums_as_dots(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """sum(a b) and mean(a²) of each channel as a dot: the product is not written."""
    if data["gate"] not in ("sum", "mean") or data["attrs"].get("axis") is None:
        return None
    shape = tape.shape(args[0])
    axes = normal_axes(data["attrs"]["axis"], len(shape))
    pair = _pair(tape, args[0])
    if pair is None or axes != tuple(range(1, len(shape))):
        return None
    if isinstance(shape[0], str):
        return None
    length = size_product(shape[1:])
    rows = [reshaped(tape, one, (shape[0], length)) for one in pair]
    dot = tape.gate("einsum", *rows, subscripts=ROW_DOTS)
    if data["gate"] == "mean":
        count = tape.gate("size", pair[0], axis=data["attrs"]["axis"])
        dot = tape.gate("div", dot, count)
    kept = (1,) * len(axes) if data["attrs"].get("keepdims") else ()
    return reshaped(tape, dot, (shape[0], *kept))


def _pair(tape: GraphTape, node: str) -> tuple[str, str] | None:
    """Return the two tensors that an unnamed product or square multiplies."""
    if gate_of(tape, node) == "pow" and not node_data(tape.graph, node)["name"]:
        base, exponent = arguments_of(tape, node)
        two = node_data(tape.graph, exponent)
        return (base, base) if two.get("value") == 2.0 else None
    if not _multiplies(tape, node):
        return None
    a, b = arguments_of(tape, node)
    return a, b


FACTOR_PASSES = (
    factors_together,
    factors_out_of_sums,
    means_from_sums,
    factors_into_differences,
    factors_together,
)
