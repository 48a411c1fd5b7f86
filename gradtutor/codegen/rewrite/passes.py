"""The rewrites between a network's graph and fast code: each keeps the values.

A pass is a rule ``rule(tape, data, args)``: given a node's data and its arguments in
the new graph, it returns the node to stand there, or None to leave the gate as it is.

>>> [rule.__name__ for rule in PASSES][2:5]
['open_composites', 'cross_entropy_slopes', 'einsum_as_matmul']
"""

from __future__ import annotations

from typing import Any

from gradtutor.calculus.routing import meets_pole
from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.rewrite.conv_passes import (
    activation_after_pooling,
    einsum_as_matmul,
    open_composites,
    open_losses,
)
from gradtutor.codegen.rewrite.factors import (
    FACTOR_PASSES,
    means_from_sums,
    sums_as_dots,
)
from gradtutor.codegen.rewrite.rules import Rule, arguments_of, gate_of
from gradtutor.gates import (
    COMPARISONS,
    GATES,
    STOPPED,
    Pointwise,
    Shape,
    broadcast_shapes,
    normal_axes,
)
from gradtutor.gates.structural.movement import reshaped
from gradtutor.graph import NodeData, node_data


def cross_entropy_slopes(
    tape: GraphTape, data: NodeData, args: list[str]
) -> str | None:
    """(softmax(z) - one_hot(y)) / N: one gate, computed together with the loss."""
    if data["gate"] != "div" or gate_of(tape, args[0]) != "sub":
        return None
    parts = arguments_of(tape, args[0])
    if [gate_of(tape, part) for part in parts] != ["softmax", "one_hot"]:
        return None
    (z,), (y, like) = arguments_of(tape, parts[0]), arguments_of(tape, parts[1])
    if z != like or len(tape.shape(z)) != 2 or gate_of(tape, args[1]) != "size":
        return None
    softmax, size = node_data(tape.graph, parts[0]), node_data(tape.graph, args[1])
    if softmax["attrs"]["axis"] not in (-1, 1) or size["attrs"]["axis"] != 0:
        return None
    return tape.gate("cross_entropy_slope", z, y)


def stops_left_out(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """Put a stop's argument for it: the backward pass, which it stopped, is made."""
    return args[0] if data["gate"] in STOPPED else None


def transposes_cancelled(
    tape: GraphTape, data: NodeData, args: list[str]
) -> str | None:
    """(Aᵀ)ᵀ = A, and (A B)ᵀ = Bᵀ Aᵀ: the product is written where it is needed."""
    if data["gate"] != "transpose" or data["attrs"].get("axes") is not None:
        return None
    inner = args[0]
    if gate_of(tape, inner) == "transpose":
        return arguments_of(tape, inner)[0]
    if gate_of(tape, inner) == "matmul" and not node_data(tape.graph, inner)["name"]:
        a, b = (_transposed(tape, one) for one in arguments_of(tape, inner))
        return tape.gate("matmul", b, a)
    return None


def _transposed(tape: GraphTape, node: str) -> str:
    if gate_of(tape, node) == "transpose":
        return arguments_of(tape, node)[0]
    return tape.gate("transpose", node)


def copies_left_out(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """Let NumPy's broadcasting do what a copied argument of a pointwise gate did."""
    entry = GATES[data["gate"]]
    if not isinstance(entry, Pointwise):
        return None
    sources = [_uncopied(tape, arg) for arg in args]
    if sources == args:
        return None
    whole = broadcast_shapes(*(tape.shape(arg) for arg in args))
    shape = broadcast_shapes(*(tape.shape(one) for one in sources))
    if shape == whole:
        return tape.gate(data["gate"], *sources)
    if shape != ():
        return None
    copied = next(arg for arg in args if tape.shape(arg) == whole)
    like = arguments_of(tape, copied)[1]  # numbers alone: copy their result
    return tape.gate("broadcast", tape.gate(data["gate"], *sources), like, axis=())


def _uncopied(tape: GraphTape, node: str) -> str:
    """Return what a broadcast copied, with 1 where axes were added."""
    if gate_of(tape, node) != "broadcast":
        return node
    source, like = arguments_of(tape, node)
    added = normal_axes(
        node_data(tape.graph, node)["attrs"]["axis"] or (), len(tape.shape(like))
    )
    sizes = iter(tape.shape(source))
    if not added or not tape.shape(source):
        return source
    shape: Shape = tuple(
        1 if axis in added else next(sizes) for axis in range(len(tape.shape(like)))
    )
    return reshaped(tape, source, shape)


def masks_as_factors(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """where(c, x, 0) = x c: a product with the mask, unless 0 · ∞ could arise."""
    if data["gate"] != "where" or gate_of(tape, args[0]) not in COMPARISONS:
        return None
    zero = node_data(tape.graph, args[2])
    if zero["gate"] != "number" or zero["value"] != 0.0:
        return None
    if meets_pole(tape.graph, args[1]):
        return None
    return tape.gate("mul", args[1], args[0])


def mask_from_output(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """Z > 0 exactly when relu(z) > 0: so z need not be kept."""
    if data["gate"] != "greater" or gate_of(tape, args[1]) != "number":
        return None
    if node_data(tape.graph, args[1])["value"] != 0.0:
        return None
    made = tape.made("relu", args[0])
    return None if made is None else tape.gate("greater", made, args[1])


def sums_as_products(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """Sum over leading or trailing axes as a product with ones, which BLAS does."""
    if data["gate"] != "sum" or data["attrs"].get("axis") is None:
        return None
    shape = tape.shape(args[0])
    axes = normal_axes(data["attrs"]["axis"], len(shape))
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    if not kept or len(axes) == 0 or isinstance(shape[kept[0]], str):
        return None
    result = None
    if axes == tuple(range(len(axes))) and len(kept) == 1:
        rows = (
            reshaped(tape, args[0], (-1, shape[kept[0]])) if len(axes) > 1 else args[0]
        )
        result = tape.gate("matmul", _ones(tape, tape.shape(rows)[0]), rows)
    elif kept == [0]:
        rows = reshaped(tape, args[0], (shape[0], -1)) if len(axes) > 1 else args[0]
        result = tape.gate("matmul", rows, _ones(tape, tape.shape(rows)[1]))
    if result is not None and data["attrs"].get("keepdims"):
        full = tuple(1 if axis in axes else shape[axis] for axis in range(len(shape)))
        result = reshaped(tape, result, full)
    return result


def _ones(tape: GraphTape, size: Any) -> str:
    """Return the script's vector of ones of this length."""
    name = "ones" if "ones" not in tape.graph else f"ones_{size}".replace("*", "")
    for node, data in tape.graph.nodes(data=True):
        if data.get("role") == "ones" and data["shape"] == (size,):
            return str(node)
    tape.graph.add_node(
        name, gate="input", name=name, shape=(size,), role="ones", span=None
    )
    return name


def numbers_together(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """X / n = x (1 / n), and (n x) m = x (n m): one product with one number."""
    shapes = [tape.shape(arg) for arg in args]
    if data["gate"] == "div" and shapes[0] and not shapes[1]:
        one = tape.gate("div", tape.number(1.0), args[1])
        return _one_number(tape, [args[0], one]) or tape.gate("mul", one, args[0])
    return _one_number(tape, args) if data["gate"] == "mul" else None


def _one_number(tape: GraphTape, args: list[str]) -> str | None:
    """(n x) m = x (n m), where m is a number and n x a tensor that a number scales."""
    shapes = [tape.shape(arg) for arg in args]
    if len(shapes) != 2 or bool(shapes[0]) == bool(shapes[1]):
        return None
    number, tensor = args if not shapes[0] else args[::-1]
    if gate_of(tape, tensor) == "mul" and not node_data(tape.graph, tensor)["name"]:
        inner = sorted(arguments_of(tape, tensor), key=lambda arg: len(tape.shape(arg)))
        if not tape.shape(inner[0]):
            product = tape.gate("mul", number, inner[0])
            if gate_of(tape, number) == "div":
                top, bottom = arguments_of(tape, number)
                top = tape.gate("mul", top, inner[0])
                product = tape.gate("div", top, bottom)
            return tape.gate("mul", product, inner[1])
    return None


FORWARD_PASSES: tuple[Rule, ...] = (activation_after_pooling,)
PASSES: tuple[Rule, ...] = (
    stops_left_out,
    open_composites,
    open_composites,  # those that were inside one
    cross_entropy_slopes,
    einsum_as_matmul,
    transposes_cancelled,
    copies_left_out,
    *FACTOR_PASSES,
    masks_as_factors,
    mask_from_output,
    sums_as_dots,
    sums_as_products,
    numbers_together,
)

#: What takes a mean for a sum: ranks put means together, sums stay their own.
NOT_OF_RANKS = (means_from_sums, sums_as_dots)
#: What only BLAS makes quicker.
ON_CPU = (masks_as_factors, sums_as_dots, sums_as_products)
#: On a GPU masks stay choices and sums stay sums, and losses open into gates.


def vector_products(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """X @ w = sum(X w): a product with a vector as a sum, which a kernel makes."""
    if data["gate"] != "matmul" or all(len(tape.shape(arg)) == 2 for arg in args):
        return None
    left, right = args
    if len(tape.shape(left)) == 1 and len(tape.shape(right)) == 2:
        left = tape.gate("reshape", left, shape=(-1, 1))
        return tape.gate("sum", tape.gate("mul", left, right), axis=0)
    return tape.gate("sum", tape.gate("mul", left, right), axis=-1)


DEVICE_PASSES: tuple[Rule, ...] = (
    open_losses,
    vector_products,
    *(rule for rule in PASSES if rule not in ON_CPU),
)
