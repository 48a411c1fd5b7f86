"""How the parameters of a page begin: as those of the script with the same seed."""

from __future__ import annotations

import math
from base64 import b64encode

import numpy as np

from gradtutor.graph import Graph, inputs

#: More numbers than these are written as bytes.
FEW = 200


def start_values(graph: Graph, names: list[str], seed: int) -> dict[str, np.ndarray]:
    """Draw the parameters, in the order and from the generator of the script.

    Numbers are drawn in float64 and rounded to float32, as the script keeps them.
    """
    rng = np.random.default_rng(seed)
    return {name: _drawn(graph, name, rng) for name in names}


def reach(graph: Graph, name: str) -> float:
    """Return k of U(-k, k), from which the page draws a parameter anew; 0 for none."""
    data = graph.nodes[name]
    if data.get("start", "uniform") == "constant" or name.startswith("gamma"):
        return 0.0
    return float(data.get("start_scale") or 1 / math.sqrt(data.get("fan_in", 1)))


def _drawn(graph: Graph, name: str, rng: np.random.Generator) -> np.ndarray:
    data = graph.nodes[name]
    shape, k = data["shape"], reach(graph, name)
    if name.startswith("gamma"):
        made = np.ones(shape)
    elif data.get("start") == "constant":
        made = np.full(shape, data["start_scale"])
    elif data.get("start") == "normal":
        made = rng.normal(0, k, shape)
    else:
        made = rng.uniform(-k, k, shape)
    return made.astype(np.float32).astype(np.float64)


def start_data(values: np.ndarray) -> list[float] | dict[str, str]:
    """Return numbers as the page reads them: many as float32, which they are."""
    flat = np.ravel(values)
    if flat.size <= FEW:
        return [float(value) for value in flat]
    return {"floats": b64encode(flat.astype("<f4").tobytes()).decode()}


def given_or_drawn(graph: Graph, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return where the descent on a formula starts: as given, else at 1."""
    return {
        name: np.asarray(given[name], np.float64)
        if name in given
        else np.full(graph.nodes[name]["shape"] or (), _stated(graph, name))
        for name in inputs(graph)
    }


def _stated(graph: Graph, name: str) -> float:
    value = graph.nodes[name].get("value")
    return 1.0 if value is None else float(np.asarray(value))
