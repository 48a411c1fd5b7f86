"""Many gradients at once: the slope along one direction through all their numbers.

>>> from gradtutor.language import parse
>>> witness = Witness(parse("x*y + sin(y)"), {"x": 2.0, "y": 0.0})
>>> along(witness, {"x": np.float64(0.0), "y": np.float64(3.0)}).ok
True
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradtutor.evaluate.numeric.comparison import Claim, Comparison, near
from gradtutor.evaluate.numeric.differences import estimate
from gradtutor.evaluate.numeric.witness import Witness
from gradtutor.messages import tr


def along(witness: Witness, gradients: Mapping[str, Any]) -> Comparison | None:
    """Compare Σ g·d with the slope along a direction d that is drawn once.

    Every number of the inputs moves, each as far as its tensor's are large. None where
    differences do not tell.
    """
    rng, point = np.random.default_rng(0), witness.point
    sizes = {
        name: float(np.sqrt(np.mean(point[name] ** 2))) or 1.0 for name in gradients
    }
    moves = {n: size * rng.normal(size=point[n].shape) for n, size in sizes.items()}
    analytic = sum(float(np.sum(gradients[name] * moves[name])) for name in gradients)

    def at(steps: Any) -> list[float]:
        return [
            witness.at({name: point[name] + t * moves[name] for name in moves})
            for t in np.ravel(steps)
        ]

    found = estimate(at, 0.0, 0.1)
    many, one = len(gradients) > 1, next(iter(gradients))
    label = tr("{n} along one direction", n=len(gradients) if many else one)
    sure = abs(analytic - found.slope) <= 3 * found.error <= 1e-4 * abs(analytic)
    right = near(analytic, found.slope) or sure
    return Claim(label, analytic).row(found.slope, ok=True) if right else None
