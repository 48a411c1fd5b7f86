"""Keras's ConvLSTM: an LSTM whose products are convolutions (Shi et al. 2015)."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.program.values import Layer, Tensor
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

#: Steps that are written out.
MOST_STEPS = 64


def conv_lstm(tracer: Tracer, layer: Layer, x: Any, node: ast.AST) -> Any:
    """Append every step of (N, T, height, width, C), with the same kernels at each.

    The gates stand in Keras's order: input, forget, memory, output. They are squashed
    by the sigmoid, as in Keras 3.
    """
    item, given = layer.item, layer.item.arguments
    t = tracer.tensor(x, node)
    sizes = tracer.sizes(t)
    if len(sizes) != int(given["rank"]) + 3 or type(sizes[1]) is not int:
        message = tr(
            "{name} takes pictures step by step, (N, steps, ..., channels)",
            name=item.name,
        )
        hint = tr(
            "where the pictures' size comes from data that are not here, write it: "
            "Input(shape=(None, 64, 64, 1))"
        )
        raise tracer.net.misfit(message, item, hint)
    if sizes[1] > MOST_STEPS:
        message = tr(
            "{name} of {steps} steps is written out step by step here, which goes up "
            "to {most}",
            name=item.name, steps=sizes[1], most=MOST_STEPS,
        )  # fmt: skip
        raise tracer.net.fail(message, item)
    steps = _Steps(tracer, item, node)
    places = range(sizes[1])
    for place in reversed(places) if given.get("go_backwards") is True else places:
        steps.go(tracer.indexed(t, (slice(None), place), node))
    if given.get("return_sequences") is True:
        return tracer.function("stack", [steps.made, 1], {}, node)
    return steps.made[-1]


class _Steps:
    """The states so far, and the kernels of the input and of the state."""

    def __init__(self, tracer: Tracer, item: Item, node: ast.AST) -> None:
        self.tracer, self.item, self.node = tracer, item, node
        self.units = tracer.net.whole(item.arguments.get("units"), item)
        kept = ("rank", "kernel", "stride", "padding", "dilation", "keras", "bias")
        given = {k: item.arguments[k] for k in kept if k in item.arguments}
        given["units"] = 4 * self.units
        again = {**given, "stride": 1, "padding": "same", "bias": False}
        self.of_input, self.of_state = (
            Layer(Item("conv", words, item.span, item.name)) for words in (given, again)
        )
        self.made: list[Tensor] = []
        self.memory: Tensor | None = None

    def go(self, x: Tensor) -> None:
        """Append one step: c' = σ(f) c + σ(i) a(g) and h' = σ(o) a(c')."""
        z = self.tracer.apply(self.of_input, [x], {}, self.node)
        if self.made:
            kept = self.tracer.apply(self.of_state, [self.made[-1]], {}, self.node)
            z = self._two(ast.Add(), z, kept)
        i, f, g, o = (self._part(z, place) for place in range(4))
        new = self._two(ast.Mult(), self._bent("sigmoid", i), self._act(g))
        if self.memory is not None:
            old = self._two(ast.Mult(), self._bent("sigmoid", f), self.memory)
            new = self._two(ast.Add(), old, new)
        self.memory = new
        shown = self._two(ast.Mult(), self._bent("sigmoid", o), self._act(new))
        self.made.append(shown)

    def _two(self, op: ast.operator, a: Tensor, b: Tensor) -> Tensor:
        made: Tensor = self.tracer.binary(op, a, b, self.node)
        return made

    def _bent(self, word: str, t: Tensor) -> Tensor:
        at = self.tracer.at(self.node, word)
        return Tensor(self.tracer.net.gate(word, t.node, layer=at), t.order)

    def _act(self, t: Tensor) -> Tensor:
        word = self.item.arguments.get("activation", "tanh")
        made: Tensor = self.tracer.function(f"keras.{word}", [t], {}, self.node)
        return made

    def _part(self, z: Tensor, place: int) -> Tensor:
        ends = slice(place * self.units, (place + 1) * self.units)
        made: Tensor = self.tracer.indexed(z, (..., ends), self.node)
        return made
