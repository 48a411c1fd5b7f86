"""What a training leaves behind besides weights: pictures, measures, other formats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.train.datasets import INSTALL, MissingPackageError
from gradtutor.train.files import write_bytes_with
from gradtutor.train.pictures import (
    write_boundary,
    write_confusion,
    write_line,
    write_predictions,
    write_signals,
)
from gradtutor.train.signals import relative_rmse, snr_db

SHOWN_DIGITS = 36
EEG_RATE = 256  # samples per second
SIDES = {784: 28, 400: 20, 64: 8}  # rows of so many pixels are square images


def write_pictures(folder: Path, network: str, classes: int | None) -> Iterator[str]:
    """Draw what the test set's answers show; yield a line about each picture.

    Parameters
    ----------
    folder : Path
        Holds ``predictions.npz`` and ``weights.npz``; the pictures go there too.
    network : str
        The network's text.
    """
    with np.load(folder / "predictions.npz", allow_pickle=False) as file:
        X, y, answers = file["X"], file["y"], file["prediction"]
    try:
        if classes:
            yield from _of_classes(folder, X, y, answers, classes)
            if X.shape[1] == 2 and classes == 2:
                yield from _boundary(folder, X, y, network)
        elif answers.shape == X.shape and X.shape[1] == 512:
            yield from _of_signals(folder, X, y, answers)
        elif X.shape[1] == 1 and answers.shape[1] == 1:
            yield from _of_line(folder, X, y, answers)
    except MissingPackageError as error:
        yield f"gradtutor: no pictures: {error}"


def _of_classes(
    folder: Path, X: np.ndarray, y: np.ndarray, answers: np.ndarray, classes: int
) -> Iterator[str]:
    one = answers.shape[1] == 1
    guesses = (answers[:, 0] > 0).astype(int) if one else answers.argmax(axis=1)
    write_confusion(y, guesses, classes, folder / "confusion.png")
    yield f"confusion matrix: {folder / 'confusion.png'}"
    side = SIDES.get(X.shape[1])
    if side:
        first = np.argsort(guesses == y, kind="stable")[: SHOWN_DIGITS // 3]
        some = np.concatenate([first, np.arange(len(y))])[:SHOWN_DIGITS]
        images = X[some].reshape(-1, side, side)
        path = folder / "predictions.png"
        write_predictions(images, y[some], guesses[some], path)
        yield f"predictions (the mistakes first): {path}"


def _boundary(
    folder: Path, X: np.ndarray, y: np.ndarray, network: str
) -> Iterator[str]:
    """Draw the decision boundary, by the graph and not by the script."""
    from gradtutor.evaluate import node_values
    from gradtutor.language import parse_network

    graph = parse_network(network, 2, 2, training=False)
    facts = graph.graph["network"]
    with np.load(folder / "weights.npz", allow_pickle=False) as file:
        weights = {name: file[name].astype(np.float64) for name in file.files}

    def probability(points: np.ndarray) -> np.ndarray:
        answer = facts["prediction"]
        values = node_values(graph, {**weights, "X": points}, [answer])[answer]
        if values.shape[1] == 2:
            values = values[:, 1:] - values[:, :1]
        elif facts["loss"] not in ("bce_with_logits", "hinge_loss"):
            return np.asarray(values)
        return np.asarray(1 / (1 + np.exp(-np.clip(values, -500, 500))))

    path = folder / "boundary.png"
    write_boundary(X, y, probability, path)
    yield f"decision boundary: {path}"


def _of_signals(
    folder: Path, X: np.ndarray, y: np.ndarray, answers: np.ndarray
) -> Iterator[str]:
    gain = [snr_db(clean, estimate) for clean, estimate in zip(y, answers, strict=True)]
    middle = int(np.argsort(gain)[len(gain) // 2])  # neither the best nor the worst
    path = folder / "signals.png"
    write_signals(y[middle], X[middle], answers[middle], EEG_RATE, path)
    yield f"signals before and after: {path}"
    before, after = snr_db(y, X), snr_db(y, answers)
    yield (
        f"SNR {before:.1f} dB before, {after:.1f} dB after; relative RMSE "
        f"{relative_rmse(y, X):.3f} before, {relative_rmse(y, answers):.3f} after"
    )


def _of_line(
    folder: Path, X: np.ndarray, y: np.ndarray, answers: np.ndarray
) -> Iterator[str]:
    """Draw the trained line beside the best one in closed form, (XᵀX)⁻¹ Xᵀ y."""
    trained = np.polyfit(X[:, 0], answers[:, 0], 1)
    path = folder / "line.png"
    lines = {"gradient descent": (trained[1], trained[0])}
    with np.load(folder / "predictions.npz", allow_pickle=False) as file:
        known = {name: file[name] for name in ("X_train", "y_train") if name in file}
    if known:
        closed = closed_form_line(known["X_train"], known["y_train"])
        lines = {"closed form": closed} | lines
        yield (
            f"closed form: slope {closed[1]:.6f}, intercept {closed[0]:.6f}; "
            f"gradient descent: slope {trained[0]:.6f}, intercept {trained[1]:.6f}"
        )
    write_line(X, y, lines, path)
    yield f"line: {path}"


def closed_form_line(X: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return intercept and slope that minimise the squared error (normal equations)."""
    columns = np.column_stack([np.ones(len(X)), X[:, 0]]).astype(np.float64)
    intercept, slope = np.linalg.solve(columns.T @ columns, columns.T @ y[:, 0])
    return float(intercept), float(slope)


def as_safetensors(weights: Path) -> Path:
    """Write an .npz file's arrays as safetensors beside it, and return that path.

    Raises
    ------
    MissingPackageError
        When the package safetensors is not installed.
    """
    try:
        from safetensors.numpy import save
    except ImportError:
        raise MissingPackageError(f"--safetensors needs it: {INSTALL}") from None
    path = weights.with_suffix(".safetensors")
    with np.load(weights, allow_pickle=False) as file:
        arrays: dict[str, Any] = {name: file[name] for name in file.files}
    write_bytes_with(path, lambda stream: stream.write(save(arrays)))
    return path
