"""What each example counts: Keras's ``sample_weight``, losses times weights, in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradtutor.evaluate import run
from gradtutor.graph import check_graph
from gradtutor.language import parse_network
from gradtutor.language.program.nearest import EVEN

RNG = np.random.default_rng(3)
X, W, B = RNG.normal(size=(5, 4)), RNG.normal(size=(4, 3)), RNG.normal(size=(1, 3))
LABELS, WEIGHT = np.array([0, 2, 1, 1, 0]), np.array([1.0, 0.5, 3.0, 2.0, 0.25])
T = RNG.random((5, 3))

TORCH = """import torch, torch.nn as nn, torch.nn.functional as F
net = nn.Sequential(nn.Linear(4, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(3):
    for x, y, w in loader:
        opt.zero_grad()
        out = net(x)
        {loss}
        loss.backward()
        opt.step()
"""
KERAS = """from tensorflow import keras
m = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="{last}")])
m.compile(optimizer="sgd", loss="{loss}")
m.fit(x, y, sample_weight=w, epochs=2)
"""


def entropy(z):
    return jax.nn.logsumexp(z, axis=1) - z[jnp.arange(5), LABELS]


def bits(z):
    return (jax.nn.softplus(z) - T * z).mean(1)


#: A program, its targets, and the loss of its outputs as JAX has it.
CASES = {
    "none, then the mean": (
        TORCH.format(loss="each = F.cross_entropy(out, y, reduction='none')\n"
                          "        loss = (w * each).mean()"),
        LABELS, lambda z: (entropy(z) * WEIGHT).mean()),
    "over the sum of weights": (
        TORCH.format(loss="each = nn.CrossEntropyLoss(reduction='none')(out, y)\n"
                          "        loss = (w * each).sum() / w.sum()"),
        LABELS, lambda z: (entropy(z) * WEIGHT).sum() / WEIGHT.sum()),
    "squares": (
        TORCH.format(loss="loss = torch.mean(w * (out - y) ** 2)"),
        T, lambda z: (WEIGHT[:, None] * (z - T) ** 2).mean()),
    "keras labels": (
        KERAS.format(last="softmax", loss="sparse_categorical_crossentropy"),
        LABELS, lambda z: (entropy(z) * WEIGHT).mean()),
    "keras squares": (
        KERAS.format(last="linear", loss="mse"),
        T, lambda z: (((z - T) ** 2).mean(1) * WEIGHT).mean()),
    "keras bits": (
        KERAS.format(last="sigmoid", loss="binary_crossentropy"),
        T, lambda z: (bits(z) * WEIGHT).mean()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_example_counts_what_the_text_says(name):
    text, targets, loss = CASES[name]
    graph = parse_network(text)
    check_graph(graph)
    y = np.column_stack([targets, WEIGHT])
    found = run(
        graph, {"X": X, "W1": W, "b1": B.reshape(graph.nodes["b1"]["shape"]), "y": y}
    )
    jax.config.update("jax_enable_x64", True)
    value, (dw, db) = jax.value_and_grad(lambda w, b: loss(X @ w + b), (0, 1))(W, B)
    assert float(found.values[graph.graph["output"]]) == pytest.approx(float(value))
    np.testing.assert_allclose(found.node_gradients["W1"], dw, atol=1e-12)
    np.testing.assert_allclose(found.node_gradients["b1"].reshape(1, 3), db, atol=1e-12)
    notes = graph.graph["network"]["notes"]
    assert any("what each example counts" in note for note in notes)
    assert not any(str(EVEN) in note for note in notes)
