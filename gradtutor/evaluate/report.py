"""What was computed, for readers: a trace as JSON, an error without its noise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from gradtutor.evaluate.trace import Trace
from gradtutor.graph import Graph, Wire, inputs, json_number

#: Below it the error of a comparison is rounding, which differs between machines.
NOISE = 1e-10


def error_text(error: float, noise: float = NOISE) -> str:
    """Write an error with no digit of rounding noise, so that any machine writes it.

    Parameters
    ----------
    error : float
        An absolute or relative error, 0 or larger.
    noise : float
        How large the part of it may be that rounding makes up, in the same unit.

    Examples
    --------
    >>> error_text(0.0123), error_text(2.34e-9), error_text(7.5e-13)
    ('1.2e-02', '2e-09', '< 1e-09')
    """
    if not math.isfinite(error) or error > 100 * noise:
        return f"{error:.1e}"
    if error > 10 * noise:
        return f"{error:.0e}"
    return f"< {10.0 ** math.ceil(math.log10(10 * noise) - 1e-9):.0e}"


def trace_json(trace: Trace) -> dict[str, Any]:
    """Return values and gradients of every node and wire for other programs."""
    graph, values, grads = trace.graph, trace.values, trace.node_gradients
    nodes = [
        {
            "id": node,
            "gate": data["gate"],
            "name": data["name"],
            "value": plain(values[node]),
            "grad": plain(grads.get(node)),
        }
        for node, data in graph.nodes(data=True)
    ]
    wires = [
        {
            "from": source,
            "to": target,
            "arg": position,
            "value": plain(values[source]),
            "grad": plain(trace.gradients.get((source, target, position))),
        }
        for source, target, position in graph.edges(keys=True)
    ]
    points = {
        name: {"value": plain(values[name]), "grad": plain(grads[name])}
        for name in inputs(graph)
    }
    fault = {"fault": trace.fault_message()} if trace.fault else {}
    output = plain(values[trace.output])
    return {"value": output, "inputs": points, "nodes": nodes, "wires": wires} | fault


def symbols_json(
    graph: Graph, symbols: Mapping[str | Wire, str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the texts of nodes and wires, as `wire_symbols` gives them, for programs.

    Values and gradients are formulas: ``q = x + y`` and ``∂f/∂q = z``.
    """
    nodes = [
        {
            "id": node,
            "gate": data["gate"],
            "name": data["name"],
            "shape": list(data["shape"]),
            "symbol": symbols[node],
        }
        for node, data in graph.nodes(data=True)
    ]
    wires = [
        {"from": source, "to": target, "arg": position, "symbol": symbols[wire]}
        for wire in graph.edges(keys=True)
        for source, target, position in [wire]
    ]
    return {"nodes": nodes, "wires": wires}


def readable(value: Any) -> Any:
    """Return a value of `plain` with 0.3 where arithmetic gave 0.30000000000000004.

    >>> readable([0.30000000000000004, 0.9999999999999998, 0.1234567890123456])
    [0.3, 1.0, 0.1234567890123456]
    """
    if isinstance(value, list):
        return [readable(row) for row in value]
    if not isinstance(value, float):
        return value
    short = float(f"{value:.15g}")
    return short if len(repr(short)) < len(repr(value)) - 3 else value


def plain(value: Any) -> Any:
    """Return an array as JSON: nested lists, nan and infinity as strings."""
    if value is None:
        return None
    if getattr(value, "ndim", 0):
        return [plain(row) for row in value]
    return json_number(value)
