"""Several labels at once: how many are right, and each one's precision and recall."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.messages import tr
from gradtutor.train.report.figure import write_figure

#: Losses of a yes or no, with what an answer has to exceed for a yes.
YES = {"bce_with_logits": 0.0, "binary_cross_entropy": 0.5}
BARS = {"precision": "#0b5394", "recall": "#e69138"}


def labels_of(
    y: np.ndarray, answers: np.ndarray, loss: str
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return which labels each row has and was given; None where y is none of that.

    Returns
    -------
    tuple of ndarray of bool, (N, labels)
    """
    if loss not in YES or y.ndim != 2 or y.shape[1] < 2 or y.shape != answers.shape:
        return None
    if not np.isin(y, (0, 1)).all():
        return None
    return y > 0.5, answers > YES[loss]


def label_measures(
    had: np.ndarray, given: np.ndarray, names: Sequence[str]
) -> dict[str, Any]:
    """Return the accuracy over all labels, that of whole rows, and of each label.

    Returns
    -------
    dict
        ``label_accuracy``: the share of all yes and no that is right;
        ``baseline_label_accuracy``: of always saying the commoner of both;
        ``rows_right``: of rows without one mistake; ``labels``: by name, precision and
        recall.
    """
    often = had.mean(axis=0)
    both = (had & given).sum(axis=0)
    precision = both / np.maximum(given.sum(axis=0), 1)
    recall = both / np.maximum(had.sum(axis=0), 1)
    return {
        "label_accuracy": _digits(np.mean(had == given)),
        "baseline_label_accuracy": _digits(np.maximum(often, 1 - often).mean()),
        "rows_right": _digits(np.mean((had == given).all(axis=1))),
        "labels": {
            name: {"precision": _digits(p), "recall": _digits(r)}
            for name, p, r in zip(names, precision, recall, strict=True)
        },
    }


def _digits(value: Any) -> float:
    return round(float(value), 6)


def label_text(found: dict[str, Any]) -> str:
    """Say the measures in two lines."""
    if "label_accuracy" not in found:
        return ""
    parts = [
        tr(
            "{name} {precision:.3f} and {recall:.3f}",
            name=name,
            precision=one["precision"],
            recall=one["recall"],
        )
        for name, one in found["labels"].items()
    ]
    whole = tr(
        "labels: {accuracy:.4f} right (always the commoner: {baseline:.4f}), "
        "whole rows {rows:.4f}",
        accuracy=found["label_accuracy"],
        baseline=found["baseline_label_accuracy"],
        rows=found["rows_right"],
    )
    return whole + "\n" + tr("precision and recall: {parts}", parts=", ".join(parts))


def write_labels(found: dict[str, Any], path: Path) -> None:
    """Draw precision and recall of each label as bars.

    Raises
    ------
    MissingPackageError
        When matplotlib is not installed.
    """
    names = list(found["labels"])

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        said = {"precision": tr("precision"), "recall": tr("recall")}
        for n, (kind, colour) in enumerate(BARS.items()):
            values = [found["labels"][name][kind] for name in names]
            places = np.arange(len(names)) + 0.38 * (n - 0.5)
            bars = axes.barh(places, values, 0.36, color=colour, label=said[kind])
            axes.bar_label(bars, fmt="%.2f", padding=3)
        axes.set_yticks(range(len(names)), names)
        axes.set_xlim(0, 1.12)
        axes.invert_yaxis()
        figure.suptitle(
            tr(
                "labels right {accuracy:.4f}, whole rows {rows:.4f}",
                accuracy=found["label_accuracy"],
                rows=found["rows_right"],
            )
        )
        figure.legend(loc="outside lower center", ncols=2, frameon=False)

    write_figure(path, (6.4, 1.6 + 0.55 * len(names)), draw)
