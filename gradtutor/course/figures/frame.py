"""What a plot shows, before it is drawn: curves, points and areas inside a frame.

>>> frame(Panel((Curve("x", (0.0, 1.0), (0.0, 0.9)),)))
Frame(left=0.0, right=1.0, low=0.0, high=1.0)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Curve:
    """A curve; where y is not finite it has a gap.

    Attributes
    ----------
    label : str
        Empty: a thin line that others are drawn upon.
    dotted : bool
        Whether its points stand out: the steps of a path.
    mark : str
        A sign for its points, which no line joins; empty for a line.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    dotted: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Shade:
    """Which class a network answers, cell by cell of the frame.

    Attributes
    ----------
    classes : sequence of sequence of int
        Rows from below, each from the left.
    """

    classes: Sequence[Sequence[int]]


@dataclass(frozen=True)
class Panel:
    """Curves that share a frame.

    Attributes
    ----------
    axes : pair of str
        What stands below and at the left; empty for nothing.
    limits : Frame or None
        What is drawn of them; None for all.
    """

    curves: Sequence[Curve]
    title: str = ""
    axes: tuple[str, str] = ("", "")
    limits: Frame | None = None
    shade: Shade | None = None


@dataclass(frozen=True)
class Frame:
    """The part of the plane that is drawn."""

    left: float
    right: float
    low: float
    high: float

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return a point as shares of the width and, from above, of the height."""
        across = (x - self.left) / (self.right - self.left)
        return across, 1 - (y - self.low) / (self.high - self.low)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is inside; one that is not finite is not."""
        return self.left <= x <= self.right and self.low <= y <= self.high


def frame(panel: Panel) -> Frame:
    """Return the frame around all finite points, its limits round numbers."""
    if panel.limits:
        return panel.limits
    curves = panel.curves
    finite = [y for curve in curves for y in curve.y if math.isfinite(y)] or [0.0]
    low, high = min(finite), max(finite)
    if high - low < 1e-12 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    step = nice_step(high - low)
    slack = 1e-6 * step  # what rounding has put beyond a tick
    low = math.floor((low + slack) / step) * step
    high = math.ceil((high - slack) / step) * step
    xs = [x for curve in curves for x in curve.x]
    return Frame(min(xs), max(xs), low, high)


def inside(curve: Curve, own: Frame) -> Curve:
    """Return a curve with gaps where it leaves the frame."""
    held = [own.holds(x, y) for x, y in zip(curve.x, curve.y, strict=True)]
    y = [one if kept else math.nan for one, kept in zip(curve.y, held, strict=True)]
    return Curve(curve.label, curve.x, y, curve.dotted, curve.mark)


def told(curves: Sequence[Curve]) -> list[Curve]:
    """Return the curves that have a label."""
    return [curve for curve in curves if curve.label]


def nice_step(span: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten: three to seven fill the span.

    >>> nice_step(1.0), nice_step(7.3), nice_step(0.06)
    (0.2, 2.0, 0.01)
    """
    power = 10.0 ** math.floor(math.log10(span / 3))
    for factor in (1, 2, 5, 10):
        if span / (factor * power) <= 6:
            break
    return float(f"{factor * power:.3g}")


def ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Return the ticks of an axis with their texts.

    >>> ticks(0, 1)[:3]
    [(0.0, '0'), (0.2, '0.2'), (0.4, '0.4')]
    """
    step = nice_step(high - low)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [float(f"{n * step:.6g}") for n in range(first, last + 1)]
    return [(value, f"{value:g}") for value in values]
