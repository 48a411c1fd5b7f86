"""Points of a domain, and when two numbers of fifty digits are the same there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import numpy as np

from gradtutor.evaluate.values import Array
from gradtutor.gates import Shape

NEAR = 1e-12  # a relative difference; a lesson's parameters have fifteen digits

Domain = Mapping[str, tuple[float, float]]


def fixed(shape: Shape) -> tuple[int, ...]:
    """Return a shape of numbers only; a question declares no named sizes."""
    return tuple(int(size) for size in shape)


def draw(
    domain: Domain, count: int, seed: int, shapes: Mapping[str, Shape] | None = None
) -> dict[str, Array]:
    """Draw points of a domain, the same for the same seed."""
    rng = np.random.default_rng(seed)
    sizes = {name: fixed(shape) for name, shape in (shapes or {}).items()}
    return {
        name: rng.uniform(low, high, (count, *sizes.get(name, ())))
        for name, (low, high) in domain.items()
    }


def one_point(points: Mapping[str, Array], n: int) -> dict[str, float]:
    """Return one of many points."""
    return {name: float(values[n]) for name, values in points.items()}


def near(one: Any, two: Any) -> bool:
    """Whether two numbers agree to all the digits that count."""
    with mpmath.workdps(30):
        scale = max(abs(one), abs(two))
        return bool(abs(one - two) <= max(NEAR * scale, mpmath.mpf("1e-30")))
