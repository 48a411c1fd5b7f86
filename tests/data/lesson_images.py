"""Print the images of the lesson mlp-mnist: one template a class, and 16 neurons.

``python tests/data/lesson_images.py``: the lines of lesson.toml. A linear classifier
784-10 and the first layer of 784-16-16-10 (sigmoid, 3Blue1Brown's network), both by
gradient descent on the 4,000 training digits; 28x28 weights as 14x14 means, 8 for 0.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from gradtutor.train.datasets.loaders import load_mnist, split

SIDE = 28


def softmax(Z):
    """Return the probabilities of each row."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def linear(X, y, steps=300, rate=0.5, decay=0.01):
    """Return the weights of a linear classifier, (784, 10)."""
    W, b, truth = np.zeros((784, 10)), np.zeros(10), np.eye(10)[y]
    for _ in range(steps):
        dZ = (softmax(X @ W + b) - truth) / len(X)
        W, b = W - rate * (X.T @ dZ + decay * W), b - rate * dZ.sum(axis=0)
    return W, b


def deep(X, y, sizes=(784, 16, 16, 10), epochs=60, rate=0.5, seed=0):
    """Return the layers of a sigmoid network with a softmax, by mini-batches of 32."""
    rng = np.random.default_rng(seed)
    layers = [
        [rng.normal(0, (1 / a) ** 0.5, (a, b)), np.zeros(b)] for a, b in pairwise(sizes)
    ]
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, len(X), 32):
            rows = order[i : i + 32]
            values = [X[rows]]
            for W, b in layers[:-1]:
                values.append(1 / (1 + np.exp(-(values[-1] @ W + b))))
            W, b = layers[-1]
            dZ = (softmax(values[-1] @ W + b) - np.eye(10)[y[rows]]) / len(rows)
            for k in reversed(range(len(layers))):
                W, b = layers[k]
                dW, db = values[k].T @ dZ, dZ.sum(axis=0)
                dZ = dZ @ W.T * values[k] * (1 - values[k])
                layers[k] = [W - rate * dW, b - rate * db]
    return layers


def digits(weights):
    """Return weights (784,) as rows of hex digits, from 1, the least, to f."""
    grid = weights.reshape(SIDE // 2, 2, SIDE // 2, 2).mean(axis=(1, 3))
    scaled = np.clip(grid / np.quantile(np.abs(grid), 0.98), -1, 1)
    rows = np.round(8 + 7 * scaled).astype(int)
    return " ".join("".join(f"{n:x}" for n in row) for row in rows)


def main():
    X, y, X_test, y_test = split(*load_mnist(), 0.2, 0)
    W, b = linear(X, y)
    layers = deep(X, y)
    H = X_test
    for V, c in layers[:-1]:
        H = 1 / (1 + np.exp(-(H @ V + c)))
    guesses = (
        (X_test @ W + b).argmax(axis=1),
        (H @ layers[-1][0] + layers[-1][1]).argmax(axis=1),
    )
    print("# accuracy", *[f"{(guess == y_test).mean():.3f}" for guess in guesses])
    for images in (W.T, layers[0][0].T):
        print("images = [")
        for one in images:
            print(f'    "{digits(one)}",')
        print("]")


if __name__ == "__main__":
    main()
