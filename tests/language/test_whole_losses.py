"""Losses of several parts within a model: Keras's train_step and add_loss, in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradtutor.evaluate import run
from gradtutor.graph import check_graph, inputs
from gradtutor.language import parse_network

MODEL = """import tensorflow as tf, keras
from keras import layers, ops
from keras import backend as K
from keras.losses import binary_crossentropy
i = layers.Input(shape=(6,))
h = layers.Dense(5, activation="relu")(i)
mean = layers.Dense(2)(h)
log_var = layers.Dense(2)(h)
"""
STEP = """
class Sampling(layers.Layer):
    def call(self, inputs):
        m, v = inputs
        noise = keras.random.normal(shape=(ops.shape(m)[0], 2))
        return m + ops.exp(0.5 * v) * noise
z = Sampling()([mean, log_var])
encoder = keras.Model(i, [mean, log_var, z])
d = layers.Input(shape=(2,))
decoder = keras.Model(d, layers.Dense(6, activation="sigmoid")(d))
class VAE(keras.Model):
    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder, self.decoder = encoder, decoder
    def train_step(self, data):
        with tf.GradientTape() as tape:
            m, v, z = self.encoder(data)
            out = self.decoder(z)
            part = ops.mean(ops.sum(keras.losses.binary_crossentropy(data, out)))
            kl = -0.5 * (1 + v - ops.square(m) - ops.exp(v))
            total = part + ops.mean(ops.sum(kl, axis=1))
        grads = tape.gradient(total, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights))
        return {"loss": total}
vae = VAE(encoder, decoder)
vae.compile(optimizer=keras.optimizers.Adam())
vae.fit(x, epochs=3)
"""
ADDED = """
z = layers.Lambda(lambda p: p[0] + K.exp(p[1] / 2) * K.random_normal(K.shape(p[0])))(
    [mean, log_var])
o = layers.Dense(6, activation="sigmoid")(z)
vae = keras.Model(i, o)
part = binary_crossentropy(i, o)
part *= 6
kl = 1 + log_var - K.square(mean) - K.exp(log_var)
kl = K.sum(kl, axis=-1)
kl *= -0.5
vae.add_loss(K.mean(part + kl))
vae.compile(optimizer="adam")
vae.fit(x, epochs=3)
"""
RNG = np.random.default_rng(1)
X = RNG.random((4, 6))


def parts(w, x=X):
    """Return each example's cross-entropy, a mean over the numbers, and divergence."""
    h = jax.nn.relu(x @ w["W1"] + w["b1"])
    m, v = h @ w["W2"] + w["b2"], h @ w["W3"] + w["b3"]
    o = m @ w["W4"] + w["b4"]
    bits = (jax.nn.softplus(o) - x * o).mean(1)
    return bits, -0.5 * (1 + v - m**2 - jnp.exp(v)).sum(1)


CASES = {
    "train_step": (STEP, lambda w: parts(w)[0].sum() + parts(w)[1].mean()),
    "add_loss": (ADDED, lambda w: (6 * parts(w)[0] + parts(w)[1]).mean()),
}


@pytest.mark.parametrize("name", CASES)
def test_a_whole_loss_is_jaxs(name):
    text, loss = CASES[name]
    graph = parse_network(MODEL + text)
    check_graph(graph)
    shapes = {one: graph.nodes[one]["shape"] for one in inputs(graph, "parameter")}
    given = {one: RNG.normal(size=shape) for one, shape in shapes.items()}
    found = run(graph, given | {"X": X})
    jax.config.update("jax_enable_x64", True)
    value, slopes = jax.value_and_grad(loss)(given)
    assert float(found.values[graph.graph["output"]]) == pytest.approx(float(value))
    for one, slope in slopes.items():
        np.testing.assert_allclose(found.node_gradients[one], slope, atol=1e-12)
    assert any("from X alone" in one for one in graph.graph["network"]["notes"])


def test_a_loss_object_for_each_output_takes_the_output_first():
    head = "import keras\nfrom keras import layers\nx = keras.Input(shape=(3,))\n"
    ends = 'a = layers.Dense(1, name="a")(x)\nb = layers.Dense(1, name="b")(x)\n'
    fit = 'm = keras.Model(x, [a, b])\nm.compile(optimizer="sgd", loss={})\n'
    words = '{"a": "binary_crossentropy", "b": "mse"}'
    objects = '{"a": keras.losses.BinaryCrossentropy(), "b": keras.losses.MSE()}'
    objects = objects.replace("MSE()", "MeanSquaredError()")
    wires = []
    for losses in (words, objects):
        graph = parse_network(head + ends + fit.replace("{}", losses))
        wires.append(sorted(graph.edges(keys=True)))
    assert wires[0] == wires[1]
