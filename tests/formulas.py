"""Formulas with parameters, and data for each: what any graph trains means."""

from __future__ import annotations

import numpy as np

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
IDS = RNG.integers(0, 6, (120, 2))
STEPS = RNG.integers(0, 5, (120, 4))

LINE = """x: (N,)
y: (N,)
w: parameter ()
b: parameter ()
loss = mean((w*x + b - y)**2)
optimizer = Adam(lr=0.05)
epochs = 3
"""
LOGISTIC = """x: (N, 3)
y: (N,)
w: parameter (3,)
b: parameter ()
p = sigmoid(x @ w + b)
loss = -mean(y*log(p) + (1 - y)*log(1 - p))
"""
TWO_LAYERS = """x: (N, 3)
y: (N,)
W: parameter (3, 7) = glorot
b: parameter (7,)
V: parameter (7, 3)
z = tanh(x @ W + b) @ V
loss = cross_entropy(z, y)
"""
SIAMESE = """a: (N, 3)
b: (N, 3)
t: (N,)
W: parameter (3, 5)
v: parameter (5,)
d = sum((tanh(a @ W + v) - tanh(b @ W + v))**2, axis=1)
loss = mean(t*d + (1 - t)*relu(1 - d)) + 0.001*sum(W*W)
"""
FACTORS = """user: (N,)
item: (N,)
rating: target (N,)
P: parameter (6, 2)
Q: parameter (6, 2) = normal(0.3)
mu: parameter ()
loss = mean((sum(P[user]*Q[item], axis=1) + mu - rating)**2) + sum(P**2)/N
"""
PHYSICS = """x: (N,)
a: parameter (8,) = normal(2)
c: parameter (8,) = uniform(1)
v: parameter (8,) = normal(0.3)
h = tanh(reshape(x, (-1, 1))*a + c)
prediction = (1 - x**2)*(h @ v)
dh = (1 - h**2)*a
ddh = -2*h*(1 - h**2)*a**2
u_xx = -2*(h @ v) - 4*x*(dh @ v) + (1 - x**2)*(ddh @ v)
loss = mean((u_xx + pi**2*sin(pi*x))**2)
"""
NUMBERS = """x: (N, 3)
w: parameter (3,)
b: parameter ()
c: parameter (2, 2)
k = [1, -2, 1]
loss = mean((x*k) @ w) + b + b**2 + sum(w**2) + sum(c)
"""
ATTENTION = """ids: (N, 4)
y: (N, 4)
E: parameter (5, 6)
K: parameter (6, 6)
past = tril(ones(4, 4))
x = E[ids] + cumsum(E[ids], axis=1)/4
s = where(past > 0, x @ K @ transpose(x, axes=(0, 2, 1)), -1e9)
z = softmax(s/sqrt(6), axis=-1) @ x @ E.T
loss = cross_entropy(reshape(z, (-1, 5)), reshape(y, (-1,)))
"""
PARTS = """x: (N, 3)
w: parameter (5, 2)
loss = mean((x @ w[1:4])**2)
"""
#: By name: the formula and its arrays.
FORMULAS = {
    "line": (LINE, {"x": X[:, 0], "y": 2 * X[:, 0] - 1}),
    "logistic": (LOGISTIC, {"x": X, "y": (X.sum(axis=1) > 0) * 1.0}),
    "two-layers": (TWO_LAYERS, {"x": X, "y": X.argmax(axis=1)}),
    "siamese": (SIAMESE, {"a": X, "b": X[::-1], "t": np.arange(120) % 2}),
    "factors": (
        FACTORS,
        {"user": IDS[:, 0], "item": IDS[:, 1], "rating": IDS.sum(axis=1) * 1.0},
    ),
    "physics": (PHYSICS, {"x": np.linspace(-1, 1, 120)}),
    "numbers": (NUMBERS, {"x": X}),
    "parts": (PARTS, {"x": X}),
    "attention": (ATTENTION, {"ids": STEPS, "y": np.roll(STEPS, -1, axis=1)}),
}


def write_arrays(folder, name, arrays=None):
    """Write a formula's data, and return their file."""
    np.savez(folder / f"{name}-data.npz", **(arrays or FORMULAS[name][1]))
    return folder / f"{name}-data.npz"
