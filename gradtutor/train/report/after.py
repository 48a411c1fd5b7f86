"""What a training leaves behind besides weights: pictures, measures, other formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from gradtutor.messages import mark, tr
from gradtutor.train.datasets import INSTALL, MissingPackageError
from gradtutor.train.datasets.signals import snr_db
from gradtutor.train.report.asked import Asked
from gradtutor.train.report.boundary_of_run import BoundaryOf
from gradtutor.train.report.labels import label_measures, labels_of, write_labels
from gradtutor.train.report.line_pictures import write_line, write_signals
from gradtutor.train.report.measures import (
    closed_form,
    guesses_of,
    held_out,
    is_line,
    is_signal,
    label_names,
    loss_of,
    trained_line,
)
from gradtutor.train.report.pictures import (
    SIDES,
    write_confusion,
    write_predictions,
    write_reconstructions,
    write_weights_sheet,
)
from gradtutor.train.run_folder import network_of
from gradtutor.train.weights import as_pytorch, read_weights, write_weights

SHOWN_DIGITS = 36
SHOWN_IMAGES = 12
EEG_RATE = 256  # samples per second


def write_pictures(
    folder: Path,
    network: str,
    classes: int | None,
    names: Sequence[str] = (),
    called: Sequence[str] = (),
    asked: Sequence[Asked] = (),
) -> Iterator[tuple[str, Path]]:
    """Draw what the test set's answers show; yield each picture's name and path.

    Parameters
    ----------
    folder : Path
        Holds ``predictions.npz`` and ``weights.npz``; the pictures go there too.
    network : str
        The network's text.
    names, called : sequence of str
        What the features and the classes, or the labels, are called; empty for numbers.
    asked : sequence of Asked
        Examples that stand out in a decision boundary.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    """
    X, y, answers = held_out(folder)
    if classes and y.ndim > 1:
        return
    if classes:
        guesses = guesses_of(answers, network, X.shape[1], classes)
        yield from _of_classes(folder, X, y, guesses, classes)
        if X.shape[1] == 2:
            run = BoundaryOf(folder, network, classes, called)
            run.write(X, y, names, asked)
            yield mark("decision boundary"), run.path
    elif (pair := labels_of(y, answers, loss_of(network, X.shape[1:]))) is not None:
        found = label_measures(*pair, label_names(called, y.shape[1]))
        write_labels(found, folder / "labels.png")
        yield mark("labels"), folder / "labels.png"
    elif X.shape[1] in SIDES and y.shape == answers.shape == X.shape:
        yield _of_images(folder, X, y, answers)
    elif is_signal(X, answers):
        yield _of_signals(folder, X, y, answers)
    elif is_line(X, answers):
        yield _of_line(folder, X, y, answers)


# ---- classes ----


def _of_classes(
    folder: Path, X: np.ndarray, y: np.ndarray, guesses: np.ndarray, classes: int
) -> Iterator[tuple[str, Path]]:
    write_confusion(y, guesses, classes, folder / "confusion.png")
    yield mark("confusion matrix"), folder / "confusion.png"
    side = SIDES.get(X.shape[1])
    if side:
        wrong, right = np.flatnonzero(guesses != y), np.flatnonzero(guesses == y)
        mistakes = _spread(wrong, SHOWN_DIGITS // 3)
        some = np.concatenate([mistakes, _spread(right, SHOWN_DIGITS - len(mistakes))])
        images = X[some].reshape(-1, side, side)
        path = folder / "predictions.png"
        title = tr("{right} of {count} right", right=len(right), count=len(y))
        if len(wrong):
            title += tr(
                "; {count} of the {count2:,} mistakes first",
                count=len(mistakes),
                count2=len(wrong),
            )
        write_predictions(images, y[some], guesses[some], path, title)
        yield mark("predictions"), path
        yield from _templates(folder, X.shape[1], side)


def _templates(folder: Path, pixels: int, side: int) -> Iterator[tuple[str, Path]]:
    """Draw the first layer's weights, where each neuron has one for every pixel."""
    with np.load(folder / "weights.npz", allow_pickle=False) as file:
        first = file["W1"] if "W1" in file.files else np.zeros(0)
    if first.ndim == 2 and first.shape[0] == pixels:
        write_weights_sheet(first, side, folder / "first-layer.png")
        yield mark("weights of the first layer"), folder / "first-layer.png"


def _spread(rows: np.ndarray, count: int) -> np.ndarray:
    """Choose so many rows, evenly, so that every class is among them."""
    at = np.linspace(0, len(rows) - 1, min(count, len(rows)))
    return np.asarray(rows[at.round().astype(int)])


# ---- images that are answered by images ----


def _of_images(
    folder: Path, X: np.ndarray, y: np.ndarray, answers: np.ndarray
) -> tuple[str, Path]:
    """Draw what the network makes of some images, and how far all are from it."""
    side = SIDES[X.shape[1]]
    some = _spread(np.arange(len(X)), SHOWN_IMAGES)
    images, made = (one[some].reshape(-1, side, side) for one in (X, answers))
    error = float(np.sqrt(np.mean((answers - y) ** 2)))
    path = folder / "reconstructions.png"
    title = tr("root mean square error {error:.3f}", error=error)
    write_reconstructions(images, made, path, title)
    return mark("reconstructions"), path


# ---- signals and lines ----


def _of_signals(
    folder: Path, X: np.ndarray, y: np.ndarray, answers: np.ndarray
) -> tuple[str, Path]:
    gain = [snr_db(clean, estimate) for clean, estimate in zip(y, answers, strict=True)]
    middle = int(np.argsort(gain)[len(gain) // 2])  # neither the best nor the worst
    path = folder / "signals.png"
    write_signals(y[middle], X[middle], answers[middle], EEG_RATE, path)
    return mark("signals before and after"), path


def _of_line(
    folder: Path, X: np.ndarray, y: np.ndarray, answers: np.ndarray
) -> tuple[str, Path]:
    """Draw the trained line beside the best one in closed form."""
    closed = closed_form(folder)
    lines = {tr("closed form"): closed} if closed else {}
    path = folder / "line.png"
    write_line(X, y, lines | {tr("gradient descent"): trained_line(X, answers)}, path)
    return mark("line"), path


# ---- other formats ----


def need_safetensors() -> None:
    """Check, before a long training, that its weights can be saved in that form.

    Raises
    ------
    MissingPackageError
        When the package safetensors is not installed.
    """
    if find_spec("safetensors") is None:
        raise MissingPackageError(
            tr("--safetensors needs it: {install}", install=INSTALL)
        )


def need_package(backend: str, extra: str) -> None:
    """Check that scripts of a back end can run here.

    Parameters
    ----------
    extra : str
        Which of our extras installs the package of its name; empty where none must
        be here.

    Raises
    ------
    MissingPackageError
        When the package is not installed.
    """
    if extra and find_spec(backend) is None:
        raise MissingPackageError(
            tr(
                '--backend {backend} needs it: pip install "gradtutor[{extra}]"',
                backend=backend,
                extra=extra,
            )
        )


def as_safetensors(run: Path) -> Path:
    """Write a run's weights by PyTorch's names beside them, and return that path."""
    need_safetensors()
    path = run / "weights.safetensors"
    arrays = as_pytorch(network_of(run), read_weights(run / "weights.npz"))
    write_weights(path, arrays)
    return path
