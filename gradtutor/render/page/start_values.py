"""The numbers a page starts with, and whether it can compute with them at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.evaluate.point import random_point
from gradtutor.evaluate.values import MissingValueError
from gradtutor.gates import Shape
from gradtutor.graph import Graph, inputs, json_number
from gradtutor.messages import tr

#: More numbers than these are not computed in a page: it then shows shapes.
MAX_GIVEN, MAX_COMPUTED = 300_000, 4_000_000
#: Values that nobody gave are drawn with this seed (odd: positive where they can be).
SEED = 1


def page_values(
    graph: Graph, given: Mapping[str, ArrayLike]
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return a value for every input, and a note if some were drawn at random."""
    stated = {
        name: value
        for name, value in graph.nodes(data="value")
        if name in inputs(graph) and value is not None
    }
    known = {**stated, **given}
    drawn = random_point(graph, SEED)
    missing = [name for name in drawn if name not in known]
    chosen = [name for name in missing if _may_be_drawn(graph, name)] if given else None
    for name in missing:
        if chosen is not None and name not in chosen:
            raise MissingValueError(name)
    values = {
        name: np.asarray(known[name], dtype=np.float64)
        if name in known
        else np.round(drawn[name], 3)
        for name in drawn
    }
    shown = ", ".join(missing[:4]) + ", …" * (len(missing) > 4)
    note = tr("random values for {shown}: give your own with --at", shown=shown)
    return values, [note] if missing else []


def _may_be_drawn(graph: Graph, name: str) -> bool:
    return graph.nodes[name]["role"] in ("parameter", "frozen", "mask")


def is_computable(graph: Graph, values: Mapping[str, np.ndarray]) -> bool:
    """Whether a page can hold the given numbers and compute the others at once."""
    given = sum(value.size for value in values.values())
    computed = sum(_size(shape) for _, shape in graph.nodes(data="shape"))
    return given <= MAX_GIVEN and computed <= MAX_COMPUTED


def _size(shape: Shape) -> int:
    return math.prod(size for size in shape if isinstance(size, int))


def input_data(
    graph: Graph, name: str, values: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """Return what the page's fields know of an input: its numbers row by row."""
    data = graph.nodes[name]
    record = {"name": name, "role": data["role"], "shape": list(data["shape"])}
    if name in values:
        record["value"] = [json_number(number) for number in values[name].ravel()]
    return record
