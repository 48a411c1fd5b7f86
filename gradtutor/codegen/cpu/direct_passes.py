"""Which convolutions are done by shifted rows: passes that leave those whole.

`kept_whole` keeps the passes from opening such a convolution, `direct.direct_loops`
makes it and its gradients calls of a loop. The gradient by x is the convolution of the
padded gradient with the kernel turned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any, cast

from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.rewrite.conv_passes import turned
from gradtutor.codegen.rewrite.rules import Rule, arguments_of, gate_of
from gradtutor.gates import Shape
from gradtutor.gates.structural.convolution import padding_pairs, spatial_attrs
from gradtutor.graph import NodeData, node_data

#: Channels in times channels out, and taps, for which a product is slower (measured on
#: one core: 32 → 32, 3×3, 9.4 ms by windows and 6.2 by rows; 64 → 64 the same).
CHANNELS, TAPS = 1024, 3
#: Numbers of a row below which a loop has too little to do.
ROW = 128
#: Taps of one row of a kernel that stand in one expression.
WIDEST = 9


#: Weights (O, C/groups, taps), and the places of the result.
Convolution = tuple[tuple[int, ...], tuple[int, ...]]
#: Which convolutions are of rows and which are not, where both have been timed.
Known = Mapping[Convolution, bool]


@dataclass(frozen=True)
class Choice:
    """What decides which convolutions are of rows: the batch, and what was timed."""

    batch: int
    known: Known

    def suits(self, weights: Shape, stride: Any, places: Shape) -> bool:
        """Whether rows are quicker for these weights and (channels, places, batch)."""
        sizes = cast(tuple[int, ...], weights)
        if not is_possible(sizes, stride):
            return False
        usual = prod(sizes[:2]) <= CHANNELS and int(places[-2]) * self.batch >= ROW
        return self.known.get((sizes, tuple(map(int, places[1:-1]))), usual)


def is_possible(weights: Sequence[int], stride: Any) -> bool:
    """Whether a convolution can be one of rows: a step of 1 along them, few taps."""
    kernel = weights[2:]
    return stride[-1] == 1 and kernel[-1] <= WIDEST and prod(kernel) >= TAPS


def direct_passes(
    passes: Iterable[Rule], batch: int, known: Known = MappingProxyType({})
) -> tuple[Rule, ...]:
    """Return a CPU's passes as they are where rows are shifted.

    Parameters
    ----------
    known : mapping
        What was timed; all other convolutions follow the rule.
    """
    choice = Choice(batch, known)

    def direct_convolutions(
        tape: GraphTape, data: NodeData, args: list[str]
    ) -> str | None:
        if data["gate"] == "conv":
            return _padded_before(tape, data, args, choice)
        if data["gate"] == "conv_transpose":
            return _turned(tape, data, args, choice)
        return None

    return (direct_convolutions, *(kept_whole(rule, choice) for rule in passes))


def kept_whole(rule: Rule, choice: Choice) -> Rule:
    """Return a pass that leaves the convolutions of rows as they are."""

    def kept(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
        if _is_whole(tape, data, args, choice):
            return None
        return rule(tape, data, args)

    return kept


def _is_whole(tape: GraphTape, data: NodeData, args: list[str], choice: Choice) -> bool:
    """Whether this is such a convolution, or Σ u windows(x), its gradient by w."""
    if data["gate"] == "conv":
        weights = tape.shape(args[1])
        bare = _is_unpadded(data["attrs"], weights)
        return bare and _fits(data["shape"], weights, data["attrs"], choice)
    if data["gate"] != "einsum" or len(args) != 2:
        return False
    cut = _windows_under(tape, args[1])
    if not cut:
        return False
    attrs, u = node_data(tape.graph, cut)["attrs"], tape.shape(args[0])
    rank = len(attrs["kernel"])
    places, taps, g = "hw"[:rank], "ij"[:rank], "g" * (len(u) > rank + 2)
    wanted = f"{g}o{places}n,{g}c{taps}{places}n->{g}oc{taps}"
    channels = tape.shape(args[1])[len(g)]
    weights = (prod(map(int, u[: 1 + len(g)])), channels, *attrs["kernel"])
    whole = u[len(g) :]
    return data["attrs"]["subscripts"] == wanted and choice.suits(
        weights, attrs["stride"], whole
    )


def _windows_under(tape: GraphTape, node: str) -> str:
    """Return the windows that an argument is, maybe in groups; "" without any."""
    while gate_of(tape, node) == "reshape":
        node = arguments_of(tape, node)[0]
    return node if gate_of(tape, node) == "windows" else ""


def _fits(places: Shape, weights: Shape, attrs: Any, choice: Choice) -> bool:
    """Whether a convolution is one of rows."""
    rank = len(weights) - 2
    if len(places) != rank + 2:
        return False
    return choice.suits(weights, _full(attrs, weights)["stride"], places)


def _full(attrs: Any, weights: Shape) -> dict[str, Any]:
    spatial = {key: attrs[key] for key in ("stride", "padding", "dilation")}
    return spatial_attrs(spatial, cast(tuple[int, ...], weights[2:]))


def _is_unpadded(attrs: Any, weights: Shape) -> bool:
    pairs = padding_pairs(_full(attrs, weights))
    return all(pair == (0, 0) for pair in pairs)


def _padded_before(
    tape: GraphTape, data: NodeData, args: list[str], choice: Choice
) -> str | None:
    """conv(x, w, padding) = conv(pad(x), w), which its gradient by w reads, too."""
    x, weights = args
    shape, attrs = tape.shape(weights), data["attrs"]
    if not _fits(data["shape"], shape, attrs, choice) or _is_unpadded(attrs, shape):
        return None
    pairs = padding_pairs(_full(attrs, shape))
    wide = tape.gate("pad", x, widths=((0, 0), *pairs))
    return tape.gate("conv", wide, weights, **dict(attrs) | {"padding": 0})


def _turned_shape(weights: Shape, attrs: Any) -> Shape:
    """Return the shape of the kernel turned: (C, O/groups, taps)."""
    out, channels, *kernel = cast(tuple[int, ...], weights)
    groups = attrs["groups"]
    return (channels * groups, out // groups, *kernel)


def _turned(
    tape: GraphTape, data: NodeData, args: list[str], choice: Choice
) -> str | None:
    """Write the gradient by x as a convolution of the padded gradient with w turned."""
    u, weights, _ = args
    shape, attrs = tape.shape(weights), data["attrs"]
    if not _fits(data["shape"], _turned_shape(shape, attrs), attrs, choice):
        return None
    full = _full(attrs, shape)
    if any(step != 1 for step in full["stride"]):
        return None
    groups = attrs["groups"]
    wide, kernel = turned(tape, u, weights, full, groups)
    plain = {"stride": 1, "padding": 0, "dilation": full["dilation"], "groups": groups}
    return tape.gate("conv", wide, kernel, **plain)
