"""Finite differences of a person's forward: slopes, kinks, and how sure they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child.calling import Caller
from gradtutor.audit.sandbox.child.standins.stopped import fixed

Array = NDArray[np.float64]
Point = Mapping[str, NDArray[Any]]
Moved = Callable[[float], Array]

STEP = 2e-4  # relative to the element
#: Tried after it: a kink is near, or numbers are large; forward computes coarsely.
OTHER_STEPS = (2e-5, 2e-6, 2e-3, 2e-2)
SMALL = 0.05  # values whose step is relative to themselves
AGREE = 1e-6  # two steps must agree, or a kink is near
COARSELY = 5e-3  # the same, where nothing better is to be had
KINK = 1e-4  # of the slope: how far the two sides are apart
SAMPLED = 64  # elements of one argument


class UnusablePointError(ValueError):
    """No finite value here, or a kink nearby: another point is taken.

    ``reason`` is what forward raised, such as a logarithm's domain error.
    """

    reason: Exception | None = None


@dataclass(frozen=True)
class Bounds:
    """Between what a right gradient may lie: the slopes at both sides of a kink.

    Attributes
    ----------
    low, high : arrays
        Equal to the slope where there is no kink.
    """

    low: Array
    high: Array


def slope(function: Moved, step: float) -> Array:
    """Return the derivative at 0 by the five-point formula, of error h⁴.

    Abramowitz and Stegun, "Handbook of Mathematical Functions", 25.3.6.
    """
    near = function(step) - function(-step)
    far = function(2 * step) - function(-2 * step)
    return (8 * near - far) / (12 * step)


def side(function: Moved, step: float) -> Array:
    """Return the derivative at 0 from the side of the step, of error h².

    Abramowitz and Stegun, 25.3.4, for three points at one side.
    """
    return (4 * function(step) - function(2 * step) - 3 * function(0.0)) / (2 * step)


def numeric_gradients(
    caller: Caller, point: Point, upstream: Array, names: list[str], *, strict: bool
) -> tuple[dict[str, Array], dict[str, Bounds]]:
    """Differentiate ``sum(forward(...) * upstream)`` by each argument.

    Parameters
    ----------
    strict : bool
        Whether a kink, or slopes that are known to a few digits only, are refused.

    Returns
    -------
    tuple of dict
        Arrays of the arguments' shapes, nan where an element was not sampled; and the
        bounds where there are any.

    Raises
    ------
    UnusablePointError
        Where two steps disagree.
    """
    numeric: dict[str, Array] = {}
    bounds: dict[str, Bounds] = {}
    with fixed(lambda: caller.forward(point)):
        for name in names:
            one = _numeric(caller, point, upstream, name, strict=strict)
            numeric[name], found = one
            if found is not None:
                bounds[name] = found
    return numeric, bounds


def _numeric(
    caller: Caller, point: Point, upstream: Array, name: str, *, strict: bool
) -> tuple[Array, Bounds | None]:
    value = np.asarray(point[name], dtype=np.float64)
    gradient = np.full(value.shape, np.nan)
    low, high = gradient.copy(), gradient.copy()
    for index in _sampled(value.shape):
        scale = max(SMALL, float(abs(value[index])))

        def moved(offset: float, index: tuple[int, ...] = index) -> Array:
            shifted = value.copy()
            shifted[index] += offset
            return caller.forward({**point, name: shifted}) * upstream

        found = _element(moved, scale, strict=strict)
        gradient[index], low[index], high[index] = found
    plain = np.array_equal(low, high, equal_nan=True)
    return gradient, None if plain else Bounds(low, high)


def _element(moved: Moved, scale: float, *, strict: bool) -> tuple[float, float, float]:
    """Return the slope, and its bounds."""
    kept = _remembered(moved)
    best = (np.inf, 0.0, STEP)
    for step in (STEP, *OTHER_STEPS):
        wide = _total(slope(kept, step * scale))
        narrow = _total(slope(kept, step * scale / 3))
        apart = abs(wide - narrow) / max(1.0, abs(wide))
        if not np.isfinite(apart):
            continue
        if apart < best[0]:
            best = (apart, wide, step)
        if apart <= AGREE:
            break
        if strict:
            raise UnusablePointError("two steps disagree")
    apart, wide, step = best
    kink = _kink(kept, step * scale)
    if kink is not None and strict:
        raise UnusablePointError("a kink")
    if kink is not None:
        return (wide, *kink)
    if apart <= AGREE:
        return wide, wide, wide
    if apart > COARSELY:
        raise UnusablePointError("two steps disagree")
    slack = 10 * apart * max(1.0, abs(wide))
    return wide, wide - slack, wide + slack


def _kink(moved: Moved, step: float) -> tuple[float, float] | None:
    """Return the bounds of the slope at a kink; None where both sides agree."""
    right, left = side(moved, step), -side(lambda h: moved(-h), step)
    apart = np.abs(right - left)
    limit = KINK * np.maximum(1.0, np.maximum(np.abs(right), np.abs(left)))
    if not (apart > limit).any():
        return None
    near_right = side(moved, step / 10)
    near_left = -side(lambda h: moved(-h), step / 10)
    still = np.abs(near_right - near_left) > np.maximum(limit, 0.5 * apart)
    if not still.any():
        return None
    low = np.minimum(near_right, near_left)
    high = np.maximum(near_right, near_left)
    return _total(low), _total(high)


def _remembered(moved: Moved) -> Moved:
    """Keep what was computed: several slopes use the same points."""
    known: dict[float, Array] = {}

    def value(offset: float) -> Array:
        if offset not in known:
            known[offset] = moved(offset)
        return known[offset]

    return value


def _total(array: Array) -> float:
    return float(np.sum(array))


def _sampled(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    indices = list(np.ndindex(*shape))
    if len(indices) <= SAMPLED:
        return indices
    chosen = np.random.default_rng(0).choice(len(indices), SAMPLED, replace=False)
    return [indices[i] for i in sorted(chosen)]
