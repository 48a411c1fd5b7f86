"""Programs against PyTorch's own numbers on the same weights (tests/data/*.json)."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest
from places import TESTS

from gradtutor.evaluate import run
from gradtutor.graph import inputs
from gradtutor.language import parse_network
from gradtutor.train.weights.names import weights_of

DATA = TESTS / "data"
TOLD = json.loads((DATA / "torch_gradients.json").read_text())
_spec = importlib.util.spec_from_file_location("made", DATA / "torch_gradients.py")
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)


def placed(array, shape):
    """Bring a batch from PyTorch's axes to those of a node of the graph."""
    if len(shape) != array.ndim:
        return array.reshape([made.BATCH if s == "N" else s for s in shape])
    at = next(i for i, size in enumerate(shape) if size == "N")
    return np.moveaxis(array, 0, at)


def size_of(size):
    if isinstance(size, int):
        return size
    return int(np.prod([made.BATCH if p == "N" else int(p) for p in size.split("*")]))


@pytest.mark.parametrize("name", TOLD)
def test_loss_and_gradients_equal_pytorch(name):
    _, _, kind = made.PROGRAMS[name]
    graph = parse_network((TESTS / "inputs" / f"{name}.py").read_text())
    weights = weights_of(graph)
    nodes = graph.nodes
    given = {w.name: w.from_torch({w.torch: made.pattern(w.torch, w.torch_shape)})
             for w in weights if nodes[w.name].get("role") == "parameter"}  # fmt: skip
    example = [s for s in nodes["X"]["shape"] if s != "N"]
    shape = made.PROGRAMS[name][1] or example
    given["X"] = placed(made.examples(tuple(shape), kind), nodes["X"]["shape"])
    wide = [size_of(one) for one in nodes["y"]["shape"]]
    if kind == "mse_loss":
        kept = tuple(s for s in nodes["y"]["shape"] if s != "N")
        given["y"] = placed(made.answers(kept, kind), nodes["y"]["shape"])
    else:
        classes = nodes[graph.graph["network"]["prediction"]]["shape"][-1]
        given["y"] = made.answers((classes,), kind).reshape(wide)
    masks = [one for one in inputs(graph) if nodes[one]["role"] == "mask"]
    given |= {one: np.ones([size_of(s) for s in nodes[one]["shape"]]) for one in masks}
    trace = run(graph, given)
    loss = float(trace.values[graph.graph["output"]])
    assert loss == pytest.approx(TOLD[name]["loss"], rel=1e-6)
    seen = 0
    for weight in weights:
        wanted = TOLD[name]["gradients"].get(weight.torch)
        if wanted is None or weight.name not in trace.node_gradients:
            continue
        slope = weight.to_torch(trace.node_gradients[weight.name])
        got = made.summary(weight.torch, slope)
        np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-8 + 1e-6 * wanted[1])
        seen += 1
    assert seen == len(TOLD[name]["gradients"])
