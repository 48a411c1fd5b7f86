"""A generator and what judges it, read apart: each by its own loss, in JAX."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from gradtutor.evaluate import run
from gradtutor.graph import check_graph, inputs
from gradtutor.language import parse_network

GAN = """import torch, torch.nn as nn
D = nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(0.2), nn.Linear(4, 1), nn.Sigmoid())
G = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 3), nn.Tanh())
criterion = nn.BCELoss()
d_optimizer = torch.optim.Adam(D.parameters(), lr=0.0002)
g_optimizer = torch.optim.SGD(G.parameters(), lr=0.1)
for epoch in range(20):
    for i, (images, _) in enumerate(data_loader):
        real_labels = torch.ones(8, 1)
        fake_labels = torch.zeros(8, 1)
        d_loss_real = criterion(D(images), real_labels)
        fake_images = G(torch.randn(8, 2))
        d_loss = d_loss_real + criterion(D(fake_images), fake_labels)
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()
        outputs = D(G(torch.randn(8, 2)))
        g_loss = criterion(outputs, real_labels)
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
"""
RNG = np.random.default_rng(2)
Z = RNG.normal(size=(6, 2))


def test_a_generator_is_trained_by_its_judge():
    graph = parse_network(GAN + "# model: G\n")
    check_graph(graph)
    facts = graph.graph["network"]
    assert (facts["optimiser"], facts["learning_rate"]) == ("sgd", 0.1)
    names = inputs(graph, "parameter")
    assert len(names) == len(inputs(graph, "frozen")) == 4
    every = [*names, *inputs(graph, "frozen")]
    shapes = {one: graph.nodes[one]["shape"] for one in every}
    given = {one: RNG.normal(size=shape) for one, shape in shapes.items()}

    def loss(own):
        w = {**given, **own}
        h = jax.nn.relu(Z @ w["W1"] + w["b1"])
        made = jax.numpy.tanh(h @ w["W2"] + w["b2"])
        judged = jax.nn.leaky_relu(made @ w["W3"] + w["b3"], 0.2)
        return jax.nn.softplus(-(judged @ w["W4"] + w["b4"])).mean()

    found = run(graph, given | {"X": Z})
    jax.config.update("jax_enable_x64", True)
    value, slopes = jax.value_and_grad(loss)({one: given[one] for one in names})
    assert float(found.values[graph.graph["output"]]) == pytest.approx(float(value))
    for one, slope in slopes.items():
        np.testing.assert_allclose(found.node_gradients[one], slope, atol=1e-12)


def test_the_judge_has_its_own_optimiser():
    graph = parse_network(GAN + "# model: D\n")
    facts = graph.graph["network"]
    assert (facts["optimiser"], facts["loss"]) == ("adam", "bce_with_logits")
    assert facts["learning_rate"] == 0.0002
    assert not inputs(graph, "frozen")


KERAS = """from keras.layers import Dense, Input
from keras.models import Model, Sequential
class GAN():
    def __init__(self):
        self.discriminator = Sequential([Dense(1, activation="sigmoid", input_dim=3)])
        self.discriminator.compile(loss="binary_crossentropy", optimizer="sgd")
        self.generator = Sequential([Dense(3, activation="tanh", input_dim=2)])
        z = Input(shape=(2,))
        self.discriminator.trainable = False
        self.combined = Model(z, self.discriminator(self.generator(z)))
        self.combined.compile(loss="binary_crossentropy", optimizer="adam")
gan = GAN()
"""
#: The model's name: numbers trained and kept, its optimiser, what is said.
OF_KERAS = {
    "combined": (9, 4, "adam", "keep their values"),
    "discriminator": (4, 0, "sgd", "the last Sigmoid"),
    "generator": (9, 0, "adam", "another one's output"),
}


@pytest.mark.parametrize("name", OF_KERAS)
def test_models_of_an_object_are_read_by_their_names(name):
    graph = parse_network(f"{KERAS}# model: {name}\n")
    trained, kept, optimiser, said = OF_KERAS[name]

    def count(role):
        return sum(np.prod(graph.nodes[one]["shape"]) for one in inputs(graph, role))

    assert (count("parameter"), count("frozen")) == (trained, kept)
    assert graph.graph["network"]["optimiser"] == optimiser
    assert any(said in note for note in graph.graph["network"]["notes"])
