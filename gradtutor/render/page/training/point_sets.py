"""What a page trains on: sets of points, and those that are made here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
