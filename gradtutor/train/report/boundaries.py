"""Where a classifier of two features changes its answer: areas, and the points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.messages import tr
from gradtutor.train.report.figure import write_figure

SIDE = 201  # points along each side
#: Ink and paper of each class; further ones begin again.
INKS = ("#3b2a7a", "#8a3500", "#1d5c2a", "#7a1f4f", "#5c5300", "#14506b")
MARKS = "o^sDvP"
STARS = ("#ffd33d", "#56d4dd", "#ff8a80")


#: Words, and where they belong, (2,).
Star = tuple[str, np.ndarray]


def write_boundary(
    X: np.ndarray,
    y: np.ndarray,
    predict: Callable[[np.ndarray], np.ndarray],
    path: Path,
    names: Sequence[str] = ("x1", "x2"),
    called: Sequence[str] = (),
    stars: Sequence[Star] = (),
) -> None:
    """Draw two classes of points and the line where a classifier is undecided.

    Parameters
    ----------
    X : ndarray, (n, 2)
    y : ndarray, (n,) or (n, 1)
        Classes 0 and 1.
    predict : callable
        From points (m, 2) to their probability of class 1, (m,) or (m, 1).
    path : Path
        A .png or .svg file.
    names, called : sequence of str
        Names of the two features, and of the classes; by default 0 and 1.
    stars : sequence of Star
        Points that stand out, each with its words.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    """
    sides, grid = _grid(_with(X, stars))
    values = np.asarray(predict(grid), dtype=np.float64)
    probability = values.reshape(SIDE, SIDE)
    words = list(called) or ["0", "1"]

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        _landscape(figure, axes, sides, probability, words[1])
        _placed(axes, (X, np.ravel(y)), words, names, stars)
        figure.legend(loc="outside upper center", ncols=3, frameon=False)

    write_figure(path, (7, 5.8), draw)


def _landscape(
    figure: Any, axes: Any, sides: np.ndarray, probability: np.ndarray, word: str
) -> None:
    """Shade by probability; a black line is where it is 0.5."""
    where = (sides[:, 0], sides[:, 1])
    shades: dict[str, Any] = {"levels": np.linspace(0, 1, 11), "cmap": "PuOr_r"}
    shaded = axes.contourf(*where, np.clip(probability, 0, 1), alpha=0.45, **shades)
    bar = figure.colorbar(shaded, ax=axes, ticks=[0, 0.25, 0.5, 0.75, 1])
    bar.set_label(tr("probability of class {word}", word=word))
    if probability.min() < 0.5 < probability.max():
        axes.contour(*where, probability, levels=[0.5], colors="black", linewidths=2)
        axes.plot([], [], color="black", lw=2, label=tr("decision boundary"))


def write_areas(
    X: np.ndarray,
    y: np.ndarray,
    predict: Callable[[np.ndarray], np.ndarray],
    path: Path,
    names: Sequence[str] = ("x1", "x2"),
    called: Sequence[str] = (),
    stars: Sequence[Star] = (),
) -> None:
    """Draw points of several classes, and the area that is answered with each.

    Parameters
    ----------
    X : ndarray, (n, 2)
    y : ndarray, (n,)
        Classes 0, 1, 2, ...
    predict : callable
        From points (m, 2) to their classes, (m,).
    called : sequence of str
        What the classes are called; by default their numbers.
    stars : sequence of Star
        Points that stand out, each with its words.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    """
    sides, grid = _grid(_with(X, stars))
    classes = np.asarray(predict(grid)).reshape(SIDE, SIDE)
    count = int(max(classes.max(), np.max(y))) + 1
    words = list(called) or [str(k) for k in range(count)]

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        edges = np.arange(count + 1) - 0.5
        inks = [INKS[k % len(INKS)] for k in range(count)]
        axes.contourf(*sides.T, classes, levels=edges, colors=inks, alpha=0.2)
        for k in range(count - 1):
            axes.contour(*sides.T, classes, levels=[k + 0.5], colors="black")
        _placed(axes, (X, np.ravel(y)), words, names, stars)
        figure.legend(loc="outside upper center", ncols=min(count, 4), frameon=False)

    write_figure(path, (6.4, 5.8), draw)


def _placed(
    axes: Any,
    points: tuple[np.ndarray, np.ndarray],
    words: Sequence[str],
    names: Sequence[str],
    stars: Sequence[Star],
) -> None:
    """Draw points by class, those that stand out, and the features' names."""
    _points(axes, *points, words)
    _stars(axes, stars)
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])


def _with(X: np.ndarray, stars: Sequence[Star]) -> np.ndarray:
    return np.vstack([X, *(np.reshape(at, (1, 2)) for _, at in stars)])


def _grid(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sides (SIDE, 2) of a frame around points, and all of its points."""
    low, high = X.min(axis=0), X.max(axis=0)
    edge = 0.08 * np.where(high > low, high - low, 1)
    sides = np.linspace(low - edge, high + edge, SIDE)
    grid = np.stack(np.meshgrid(sides[:, 0], sides[:, 1]), axis=-1)
    return sides, grid.reshape(-1, 2)


def _points(axes: Any, X: np.ndarray, y: np.ndarray, called: Sequence[str]) -> None:
    for label, word in enumerate(called):
        colour, marker = INKS[label % len(INKS)], MARKS[label % len(MARKS)]
        style = {"marker": marker, "facecolor": colour, "edgecolor": "white"}
        axes.scatter(
            *X[y == label].T,
            s=42,
            lw=0.6,
            label=tr("class {label}", label=word),
            **style,
        )


def _stars(axes: Any, stars: Sequence[Star]) -> None:
    for n, (word, at) in enumerate(stars):
        style = {
            "marker": "*",
            "facecolor": STARS[n % len(STARS)],
            "edgecolor": "black",
        }
        axes.scatter(*np.reshape(at, (2, 1)), s=260, zorder=5, label=word, **style)
