"""Keras's layers that are made of gates: their outputs against Keras's own."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest
from places import TESTS

from gradtutor.evaluate import run
from gradtutor.graph import check_graph, inputs
from gradtutor.language.program.reading import read_program
from gradtutor.language.syntax import Source

PATH = TESTS / "data" / "keras_layers.py"
TOLD = json.loads(PATH.with_suffix(".json").read_text())
_spec = importlib.util.spec_from_file_location("layers", PATH)
made = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(made)


def as_ours(weight, shape, transposed):
    """Return a weight of Keras in the order that a graph has it."""
    size = np.shape(weight)
    if transposed and len(size) > 2:  # (k, k, k, out, in), of the map backwards
        weight = np.flip(weight, tuple(range(len(size) - 2)))
        return np.moveaxis(weight, (-2, -1), (0, 1))
    if len(size) > 2 and shape[1] == 1 and size[-2] != 1:  # of each channel by itself
        weight = weight.reshape(*size[:-2], 1, -1)
    if len(size) > 2:
        return np.moveaxis(weight, (-1, -2), (0, 1))
    return np.reshape(weight, shape)


def order_of(names):
    """Bring a graph's parameters into Keras's order: kernels, then the bias."""
    return sorted(names, key=lambda one: (one[0] == "g", one[0] == "b", one))


@pytest.mark.parametrize("name", TOLD)
def test_a_layer_gives_what_keras_gives(name):
    program = read_program(Source(made.text_of(name)), training=False)
    net, told = program.net, TOLD[name]
    whole = program.tracer.tensor(program.prediction, program.run.source.tree)
    net.graph.graph["output"] = whole.node
    check_graph(net.graph)
    names = order_of(inputs(net.graph, "parameter"))
    assert len(names) == len(told["weights"])
    given = {}
    for k, (one, size) in enumerate(zip(names, told["weights"], strict=True)):
        weight, shape = made.pattern(size, k), net.graph.nodes[one]["shape"]
        given[one] = as_ours(weight, shape, "Transpose" in name)
        assert given[one].shape == tuple(shape), one
    x = made.pattern((2, *made.CASES[name][0]), 9.0)
    placed = program.tracer.inputs.placed[0]
    given["X"] = np.transpose(x, np.argsort(placed.order))
    found = run(net.graph, given).values[whole.node]
    found = np.transpose(found, whole.order)
    np.testing.assert_allclose(found.reshape(-1), told["output"], atol=2e-6)
