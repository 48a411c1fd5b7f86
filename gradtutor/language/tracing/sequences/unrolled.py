"""Keras's recurrent layers written out, step by step, with the same weights at each.

Where they start at another layer's state (Sutskever, Vinyals & Le 2014), where an
LSTM's memory goes on, and where the activation is not tanh.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.layers.recurrent import check_width
from gradtutor.language.layers.spellings import activation_kind
from gradtutor.language.program.values import Tensor
from gradtutor.language.tracing.sequences.cells import Step, is_zeros, next_states
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

#: Steps that are written out.
MOST_STEPS = 200
SQUASHES = ("tanh", "relu", "sigmoid", "softsign", "elu", "selu", "softplus", "linear")


def is_written_out(tracer: Tracer, item: Item, states: Any) -> bool:
    """Whether a layer of Keras cannot go from step to step by one gate."""
    if not item.arguments.get("keras") or item.arguments.get("bidirectional"):
        return False
    listed = states if isinstance(states, list | tuple) else [states]
    squash = item.arguments.get("activation", "tanh") != "tanh"
    memory = item.kind == "lstm" and item.arguments.get("return_state") is True
    return (
        any(isinstance(one, Tensor) for one in listed)
        or (squash and item.kind in ("lstm", "gru"))
        or (memory and _starts_elsewhere(tracer))
    )


def _starts_elsewhere(tracer: Tracer) -> bool:
    """Whether the text starts a layer at a state."""
    calls = (
        one for one in ast.walk(tracer.run.source.tree) if isinstance(one, ast.Call)
    )
    return any(word.arg == "initial_state" for one in calls for word in one.keywords)


def written_out(
    tracer: Tracer, item: Item, sequence: str, states: Any, node: ast.AST
) -> tuple[list[str], tuple[str, ...]]:
    """Append every step of a sequence (T, N, features).

    Returns the states of all steps, and the last with an LSTM's memory.
    """
    net = tracer.net
    length, _, width = net.graph.nodes[sequence]["shape"]
    if int(length) > MOST_STEPS:
        message = tr(
            "{name} of {steps} steps is written out step by step here, which goes up "
            "to {most}",
            name=item.name,
            steps=length,
            most=MOST_STEPS,
        )
        raise net.fail(message, item)
    squash = _squash(tracer, item)
    shared = _Shared(tracer, item, sequence, int(width))
    last = _start(tracer, item, states, node)
    made: list[str] = []
    for place in _places(item, int(length)):
        step = Step(net, item, shared.units, last[0], squash)
        step.given, step.kept = shared.given(place), shared.kept(step, last[0])
        last = next_states(step, last)
        made.append(last[0])
    return made, last


def _squash(tracer: Tracer, item: Item) -> str:
    word = item.arguments.get("activation", "tanh")
    kind = activation_kind(tracer.run.source, word, item.span) or "linear"
    if kind not in SQUASHES:
        message = tr("{name} has no activation {word} here", name=item.name, word=word)
        raise tracer.net.fail(message, item)
    return str(kind)


def _places(item: Item, length: int) -> list[int]:
    order = list(range(length))
    return order[::-1] if item.arguments.get("go_backwards") is True else order


def _start(tracer: Tracer, item: Item, states: Any, node: ast.AST) -> tuple[str, ...]:
    """Return the first state, and an LSTM's memory; empty for zeros."""
    listed = list(states) if isinstance(states, list | tuple) else [states]
    wanted = 2 if item.kind == "lstm" else 1
    listed += [None] * (wanted - len(listed))
    found = []
    for one in listed[:wanted]:
        if not isinstance(one, Tensor) and not is_zeros(one):
            message = tr("a first state other than zeros is not here")
            hint = tr("leave it out, or start from zeros")
            raise tracer.run.fail(message, node, hint)
        known = isinstance(one, Tensor)
        found.append(tracer.natural(tracer.tensor(one, node), node) if known else "")
    return tuple(found)


class _Shared:
    """The weights of all steps, and x W + b of each."""

    def __init__(self, tracer: Tracer, item: Item, sequence: str, width: int) -> None:
        self.net, self.item = tracer.net, item
        net = self.net
        self.units = net.whole(item.arguments.get("units"), item)
        columns = {"lstm": 4, "gru": 3}.get(item.kind, 1) * self.units
        check_width(net, item, width)
        net.depth += 1
        w = net.parameter("W", (width, columns), item, self.units)
        self.recurrent = net.parameter("U", (self.units, columns), item, self.units)
        bias = net.flag("bias", item)
        b = net.parameter("b", (columns,), item, self.units) if bias else ""
        two = bias and (item.kind == "gru" or not item.arguments.get("keras"))
        self.second = net.parameter("c", (columns,), item, self.units) if two else ""
        rows = net.gate("reshape", sequence, layer=item, shape=(-1, width))
        z = net.gate("matmul", rows, w, layer=item)
        z = net.gate("add", z, b, layer=item) if b else z
        length = net.graph.nodes[sequence]["shape"][0]
        self.all = net.gate("reshape", z, layer=item, shape=(length, -1, columns))
        self.columns = columns

    def given(self, place: int) -> str:
        """Return x W + b of one step."""
        cuts = ((place, place + 1, 1),)
        part = self.net.gate("slice", self.all, layer=self.item, cuts=cuts)
        return self.net.gate("reshape", part, layer=self.item, shape=(-1, self.columns))

    def kept(self, step: Step, h: str) -> str:
        """Return h U + c of one step."""
        return step.sum(
            step.gate("matmul", h, self.recurrent) if h else "", self.second
        )
