"""Weights of a text's own and its constant arrays: nodes of the graph, each once."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from gradtutor.graph import add_input
from gradtutor.language.program.array_values import Data
from gradtutor.language.program.data.known import numbers_of
from gradtutor.language.program.values import (
    Tensor,
    Weight,
)

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

#: Stands for -inf: its exponential is 0 in float32 and float64, and no product with 0
#: is undefined.
LOWEST = -1e30


def weight_node(tracer: Tracer, weight: Weight) -> Tensor:
    """Append a parameter of the text's own, at its first use."""
    net = tracer.net
    if id(weight) not in tracer.weights:
        bias = len(weight.shape) < 2
        if not bias or not net.depth:
            net.depth += 1
        name = f"b{net.depth}" if bias else f"W{net.depth}"
        while name in net.graph:
            net.depth += 1
            name = f"b{net.depth}" if bias else f"W{net.depth}"
        role = "frozen" if tracer.run.frozen.get(id(weight)) else "parameter"
        add_input(net.graph, name, weight.shape, role=role, span=weight.span)
        fan_in = (weight.shape or (1,))[-1 if bias else 0]
        module = net.paths.get(id(weight), "")
        net.graph.nodes[name].update(
            fan_in=fan_in, start=weight.start, module=module, layer="parameter"
        )
        tracer.weights[id(weight)] = name
    name = tracer.weights[id(weight)]
    return Tensor(name, tuple(range(len(weight.shape))))


def constant_node(tracer: Tracer, value: Any, node: ast.AST) -> Tensor | None:
    """Return an array of the text as an input with its numbers, once."""
    if not isinstance(value, Data) or value.of is not None:
        return None
    array = numbers_of(value)
    if array is None or not array.size:
        return None
    if not array.shape:
        return Tensor(tracer.net.number(float(array)), ())
    finite = np.clip(array, LOWEST, -LOWEST)
    key = finite.tobytes(), finite.shape
    if key not in tracer.constants:
        graph, count = tracer.net.graph, len(tracer.constants)
        name, span = f"table{count or ''}", tracer.run.span(node)
        add_input(graph, name, finite.shape, role="constant", span=span)
        graph.nodes[name]["value"] = finite.tolist()
        if value.made and np.isfinite(array).all():
            graph.nodes[name]["made"] = value.made
        tracer.constants[key] = name
    return Tensor(tracer.constants[key], tuple(range(array.ndim)))
