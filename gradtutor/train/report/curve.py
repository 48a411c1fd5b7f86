"""The learning curve as a picture: losses and accuracy by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradtutor.messages import mark, tr
from gradtutor.train.report.figure import write_figure

MARKED_EPOCHS = 30  # more points would touch
COLOURS = {
    "train": "#0550ae",
    "test": "#bc4c00",
    "validation": "#8250df",
    "accuracy": "#116329",
}


def write_curve(history: Sequence[dict[str, Any]], path: Path, title: str) -> None:
    """Draw training, validation and test loss, and test accuracy where there is one.

    Parameters
    ----------
    history : sequence of dict
        One object an epoch, as a script reports it.
    path : Path
        A .png or .svg file.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    """
    write_figure(
        path, (8, 4.2), lambda figure: _draw(figure, history, title), what="a curve"
    )


def _draw(figure: Any, history: Sequence[dict[str, Any]], title: str) -> None:
    has_accuracy = history[-1]["test_accuracy"] is not None
    axes = figure.subplots(1, 1 + has_accuracy, squeeze=False)[0]
    figure.suptitle(title)
    keys = {mark("train"): "train_loss", mark("test"): "test_loss"}
    if "valid_loss" in history[-1]:
        keys[mark("validation")] = "valid_loss"
        best = min(history, key=lambda row: row["valid_loss"])["epoch"]
        axes[0].axvline(best, color="#6e7781", lw=1, ls=":")
        axes[0].set_title(tr("best validation: epoch {best}", best=best), fontsize=11)
    _lines(axes[0], history, keys, tr("loss"))
    axes[0].set_ylim(bottom=0)
    if has_accuracy:
        _lines(axes[1], history, {"accuracy": "test_accuracy"}, tr("test accuracy"))
        highest = max(row["test_accuracy"] for row in history)
        best_words = tr("best {highest:.4f}", highest=highest)
        axes[1].set_title(best_words, fontsize=11)


def _lines(
    axes: Any, history: Sequence[dict[str, Any]], keys: dict[str, str], label: str
) -> None:
    """Draw lines that differ in dashes and markers too, and name them."""
    epochs = [row["epoch"] for row in history]
    size = 4 if len(epochs) <= MARKED_EPOCHS else 0
    looks = (("-", "o"), ("--", "s"), (":", "^"))
    for (name, key), (dashes, marker) in zip(keys.items(), looks, strict=False):
        values = [row[key] for row in history]
        look: dict[str, Any] = {"ls": dashes, "marker": marker, "ms": size}
        axes.plot(epochs, values, color=COLOURS[name], label=tr(name), **look)
    if len(keys) > 1:
        axes.legend(frameon=False)
    axes.set_xlabel(tr("epoch"))
    axes.set_ylabel(label)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(visible=True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
