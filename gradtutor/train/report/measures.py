"""How good the answers are: beside a baseline, class by class, in decibels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.graph import network_of
from gradtutor.train.datasets.signals import relative_rmse, snr_db
from gradtutor.train.model import Data
from gradtutor.train.report.labels import label_measures, labels_of

EEG_SAMPLES = 512  # of an epoch
SCORES = {"bce_with_logits", "hinge_loss"}  # one output above 0 means class 1

Answers = tuple[np.ndarray, np.ndarray, np.ndarray]


def measures(folder: Path, network: str, data: Data) -> dict[str, Any]:
    """Return what besides the loss tells how good the answers are.

    Returns
    -------
    dict
        Of classes ``baseline_accuracy``, that of always answering the commonest class,
        and ``recall``, the part of each class that was found. Of a class at every step
        ``baseline_loss``, that of the classes' frequencies alone. Of numbers ``rmse``,
        ``baseline_rmse``, that of always answering the mean, and ``r2``, 1 - the ratio
        of their squares. Of cleaned signals the SNR in decibels and the relative RMSE,
        before and after; of a line its slope and intercept, and the best ones in closed
        form, (XᵀX)⁻¹ Xᵀ y.
    """
    X, y, answers = held_out(folder)
    if data.targets.count and y.ndim > 1:
        return _of_steps(y)
    if data.targets.count:
        guesses = guesses_of(
            answers, network, data.features.example, data.targets.count
        )
        return _of_classes(y, guesses, data)
    pair = labels_of(y, answers, loss_of(network, X.shape[1:]))
    if pair is not None:
        return label_measures(*pair, label_names(data.targets.names, y.shape[1]))
    if is_signal(X, answers):
        found = {
            "snr_before_db": snr_db(y, X),
            "snr_after_db": snr_db(y, answers),
            "relative_rmse_before": relative_rmse(y, X),
            "relative_rmse_after": relative_rmse(y, answers),
        }
        return {name: round(value, 6) + 0.0 for name, value in found.items()}  # no -0
    found = _of_numbers(y, answers)
    if is_line(X, answers):
        (intercept, slope), best = trained_line(X, answers), closed_form(folder)
        names = ("closed_form_intercept", "closed_form_slope")
        found |= {"slope": slope, "intercept": intercept}
        found |= dict(zip(names, best or (), strict=False))
    return found


def _of_classes(y: np.ndarray, guesses: np.ndarray, data: Data) -> dict[str, Any]:
    counts = np.bincount(data.arrays()[1])
    called = data.targets.classes or tuple(range(len(counts)))
    recall = {
        str(called[label]): round(float(np.mean(guesses[y == label] == label)), 6)
        for label in np.unique(y)
    }
    most = int(counts.argmax())
    return {
        "baseline_accuracy": round(float(np.mean(y == most)), 6),
        "baseline_class": str(called[most]),
        "recall": recall,
    }


def _of_steps(y: np.ndarray) -> dict[str, float]:
    """Return the loss of who knows how frequent each token is, and no more."""
    _, counts = np.unique(y[y >= 0], return_counts=True)
    share = counts / counts.sum()
    return {"baseline_loss": round(float(-np.sum(share * np.log(share))), 6)}


def _of_numbers(y: np.ndarray, answers: np.ndarray) -> dict[str, float]:
    y = y.reshape(answers.shape).astype(np.float64)
    error, spread = np.sum((y - answers) ** 2), np.sum((y - y.mean(axis=0)) ** 2)
    found = {"rmse": np.sqrt(error / y.size), "baseline_rmse": np.sqrt(spread / y.size)}
    if spread > 0:
        found["r2"] = 1 - error / spread
    return {name: float(f"{value:.7g}") for name, value in found.items()}


# ---- in words ----


# ---- the test set and its answers ----


def held_out(folder: Path) -> Answers:
    """Return X, y and the network's answers on the test set."""
    with np.load(folder / "predictions.npz", allow_pickle=False) as file:
        return file["X"], file["y"], file["prediction"]


def guesses_of(
    answers: np.ndarray, network: str, features: int | tuple[int, ...], classes: int
) -> np.ndarray:
    """Return the class of each row; one output is a score or a probability."""
    if answers.shape[1] > 1:
        return np.asarray(answers.argmax(axis=1))
    from gradtutor.language import parse_network

    facts = network_of(parse_network(network, features, classes, training=False))
    threshold = 0 if facts["loss"] in SCORES else 0.5
    return np.asarray(answers[:, 0] > threshold).astype(int)


def loss_of(network: str, example: tuple[int, ...]) -> str:
    """Return the kind of a network's loss."""
    from gradtutor.language import parse_network

    features = example[0] if len(example) == 1 else example
    facts = network_of(parse_network(network, features, None, training=False))
    return str(facts["loss"])


def label_names(names: Sequence[str], count: int) -> tuple[str, ...]:
    """Return the labels' names; those of an array have the numbers of its columns."""
    numbered = tuple(f"y{k + 1}" for k in range(count))
    return tuple(names) if len(names) == count else numbered


def is_signal(X: np.ndarray, answers: np.ndarray) -> bool:
    """Whether an epoch of EEG is answered by one."""
    return answers.shape == X.shape and X.shape[1] == EEG_SAMPLES


def is_line(X: np.ndarray, answers: np.ndarray) -> bool:
    """Whether one number is answered by one, on a straight line."""
    if X.shape[1] != 1 or answers.shape[1] != 1 or np.ptp(X) == 0:
        return False
    intercept, slope = trained_line(X, answers)
    away = answers[:, 0] - (intercept + slope * X[:, 0])
    return bool(np.abs(away).max() <= 1e-4 * max(np.abs(answers).max(), 1e-12))


def trained_line(X: np.ndarray, answers: np.ndarray) -> tuple[float, float]:
    """Return intercept and slope of the line that the answers lie on."""
    return closed_form_line(X, answers)


def closed_form(folder: Path) -> tuple[float, float] | None:
    """Return the best line through the training examples."""
    with np.load(folder / "predictions.npz", allow_pickle=False) as file:
        if "X_train" not in file or np.ptp(file["X_train"]) == 0:
            return None
        return closed_form_line(file["X_train"], file["y_train"])


def closed_form_line(X: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return intercept and slope that minimise the squared error (normal equations)."""
    columns = np.column_stack([np.ones(len(X)), X[:, 0]]).astype(np.float64)
    intercept, slope = np.linalg.solve(columns.T @ columns, columns.T @ y[:, 0])
    return float(intercept), float(slope)
