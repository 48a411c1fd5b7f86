"""Losses that count some examples more, against PyTorch's loss and gradients."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest
from places import TESTS

from gradtutor.evaluate import run
from gradtutor.graph import inputs
from gradtutor.language import parse_network

PATH = TESTS / "data" / "weighted_losses.py"
TOLD = json.loads(PATH.with_suffix(".json").read_text())
_spec = importlib.util.spec_from_file_location("weighted", PATH)
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)


@pytest.mark.parametrize("name", TOLD)
def test_a_loss_with_weights_equals_pytorch(name):
    text, _, _, kind = made.CASES[name]
    graph = parse_network(text)
    x, w, b = made.given(1 if kind == "bits" else made.CLASSES)
    shapes = {one: graph.nodes[one]["shape"] for one in inputs(graph)}
    y = made.labels(kind) * (1.0 if kind in ("bits", "pair") else 1)
    if kind in ("bits", "pair"):
        y = y.reshape([made.BATCH if size == "N" else size for size in shapes["y"]])
    if kind == "pair":  # both inputs side by side
        x = np.hstack([x, made.numbers(made.BATCH, made.WIDTH, start=2.0)])
    values = {"X": x, "W1": w, "b1": b.reshape(shapes["b1"]), "y": y}
    trace = run(graph, values)
    assert float(trace.values[graph.graph["output"]]) == pytest.approx(
        TOLD[name]["loss"], rel=1e-12
    )
    for one, key in ("W1", "W"), ("b1", "b"):
        wanted = np.reshape(TOLD[name][key], shapes[one])
        np.testing.assert_allclose(trace.node_gradients[one], wanted, rtol=1e-9)
