"""A prediction for every step, of a program that counts steps before examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradtutor.language.program.values import Batch, Tensor

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
