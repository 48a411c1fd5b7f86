"""Recurrent layers, unrolled: the same weights at every step of a sequence.

A sequence is (T, N, features); each step is rows (N, features).
"""

from __future__ import annotations

from gradtutor.gates import show_shape
from gradtutor.language.builder import Builder
from gradtutor.language.items import Item


def _steps(net: Builder, layer: Item) -> list[str]:
    """Return the steps of the sequence that flows, cut out of X at first."""
    if net.steps:
        return net.steps
    if len(net.shape) != 3:
        raise net.misfit(
            f"{layer.name} takes a sequence (T, N, features), the layer before gives "
            f"{show_shape(net.shape)}",
            layer,
            "start with steps and features, as in Input(28, 28)",
        )
    length, batch, features = net.shape
    steps = []
    for t in range(int(length)):
        cut = net.gate("slice", net.node, layer=layer, cuts=((t, t + 1, 1),))
        steps.append(net.reshape(cut, (batch, features), layer, name=f"x{t + 1}"))
    return steps


def _weights(
    net: Builder, layer: Item, width: int, units: int, gates: int = 1
) -> tuple[str, str, str]:
    """Append the weights of input and state, and one bias; k = 1/sqrt(units)."""
    net.depth += 1
    expected = layer.arguments.get("in_features", width)
    if expected != width:
        raise net.misfit(
            f"{layer.name} expects {expected} features, a step has {width}", layer
        )
    w = net.parameter("W", (width, gates * units), layer, units)
    u = net.parameter("U", (units, gates * units), layer, units)
    return w, u, net.parameter("b", (gates * units,), layer, units)


def _width(net: Builder, step: str) -> int:
    return int(net.graph.nodes[step]["shape"][-1])


def _units(net: Builder, layer: Item) -> int:
    if "units" not in layer.arguments:
        raise net.fail("how many units?", layer, f"as in {layer.name}(32)")
    return net.whole(layer.arguments["units"], layer)


def rnn(net: Builder, layer: Item) -> None:
    """Append h_t = tanh(x_t W + h_{t-1} U + b) (Elman 1990), h_0 = 0."""
    steps, units = _steps(net, layer), _units(net, layer)
    w, u, b = _weights(net, layer, _width(net, steps[0]), units)
    states: list[str] = []
    for t, step in enumerate(steps, start=1):
        z = net.gate("matmul", step, w, layer=layer)
        if states:
            z = net.gate("add", z, net.gate("matmul", states[-1], u, layer=layer),
                         layer=layer)  # fmt: skip
        z = net.gate("add", z, b, layer=layer)
        name = f"{net.fresh('h')}_{t}"
        states.append(net.gate("tanh", z, layer=layer, name=name))
    net.steps, net.node = states, states[-1]


def lstm(net: Builder, layer: Item) -> None:
    """Append a long short-term memory (Hochreiter & Schmidhuber 1997; gates i f g o).

    c_t = f c_{t-1} + i g and h_t = o tanh(c_t), with the four gates' columns side by
    side in W and U, in PyTorch's order.
    """
    steps, units = _steps(net, layer), _units(net, layer)
    w, u, b = _weights(net, layer, _width(net, steps[0]), units, gates=4)
    states: list[str] = []
    cell = ""
    for t, step in enumerate(steps, start=1):
        z = net.gate("matmul", step, w, layer=layer)
        if states:
            z = net.gate("add", z, net.gate("matmul", states[-1], u, layer=layer),
                         layer=layer)  # fmt: skip
        z = net.gate("add", z, b, layer=layer, name=f"{net.fresh('z')}_{t}")
        cell = _cell(net, layer, z, units, cell, t)
        out = _part(net, layer, z, units, 3, "sigmoid", f"o{net.depth}_{t}")
        reach = net.gate("tanh", cell, layer=layer)
        states.append(
            net.gate("mul", out, reach, layer=layer, name=f"{net.fresh('h')}_{t}")
        )
    net.steps, net.node = states, states[-1]


def _cell(net: Builder, layer: Item, z: str, units: int, before: str, t: int) -> str:
    """Append c_t = f c_{t-1} + i g."""
    write = _part(net, layer, z, units, 0, "sigmoid", f"i{net.depth}_{t}")
    new = _part(net, layer, z, units, 2, "tanh", f"g{net.depth}_{t}")
    name = f"{net.fresh('c')}_{t}"
    if not before:
        return net.gate("mul", write, new, layer=layer, name=name)
    forget = _part(net, layer, z, units, 1, "sigmoid", f"f{net.depth}_{t}")
    kept = net.gate("mul", forget, before, layer=layer)
    added = net.gate("mul", write, new, layer=layer)
    return net.gate("add", kept, added, layer=layer, name=name)


def _part(
    net: Builder, layer: Item, z: str, units: int, which: int, gate: str, name: str
) -> str:
    """Append one gate's activation: its columns of z."""
    cuts = ((0, None, 1), (which * units, (which + 1) * units, 1))
    columns = net.gate("slice", z, layer=layer, cuts=cuts)
    return net.gate(gate, columns, layer=layer, name=name)
