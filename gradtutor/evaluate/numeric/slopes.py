"""The slopes of a function just left and right of a point, in as many digits as needed.

With hundreds of digits a step may be 1e-24, 1e-90 or 1e-340 of the point's size, far
below the scale of anything that float64 can write; so the slope needs no extrapolation,
and what happens as the step shrinks tells a slope from a kink, a pole and a jump.

>>> found = sides(abs, 0.0)
>>> found.left.slope, found.right.slope, found.is_smooth
(-1.0, 1.0, False)
>>> sides(mpmath.sqrt, 0.0).right.kind
'infinite'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import mpmath

#: Steps as powers of ten, relative to the point, and the digits that they ask for.
LEVELS = ((24, 90), (90, 260), (340, 1060))
#: Each step of a level is so many powers of ten below the one before.
NARROWER = 4
SETTLED = 1e-9  # relative difference of two steps' slopes that is none
UNEQUAL = 1e-7  # relative difference of the two sides' slopes that is a kink
#: Slopes ~ step**p: beyond these powers they vanish or have no bound, as at a jump.
POWER, JUMP, ALIKE = 0.02, 0.98, 0.03
#: Digits at the end of a number that an evaluation may lose.
SPARE = 15

Kind = Literal["slope", "zero", "infinite", "jump", "no value", "unsettled"]


@dataclass(frozen=True)
class Side:
    """What a function does on one side.

    Attributes
    ----------
    kind : str
        ``slope``; ``zero`` where the slopes vanish with the step; ``infinite`` where
        they grow without bound, ``jump`` where the value itself does; ``no value``; or
        ``unsettled``.
    slope : float
        Its value where there is one; 0 or nan otherwise.
    """

    kind: Kind
    slope: float

    @property
    def is_finite(self) -> bool:
        """Whether there is a slope."""
        return self.kind in ("slope", "zero")


@dataclass(frozen=True)
class Sides:
    """Both sides of a point, and the value there.

    Attributes
    ----------
    agreed : bool
        Whether two levels, of different digits and steps, found the same.
    """

    value: float
    left: Side
    right: Side
    agreed: bool = True

    @property
    def is_smooth(self) -> bool:
        """Whether both sides have the same slope."""
        if not (self.left.is_finite and self.right.is_finite):
            return False
        left, right = self.left.slope, self.right.slope
        return abs(left - right) <= UNEQUAL * max(abs(left), abs(right))

    @property
    def is_kink(self) -> bool:
        """Whether both sides have slopes that differ."""
        return self.left.is_finite and self.right.is_finite and not self.is_smooth

    @property
    def slope(self) -> float:
        """The slope of both sides, or of the only side that has one."""
        if self.is_smooth:
            return self.left.slope / 2 + self.right.slope / 2  # no overflow
        one = self.left if self.left.is_finite else self.right
        return one.slope


def sides(
    function: Callable[[Any], Any], x: float, size: Any = 1, levels: int = len(LEVELS)
) -> Sides:
    """Find the slopes left and right of a point.

    Parameters
    ----------
    function : callable
        Of one mpmath number, evaluated in the working precision of mpmath.
    size : number
        The largest number that the function works with: what is lost in its digits is
        no difference.
    levels : int
        How many levels of digits to try before giving up.
    """
    found = _level(function, x, size, *LEVELS[0])
    for level in LEVELS[1:levels]:
        if _is_sure(found):
            break
        found = _level(function, x, size, *level)
    return found


def confirmed(function: Callable[[Any], Any], x: float, size: Any = 1) -> Sides:
    """Find the slopes with the most digits, and compare them with one level before."""
    before, last = (_level(function, x, size, *level) for level in LEVELS[1:])
    return Sides(last.value, last.left, last.right, agreed=_alike(before, last))


def _alike(a: Sides, b: Sides) -> bool:
    pairs = ((a.left, b.left), (a.right, b.right))
    return all(
        one.is_finite == other.is_finite
        and (not one.is_finite or abs(one.slope - other.slope) <= _slack(one, other))
        for one, other in pairs
    )


def _slack(one: Side, other: Side) -> float:
    return UNEQUAL * max(abs(one.slope), abs(other.slope)) + 1e-300


def _is_sure(found: Sides) -> bool:
    """Whether smaller steps can tell nothing new.

    Slopes of 0 may hide a small one, or one that the digits lost beside 1e15.
    """
    kinds = {found.left.kind, found.right.kind}
    return not kinds & {"unsettled", "zero", "infinite"}


def _level(
    function: Callable[[Any], Any], x: float, size: Any, power: int, digits: int
) -> Sides:
    with mpmath.workdps(digits):
        here = mpmath.mpf(x)
        step = (abs(here) or mpmath.mpf(1)) * mpmath.mpf(10) ** -power
        value = function(here)
        lost = size * mpmath.mpf(10) ** (SPARE - digits)
        steps = [step * mpmath.mpf(10) ** (-NARROWER * k) for k in range(3)]
        left, right = (
            _side(function, here, value, lost, [sign * h for h in steps])
            for sign in (-1, 1)
        )
        return Sides(float(value), left, right)


def _side(
    function: Callable[[Any], Any], x: Any, value: Any, lost: Any, steps: list[Any]
) -> Side:
    """Judge one side by the slopes of three steps, each far smaller than the last."""
    ends = [function(x + h) for h in steps]
    if not all(mpmath.isfinite(end) for end in [value, *ends]):
        return Side("no value", float("nan"))
    changes = [end - value for end in ends]
    slopes = [
        change / h if abs(change) > lost else 0
        for change, h in zip(changes, steps, strict=True)
    ]
    if not any(slopes):
        return Side("zero", 0.0)
    before, last = slopes[-2:]
    if abs(before - last) <= SETTLED * abs(last):
        return Side("slope", float(last))
    kind = _growth(slopes) if all(slopes) else "unsettled"
    return Side(kind, 0.0 if kind == "zero" else float("nan"))


def _growth(slopes: list[Any]) -> Kind:
    """Say how slopes go with the step: as a power of it, or as no power at all."""
    first, second = (
        -float(mpmath.log10(abs(narrow / wide))) / NARROWER
        for wide, narrow in pairwise(slopes)
    )
    if abs(first - second) > ALIKE or abs(second) < POWER:
        return "unsettled"
    if second > 0:
        return "zero"
    return "jump" if second < -JUMP else "infinite"
