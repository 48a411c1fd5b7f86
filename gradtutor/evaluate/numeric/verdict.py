"""Is a gradient right? Ok, WRONG or undecided, each with its reason.

WRONG is said only where finite differences and slopes in many digits agree with each
other and not with the gradient. Where one of them cannot see, or float64 itself loses
the digits of a right formula, the answer is undecided, or ok with a note.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from gradtutor.evaluate.numeric.comparison import (
    Claim,
    Comparison,
    is_between,
    judge_by_differences,
    kink_note,
    near,
    relative_error,
)
from gradtutor.evaluate.numeric.differences import Estimate
from gradtutor.evaluate.numeric.slopes import Sides
from gradtutor.evaluate.numeric.witness import Index, Witness
from gradtutor.messages import mark, tr

#: What a side of a point has where it has a slope.
SETTLED = {"zero", "slope"}
#: Errors of float64 beside a function's own size, x df/dx against f, that are rounding.
ROUNDING, ROUNDING_OF_ONE = 1e-9, 1e-13
BEYOND_ROUNDING = 1e-3  # relative error of a formula in many digits that is a mistake


@dataclass(frozen=True)
class Gradient:
    """A gradient of a graph, and who can be asked about it.

    Attributes
    ----------
    in_digits : callable
        The same gradient's formula in many digits, or None where that is not known.
    is_faithful : callable
        Whether every gate's float64 text gives what its formula does.
    is_tied : bool
        Whether a gate stands at its own kink, so that a tie rule was used.
    behind : callable
        The gradient's float64 value where the output is too large for one.
    """

    claim: Claim
    witness: Witness
    name: str
    index: Index = ()
    in_digits: Callable[[], Any] = lambda: None
    is_faithful: Callable[[], bool] = lambda: True
    is_tied: bool = False
    behind: Callable[[], float] = lambda: math.nan

    @property
    def value(self) -> float:
        """The gradient as it came out in float64."""
        return self.claim.analytic


def judge(of: Gradient) -> Comparison:
    """Judge one gradient, by the cheap witness first."""
    if not math.isfinite(of.witness.value):
        return _beyond_float64(of)
    rough = of.witness.estimate(of.name, of.index)
    if rough.is_sure and near(of.value, rough.slope):
        return of.claim.row(rough.slope, ok=True)
    if of.value == 0 and not rough.is_sure and _is_flat(of):
        return of.claim.row(0.0, ok=True)
    fine = of.witness.sides(of.name, of.index)
    if fine is None or _has_no_value(fine):
        return judge_by_differences(of.claim, rough)
    if not _confirms(of, fine):
        fine = of.witness.confirmed(of.name, of.index)
    return _judge_by_sides(of, rough, fine)


def _beyond_float64(of: Gradient) -> Comparison:
    """Judge where float64 has no value: log(1 + exp(1000)) is 1000 in many digits."""
    fine = of.witness.sides(of.name, of.index)
    settled = fine is not None and {fine.left.kind, fine.right.kind} <= SETTLED
    if fine is None or not settled or fine.is_kink or not fine.agreed:
        return of.claim.undecided(tr("no finite value here; move the point"))
    said = mark("float64 overflows here; in many digits the slope is {slope:.8g}")
    note, behind = tr(said, slope=fine.slope), of.behind()
    if near(behind, fine.slope):  # x*1e308 at 2
        return replace(of.claim, analytic=behind).row(fine.slope, True, note)
    return of.claim.undecided(note, fine.slope)


# ---- with many digits ----


def _is_flat(of: Gradient) -> bool:
    """Whether the first level of digits sees no slope on either side."""
    first = of.witness.sides(of.name, of.index, 1)
    return first is not None and first.left.kind == first.right.kind == "zero"


def _has_no_value(fine: Sides) -> bool:
    return fine.left.kind == fine.right.kind == "no value"


def _confirms(of: Gradient, fine: Sides) -> bool:
    """Whether the slopes bear the gradient out; else more digits must be asked."""
    if fine.is_kink:
        return _inside(of.value, fine)
    return near(of.value, fine.slope)


def _judge_by_sides(of: Gradient, rough: Estimate, fine: Sides) -> Comparison:
    kinds = {fine.left.kind, fine.right.kind}
    if "jump" in kinds:
        return of.claim.undecided(tr("the value jumps here; move the point"))
    if "infinite" in kinds:
        return of.claim.undecided(tr("no finite slope here; move the point"))
    if "unsettled" in kinds:
        return of.claim.undecided(tr("the slope does not settle as the step shrinks"))
    if not math.isfinite(of.value):
        return _no_gradient(of, fine)
    if not fine.agreed:
        return of.claim.undecided(
            tr("the slope depends on the digits it is sought with")
        )
    if "no value" in kinds:
        return _at_an_end(of, fine)
    if fine.is_kink:
        return _at_a_kink(of, rough, fine)
    if near(of.value, fine.slope):
        return of.claim.row(fine.slope, ok=True)
    return _disputed(of, rough, fine)


def _no_gradient(of: Gradient, fine: Sides) -> Comparison:
    """Say what the slope is where float64 has none."""
    if math.isinf(fine.left.slope) and fine.left.slope == fine.right.slope:
        said = mark("the slope is larger than float64 holds: it comes out as {value}")
        return of.claim.undecided(tr(said, value=of.value))
    lost = tr("the gradient comes out as {value}", value=of.value)
    if fine.is_kink:
        return of.claim.undecided(f"{_kink_note(fine)}; {lost}")
    return of.claim.undecided(
        tr("{lost}; the slope is {slope:.8g}", lost=lost, slope=fine.slope), fine.slope
    )


def _at_an_end(of: Gradient, fine: Sides) -> Comparison:
    """Compare at the end of the domain, where one side has values."""
    if fine.left.is_finite:
        said = mark("the domain ends here: slope {slope:.4g} from the left")
    else:
        said = mark("the domain ends here: slope {slope:.4g} from the right")
    note = tr(said, slope=fine.slope)
    ok = True if near(of.value, fine.slope) else None
    return of.claim.row(fine.slope, ok, note)


def _at_a_kink(of: Gradient, rough: Estimate, fine: Sides) -> Comparison:
    """Accept anything between the slopes of the two sides."""
    note = _kink_note(fine)
    middle = fine.left.slope / 2 + fine.right.slope / 2
    if _inside(of.value, fine):
        return of.claim.row(middle, True, note)
    if _inside(_formula(of), fine):
        return of.claim.row(
            middle, None, tr("{note}; float64 loses the gradient's digits", note=note)
        )
    seen = rough.kinked and not is_between(of.value, rough.left, rough.right)
    known = not math.isnan(_formula(of))
    return of.claim.row(middle, False if seen or known else None, note)


def _inside(slope: float, fine: Sides) -> bool:
    return is_between(slope, fine.left.slope, fine.right.slope)


def _kink_note(fine: Sides) -> str:
    return kink_note(fine.left.slope, fine.right.slope)


def _formula(of: Gradient) -> float:
    """Return the gradient's formula in many digits; nan where it is not known."""
    found = of.in_digits()
    return math.nan if found is None else float(found)


def _disputed(of: Gradient, rough: Estimate, fine: Sides) -> Comparison:
    """Decide where the gradient is not the slope: a mistake, rounding, or a tie."""
    formula, slope = _formula(of), fine.slope
    if near(formula, slope) and of.is_faithful():
        return _rounded(of, slope)
    if of.is_tied:
        note = tr(
            "a gate is at its kink or clamp: its declared gradient is no slope here"
        )
        return of.claim.undecided(note, slope)
    if not _is_condemned(of, rough, fine, formula):
        note = tr(
            "two ways to the slope differ: {slope:.8g} and {slope2:.8g}",
            slope=rough.slope,
            slope2=slope,
        )
        return of.claim.undecided(note, slope)
    return of.claim.row(slope, ok=False)


def _rounded(of: Gradient, slope: float) -> Comparison:
    """Tell the rounding of a right formula: a note, or undecided where all is lost."""
    small = _is_rounding(of, of.value, slope)
    note = tr(
        "float64 rounds it: in many digits the gradient is {slope:.8g}", slope=slope
    )
    if small and slope == 0:
        note = tr("0 but for rounding: against 0 the relative error says nothing")
    return of.claim.row(slope, True if small else None, note)


def _is_rounding(of: Gradient, found: float, slope: float) -> bool:
    """Whether a difference is rounding beside the function's own size."""
    x = float(of.witness.point[of.name][of.index])
    size = ROUNDING * abs(of.witness.value) + ROUNDING_OF_ONE
    return abs(found - slope) * (abs(x) or 1.0) <= size


def _is_condemned(of: Gradient, rough: Estimate, fine: Sides, formula: float) -> bool:
    """Whether two witnesses agree against the gradient.

    Where the differences are blind, the gradient's formula in many digits must be wrong
    as well, by more than the rounding of its constants.
    """
    if not rough.is_blind and rough.excludes(of.value):
        return not rough.excludes(fine.slope)
    return relative_error(formula, fine.slope) > BEYOND_ROUNDING
