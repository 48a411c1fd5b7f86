"""Rounding noise: 1e-17 where a value is 0, found by many digits, shown as 0.

>>> from gradtutor.evaluate.trace import run
>>> from gradtutor.language import parse
>>> trace = run(parse("softmax(z)"), {"z": [1.0, 2.0, 3.0]})
>>> trace.node_gradients["z"].any(), without_noise(trace).node_gradients["z"].any()
(True, False)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import mpmath
import numpy as np

from gradtutor.evaluate.precise import precise_plan
from gradtutor.evaluate.trace import Trace
from gradtutor.evaluate.values import Array
from gradtutor.graph import Graph, inputs

#: How small, beside the largest, a value is looked at in digits; how small, beside
#: itself, it must be there to be none; how many digits; how many numbers at most.
SUSPECT, NOTHING, DIGITS, MOST = 1e-13, 1e-6, 60, 2000
#: Gates at most: each is worked out by mpmath.
MOST_GATES = 400


def without_noise(trace: Trace) -> Trace:
    """Return a trace for readers: what is rounding noise alone is 0 in it.

    Numbers count as the decimals that write them: 0.1 + 0.2 - 0.3 is 0.
    """
    made = dict(trace.values)
    wires = {w: trace.backward.of_wire.get(w) for w in trace.gradients}
    nodes = {n: trace.backward.of_node.get(n) for n in trace.node_gradients}
    made |= {node: trace.gradients[w] for w, node in wires.items() if node}
    made |= {node: trace.node_gradients[n] for n, node in nodes.items() if node}
    clean = cleaned(trace.backward.graph, made)
    if clean is made:
        return trace
    return replace(
        trace,
        values={node: clean[node] for node in trace.values},
        gradients={
            wire: clean[node] if node else trace.gradients[wire]
            for wire, node in wires.items()
        },
        node_gradients={
            name: clean[node] if node else trace.node_gradients[name]
            for name, node in nodes.items()
        },
    )


def cleaned(graph: Graph, values: Mapping[str, Array]) -> Mapping[str, Array]:
    """Return nodes' values without what is noise alone; the same object if none is.

    Parameters
    ----------
    values : mapping
        By nodes of the graph, its inputs among them.
    """
    if len(graph) > MOST_GATES or sum(np.size(x) for x in values.values()) > MOST:
        return values
    finite = [np.abs(x[np.isfinite(x)]).max(initial=0.0) for x in values.values()]
    bound = SUSPECT * max([1.0, *finite])
    doubtful = {node: (x != 0) & (np.abs(x) < bound) for node, x in values.items()}
    asked = [node for node, tiny in doubtful.items() if tiny.any()]
    if not asked:
        return values
    point = {name: values[name] for name in inputs(graph) if name in values}
    try:
        with mpmath.workdps(DIGITS):
            exact = precise_plan(graph, asked, decimals=True).values(point)
            real = {n: np.asarray(exact[n], dtype=np.float64) for n in asked}
    except (TypeError, ValueError, ArithmeticError, KeyError, AttributeError):
        return values
    noise = {
        node: doubtful[node] & (np.abs(real[node]) <= NOTHING * np.abs(values[node]))
        for node in asked
    }
    if not any(one.any() for one in noise.values()):
        return values
    return {
        node: np.where(noise[node], 0.0, x) if node in noise else x
        for node, x in values.items()
    }
