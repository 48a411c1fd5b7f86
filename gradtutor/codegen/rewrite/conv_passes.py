"""The rewrites of convolutions, pooling and composites."""

from __future__ import annotations

from typing import Any

from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.rewrite.contraction import as_matmul
from gradtutor.codegen.rewrite.rules import arguments_of, gate_of
from gradtutor.gates import GATES, Call, Pointwise
from gradtutor.gates.structural.convolution import padding_pairs, spatial_attrs
from gradtutor.gates.structural.movement import reshaped
from gradtutor.graph import NodeData, node_data

#: Composites whose parts are shared between the forward and the backward pass.
OPENED = {"conv", "standardize", "variance", "mse_loss", "quadratic_cost"}
#: Losses that a GPU computes as their gates, which fuse into kernels.
LOSSES = {
    "binary_cross_entropy", "bce_with_logits", "nll_loss", "hinge_loss", "svm_loss",
}  # fmt: skip
#: Gates that rise with their first argument, so that they commute with a maximum.
RISING = {"relu", "leaky_relu", "sigmoid", "tanh", "softplus"}

# ---- before the backward pass ----


def activation_after_pooling(
    tape: GraphTape, data: NodeData, args: list[str]
) -> str | None:
    """max_pool(relu(z + b)) = relu(max_pool(z) + b), on a quarter of the data.

    A rising function and a constant for each channel commute with the maximum.
    """
    if data["gate"] != "max_pool" or gate_of(tape, args[0]) not in RISING:
        return None
    activation = node_data(tape.graph, args[0])
    before, *rest = arguments_of(tape, args[0])
    slopes = [node_data(tape.graph, one) for one in rest]
    if any(slope["gate"] != "number" or slope["value"] < 0 for slope in slopes):
        return None  # a negative slope falls
    if gate_of(tape, before) == "add" and _adds_bias(tape, before):
        z, bias = arguments_of(tape, before)
        pooled = tape.gate("max_pool", z, **data["attrs"])
        inner = tape.gate("add", pooled, bias)
        biased = node_data(tape.graph, before)
        name, biased["name"] = biased["name"], None
        node_data(tape.graph, inner)["name"] = name
        _name_parts(tape, {z: "c", pooled: "m"}, str(name).lstrip("z"))
    else:
        inner = tape.gate("max_pool", before, **data["attrs"])
    return tape.gate(activation["gate"], inner, *rest)


def _name_parts(tape: GraphTape, stems: dict[str, str], number: str) -> None:
    """Name the convolution c1 and its maximum m1, where these names are free."""
    taken = {data["name"] for _, data in tape.graph.nodes(data=True)}
    for node, stem in stems.items():
        data = node_data(tape.graph, node)
        if not data["name"] and number.isdigit() and stem + number not in taken:
            data["name"] = stem + number


def _adds_bias(tape: GraphTape, node: str) -> bool:
    """Whether a sum adds one number for each channel: (C, 1, 1, 1)."""
    shape = tape.shape(arguments_of(tape, node)[1])
    return len(shape) > 1 and all(size == 1 for size in shape[1:])


# ---- after it ----


def open_composites(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """Write convolutions as windows and one product, and losses as their formula."""
    gate = GATES[data["gate"]]
    if data["gate"] == "conv_transpose":
        return _opened_transpose(tape, data, args)
    if data["gate"] not in OPENED or isinstance(gate, Pointwise):
        return None
    assert gate.opened is not None
    return gate.opened(tape, Call(tuple(args), "", data["attrs"]))


def open_losses(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """Write a loss as its gates."""
    gate = GATES[data["gate"]]
    if data["gate"] not in LOSSES or isinstance(gate, Pointwise):
        return None
    assert gate.opened is not None
    return gate.opened(tape, Call(tuple(args), "", data["attrs"]))


def _opened_transpose(tape: GraphTape, data: NodeData, args: list[str]) -> str:
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
    u, kernel = turned(tape, u, w, full)
    taps, ones = tuple(full["kernel"]), (1,) * len(full["kernel"])
    cut = tape.gate(
        "windows", u, kernel=taps, stride=ones, dilation=tuple(full["dilation"])
    )
    rank = len(taps)
    letters, places = "ij"[:rank], "hw"[:rank]
    batch = "n" * (len(tape.shape(u)) == rank + 2)
    subscripts = f"co{letters},o{letters}{places}{batch}->c{places}{batch}"
    return tape.gate("einsum", kernel, cut, subscripts=subscripts)


def turned(
    tape: GraphTape, u: str, w: str, full: dict[str, Any], groups: int = 1
) -> tuple[str, str]:
    """Append the padded gradient, and the kernel turned, its channels exchanged.

    Their convolution with stride 1 is the gradient by x of one with stride 1.
    """
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
    rank = len(full["kernel"])
    kernel = tape.gate("flip", w, axis=tuple(range(2, 2 + rank)))
    if groups == 1:
        return u, tape.gate("transpose", kernel, axes=(1, 0, *range(2, 2 + rank)))
    out, channels, *taps = map(int, tape.shape(w))
    each = reshaped(tape, kernel, (groups, out // groups, channels, *taps))
    each = tape.gate("transpose", each, axes=(0, 2, 1, *range(3, 3 + rank)))
    return u, reshaped(tape, each, (groups * channels, out // groups, *taps))


def einsum_as_matmul(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """Write a sum of products over one group of letters as one matrix product."""
    if data["gate"] != "einsum" or len(args) != 2:
        return None
    return as_matmul(tape, str(data["attrs"]["subscripts"]), args[0], args[1])
