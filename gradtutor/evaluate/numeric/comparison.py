"""A gradient beside a numeric slope: the row that a check prints, judged by float64.

>>> from gradtutor.evaluate.numeric.differences import estimate
>>> found = estimate(lambda xs: abs(xs), 0.0)
>>> judge_by_differences(Claim("x", 0.0), found).note
'kink: slope -1 from the left, 1 from the right'
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradtutor.evaluate.numeric.differences import Estimate
from gradtutor.messages import tr

TOLERANCE = 1e-6  # largest relative error that passes
KINK_SLACK = 1e-3  # relative to the slopes beside a kink
FLOOR = 1e-9  # absolute error that passes where nothing finer is at hand


@dataclass(frozen=True)
class Comparison:
    """One partial derivative, analytic against numeric.

    Attributes
    ----------
    name : str
        Input, with its index for an element of a tensor: ``W[0,2]``.
    ok : bool or None
        None where the witnesses cannot tell.
    note : str
        Why, at a kink, where it is undecided, or where float64 rounds.
    """

    name: str
    analytic: float
    numeric: float
    relative_error: float
    ok: bool | None
    note: str = ""


@dataclass(frozen=True)
class Claim:
    """A gradient that is judged.

    Attributes
    ----------
    floor : float
        An absolute error that passes, where only finite differences are at hand.
    """

    label: str
    analytic: float
    floor: float = FLOOR

    def row(self, numeric: float, ok: bool | None, note: str = "") -> Comparison:
        """Return the verdict as a row."""
        error = relative_error(self.analytic, numeric)
        return Comparison(self.label, self.analytic, numeric, error, ok, note)

    def undecided(self, note: str, numeric: float = math.nan) -> Comparison:
        """Return that nothing was established, and why."""
        return self.row(numeric, None, note)


def relative_error(a: float, b: float) -> float:
    """Return the difference beside the larger of two numbers; 0 where both are 0."""
    if a == b:
        return 0.0
    return abs(a - b) / max(abs(a), abs(b)) if math.isfinite(a - b) else math.nan


def near(a: float, b: float) -> bool:
    """Whether two slopes are the same, to six digits."""
    return relative_error(a, b) <= TOLERANCE


def kink_note(left: float, right: float) -> str:
    """Say the slopes on both sides."""
    left, right = (0.0 if abs(x) < 1e-9 else x for x in (left, right))  # no -0
    return tr(
        "kink: slope {left:.4g} from the left, {right:.4g} from the right",
        left=left,
        right=right,
    )


def is_between(slope: float, left: float, right: float) -> bool:
    """Whether a slope is one of those between the two sides of a kink."""
    slack = KINK_SLACK * max(abs(left), abs(right))
    return min(left, right) - slack <= slope <= max(left, right) + slack


def judge_by_differences(claim: Claim, rough: Estimate) -> Comparison:
    """Judge by finite differences and the slopes of both sides, no more."""
    analytic, slope = claim.analytic, rough.slope
    sides = np.array([rough.left, rough.right])
    if not math.isfinite(analytic) or not np.isfinite([slope, *sides]).all():
        return claim.undecided(tr("no finite slope here; move the point"))
    if rough.kinked:
        return _kinked(claim, rough)
    if rough.error > max(TOLERANCE * abs(slope), claim.floor):
        note = tr(
            "finite differences are only good to {error:.1g} here", error=rough.error
        )
        return claim.undecided(note, slope)
    if near(analytic, slope) or abs(analytic - slope) <= max(
        3 * rough.error, claim.floor
    ):
        return claim.row(slope, ok=True)
    seen_twice = abs(sides.mean() - slope) < 0.1 * abs(analytic - slope)
    wrong = rough.excludes(analytic) and bool(seen_twice)
    note = "" if wrong else tr("finite differences do not agree with each other here")
    return claim.row(slope, False if wrong else None, note)


def _kinked(claim: Claim, rough: Estimate) -> Comparison:
    inside = is_between(claim.analytic, rough.left, rough.right)
    return claim.row(rough.slope, inside, kink_note(rough.left, rough.right))
