"""The rewrites between a network's graph and fast code: each keeps the values.

A pass is a rule ``rule(tape, data, args)``: given a node's data and its arguments in
the new graph, it returns the node to stand there, or None to leave the gate as it is.

>>> [rule.__name__ for rule in PASSES][1:4]
['open_composites', 'cross_entropy_slopes', 'einsum_as_matmul']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.contraction import as_matmul
from gradtutor.gates import (
    COMPARISONS,
    COPY,
    GATES,
    LEAVES,
    Call,
    Pointwise,
    Shape,
    broadcast_shapes,
    normal_axes,
)
from gradtutor.gates.convolution import padding_pairs, spatial_attrs
from gradtutor.gates.movement import reshaped
from gradtutor.graph import Graph, new_graph, operands, topological_order

Rule = Callable[[GraphTape, dict[str, Any], list[str]], "str | None"]

#: Composites whose parts are shared between the forward and the backward pass.
OPENED = {"conv", "standardize", "variance", "mse_loss", "quadratic_cost"}
#: Gates that rise with their first argument, so that they commute with a maximum.
RISING = {"relu", "leaky_relu", "sigmoid", "tanh", "softplus"}


def rewritten(
    graph: Graph, rule: Rule, targets: Iterable[str]
) -> tuple[Graph, dict[str, str]]:
    """Rebuild what the targets need by one rule; return the graph and where nodes went.

    Parameters
    ----------
    targets : iterable of str
        Nodes that are wanted; all they do not need is left out.
    """
    result = new_graph(graph.graph["source"])
    result.graph.update(graph.graph)
    tape = GraphTape(result)
    made: dict[str, str] = {}
    for node in needed(graph, targets):
        data = graph._node[node]
        if data["gate"] in LEAVES:
            made[node] = data["name"] if data["gate"] == "input" else f"n.{node}"
            result.add_node(made[node], **data)
        else:
            args = [made[arg] for arg in operands(graph, node)]
            new = rule(tape, data, args)
            made[node] = new or tape.gate(data["gate"], *args, **data["attrs"])
            _keep_name(result, made[node], data)
    return result, made


def needed(graph: Graph, targets: Iterable[str]) -> list[str]:
    """Return what the targets need in the order in which it was made, copies left out.

    A gate is made after its arguments, so that this order is a topological one; it
    keeps forward, backward and layers in the sequence a person would write.
    """
    wanted = set(topological_order(graph, list(targets)))
    nodes = graph._node
    return [node for node in nodes if node in wanted and nodes[node]["gate"] != COPY]


def _keep_name(result: Graph, node: str, data: dict[str, Any]) -> None:
    new = result._node[node]
    if data["name"] and not new["name"] and new["gate"] not in LEAVES:
        new["name"] = data["name"]


def apply_passes(
    graph: Graph, targets: Sequence[str], passes: Sequence[Rule]
) -> tuple[Graph, list[str]]:
    """Apply passes in order; return the graph and the targets in it."""
    for rule in (*passes, _as_it_is):  # the last leaves out what nothing needs now
        graph, made = rewritten(graph, rule, targets)
        targets = [made[target] for target in targets]
    return graph, list(targets)


def _as_it_is(_tape: GraphTape, _data: dict[str, Any], _args: list[str]) -> None:
    """Change nothing."""


def _gate(tape: GraphTape, node: str) -> str:
    return str(tape.graph._node[node]["gate"])


def _args(tape: GraphTape, node: str) -> list[str]:
    return operands(tape.graph, node)


# ---- before the backward pass ----


def activation_after_pooling(
    tape: GraphTape, data: dict[str, Any], args: list[str]
) -> str | None:
    """max_pool(relu(z + b)) = relu(max_pool(z) + b), on a quarter of the data.

    A rising function and a constant for each channel commute with the maximum.
    """
    if data["gate"] != "max_pool" or _gate(tape, args[0]) not in RISING:
        return None
    activation = tape.graph._node[args[0]]
    before, *rest = _args(tape, args[0])
    if any(_gate(tape, one) != "number" for one in rest):
        return None
    if _gate(tape, before) == "add" and _per_channel(tape, _args(tape, before)[1]):
        z, bias = _args(tape, before)
        pooled = tape.gate("max_pool", z, **data["attrs"])
        inner = tape.gate("add", pooled, bias)
        nodes = tape.graph._node
        name, nodes[before]["name"] = nodes[before]["name"], None
        nodes[inner]["name"] = name
        _name_parts(tape, {z: "c", pooled: "m"}, str(name).lstrip("z"))
    else:
        inner = tape.gate("max_pool", before, **data["attrs"])
    return tape.gate(activation["gate"], inner, *rest)


def _name_parts(tape: GraphTape, stems: dict[str, str], number: str) -> None:
    """Name the convolution c1 and its maximum m1, where these names are free."""
    taken = {data["name"] for _, data in tape.graph.nodes(data=True)}
    for node, stem in stems.items():
        data = tape.graph._node[node]
        if not data["name"] and number.isdigit() and stem + number not in taken:
            data["name"] = stem + number


def _per_channel(tape: GraphTape, node: str) -> bool:
    """Whether a tensor has one number for each channel: (C, 1, 1, 1)."""
    shape = tape.shape(node)
    return len(shape) > 1 and all(size == 1 for size in shape[1:])


# ---- after it ----


def open_composites(
    tape: GraphTape, data: dict[str, Any], args: list[str]
) -> str | None:
    """Write convolutions as windows and one product, and losses as their formula."""
    gate = GATES[data["gate"]]
    if data["gate"] == "conv_transpose":
        return _opened_transpose(tape, data, args)
    if data["gate"] not in OPENED or isinstance(gate, Pointwise):
        return None
    assert gate.opened is not None
    return gate.opened(tape, Call(tuple(args), "", data["attrs"]))


def _opened_transpose(tape: GraphTape, data: dict[str, Any], args: list[str]) -> str:
    """Fold, or, where that moves less, convolve the padded gradient with w turned.

    With k taps fold adds C·k long rows; windows of the gradient copy O·k of them.
    """
    gate = GATES["conv_transpose"]
    u, w, x = args
    shape, attrs = tape.shape(w), data["attrs"]
    full = spatial_attrs(
        {key: attrs[key] for key in ("stride", "padding", "dilation")},
        shape[2:],  # type: ignore[arg-type]
    )
    simple = all(step == 1 for step in full["stride"]) and attrs["groups"] == 1  # type: ignore[attr-defined]
    if not simple or int(shape[0]) > int(shape[1]):
        assert not isinstance(gate, Pointwise) and gate.opened is not None
        return gate.opened(tape, Call((u, w, x), "", attrs))
    return _turned(tape, u, w, full)


def _turned(tape: GraphTape, u: str, w: str, full: dict[str, Any]) -> str:
    """Append Σ w[o,c,k-1-i] windows(u)[o,i]: the same map without a fold."""
    reach = [d * (k - 1) for d, k in zip(full["dilation"], full["kernel"], strict=True)]
    pairs = padding_pairs(full)
    widths = [(r - b, r - a) for r, (b, a) in zip(reach, pairs, strict=True)]
    if any(min(width) < 0 for width in widths):  # more padding than the kernel reaches
        cuts = [(max(-b, 0), max(-a, 0)) for b, a in widths]
        sizes = tape.shape(u)[1:]
        u = tape.gate(
            "slice",
            u,
            cuts=(
                (0, None, 1),
                *[(b, int(n) - a, 1) for (b, a), n in zip(cuts, sizes, strict=False)],
            ),
        )
        widths = [(max(b, 0), max(a, 0)) for b, a in widths]
    if any(width != (0, 0) for width in widths):
        u = tape.gate("pad", u, widths=((0, 0), *widths), value=0.0)
    kernel, ones = tuple(full["kernel"]), (1,) * len(full["kernel"])
    cut = tape.gate(
        "windows", u, kernel=kernel, stride=ones, dilation=tuple(full["dilation"])
    )
    rank = len(kernel)
    turned = tape.gate("flip", w, axis=tuple(range(2, 2 + rank)))
    turned = tape.gate("transpose", turned, axes=(1, 0, *range(2, 2 + rank)))
    taps, places = "ij"[:rank], "hw"[:rank]
    batch = "n" * (len(tape.shape(u)) == rank + 2)
    subscripts = f"co{taps},o{taps}{places}{batch}->c{places}{batch}"
    return tape.gate("einsum", turned, cut, subscripts=subscripts)


def cross_entropy_slopes(
    tape: GraphTape, data: dict[str, Any], args: list[str]
) -> str | None:
    """(softmax(z) - one_hot(y)) / N: one gate, computed together with the loss."""
    if data["gate"] != "div" or _gate(tape, args[0]) != "sub":
        return None
    parts = _args(tape, args[0])
    if [_gate(tape, part) for part in parts] != ["softmax", "one_hot"]:
        return None
    (z,), (y, like) = _args(tape, parts[0]), _args(tape, parts[1])
    if z != like or len(tape.shape(z)) != 2 or _gate(tape, args[1]) != "size":
        return None
    return tape.gate("cross_entropy_slope", z, y)


def einsum_as_matmul(
    tape: GraphTape, data: dict[str, Any], args: list[str]
) -> str | None:
    """Write a sum of products over one group of letters as one matrix product."""
    if data["gate"] != "einsum" or len(args) != 2:
        return None
    return as_matmul(tape, str(data["attrs"]["subscripts"]), args[0], args[1])


def transposes_cancelled(
    tape: GraphTape, data: dict[str, Any], args: list[str]
) -> str | None:
    """(Aᵀ)ᵀ = A, and (A B)ᵀ = Bᵀ Aᵀ: the product is written where it is needed."""
    if data["gate"] != "transpose" or data["attrs"].get("axes") is not None:
        return None
    inner = args[0]
    if _gate(tape, inner) == "transpose":
        return _args(tape, inner)[0]
    if _gate(tape, inner) == "matmul" and not tape.graph._node[inner]["name"]:
        a, b = (_transposed(tape, one) for one in _args(tape, inner))
        return tape.gate("matmul", b, a)
    return None


def _transposed(tape: GraphTape, node: str) -> str:
    if _gate(tape, node) == "transpose":
        return _args(tape, node)[0]
    return tape.gate("transpose", node)


def copies_left_out(
    tape: GraphTape, data: dict[str, Any], args: list[str]
) -> str | None:
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
    like = _args(tape, copied)[1]  # numbers alone: copy their result
    return tape.gate("broadcast", tape.gate(data["gate"], *sources), like, axis=())


def _uncopied(tape: GraphTape, node: str) -> str:
    """Return what a broadcast copied, with 1 where axes were added."""
    if _gate(tape, node) != "broadcast":
        return node
    source, like = _args(tape, node)
    added = normal_axes(
        tape.graph._node[node]["attrs"]["axis"] or (), len(tape.shape(like))
    )
    sizes = iter(tape.shape(source))
    if not added or not tape.shape(source):
        return source
    shape: Shape = tuple(
        1 if axis in added else next(sizes) for axis in range(len(tape.shape(like)))
    )
    return reshaped(tape, source, shape)


def masks_as_factors(
    tape: GraphTape, data: dict[str, Any], args: list[str]
) -> str | None:
    """where(c, x, 0) = x c: a product with the mask."""
    if data["gate"] != "where" or _gate(tape, args[0]) not in COMPARISONS:
        return None
    zero = tape.graph._node[args[2]]
    if zero["gate"] != "number" or zero["value"] != 0.0:
        return None
    return tape.gate("mul", args[1], args[0])


def mask_from_output(
    tape: GraphTape, data: dict[str, Any], args: list[str]
) -> str | None:
    """Z > 0 exactly when relu(z) > 0: so z need not be kept."""
    if data["gate"] != "greater" or _gate(tape, args[1]) != "number":
        return None
    if tape.graph._node[args[1]]["value"] != 0.0:
        return None
    made = tape.made("relu", args[0])
    return None if made is None else tape.gate("greater", made, args[1])


def sums_as_products(
    tape: GraphTape, data: dict[str, Any], args: list[str]
) -> str | None:
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


def numbers_together(
    tape: GraphTape, data: dict[str, Any], args: list[str]
) -> str | None:
    """X / n = x (1 / n), and (n x) m = x (n m): one product with one number."""
    shapes = [tape.shape(arg) for arg in args]
    if data["gate"] == "div" and shapes[0] and not shapes[1]:
        one = tape.gate("div", tape.number(1.0), args[1])
        return numbers_together(tape, {"gate": "mul"}, [args[0], one]) or tape.gate(
            "mul", one, args[0]
        )
    if data["gate"] != "mul" or len(shapes) != 2 or bool(shapes[0]) == bool(shapes[1]):
        return None
    number, tensor = args if not shapes[0] else args[::-1]
    if _gate(tape, tensor) == "mul" and not tape.graph._node[tensor]["name"]:
        inner = sorted(_args(tape, tensor), key=lambda arg: len(tape.shape(arg)))
        if not tape.shape(inner[0]):
            product = tape.gate("mul", number, inner[0])
            if _gate(tape, number) == "div":
                top, bottom = _args(tape, number)
                top = tape.gate("mul", top, inner[0])
                product = tape.gate("div", top, bottom)
            return tape.gate("mul", product, inner[1])
    return None


FORWARD_PASSES: tuple[Rule, ...] = (activation_after_pooling,)
PASSES: tuple[Rule, ...] = (
    open_composites,
    open_composites,  # those that were inside one
    cross_entropy_slopes,
    einsum_as_matmul,
    transposes_cancelled,
    copies_left_out,
    masks_as_factors,
    mask_from_output,
    sums_as_products,
    numbers_together,
)
