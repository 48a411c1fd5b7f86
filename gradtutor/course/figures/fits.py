"""Polynomials through points: too stiff, right, and too lively, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradtutor.course.figures.frame import Curve, Frame, Panel

POINTS = 161


def fitted(
    points: Sequence[Sequence[float]],
    degrees: Sequence[int],
    limits: Frame,
    titles: Sequence[str],
    axes: tuple[str, str],
) -> list[Panel]:
    """Return a panel for each degree: the points and their least-squares polynomial."""
    x, y = np.array(points, dtype=np.float64).T
    over = np.linspace(limits.left, limits.right, POINTS)
    own = Curve("", x.tolist(), y.tolist(), mark="o")
    return [
        Panel((_polynomial(x, y, over, degree), own), title, axes, limits)
        for degree, title in zip(degrees, titles, strict=True)
    ]


def _polynomial(x: np.ndarray, y: np.ndarray, over: np.ndarray, degree: int) -> Curve:
    found = np.polynomial.Polynomial.fit(x, y, degree)
    error = float(np.mean((found(x) - y) ** 2))
    label = f"x^{degree}, MSE {error:.2g}" if error > 1e-9 else f"x^{degree}, MSE 0"
    return Curve(label, over.tolist(), found(over).tolist())
