"""Finite differences in float64 over many steps, with what rounding does to them.

Central differences at steps from a third of x down to 1e-12 of it are extrapolated in
pairs (Richardson 1911); the best pair is the one whose neighbours agree most closely,
and no better than the rounding of f over the step. Works on any function of numbers.

>>> import math
>>> found = estimate(lambda xs: [math.sin(x) for x in xs], 1e5)
>>> round(found.slope, 6), found.error < 1e-6
(-0.999361, True)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: The function at several points.
Values = Callable[[Array], Sequence[float] | Array]

RATIO = 10**0.5  # of a step to the next
#: Steps relative to x: first where most functions are tame, then all the others.
USUAL = tuple(10 ** (-k / 2) for k in range(4, 10))
ALL = tuple(10 ** (-k / 2) for k in range(1, 25))
SURE = 1e-7  # relative error of an estimate that is good enough
BLIND = 1e-3  # and of one that is good for nothing
EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Estimate:
    """A slope found by finite differences.

    Attributes
    ----------
    slope, error : float
        And how far off it may be; nan and infinity where no step has finite values.
    left, right : float
        The slopes of each side at a narrow step.
    kinked : bool
        Whether these stay apart as the step shrinks.
    """

    slope: float
    error: float
    left: float
    right: float
    kinked: bool

    @property
    def is_sure(self) -> bool:
        """Whether the error is small beside the slope, which is not 0.

        A difference of exactly 0 may be a slope of 0, or one that rounding swallowed.
        """
        small = self.error <= SURE * abs(self.slope)
        return small and self.slope != 0 and not self.kinked

    @property
    def is_blind(self) -> bool:
        """Whether the error says nothing: an offset, or a wave that steps jump over."""
        return not self.error <= BLIND * abs(self.slope)

    def excludes(self, slope: float) -> bool:
        """Whether a slope lies beyond the error."""
        return abs(slope - self.slope) > 10 * self.error + SURE * abs(slope)


def estimate(
    function: Values, x: float, scale: float = 0.0, *, at_once: bool = False
) -> Estimate:
    """Estimate a derivative.

    Parameters
    ----------
    function : callable
        Takes an array of points, and returns the values there.
    scale : float
        What steps are relative to where x is 0: 1 unless given.
    at_once : bool
        Try all steps in one call, for a function that takes arrays at no cost.
    """
    size = abs(x) or scale or 1.0
    here = float(function(np.array([x]))[0])
    for steps in (ALL,) if at_once else (USUAL, ALL):
        found = _estimate(function, x, here, [size * step for step in steps])
        if found.is_sure:
            break
    return found


def points_at_once(x: float, scale: float = 0.0) -> Array:
    """Return the points of all steps, those above x and those below, as `estimate`."""
    h = np.array([(abs(x) or scale or 1.0) * step for step in ALL])
    return np.concatenate([x + h, x - h])


def _estimate(
    function: Values, x: float, here: float, steps: Iterable[float]
) -> Estimate:
    h = np.fromiter(steps, float)
    with np.errstate(all="ignore"):
        values = np.asarray(function(np.concatenate([x + h, x - h])), dtype=float)
        above, below = values[: h.size], values[h.size :]
        up, down = (x + h) - x, x - (x - h)  # the steps that x's digits allow
        central = (above - below) / (up + down)
        right, left = (above - here) / up, (here - below) / down
        noise = EPSILON * np.fmax(abs(above), abs(below)) / h
        slope, error = _best(central, noise)
        narrow = _narrow(left, right, noise)
        kinked = _is_kinked(left, right, noise)
    return Estimate(slope, error, float(left[narrow]), float(right[narrow]), kinked)


def _best(central: Array, noise: Array) -> tuple[float, float]:
    """Extrapolate neighbours to step 0; take where two such agree best."""
    better = (RATIO**2 * central[1:] - central[:-1]) / (RATIO**2 - 1)
    error = np.fmax(abs(better[1:] - better[:-1]), noise[2:])
    error = np.where(np.isfinite(better[1:]) & np.isfinite(error), error, np.inf)
    best = int(np.argmin(error))
    if np.isinf(error[best]):
        return float("nan"), float("inf")
    return float(better[1:][best]), float(error[best])


def _narrow(left: Array, right: Array, noise: Array) -> int:
    """Return the narrowest step whose rounding is small beside both slopes."""
    size = np.fmax(abs(left), abs(right))
    clear = np.isfinite(left) & np.isfinite(right) & (noise <= 1e-6 * size)
    return int(np.flatnonzero(clear)[-1]) if clear.any() else 0


def _is_kinked(left: Array, right: Array, noise: Array) -> bool:
    """Whether the sides' difference stays where it would shrink with the step.

    Asked of the narrowest step that rounding leaves clear, and one ten times as wide.
    """
    gap = abs(right - left)
    clear = np.flatnonzero(gap > 100 * noise)
    if not clear.size or clear[-1] < 2:
        return False
    last = clear[-1]
    return bool(gap[last] > 0.5 * gap[last - 2])
