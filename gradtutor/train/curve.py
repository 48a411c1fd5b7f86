"""The learning curve as a picture: losses and accuracy by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradtutor.train.datasets import INSTALL, MissingPackageError
from gradtutor.train.files import write_bytes_with

FORMATS = ("png", "svg")
COLOURS = {"train": "#0550ae", "test": "#bc4c00", "accuracy": "#116329"}


def write_curve(history: Sequence[dict[str, Any]], path: Path, title: str) -> None:
    """Draw training and test loss, and test accuracy where there is one.

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
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingPackageError(f"a curve needs matplotlib: {INSTALL}") from None
    format_ = path.suffix.lower().removeprefix(".")
    if format_ not in FORMATS:
        raise ValueError(f"{path.name}: a curve's name ends with .png or .svg")
    with mpl.rc_context({"svg.hashsalt": "gradtutor", "font.size": 12}):
        figure = Figure(figsize=(8, 4.2), layout="constrained")
        _draw(figure, history, title)
        stable: dict[str, Any] = (
            {"metadata": {"Date": None}} if format_ == "svg" else {}
        )
        write_bytes_with(
            path, lambda file: figure.savefig(file, format=format_, dpi=150, **stable)
        )


def _draw(figure: Any, history: Sequence[dict[str, Any]], title: str) -> None:
    has_accuracy = history[-1]["test_accuracy"] is not None
    axes = figure.subplots(1, 1 + has_accuracy, squeeze=False)[0]
    figure.suptitle(title)
    _lines(axes[0], history, {"train": "train_loss", "test": "test_loss"}, "loss")
    axes[0].set_ylim(bottom=0)
    if has_accuracy:
        _lines(axes[1], history, {"accuracy": "test_accuracy"}, "test accuracy")
        best = max(row["test_accuracy"] for row in history)
        axes[1].set_title(f"best {best:.4f}", fontsize=11)


def _lines(
    axes: Any, history: Sequence[dict[str, Any]], keys: dict[str, str], label: str
) -> None:
    """Draw lines with their names at their ends; dashes and markers differ too."""
    epochs = [row["epoch"] for row in history]
    for (name, key), dashes, marker in zip(
        keys.items(), ("-", "--"), "os", strict=False
    ):
        values = [row[key] for row in history]
        axes.plot(epochs, values, dashes, marker=marker, ms=4, color=COLOURS[name])
        if len(keys) > 1:
            end = (epochs[-1], values[-1])
            offset = {"textcoords": "offset points", "xytext": (7, -4)}
            axes.annotate(
                name, end, color=COLOURS[name], annotation_clip=False, **offset
            )
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.margins(x=0.12 if len(keys) > 1 else 0.04)
    axes.grid(visible=True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
