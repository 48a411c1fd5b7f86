"""Weights of a C99 file as arrays: one a parameter, or all in one that a step moves."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from gradtutor.exports.c99.views import View, row_strides
from gradtutor.exports.c99.writer import array_lines, c_name, sizes_for
from gradtutor.gates import Shape
from gradtutor.graph import Graph, inputs, network_of, topological_order, weights

Arrays = Mapping[str, np.ndarray]


def weight_lines(graph: Graph, arrays: Arrays, kind: str) -> list[str]:
    """Return the arrays that a prediction reads, each of its own name."""
    lines: list[str] = []
    used = topological_order(graph, [network_of(graph)["prediction"]])
    for name in inputs(graph, "parameter", "frozen", "statistic"):
        if name in used:
            lines += array_lines(f"w_{c_name(name)}", arrays[name], kind)
    return [*lines, *_given(graph, arrays, used)]


def _given(graph: Graph, arrays: Arrays, used: Collection[str]) -> list[str]:
    """Return the formula's own numbers, and what scales columns."""
    lines: list[str] = []
    for name in (one for one in inputs(graph, "constant") if one in used):
        value = np.array(graph.nodes[name]["value"])
        lines += array_lines(f"w_{c_name(name)}", value, "static const float")
    for name in ("X_fill", "X_mean", "X_deviation", "y_mean", "y_deviation"):
        if name in arrays:
            lines += array_lines(name, arrays[name], "static const float")
    return lines


def flat_weights(graph: Graph, arrays: Arrays) -> list[str]:
    """Return the parameters as parts of one array, which a step moves in one loop."""
    names, trained = weights(graph), inputs(graph, "parameter")
    flat = np.concatenate([np.ravel(arrays[name]) for name in names])
    moved = sum(int(np.size(arrays[name])) for name in trained)
    lines = [f"enum {{ PARAMETERS = {moved} }};"]
    lines += array_lines("theta", flat, "static float")
    lines.append("static float gradient[PARAMETERS];")
    start = 0
    for name in names:
        lines.append(f"#define w_{c_name(name)} (theta + {start})")
        if name in trained:
            lines.append(f"#define d_{c_name(name)} (gradient + {start})")
        start += int(np.size(arrays[name]))
    used = topological_order(graph, [graph.graph["output"]])
    return [*lines, *_given(graph, arrays, used)]


def stored_arrays(graph: Graph) -> dict[str, View]:
    """Return the parameters and given numbers as the file has them."""
    roles = ("parameter", "frozen", "statistic", "constant")
    return {
        name: _whole(f"w_{c_name(name)}", graph.nodes[name]["shape"], 1)
        for name in inputs(graph, *roles)
    }


def _whole(array: str, shape: Shape, examples: int) -> View:
    sizes = sizes_for(shape, examples)
    return View(array, sizes, row_strides(sizes))


def example_view(array: str, shape: Shape, examples: int) -> View:
    """Return examples that lie one after the other, in the graph's order of axes."""
    sizes = sizes_for(shape, examples)
    if not shape or "N" not in shape:
        return View(array, sizes, row_strides(sizes))
    batch = shape.index("N")
    first = View(array, (), ())
    order = [batch, *(axis for axis in range(len(shape)) if axis != batch)]
    turned = tuple(sizes[axis] for axis in order)
    first = View(array, turned, row_strides(turned))
    return first.turned([order.index(axis) for axis in range(len(shape))])
