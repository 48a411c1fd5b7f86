"""What a loss of the program's own takes: outputs, inputs, and targets as ``y``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradtutor.graph import add_input
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.items import Item
from gradtutor.language.network.losses.paired import (
    NO_PLACE,
    WEIGHT,
    NotItsOwnError,
    Places,
    is_output,
    leaves,
    pairs,
)
from gradtutor.language.program.array_values import Work
from gradtutor.language.program.values import Tensor

if TYPE_CHECKING:
    from gradtutor.language.program.reading import Program


def outputs_of(program: Program, work: Work) -> Places:
    """Return the traced outputs that a loss takes, by their place."""
    found = leaves(program, work).values()
    outputs = [one for one in found if is_output(program, one)]
    if not outputs or len({id(one.work) for one in outputs}) > 1:
        raise NotItsOwnError  # called twice, as a discriminator is
    given = program.output
    listed = list(given.values()) if isinstance(given, dict) else given
    parts = listed if isinstance(listed, list | tuple) else [listed]
    return {i: one for i, one in enumerate(parts) if isinstance(one, Tensor)}


def given_of(program: Program, work: Work) -> Places:
    """Return the model's inputs where a loss compares with them, by identity."""
    found = leaves(program, work).values()
    calls = [one.work for one in found if is_output(program, one)]
    inputs = program.tracer.inputs
    many = min(len(inputs.shapes), len(calls[0].args)) if calls else 0
    places = {id(calls[0].args[i]): inputs.stand_in(i) for i in range(many)}
    node = program.run.source.tree
    return {
        key: program.tracer.tensor(one, node)
        for key, one in places.items()
        if any(key == id(leaf) for leaf in found)
    }


def targets_of(
    program: Program,
    net: Builder,
    work: Work,
    places: Places,
    known: Places,
    labels: bool | None,
) -> Places:
    """Append ``y`` for what a loss compares with: one target, or several side by side.

    Each has the shape of the output that it meets first; a loss of classes takes
    labels.
    """
    wanted = pairs(program, work, known)
    at = Item("own", {}, (0, 1), "y")
    if not wanted:
        return {}
    shapes: list[tuple[Tensor | None, bool]] = []
    for output, labelled in wanted.values():
        if output == NO_PLACE and labels is False:
            raise NotItsOwnError  # a label for a pair
        if output == WEIGHT:
            shapes.append((None, labels is not False))
            continue
        tensor = places.get(max(output, 0))
        if tensor is None or tensor.steps:
            raise NotItsOwnError
        shapes.append((tensor, labelled))
    if len(shapes) > 1:
        return _side_by_side(net, at, wanted, shapes)
    ((tensor, labelled),) = shapes
    if tensor is None:
        raise NotItsOwnError
    size = net.graph.nodes[tensor.node]["shape"]
    shape, order = size, tensor.order
    if labelled or labels is not False:
        if len(size) != 2:
            raise NotItsOwnError
        row = labels is None and not labelled
        shape, order = (size[:1], (0,)) if not row else ((*size[:1], 1), (0, 1))
    y = add_input(net.graph, "y", shape, role="label")
    return dict.fromkeys(wanted, Tensor(y, order))


def _rank(net: Builder, tensor: Tensor) -> int:
    return len(net.graph.nodes[tensor.node]["shape"])


def _side_by_side(
    net: Builder,
    at: Item,
    wanted: dict[int, tuple[int, bool]],
    shapes: Sequence[tuple[Tensor | None, bool]],
) -> Places:
    """Cut ``y`` (N, all numbers) into its targets, in the order of the outputs.

    One without an output weighs the examples: a number of each.
    """
    widths = []
    for tensor, labels in shapes:
        if tensor is None:
            widths.append(1)
            continue
        size = net.graph.nodes[tensor.node]["shape"]
        if len(size) not in (1, 2) or tensor.order != tuple(range(len(size))):
            raise NotItsOwnError
        widths.append(1 if labels or len(size) == 1 else int(size[1]))
    y = add_input(net.graph, "y", ("N", sum(widths)), role="label")
    net.graph.graph["weighed"] = any(tensor is None for tensor, _ in shapes)
    found: Places = {}
    start = 0
    for key, (tensor, labels), width in zip(wanted, shapes, widths, strict=True):
        cuts = ((0, None, 1), (start, start + width, 1))
        part = net.gate("slice", y, layer=at, cuts=cuts)
        flat = labels or (tensor is not None and _rank(net, tensor) == 1)
        part = net.reshape(part, ("N",), at) if flat else part
        found[key] = Tensor(part, (0,) if flat else (0, 1))
        start += width
    return found
