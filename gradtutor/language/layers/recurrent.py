"""Recurrent layers, unrolled: the same weights at every step of a sequence.

A sequence is (T, N, features); each step is rows (N, features).
"""

from __future__ import annotations

from collections.abc import Callable

from gradtutor.gates import show_shape
from gradtutor.language.errors import LimitError
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.spellings import activation_kind

#: Steps that may be unrolled, all layers of one stack together.
MAX_STEPS = 2000

OneLayer = Callable[[Builder, Item, list[str], int], list[str]]


def _stacked(net: Builder, layer: Item, one: OneLayer) -> None:
    """Append num_layers layers, each on the states of the one before."""
    if "units" not in layer.arguments:
        raise net.fail("how many units?", layer, f"as in {layer.name}(32)")
    units = net.whole(layer.arguments["units"], layer)
    count = net.whole(layer.arguments.get("num_layers", 1), layer)
    steps = net.steps or cut(net, layer, count)
    _check_length(net, layer, len(steps) * count)
    _check_width(net, layer, _width(net, steps[0]))
    for _ in range(count):
        net.depth += 1
        steps = one(net, layer, steps, units)
    net.steps, net.node = steps, steps[-1]


def _check_length(net: Builder, layer: Item, steps: int) -> None:
    if steps < 2:
        message = f"{layer.name} takes a sequence, this is one step: nothing recurs"
        raise net.fail(message, layer, "write Flatten() and Linear instead")
    if steps > MAX_STEPS:
        message = f"{layer.name} is unrolled: {steps} steps are more than {MAX_STEPS}"
        hint = "shorten the sequence: a Conv1d with a stride or MaxPool1d before it"
        raise LimitError(message, net.source.text, layer.span, hint)


def _check_width(net: Builder, layer: Item, width: int) -> None:
    expected = net.whole(layer.arguments.get("in_features", width), layer)
    if expected != width:
        raise net.misfit(
            f"{layer.name} expects {expected} features, a step has (N, {width})",
            layer,
            f"write {layer.name}({width}, ...) or leave the input size out",
        )


def cut(net: Builder, layer: Item, count: int) -> list[str]:
    """Cut (T, N, features), or a signal (C, T, N), into its steps (N, features).

    Parameters
    ----------
    count : int
        Layers that follow, for the limit of steps in all.
    """
    if len(net.shape) != 3:
        raise net.misfit(
            f"{layer.name} takes a sequence (T, N, features), the layer before gives "
            f"{show_shape(net.shape)}",
            layer,
            "start with steps and features, as in Input(28, 28), and put nothing "
            "between recurrent layers",
        )
    first, second, last = net.shape
    signal, steps = last == "N", []
    length = int(second if signal else first)
    _check_length(net, layer, length * count)
    for t in range(length):
        cuts = ((0, None, 1),) * signal + ((t, t + 1, 1),)
        part = net.gate("slice", net.node, layer=layer, cuts=cuts)
        name, step = f"x{net.depth or ''}_{t + 1}".replace("x_", "x"), ""
        if signal:
            columns = net.reshape(part, (first, last), layer)
            step = net.gate("transpose", columns, layer=layer, name=name)
        else:
            step = net.reshape(part, (second, last), layer, name=name)
        steps.append(step)
    return steps


def _width(net: Builder, step: str) -> int:
    return int(net.graph.nodes[step]["shape"][-1])


def _sums(
    net: Builder, layer: Item, steps: list[str], units: int, gates: int = 1
) -> Callable[[str, str, str], str]:
    """Append W, U and b; return what appends x W + h U + b for one step.

    One bias, where PyTorch adds two: the network is the same. Of a program for PyTorch
    there are two, b and c, so that it trains as there. k = 1/sqrt(units).
    """
    w = net.parameter("W", (_width(net, steps[0]), gates * units), layer, units)
    u = net.parameter("U", (units, gates * units), layer, units)
    bias = net.flag("bias", layer)
    b = net.parameter("b", (gates * units,), layer, units) if bias else ""
    if bias and layer.arguments.get("two_biases"):
        c = net.parameter("c", (gates * units,), layer, units)
        b = net.gate("add", b, c, layer=layer)

    def total(step: str, before: str, name: str) -> str:
        z = net.gate("matmul", step, w, layer=layer)
        if before:
            reach = net.gate("matmul", before, u, layer=layer)
            z = net.gate("add", z, reach, layer=layer)
        return net.gate("add", z, b, layer=layer, name=name or None) if b else z

    return total


def rnn(net: Builder, layer: Item) -> None:
    """Append h_t = tanh(x_t W + h_{t-1} U + b) (Elman 1990), h_0 = 0."""
    _stacked(net, layer, _rnn)


def _rnn(net: Builder, layer: Item, steps: list[str], units: int) -> list[str]:
    word = layer.arguments.get("activation", "tanh")
    kind = activation_kind(net.source, word, layer.span)
    if kind not in ("tanh", "relu", "sigmoid"):
        raise net.fail(f"{layer.name} has tanh, relu or sigmoid, not {word}", layer)
    total, state = _sums(net, layer, steps, units), ""
    states: list[str] = []
    for t, step in enumerate(steps, start=1):
        z = total(step, state, "")
        state = net.gate(kind, z, layer=layer, name=f"{net.fresh('h')}_{t}")
        states.append(state)
    return states


def _squash(net: Builder, layer: Item) -> str:
    """Return the gate of a cell's activation: tanh, or Keras's relu in its place."""
    word = layer.arguments.get("activation") or "tanh"
    if word not in ("tanh", "relu", "sigmoid"):
        raise net.fail(f"{layer.name} has tanh, relu or sigmoid, not {word}", layer)
    return str(word)


def lstm(net: Builder, layer: Item) -> None:
    """Append a long short-term memory (Hochreiter & Schmidhuber 1997; gates i f g o).

    c_t = f c_{t-1} + i g and h_t = o tanh(c_t), with the four gates' columns side by
    side in W and U, in PyTorch's order.
    """
    _squash(net, layer)
    _stacked(net, layer, _lstm)


def _lstm(net: Builder, layer: Item, steps: list[str], units: int) -> list[str]:
    total = _sums(net, layer, steps, units, gates=4)
    states: list[str] = []
    cell = state = ""
    for t, step in enumerate(steps, start=1):
        z = total(step, state, f"{net.fresh('z')}_{t}")
        cell = _cell(net, layer, z, units, cell, t)
        out = _part(net, layer, z, units, 3, "sigmoid", f"o{net.depth}_{t}")
        reach = net.gate(_squash(net, layer), cell, layer=layer)
        name = f"{net.fresh('h')}_{t}"
        state = net.gate("mul", out, reach, layer=layer, name=name)
        states.append(state)
    return states


def _cell(net: Builder, layer: Item, z: str, units: int, before: str, t: int) -> str:
    """Append c_t = f c_{t-1} + i g."""
    write = _part(net, layer, z, units, 0, "sigmoid", f"i{net.depth}_{t}")
    new = _part(net, layer, z, units, 2, _squash(net, layer), f"g{net.depth}_{t}")
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


def gru(net: Builder, layer: Item) -> None:
    """Append a gated recurrent unit (Cho et al. 2014), PyTorch's and Keras's form.

    r, z = σ(x W + h U + b), n = tanh(x W_n + b_n + r (h U_n + c)) and
    h' = (1 - z) n + z h; the columns of r, z and n stand side by side in W and U. The
    bias c inside the reset's product is of its own: with one bias it is another layer.
    """
    _squash(net, layer)
    if layer.arguments.get("reset_after", True) is not True:
        raise net.fail(f"{layer.name} is here with reset_after=True", layer)
    _stacked(net, layer, _gru)


def _gru(net: Builder, layer: Item, steps: list[str], units: int) -> list[str]:
    w = net.parameter("W", (_width(net, steps[0]), 3 * units), layer, units)
    u = net.parameter("U", (units, 3 * units), layer, units)
    bias = net.flag("bias", layer)
    b = net.parameter("b", (3 * units,), layer, units) if bias else ""
    c = net.parameter("c", (3 * units,), layer, units) if bias else ""
    states, state = [], ""
    for t, step in enumerate(steps, start=1):
        z = net.gate("matmul", step, w, layer=layer)
        z = net.gate("add", z, b, layer=layer) if b else z
        a = net.gate("matmul", state, u, layer=layer) if state else ""
        a = (net.gate("add", a, c, layer=layer) if a else c) if c else a
        state = _gru_step(net, layer, z, a, state, units, t)
        states.append(state)
    return states


def _gru_step(
    net: Builder, layer: Item, z: str, a: str, before: str, units: int, t: int
) -> str:
    """Append h' = (1 - z) n + z h; at the first step h = 0, a is a bias or nothing."""
    depth, name = net.depth, f"{net.fresh('h')}_{t}"

    def both(which: int, gate: str, word: str, factor: str = "") -> str:
        ours = _columns(net, layer, z, units, which)
        theirs = _columns(net, layer, a, units, which) if a else ""
        if theirs and factor:
            theirs = net.gate("mul", factor, theirs, layer=layer)
        total = net.gate("add", ours, theirs, layer=layer) if theirs else ours
        return net.gate(gate, total, layer=layer, name=f"{word}{depth}_{t}")

    reset = both(0, "sigmoid", "r") if a else ""
    update = both(1, "sigmoid", "u")
    new = both(2, _squash(net, layer), "n", reset)
    kept = net.gate("sub", net.number(1.0), update, layer=layer)
    if not before:
        return net.gate("mul", kept, new, layer=layer, name=name)
    added = net.gate("mul", kept, new, layer=layer)
    held = net.gate("mul", update, before, layer=layer)
    return net.gate("add", added, held, layer=layer, name=name)


def _columns(net: Builder, layer: Item, node: str, units: int, which: int) -> str:
    """Cut one gate's part out of (N, 3 units), or of a bias (3 units,)."""
    part = (which * units, (which + 1) * units, 1)
    rows = len(net.graph.nodes[node]["shape"]) > 1
    cuts = ((0, None, 1), part) if rows else (part,)
    return net.gate("slice", node, layer=layer, cuts=cuts)
