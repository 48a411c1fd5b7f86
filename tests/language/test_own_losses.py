"""Losses that a program writes itself: of several outputs, as functions, as modules."""

from __future__ import annotations

import importlib.util
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from places import TESTS

from gradtutor.evaluate import run
from gradtutor.graph import check_graph
from gradtutor.language import parse_network
from gradtutor.train.weights.names import weights_of

HERE = TESTS / "data"
TOLD = json.loads((HERE / "own_losses.json").read_text())
_spec = importlib.util.spec_from_file_location("own", HERE / "own_losses.py")
own = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(own)


def targets(shape):
    """Return y as a graph has it: labels, numbers, or both side by side."""
    if len(shape) == 1:
        return own.Y
    return own.T if shape[1] == 1 else np.column_stack([own.Y, own.T])


@pytest.mark.parametrize("name", TOLD)
def test_a_loss_of_its_own_is_pytorchs(name):
    graph = parse_network(own.text_of(name))
    check_graph(graph)
    assert graph.graph["network"]["loss"] == "own"
    given = {
        one.name: one.from_torch({one.torch: own.pattern(one.torch)})
        for one in weights_of(graph)
    }
    given |= {"X": own.X, "y": targets(graph.nodes["y"]["shape"])}
    found = run(graph, given)
    loss = float(found.values[graph.graph["output"]])
    assert loss == pytest.approx(TOLD[name]["loss"], rel=1e-11)
    for one in weights_of(graph):
        wanted = np.reshape(TOLD[name]["gradients"][one.torch], own.SHAPES[one.torch])
        wanted = one.from_torch({one.torch: wanted})
        np.testing.assert_allclose(found.node_gradients[one.name], wanted, atol=1e-12)


KERAS = """from tensorflow.keras import Model, layers
i = layers.Input((4,))
h = layers.Dense(5, activation="tanh")(i)
one = layers.Dense(1, activation="sigmoid", name="kind")(h)
two = layers.Dense(2, name="price")(h)
m = Model(i, [one, two])
m.compile("adam", {loss})
m.fit(x, [a, b], epochs=2)
"""
#: Losses of two outputs, and the weights that the second has beside the first.
COMPILED = {
    "loss=['binary_crossentropy', 'mae']": (1, 1),
    "loss=['binary_crossentropy', 'mae'], loss_weights=[2.0, 0.5]": (2, 0.5),
    "loss={'price': 'mae', 'kind': 'binary_crossentropy'}": (1, 1),
    "loss={'kind': 'binary_crossentropy', 'price': 'mae'}, "
    "loss_weights={'price': 3.0}": (1, 3),
}


@pytest.mark.parametrize("loss", COMPILED)
def test_losses_of_several_outputs_are_summed_as_keras_does(loss):
    graph = parse_network(KERAS.format(loss=loss))
    check_graph(graph)
    rng = np.random.default_rng(0)
    shapes = {n: graph.nodes[n]["shape"] for n in ("W1", "b1", "W2", "b2", "W3", "b3")}
    point = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    X, bits, prices = (
        rng.normal(size=(6, 4)),
        [0, 1, 1, 0, 1, 0],
        rng.normal(size=(6, 2)),
    )
    bits = np.array(bits, float)[:, None]
    by_kind, by_price = COMPILED[loss]

    def theirs(p):
        h = jnp.tanh(X @ p["W1"] + p["b1"])
        z, price = h @ p["W2"] + p["b2"], h @ p["W3"] + p["b3"]
        kind = jnp.mean(jax.nn.softplus(z) - bits * z)
        return by_kind * kind + by_price * jnp.mean(abs(price - prices))

    found = run(graph, point | {"X": X, "y": np.hstack([bits, prices])})
    with jax.enable_x64(True):
        wanted, slopes = jax.value_and_grad(theirs)(point)
    loss = float(found.values[graph.graph["output"]])
    assert loss == pytest.approx(float(wanted), rel=1e-10)
    for name, slope in slopes.items():
        np.testing.assert_allclose(found.node_gradients[name], slope, atol=1e-10)
