"""A sequence's steps in one node, and a prediction for every step."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradtutor.language.layers.recurrent import step_of, whole
from gradtutor.language.program.array_values import Batch
from gradtutor.language.program.values import Tensor

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


def examples_first(tracer: Tracer, found: Tensor) -> Tensor:
    """Count the examples first: of (T, N, K), and of its rows (T N, K) as well."""
    sizes, squashed = tracer.sizes(found), tracer.squashed
    steps = (tracer.input_shape or (0,))[0]
    flat = tracer.inputs.time_first and steps > 1 and len(sizes) == 2
    if flat and sizes[0] == Batch(steps):
        at = tracer.at(tracer.run.source.tree.body[0], "rows")
        rows = tracer.natural(found, tracer.run.source.tree.body[0])
        apart = tracer.net.reshape(rows, (steps, -1, int(sizes[1])), at)
        if found.node in squashed:
            squashed[apart] = squashed[found.node]
        return Tensor(apart, (1, 0, 2))
    if len(sizes) > 2 and isinstance(sizes[1], Batch) and isinstance(sizes[0], int):
        order = found.order
        return Tensor(found.node, (order[1], order[0], *order[2:]))
    return found


def joined(tracer: Tracer, t: Tensor, node: ast.AST) -> Tensor:
    """Put a sequence's steps into one node (T, N, features)."""
    net, at = tracer.net, tracer.at(node)
    first = t.steps[0]
    if not isinstance(first, str) and t.steps == first.run.steps:
        return Tensor(whole(net, at, first.run), t.order)
    nodes = [step_of(net, at, step) for step in t.steps]
    rows = {
        one: net.reshape(one, (1, *net.graph.nodes[one]["shape"]), at)
        for one in dict.fromkeys(nodes)
    }
    parts = [rows[one] for one in nodes]
    while len(parts) > 1:  # in pairs, equal ones once: log T gates for one row
        pairs = [tuple(parts[i : i + 2]) for i in range(0, len(parts), 2)]
        made: dict[tuple[str, ...], str] = {
            pair: net.gate("concat", *pair, layer=at, axis=0)
            for pair in dict.fromkeys(pairs)
            if len(pair) == 2
        }
        parts = [made.get(pair, pair[0]) for pair in pairs]
    return Tensor(parts[0], t.order)
