"""Numbers that a network learns badly from, and what to do about them."""

from __future__ import annotations

import numpy as np

from gradtutor.messages import tr
from gradtutor.train.fitting.choices import Choices

LARGE = 20.0  # times the deviation 1 that initial weights are made for


def scale_notes(
    X: np.ndarray | None, y: np.ndarray | None, choices: Choices
) -> tuple[str, ...]:
    """Warn of columns and targets far from mean 0 and deviation 1.

    Parameters
    ----------
    X : ndarray, (rows, features), or None for tokens
    y : ndarray or None
        Targets that are numbers; None for classes, and for X itself.
    """
    if choices.scale in ("standard", "none"):
        return ()
    notes = []
    largest = 0.0 if X is None else float(np.nanmax(np.abs(X)))
    if X is not None and largest > LARGE:
        if _are_pixels(X):
            how = tr("--scale pixels divides by 255")
        else:
            how = tr("--scale standard brings every column to mean 0 and deviation 1")
        notes.append(
            tr(
                "X is not scaled, it goes up to {largest:.4g}: {how}",
                largest=largest,
                how=how,
            )
        )
    if y is not None and float(np.abs(y).max()) > LARGE:
        notes.append(
            tr(
                "y is not scaled, it goes from {min:.4g} to {max:.4g}: --scale "
                "standard scales it too, and answers come back in y's own units",
                min=y.min(),
                max=y.max(),
            )
        )
    return tuple(notes)


def _are_pixels(X: np.ndarray) -> bool:
    whole = X.min() >= 0 and X.max() <= 255 and bool(np.all(np.floor(X) == X))
    return X.shape[1] >= 16 and whole
