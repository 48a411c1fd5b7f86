"""What small networks learn to tell apart: areas of answers, and points they are from.

>>> X, y = students()
>>> X.shape, sorted(set(y.tolist()))
((60, 2), [0, 1])
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from gradtutor.course.figures.frame import Curve, Frame, Panel, Shade
from gradtutor.train.datasets.loaders import load_exam

CELLS = 60  # along each side
STEPS = 1500
RATE = 0.03  # of Adam
SIGNS = "ox+"


def students(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Return hours of study and last marks, from 0 to 10, and who passed."""
    X, y = load_exam()  # type: ignore[no-untyped-call]
    scaled = np.array([3, 5]) + np.array([1.5, 2]) * X[:count].astype(np.float64)
    return np.round(np.clip(scaled, 0, 10), 1), y[:count]


def rings(each: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Return arms of a spiral in 0..10, three classes: CS231n's recipe."""
    rng = np.random.default_rng(0)
    radius = np.tile(np.linspace(0.05, 1, each), 3)
    y = np.repeat(np.arange(3), each)
    angle = 2 * np.pi * y / 3 + 4 * radius + rng.normal(scale=0.15, size=len(y))
    X = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return np.round(5 + 4.8 * X, 2), y


#: Each set, and the frame it is drawn in.
SETS = {
    "students": (students, Frame(0, 6, 0, 10)),
    "spiral": (rings, Frame(0, 10, 0, 10)),
}


def boundary(
    data: str,
    neurons: int,
    words: Sequence[str],
    title: str,
    axes: tuple[str, str],
    asked: Sequence[float] = (),
) -> Panel:
    """Return what a network with so many tanh neurons answers after its training.

    Parameters
    ----------
    data : str
        A key of ``SETS``.
    words : sequence of str
        What each class is called.
    asked : sequence of float, optional
        A point; its probability of the last class before and after is told.
    """
    make, limits = SETS[data]
    X, y = make()
    before, after = weights(data, neurons, 0), weights(data, neurons, STEPS)
    sides = _middles(limits)
    grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    classes = probabilities(after, grid).argmax(axis=1).reshape(CELLS, CELLS)
    curves = [_border(classes, *sides)] + [
        Curve(word, X[y == k, 0].tolist(), X[y == k, 1].tolist(), mark=SIGNS[k])
        for k, word in enumerate(words)
    ]
    if asked:
        one = np.array([asked], dtype=np.float64)
        first, last = (float(probabilities(w, one)[0, -1]) for w in (before, after))
        point = ",".join(f"{x:g}" for x in asked)
        label = f"[{point}] {first:.2f}→{last:.2f}"
        curves.append(Curve(label, [asked[0]], [asked[1]], mark="*"))
    shade = Shade(classes.tolist())
    return Panel(curves, title, axes, limits, shade)


def _middles(limits: Frame) -> tuple[np.ndarray, np.ndarray]:
    """Return the middles of the cells, across and upward."""
    share = (np.arange(CELLS) + 0.5) / CELLS
    across = limits.left + share * (limits.right - limits.left)
    return across, limits.low + share * (limits.high - limits.low)


def _border(classes: np.ndarray, across: np.ndarray, up: np.ndarray) -> Curve:
    """Return the sides of cells where the answer changes, as one curve with gaps."""
    wide, high = (across[1] - across[0]) / 2, (up[1] - up[0]) / 2
    xs: list[float] = []
    ys: list[float] = []
    for i, j in np.argwhere(classes[:, 1:] != classes[:, :-1]).tolist():
        xs += [across[j] + wide] * 3
        ys += [up[i] - high, up[i] + high, np.nan]
    for i, j in np.argwhere(classes[1:] != classes[:-1]).tolist():
        xs += [across[j] - wide, across[j] + wide, across[j] + wide]
        ys += [up[i] + high, up[i] + high, np.nan]
    return Curve("", xs, ys)


# ---- a network of one hidden layer, by hand ----


def probabilities(theta: Sequence[np.ndarray], X: np.ndarray) -> np.ndarray:
    """Return the softmax of each point's scores, (N, classes)."""
    W1, b1, W2, b2 = theta
    Z = np.tanh((X - 5) / 2.5 @ W1 + b1) @ W2 + b2
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.asarray(E / E.sum(axis=1, keepdims=True))


def gradients(
    theta: Sequence[np.ndarray], X: np.ndarray, y: np.ndarray
) -> list[np.ndarray]:
    """Return the gradient of the mean cross-entropy by each array of theta."""
    W1, b1, W2, _ = theta
    x = (X - 5) / 2.5
    H = np.tanh(x @ W1 + b1)
    dZ = (probabilities(theta, X) - np.eye(theta[3].size)[y]) / len(y)
    dH = dZ @ W2.T * (1 - H * H)
    return [x.T @ dH, dH.sum(axis=0), H.T @ dZ, dZ.sum(axis=0)]


@lru_cache(maxsize=32)
def weights(data: str, neurons: int, steps: int) -> tuple[np.ndarray, ...]:
    """Return the weights after so many steps of Adam on all points."""
    X, y = SETS[data][0]()
    rng, count = np.random.default_rng(1), int(y.max()) + 1
    shapes = ((2, neurons), (neurons,), (neurons, count), (count,))
    theta = [rng.normal(size=shape) for shape in shapes]
    m, v = [np.zeros(shape) for shape in shapes], [np.zeros(shape) for shape in shapes]
    for t in range(1, steps + 1):
        for k, g in enumerate(gradients(theta, X, y)):
            m[k] = 0.9 * m[k] + 0.1 * g
            v[k] = 0.999 * v[k] + 0.001 * g * g
            scale = np.sqrt(v[k] / (1 - 0.999**t)) + 1e-8
            theta[k] = theta[k] - RATE * m[k] / (1 - 0.9**t) / scale
    return tuple(theta)
