"""What a page trains on: sets of points, and those that are made here."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Numbers of data that a page of less than a megabyte holds, and as bytes.
MAX_NUMBERS = 100_000
MAX_BYTES = 250_000
#: Rows of at least so many features are written as bytes: images.
WIDE = 49


@dataclass(frozen=True)
class PointSet:
    """Examples for a network.

    Attributes
    ----------
    name, title : str
        What the set is called, short and in words.
    X : ndarray, (examples, features)
    y : ndarray, (examples,) or (examples, targets)
        Numbers of classes, or what is to be answered.
    """

    name: str
    title: str
    X: np.ndarray
    y: np.ndarray


def spiral(
    classes: int, each: int = 60, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return arms of a spiral, a class each: X (classes*each, 2) and y.

    The recipe of Stanford's CS231n, "Putting it together: minimal neural network case
    study", with its four quarter turns and noise of 0.2 in the angle.
    """
    rng = np.random.default_rng(seed)
    radius = np.tile(np.linspace(0.05, 1, each), classes)
    y = np.repeat(np.arange(classes), each)
    turn = 2 * np.pi * y / classes + 4 * radius
    angle = turn + rng.normal(scale=0.2, size=len(y))
    X = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return np.round(2 * X, 3), y


def xor(count: int = 120, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return points of four squares, opposite ones of a class: X (count, 2) and y."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0.15, 1.8, (count, 2)) * rng.choice([-1, 1], (count, 2))
    return np.round(X, 3), (X[:, 0] * X[:, 1] < 0).astype(np.int64)


def wave(count: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return points near a wave: X (count, 1) and y (count, 1)."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (count, 1))
    y = np.sin(2.5 * X) + rng.normal(scale=0.1, size=X.shape)
    return np.round(X, 3), np.round(y, 3)


# ---- as the page reads it ----


def set_data(one: PointSet, most: int = MAX_BYTES) -> dict[str, Any]:
    """Return a set's numbers; of a large one as many rows as the file holds.

    Images in 0..1 are bytes: whole sixteenths if they are so, else parts of 255.
    """
    width = max(1, one.X.shape[1])
    is_image = width >= WIDE and one.X.min() >= 0 and one.X.max() <= 1
    kept = max(1, (most if is_image else MAX_NUMBERS) // width)
    X, y = one.X, one.y
    if kept < len(X):
        chosen = np.sort(np.random.default_rng(0).permutation(len(X))[:kept])
        X, y = X[chosen], y[chosen]
        X = X if is_image else np.round(X, 3)
    said = {"name": one.name, "title": one.title, "y": y.tolist(), "count": len(X)}
    return said | {"X": _bytes(X) if is_image else X.tolist()}


def _bytes(X: np.ndarray) -> dict[str, Any]:
    scale = 16 if np.array_equal(np.round(X * 16), X * 16) else 255
    content = np.round(X * scale).astype(np.uint8).tobytes()
    return {"bytes": b64encode(content).decode(), "scale": scale, "width": X.shape[1]}
