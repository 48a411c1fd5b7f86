"""One step of a recurrent layer: PyTorch's LSTMCell, GRUCell and RNNCell.

The program goes over the steps itself. A first state of zeros adds nothing, so that its
products are left out.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.layers.recurrent import check_width
from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.values import Layer, Tensor
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.layers.builder import Builder
    from gradtutor.language.tracing.tracer import Tracer

#: How many columns of gates stand side by side, by the kind of cell.
GATES = {"rnn_cell": 1, "gru_cell": 3, "lstm_cell": 4}


def is_zeros(state: Any) -> bool:
    """Whether a first state is zeros, which is what there is without one."""
    if isinstance(state, Filled):
        return state.value == 0 and not state.counted
    return state is None or (isinstance(state, Data) and state.zero)


def cell(
    tracer: Tracer,
    layer: Layer,
    args: list[Any],
    keywords: dict[str, Any],
    node: ast.AST,
) -> Any:
    """Append one step; return the new state, of an LSTM with its memory."""
    item = layer.item
    if tracer.run.library == "keras":
        raise tracer.run.fail(tr("{name} alone is not here", name=item.name), node)
    given = args[1] if len(args) > 1 else keywords.get("hx")
    pair = given if isinstance(given, list | tuple) else (given, None)
    states = ["" if is_zeros(one) else _rows(tracer, one, node) for one in pair]
    step = _Step(tracer, item, _rows(tracer, args[0], node), states[0])
    if item.kind == "lstm_cell":
        return tuple(Tensor(one, (0, 1)) for one in _lstm(step, states[1]))
    made = _gru(step) if item.kind == "gru_cell" else _rnn(step)
    return Tensor(made, (0, 1))


def _rows(tracer: Tracer, value: Any, node: ast.AST) -> str:
    """Return rows (N, features)."""
    t = tracer.tensor(value, node, "rows")
    if len(t.order) != 2:
        raise tracer.run.fail(
            tr("a cell takes rows (N, features)"),
            node,
            tr("RNN, LSTM and GRU go over the steps themselves"),
        )
    return tracer.natural(t, node)


class Step:
    """What one step is given by its input and keeps of the state: gates of both.

    ``given`` is x W + b, ``kept`` is h U + c.
    """

    given = kept = ""

    def __init__(
        self, net: Builder, item: Item, units: int, h: str = "", squash: str = "tanh"
    ) -> None:
        self.net, self.item, self.h = net, item, h
        self.units, self.squash = units, squash

    def gate(self, gate: str, *args: str, **attrs: Any) -> str:
        """Append a gate."""
        return self.net.gate(gate, *args, layer=self.item, **attrs)

    def act(self, node: str) -> str:
        """Append the activation."""
        return node if self.squash == "linear" else self.gate(self.squash, node)

    def sum(self, a: str, b: str) -> str:
        """Append a + b; what is nothing is left out."""
        return self.gate("add", a, b) if a and b else a or b

    def part(self, node: str, place: int) -> str:
        """Append one gate's columns."""
        if not node:
            return ""
        ends = (place * self.units, (place + 1) * self.units, 1)
        rows = ((0, None, 1),) * (len(self.net.graph.nodes[node]["shape"]) - 1)
        return self.gate("slice", node, cuts=(*rows, ends))


class _Step(Step):
    """x W + b and h U + c of one step, and gates of them."""

    def __init__(self, tracer: Tracer, item: Item, x: str, h: str) -> None:
        net = tracer.net
        super().__init__(net, item, net.whole(item.arguments.get("units"), item), h)
        columns = GATES[item.kind] * self.units
        width = int(net.graph.nodes[x]["shape"][-1])
        check_width(net, item, width)
        net.depth += 1
        w = net.parameter("W", (width, columns), item, self.units)
        u = net.parameter("U", (self.units, columns), item, self.units)
        bias = net.flag("bias", item)
        b, c = (
            net.parameter(stem, (columns,), item, self.units) if bias else ""
            for stem in "bc"
        )
        self.given = self.sum(self.gate("matmul", x, w), b)
        self.kept = self.sum(self.gate("matmul", h, u) if h else "", c)


def next_states(step: Step, last: tuple[str, ...]) -> tuple[str, ...]:
    """Append the next state, and an LSTM's memory."""
    if step.item.kind.startswith("lstm"):
        return _lstm(step, last[1])
    if step.item.kind.startswith("gru"):
        return (_gru(step),)
    return (step.act(step.sum(step.given, step.kept)),)


def _lstm(step: Step, memory: str) -> tuple[str, str]:
    """Append c' = σ(f) c + σ(i) tanh(g) and h' = σ(o) tanh(c')."""
    z = step.sum(step.given, step.kept)
    i, f, g, o = (step.part(z, place) for place in range(4))
    new = step.gate("mul", step.gate("sigmoid", i), step.act(g))
    if memory:
        new = step.gate("add", step.gate("mul", step.gate("sigmoid", f), memory), new)
    shown = step.act(new)
    return step.gate("mul", step.gate("sigmoid", o), shown), new


def _gru(step: Step) -> str:
    """Append r, z = σ(·), n = tanh(x_n + r h_n) and h' = (1 - z) n + z h."""
    r, z = (
        step.gate(
            "sigmoid", step.sum(step.part(step.given, k), step.part(step.kept, k))
        )
        for k in range(2)
    )
    held = step.part(step.kept, 2)
    inner = step.sum(
        step.part(step.given, 2), step.gate("mul", r, held) if held else ""
    )
    left = step.gate("sub", step.net.number(1.0), z)
    new = step.gate("mul", left, step.act(inner))
    return step.sum(new, step.gate("mul", z, step.h) if step.h else "")


def _rnn(step: Step) -> str:
    """Append h' = tanh(x W + b + h U + c), or its relu."""
    word = step.item.arguments.get("activation", "tanh")
    if word not in ("tanh", "relu"):
        raise step.net.fail(
            tr("{name} is here with tanh or relu", name=step.item.name), step.item
        )
    return step.gate(word, step.sum(step.given, step.kept))
