"""Networks of JAX functions, and Keras's layers that are written out step by step."""

from __future__ import annotations

import math

import numpy as np
import pytest
from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.evaluate.values import node_values
from gradtutor.graph import inputs
from gradtutor.language import parse_network
from gradtutor.language.program.reading import read_program
from gradtutor.language.syntax import Source

START = """
import jax, jax.numpy as jnp
from jax import grad, jit, random, vmap
from jax.scipy.special import logsumexp
sizes = [6, 8, 3]
keys = random.split(random.key(0), len(sizes))
def layer(m, n, key):
    w_key, b_key = random.split(key)
    return 0.01 * random.normal(w_key, SIZE), 0.01 * random.normal(b_key, (n,))
params = [layer(m, n, k) for m, n, k in zip(sizes[:-1], sizes[1:], keys)]
"""
END = """
def loss(params, x, y):
    return -jnp.mean(jnp.sum(BATCHED(params, x) * y, axis=1))
@jit
def update(params, x, y):
    grads = grad(loss)(params, x, y)
    return [(w - 0.01 * dw, b - 0.01 * db) for (w, b), (dw, db) in zip(params, grads)]
for epoch in range(8):
    for x, y in batches:
        params = update(params, x, y)
"""
ROWS = """
def predict(params, x):
    for w, b in params[:-1]:
        x = jnp.tanh(jnp.dot(x, w) + b)
    w, b = params[-1]
    z = jnp.dot(x, w) + b
    return z - logsumexp(z, axis=1, keepdims=True)
"""
ONE = """
def predict(params, x):
    for w, b in params[:-1]:
        x = jnp.tanh(jnp.dot(w, x) + b)
    w, b = params[-1]
    z = w @ x + b
    return z - logsumexp(z)
batched = vmap(predict, in_axes=(None, 0))
"""
TREE = """
import jax, jax.numpy as jnp
key = jax.random.PRNGKey(0)
params = {"W1": jax.random.normal(key, (6, 8)), "b1": jnp.zeros(8),
          "W2": jax.random.normal(key, (8, 3)), "b2": jnp.zeros(3)}
def model(params, x):
    h = jnp.tanh(x @ params["W1"] + params["b1"])
    return h @ params["W2"] + params["b2"]
def loss_fn(params, x, y):
    return -jnp.mean(jnp.sum(jax.nn.log_softmax(model(params, x)) * y, axis=-1))
for i in range(8):
    grads = jax.grad(loss_fn)(params, X, Y)
    params = jax.tree.map(lambda p, g: p - 0.01 * g, params, grads)
"""
NETWORKS = {
    "rows": START.replace("SIZE", "(m, n)") + ROWS + END.replace("BATCHED", "predict"),
    "vmap": START.replace("SIZE", "(n, m)") + ONE + END.replace("BATCHED", "batched"),
    "tree": TREE,
}


def value(graph, node, seed=0):
    """Return a node's value at weights of which W is the same, whichever way."""
    rng, point = np.random.default_rng(seed), {}
    for i in (1, 2):
        w = rng.normal(size=(6, 8) if i == 1 else (8, 3))
        shape = graph.nodes[f"W{i}"]["shape"]
        point[f"W{i}"] = w if shape == w.shape else w.T
        point[f"b{i}"] = rng.normal(size=8 if i == 1 else 3)
    point["X"] = rng.normal(size=(5, 6))
    label = graph.nodes["y"]["shape"]
    classes = rng.integers(0, 3, 5)
    point["y"] = classes if label == ("N",) else np.eye(3)[classes]
    return point, node_values(graph, point)[node]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_functions_is_that_of_jax(name):
    program = read_program(Source(NETWORKS[name]))
    names = inputs(program.net.graph, "parameter")
    count = sum(math.prod(program.net.graph.nodes[n]["shape"]) for n in names)
    assert count == 6 * 8 + 8 + 8 * 3 + 3
    assert program.optimiser.item.arguments["learning_rate"] == 0.01
    assert (program.shape, program.run.found.epochs) == ((6,), 8)
    graph = parse_network(NETWORKS[name])
    point, found = value(graph, "loss")
    w1, w2 = (
        w if w.shape == size else w.T
        for w, size in ((point["W1"], (6, 8)), (point["W2"], (8, 3)))
    )
    z = np.tanh(point["X"] @ w1 + point["b1"]) @ w2 + point["b2"]
    z = z - np.log(np.exp(z).sum(1, keepdims=True))
    rows = point["y"] if point["y"].ndim == 2 else np.eye(3)[point["y"]]
    assert found == pytest.approx(-(z * rows).sum(1).mean())


TRANSLATOR = """
from keras.models import Model
from keras.layers import Input, LSTM, Dense
first = Input(shape=(4, 3))
_, h, c = LSTM(5, return_state=True)(first)
second = Input(shape=(3, 2))
every, _, _ = LSTM(5, return_sequences=True, return_state=True)(
    second, initial_state=[h, c])
model = Model([first, second], Dense(6, activation='softmax')(every))
model.compile(optimizer='rmsprop', loss='categorical_crossentropy')
"""


def steps(x, w, u, b, h, c, act=np.tanh):
    """Keras's LSTM, its gates in the order i, f, g, o."""
    every = []
    for row in np.moveaxis(x, 1, 0):
        i, f, g, o = np.split(row @ w + h @ u + b, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-one)) for one in (i, f, o))
        c = f * c + i * act(g)
        h = o * act(c)
        every.append(h)
    return np.stack(every, 1), h, c


def drawn(graph):
    rng = np.random.default_rng(1)
    sizes = {n: graph.nodes[n]["shape"] for n in inputs(graph, "parameter")}
    return {n: rng.normal(size=size) for n, size in sizes.items()}


def test_a_translator_starts_at_the_other_s_states():
    program = read_program(Source(TRANSLATOR))
    graph = program.net.graph
    weights = drawn(graph)
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 3, 2))
    X = np.concatenate([a.reshape(2, -1), b.reshape(2, -1)], 1)
    sizes = {n: w.shape for n, w in weights.items()}
    (one,) = (n for n, s in sizes.items() if s == (3, 20))
    (two,) = (n for n, s in sizes.items() if s == (2, 20))
    zero = np.zeros((2, 5))
    parts = [[weights[f"{k}{n[1:]}"] for k in "WUb"] for n in (one, two)]
    _, h, c = steps(a, *parts[0], zero, zero)
    every, _, _ = steps(b, *parts[1], h, c)
    (dense,) = (n for n, s in sizes.items() if s == (5, 6))
    z = every @ weights[dense] + weights[f"b{dense[1:]}"]
    wanted = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    tensor = program.prediction
    found = node_values(graph, {**weights, "X": X})[tensor.node]
    np.testing.assert_allclose(found.transpose(tensor.order), wanted, rtol=1e-9)


def test_an_lstm_with_relu_is_written_out():
    text = "model = Sequential()\nmodel.add(LSTM(5, activation='relu', "
    text += "input_shape=(4, 3)))\nmodel.add(Dense(1))\nmodel.compile(loss='mse')"
    program = read_program(Source(text))
    weights, x = drawn(program.net.graph), np.ones((2, 4, 3))
    zero, relu = np.zeros((2, 5)), lambda v: np.maximum(v, 0)
    _, h, _ = steps(x, *(weights[f"{k}1"] for k in "WUb"), zero, zero, relu)
    wanted = h @ weights["W2"] + weights["b2"]
    shape = program.net.graph.nodes["X"]["shape"]
    X = x if len(shape) == 3 and shape[0] == "N" else x.transpose(1, 0, 2)
    values = node_values(program.net.graph, {**weights, "X": X.reshape(
        [2 if s == "N" else s for s in shape])})  # fmt: skip
    np.testing.assert_allclose(values[program.prediction.node], wanted, rtol=1e-9)


NLL = """
import torch.nn as nn
model = nn.Sequential(nn.Linear(6, 3), nn.Softmax(dim=1))
loss_fn = nn.NLLLoss()
"""


def test_a_likelihood_of_probabilities_is_as_written():
    graph = parse_network(NLL)
    assert any("almost surely" in note for note in graph.graph["network"]["notes"])
    weights, y = drawn(graph), np.array([0, 2])
    X = np.random.default_rng(3).normal(size=(2, 6))
    z = np.exp(X @ weights["W1"] + weights["b1"])
    p = z / z.sum(1, keepdims=True)
    found = node_values(graph, {**weights, "X": X, "y": y})["loss"]
    assert found == pytest.approx(-p[[0, 1], y].mean())


def test_layers_of_sequential_do_not_count_the_input():
    text = (
        "from tensorflow import keras\nfrom tensorflow.keras import layers\n"
        "model = keras.Sequential([layers.Input((6,)), layers.Dense(8), "
        "layers.Dense(3)])\nmodel.layers[0].trainable = False\n"
        "model.compile(loss='mse', optimizer='adam')\n"
    )
    frozen = inputs(parse_network(text), "frozen")
    assert [*frozen] == ["W1", "b1"]


@pytest.mark.parametrize(
    "line", ["mask = x / 255", "color = np.array([[30, 2]]) / 255"]
)
def test_a_division_that_reaches_no_network_scales_nothing(line):
    text = (
        "import numpy as np\nfrom tensorflow import keras\nx = np.load('x.npy')\n"
        f"{line}\nmodel = keras.Sequential([keras.layers.Dense(3)])\n"
        "model.compile(loss='mse')\nmodel.fit(x, y)\n"
    )
    assert "scale" not in read_program(Source(text)).run.found.asked
    text = text.replace("model.fit(x", f"x = {line[-7:]}\nmodel.fit(x")
    if line.startswith("mask"):
        assert "scale" in read_program(Source(text)).run.found.asked


TWO = """
from tensorflow import keras
a, b = keras.Input(shape=(4,), name="wide"), keras.Input(shape=(2,), name="deep")
z = keras.layers.Concatenate()([a, keras.layers.Dense(8)(b)])
model = keras.Model([a, b], keras.layers.Dense(3, activation="softmax")(z))
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
"""


def test_several_inputs_are_named_by_x(tmp_path):
    rng = np.random.default_rng(0)
    X, path = rng.normal(size=(40, 6)), tmp_path / "two.py"
    arrays = {"p": X[:, :4], "q": X[:, 4:], "y": rng.integers(0, 3, 40)}
    np.savez(tmp_path / "d.npz", **arrays)
    path.write_text(TWO)
    words = ["gen", str(path), "--data", str(tmp_path / "d.npz"), "--x"]
    assert CliRunner().invoke(main, [*words, "p,q"]).exit_code == 0
    path.write_text("Sequential([Input(4), Linear(3)])\nloss = CrossEntropyLoss()")
    result = CliRunner().invoke(main, [*words, "p,q"])
    assert result.exit_code == 3
    assert "side by side" in result.output
