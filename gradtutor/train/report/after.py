"""What a training leaves behind besides weights: pictures, measures, other formats."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.train.datasets import INSTALL, MissingPackageError
from gradtutor.train.datasets.signals import relative_rmse, snr_db
from gradtutor.train.report.line_pictures import write_line, write_signals
from gradtutor.train.report.pictures import (
    write_boundary,
    write_confusion,
    write_predictions,
)
from gradtutor.train.writing import write_bytes_with

SHOWN_DIGITS = 36
EEG_RATE, EEG_SAMPLES = 256, 512  # samples per second, and of an epoch
SCORES = {"bce_with_logits", "hinge_loss"}  # one output above 0 means class 1
SIDES = {784: 28, 400: 20, 64: 8}  # rows of so many pixels are square images


Answers = tuple[np.ndarray, np.ndarray, np.ndarray]


def write_pictures(
    folder: Path, network: str, classes: int | None
) -> Iterator[tuple[str, Path]]:
    """Draw what the test set's answers show; yield each picture's name and path.

    Parameters
    ----------
    folder : Path
        Holds ``predictions.npz`` and ``weights.npz``; the pictures go there too.
    network : str
        The network's text.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    """
    X, y, answers = _test_set(folder)
    if classes:
        guesses = _guesses(answers, network, X.shape[1], classes)
        yield from _of_classes(folder, X, y, guesses, classes)
        if X.shape[1] == 2 and classes == 2:
            yield _boundary(folder, X, y, network)
    elif _is_signal(X, answers):
        yield _of_signals(folder, X, y, answers)
    elif _is_line(X, answers):
        yield _of_line(folder, X, y, answers)


def measures(folder: Path, classes: int | None) -> dict[str, float]:
    """Return what besides the loss tells how good the answers are.

    Of cleaned signals the SNR in decibels and the relative RMSE, before and after; of
    a line its slope and intercept, and the best ones in closed form, (XᵀX)⁻¹ Xᵀ y.
    """
    X, y, answers = _test_set(folder)
    if classes:
        return {}
    if _is_signal(X, answers):
        found = {
            "snr_before_db": snr_db(y, X),
            "snr_after_db": snr_db(y, answers),
            "relative_rmse_before": relative_rmse(y, X),
            "relative_rmse_after": relative_rmse(y, answers),
        }
        return {name: round(value, 6) + 0.0 for name, value in found.items()}  # no -0
    if _is_line(X, answers):
        (intercept, slope), best = _trained_line(X, answers), _closed_form(folder)
        found = {"slope": slope, "intercept": intercept}
        names = ("closed_form_intercept", "closed_form_slope")
        return found | dict(zip(names, best or (), strict=False))
    return {}


def measures_text(found: dict[str, float]) -> str:
    """Say the measures in one line; an empty text when there are none."""
    if "snr_after_db" in found:
        return (
            "SNR {snr_before_db:.1f} dB before, {snr_after_db:.1f} dB after; "
            "relative RMSE {relative_rmse_before:.3f} before, "
            "{relative_rmse_after:.3f} after"
        ).format(**found)
    if "closed_form_slope" in found:
        return (
            "closed form: slope {closed_form_slope:.6f}, "
            "intercept {closed_form_intercept:.6f}; "
            "gradient descent: slope {slope:.6f}, intercept {intercept:.6f}"
        ).format(**found)
    return ""


def _test_set(folder: Path) -> Answers:
    with np.load(folder / "predictions.npz", allow_pickle=False) as file:
        return file["X"], file["y"], file["prediction"]


def _is_signal(X: np.ndarray, answers: np.ndarray) -> bool:
    return answers.shape == X.shape and X.shape[1] == EEG_SAMPLES


def _is_line(X: np.ndarray, answers: np.ndarray) -> bool:
    """Whether one number is answered by one, on a straight line."""
    if X.shape[1] != 1 or answers.shape[1] != 1 or np.ptp(X) == 0:
        return False
    intercept, slope = _trained_line(X, answers)
    away = answers[:, 0] - (intercept + slope * X[:, 0])
    return bool(np.abs(away).max() <= 1e-4 * max(np.abs(answers).max(), 1e-12))


# ---- classes ----


def _guesses(
    answers: np.ndarray, network: str, features: int, classes: int
) -> np.ndarray:
    """Return the class of each row; one output is a score or a probability."""
    if answers.shape[1] > 1:
        return np.asarray(answers.argmax(axis=1))
    from gradtutor.language import parse_network

    facts = parse_network(network, features, classes, training=False).graph["network"]
    threshold = 0 if facts["loss"] in SCORES else 0.5
    return np.asarray(answers[:, 0] > threshold).astype(int)


def _of_classes(
    folder: Path, X: np.ndarray, y: np.ndarray, guesses: np.ndarray, classes: int
) -> Iterator[tuple[str, Path]]:
    write_confusion(y, guesses, classes, folder / "confusion.png")
    yield "confusion matrix", folder / "confusion.png"
    side = SIDES.get(X.shape[1])
    if side:
        wrong, right = np.flatnonzero(guesses != y), np.flatnonzero(guesses == y)
        mistakes = _spread(wrong, SHOWN_DIGITS // 3)
        some = np.concatenate([mistakes, _spread(right, SHOWN_DIGITS - len(mistakes))])
        images = X[some].reshape(-1, side, side)
        path = folder / "predictions.png"
        title = f"{len(right):,} of {len(y):,} right"
        if len(wrong):
            title += f"; {len(mistakes)} of the {len(wrong):,} mistakes first"
        write_predictions(images, y[some], guesses[some], path, title)
        yield "predictions", path


def _spread(rows: np.ndarray, count: int) -> np.ndarray:
    """Choose so many rows, evenly, so that every class is among them."""
    at = np.linspace(0, len(rows) - 1, min(count, len(rows)))
    return np.asarray(rows[at.round().astype(int)])


def _boundary(
    folder: Path, X: np.ndarray, y: np.ndarray, network: str
) -> tuple[str, Path]:
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
        elif facts["loss"] not in SCORES:
            return np.asarray(values)
        return np.asarray(1 / (1 + np.exp(-np.clip(values, -500, 500))))

    path = folder / "boundary.png"
    write_boundary(X, y, probability, path)
    return "decision boundary", path


# ---- signals and lines ----


def _of_signals(
    folder: Path, X: np.ndarray, y: np.ndarray, answers: np.ndarray
) -> tuple[str, Path]:
    gain = [snr_db(clean, estimate) for clean, estimate in zip(y, answers, strict=True)]
    middle = int(np.argsort(gain)[len(gain) // 2])  # neither the best nor the worst
    path = folder / "signals.png"
    write_signals(y[middle], X[middle], answers[middle], EEG_RATE, path)
    return "signals before and after", path


def _of_line(
    folder: Path, X: np.ndarray, y: np.ndarray, answers: np.ndarray
) -> tuple[str, Path]:
    """Draw the trained line beside the best one in closed form."""
    closed = _closed_form(folder)
    lines = {"closed form": closed} if closed else {}
    path = folder / "line.png"
    write_line(X, y, lines | {"gradient descent": _trained_line(X, answers)}, path)
    return "line", path


def _trained_line(X: np.ndarray, answers: np.ndarray) -> tuple[float, float]:
    """Return intercept and slope of the line that the answers lie on."""
    return closed_form_line(X, answers)


def _closed_form(folder: Path) -> tuple[float, float] | None:
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


# ---- other formats ----


def need_safetensors() -> None:
    """Check, before a long training, that its weights can be saved in that form.

    Raises
    ------
    MissingPackageError
        When the package safetensors is not installed.
    """
    if find_spec("safetensors") is None:
        raise MissingPackageError(f"--safetensors needs it: {INSTALL}")


def need_numba() -> None:
    """Check that scripts of the numba backend can run here.

    Raises
    ------
    MissingPackageError
        When the package numba is not installed.
    """
    if find_spec("numba") is None:
        raise MissingPackageError(
            '--backend numba needs it: pip install "gradtutor[numba]"'
        )


def as_safetensors(weights: Path) -> Path:
    """Write an .npz file's arrays as safetensors beside it, and return that path."""
    need_safetensors()
    from safetensors.numpy import save

    path = weights.with_suffix(".safetensors")
    with np.load(weights, allow_pickle=False) as file:
        arrays: dict[str, Any] = {name: file[name] for name in file.files}
    write_bytes_with(path, lambda stream: stream.write(save(arrays)))
    return path
