"""Recurrent layers: the same weights at every step of a sequence.

A sequence is (T, N, features). What comes in, x W + b, is one product for all steps;
the gate ``recurrence`` goes from step to step.
"""

from __future__ import annotations

from dataclasses import dataclass

from gradtutor.gates import show_shape
from gradtutor.language.errors import LimitError
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.layers.normalisation import dropout
from gradtutor.language.layers.spellings import activation_kind
from gradtutor.messages import tr

#: Steps of a sequence, and of all layers of one stack together.
MAX_STEPS = 100_000


@dataclass(frozen=True)
class Run:
    """A layer over a sequence: what is cut from its states as soon as it is read.

    Attributes
    ----------
    states : str
        The node of all states, h_0 = 0 among them: (T + 1, N, units).
    length : int
        How many steps there are.
    backwards : bool
        Whether it began at the sequence's end; the zeros are the last row then.
    turned : bool
        Whether its sequence is in the order in which it was made.
    """

    states: str
    length: int
    backwards: bool = False
    turned: bool = False

    @property
    def last(self) -> Cut:
        """Return the state that was made last."""
        return Cut(self, 0 if self.backwards and not self.turned else self.length - 1)

    @property
    def steps(self) -> tuple[Cut, ...]:
        """Return the states of a sequence's steps, in order."""
        return tuple(Cut(self, step) for step in range(self.length))


@dataclass(frozen=True)
class Cut:
    """One step of a layer's sequence: (N, units)."""

    run: Run
    step: int

    @property
    def row(self) -> int:
        """Return its place among the states."""
        step = self.run.length - 1 - self.step if self.run.turned else self.step
        return step + (not self.run.backwards)


def rnn(net: Builder, layer: Item) -> None:
    """Append h_t = tanh(x_t W + h_{t-1} U + b) (Elman 1990), h_0 = 0."""
    word = layer.arguments.get("activation", "tanh")
    kind = activation_kind(net.source, word, layer.span)
    if kind not in ("tanh", "relu", "sigmoid"):
        raise net.fail(
            tr(
                "{name} has tanh, relu or sigmoid, not {word}",
                name=layer.name,
                word=word,
            ),
            layer,
        )
    _stacked(net, layer, kind)


def lstm(net: Builder, layer: Item) -> None:
    """Append a long short-term memory (Hochreiter & Schmidhuber 1997; gates i f g o).

    c_t = f c_{t-1} + i g and h_t = o tanh(c_t), with the four gates' columns side by
    side in W and U, in PyTorch's order.
    """
    if layer.arguments.get("activation", "tanh") != "tanh":
        raise net.fail(
            tr("{name} is here with tanh", name=layer.name),
            layer,
            tr("or take SimpleRNN"),
        )
    _stacked(net, layer, "lstm")


def gru(net: Builder, layer: Item) -> None:
    """Append a gated recurrent unit (Cho et al. 2014), PyTorch's and Keras's form.

    r, z = σ(x W + h U + b), n = tanh(x W_n + b_n + r (h U_n + c)) and
    h' = (1 - z) n + z h; the columns of r, z and n stand side by side in W and U. The
    bias c inside the reset's product is of its own: with one bias it is another layer.
    """
    if layer.arguments.get("activation", "tanh") != "tanh":
        raise net.fail(
            tr("{name} is here with tanh", name=layer.name),
            layer,
            tr("or take SimpleRNN"),
        )
    if layer.arguments.get("reset_after", True) is not True:
        raise net.fail(
            tr("{name} is here with reset_after=True", name=layer.name), layer
        )
    _stacked(net, layer, "gru")


def _stacked(net: Builder, layer: Item, cell: str) -> None:
    """Append num_layers layers, each on the states of the one before."""
    if "units" not in layer.arguments:
        raise net.fail(
            tr("how many units?"), layer, tr("as in {name}(32)", name=layer.name)
        )
    units = net.whole(layer.arguments["units"], layer)
    count = net.whole(layer.arguments.get("num_layers", 1), layer)
    for place in range(count):
        flowing = sequence(net, layer, count - place)
        if not place:
            check_width(net, layer, _width(net, flowing))
        elif (rate := between(layer)) > 0:
            net.node, net.run = flowing, None
            dropout(net, Item("dropout", {"rate": rate}, layer.span, "Dropout"))
            flowing = net.node
        net.depth += 1
        _append(net, layer, cell, units, flowing)


def between(layer: Item) -> float:
    """Return the rate of PyTorch's dropout between stacked layers; Keras has none."""
    rate = layer.arguments.get("dropout", 0)
    plain = isinstance(rate, int | float) and not layer.arguments.get("keras")
    return float(rate) if plain else 0.0


def _append(net: Builder, layer: Item, cell: str, units: int, flowing: str) -> None:
    """Append one layer; its last state flows on, or its sequence into another one.

    What ran backwards is in the order of time, for the other direction to join, unless
    the text says ``go_backwards``: then in the order in which it was made.
    """
    turned = net.flag("go_backwards", layer, usual=False)
    backwards = turned or bool(layer.arguments.get("backwards"))
    states = _states(net, layer, cell, units, flowing, backwards=backwards)
    made = Run(states, _steps(net, flowing), backwards, turned)
    net.flows(made, lambda: step_of(net, layer, made.last))


def _states(
    net: Builder,
    layer: Item,
    cell: str,
    units: int,
    flowing: str,
    *,
    backwards: bool,
) -> str:
    """Append a layer's parameters, z = x W + b of all steps, and its states.

    One bias, where PyTorch adds two: the network is the same. Of a program for PyTorch
    there are two, b and c, so that it trains as there. k = 1/sqrt(units).
    """
    columns = {"lstm": 4, "gru": 3}.get(cell, 1) * units
    width, bias = _width(net, flowing), net.flag("bias", layer)
    w = net.parameter("W", (width, columns), layer, units)
    weights = net.parameter("U", (units, columns), layer, units)
    b = net.parameter("b", (columns,), layer, units) if bias else ""
    two = bias and (cell == "gru" or bool(layer.arguments.get("two_biases")))
    c = net.parameter("c", (columns,), layer, units) if two else ""
    if c and cell != "gru":
        b = net.gate("add", b, c, layer=layer)
    rows = net.gate("reshape", flowing, layer=layer, shape=(-1, width))
    z = net.gate("matmul", rows, w, layer=layer)
    z = net.gate("add", z, b, layer=layer) if b else z
    name, shape = net.fresh("z"), (_steps(net, flowing), -1, columns)
    z = net.gate("reshape", z, layer=layer, shape=shape, name=name)
    inner = [c] if cell == "gru" and c else []
    options = {"cell": cell, "backwards": backwards, "bias": bool(inner)}
    name = net.fresh("h")
    return net.gate("recurrence", z, weights, *inner, layer=layer, name=name, **options)


def whole(net: Builder, layer: Item, made: Run) -> str:
    """Return the states of a sequence's own steps: (T, N, units)."""
    if made not in net.wholes:
        first = 0 if made.backwards else 1
        cuts = ((first, first + made.length, 1),)
        every = net.gate("slice", made.states, layer=layer, cuts=cuts)
        if made.turned:
            every = net.gate("flip", every, layer=layer, axis=(0,))
        net.wholes[made] = every
    return net.wholes[made]


def step_of(net: Builder, layer: Item, cut: Cut | str) -> str:
    """Return one step of a sequence, (N, units): what is a node is there already."""
    if isinstance(cut, str):
        return cut
    states, row = cut.run.states, cut.row
    if (states, row) not in net.cut_rows:
        part = net.gate("slice", states, layer=layer, cuts=((row, row + 1, 1),))
        name = f"{states}_{cut.run.length}" if cut == cut.run.last else None
        shape = net.graph.nodes[states]["shape"][1:]
        net.cut_rows[states, row] = net.reshape(part, shape, layer, name=name)
    return net.cut_rows[states, row]


# ---- what comes in ----


def _check_length(net: Builder, layer: Item, steps: int) -> None:
    if steps > MAX_STEPS:
        message = tr(
            "{name} goes over {steps} steps, which are more than {max_steps}",
            name=layer.name,
            steps=steps,
            max_steps=MAX_STEPS,
        )
        hint = tr("shorten the sequence: a Conv1d with a stride or MaxPool1d before it")
        raise LimitError(message, net.source.text, layer.span, hint)


def check_width(net: Builder, layer: Item, width: int) -> None:
    """Check the features of a step against what the layer is told."""
    expected = net.whole(layer.arguments.get("in_features", width), layer)
    if expected != width:
        raise net.misfit(
            tr(
                "{name} expects {expected} features, a step has (N, {width})",
                name=layer.name,
                expected=expected,
                width=width,
            ),
            layer,
            tr(
                "write {name}({width}, ...) or leave the input size out",
                name=layer.name,
                width=width,
            ),
        )


def sequence(net: Builder, layer: Item, count: int) -> str:
    """Return the sequence (T, N, features) that flows, of a signal (C, T, N) too.

    Parameters
    ----------
    count : int
        Layers that follow, for the limit of steps in all.
    """
    if net.run is not None:
        flowing = whole(net, layer, net.run)
        _check_length(net, layer, _steps(net, flowing) * count)
        return flowing
    if len(net.shape) != 3:
        raise net.misfit(
            tr(
                "{name} takes a sequence (T, N, features), the layer before "
                "gives {shape}",
                name=layer.name,
                shape=show_shape(net.shape),
            ),
            layer,
            tr(
                "start with steps and features, as in Input(28, 28), and put "
                "nothing between recurrent layers"
            ),
        )
    signal = net.shape[2] == "N"
    length = int(net.shape[1 if signal else 0])
    if length < 2:
        message = tr(
            "{name} takes a sequence, this is one step: nothing recurs", name=layer.name
        )
        raise net.fail(message, layer, tr("write Flatten() and Linear instead"))
    _check_length(net, layer, length * count)
    if signal:
        return net.gate("transpose", net.node, layer=layer, axes=(1, 2, 0))
    return net.node


def _steps(net: Builder, flowing: str) -> int:
    return int(net.graph.nodes[flowing]["shape"][0])


def _width(net: Builder, flowing: str) -> int:
    return int(net.graph.nodes[flowing]["shape"][-1])
