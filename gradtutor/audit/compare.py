"""The person's gradients against finite differences: one row for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.report import GradientRow
from gradtutor.audit.task import Array, Measured
from gradtutor.messages import mark, tr

TOLERANCE = 1e-5  # relative to the largest number of a gradient
COARSE = {2: 2e-2, 4: 1e-3}  # for numbers of 2 and 4 bytes
FLOOR = 1e-4  # of the output: what finite differences resolve
CLIPPED = mark("clipped: the true numbers lie beyond")
KINK = mark("between the slopes at both sides of a kink")


GUARDED = 5e-3  # where forward has a guard such as log(p + 1e-7), backward not
GUARD = mark("a small number that forward adds is left out")


def rows(
    measured: Sequence[Measured], *, guarded: bool = False
) -> tuple[GradientRow, ...]:
    """Compare every gradient at every point.

    Parameters
    ----------
    guarded : bool
        Whether forward adds tiny numbers, which gradients may leave out.
    """
    return tuple(_row(name, measured, guarded) for name in measured[0].theirs)


def _row(name: str, measured: Sequence[Measured], guarded: bool) -> GradientRow:
    first = measured[0]
    shape, wanted = first.theirs[name].shape, first.numeric[name].shape
    if shape != wanted and not _same_but_for_ones(first.theirs[name], wanted):
        note = tr(
            "its shape is {shape}; {name} has {wanted}",
            shape=show(shape),
            name=name,
            wanted=show(wanted),
        )
        numeric = float(np.nan_to_num(first.numeric[name]).ravel()[0])
        return GradientRow(name, False, name, float("nan"), numeric, float("inf"), note)
    errors = [_errors(one.theirs[name].reshape(wanted), name, one) for one in measured]
    tolerance = _tolerance(first.theirs[name])
    worst = int(np.argmax([e.max(initial=0.0) for e in errors]))
    error = float(errors[worst].max(initial=0.0))
    plainly = _verdict(name, measured, errors, tolerance)
    loose = guarded and plainly is False
    ok = _verdict(name, measured, errors, GUARDED) if loose else plainly
    if errors[0].max(initial=0.0) > tolerance:
        worst = 0  # the first point shows it as well, and is an ordinary one
    place = np.unravel_index(int(errors[worst].argmax()), wanted) if wanted else ()
    index = tuple(int(i) for i in place)
    element = f"{name}[{', '.join(map(str, index))}]" if index else name
    theirs = float(measured[worst].theirs[name].reshape(wanted)[index])
    numeric = float(measured[worst].numeric[name][index])
    if ok is not True:
        error = _relative(theirs, numeric, float(errors[worst][index]))
    return GradientRow(
        name,
        ok,
        element,
        theirs,
        numeric,
        error,
        tr(GUARD) if ok and not plainly else _note(name, measured, ok=ok),
    )


def _same_but_for_ones(theirs: NDArray[Any], wanted: tuple[int, ...]) -> bool:
    """Whether a single number came in brackets: [2.0] for 2.0."""
    return theirs.size == 1 and wanted == () and theirs.ndim == 1


def _tolerance(theirs: NDArray[Any]) -> float:
    kind = theirs.dtype
    return COARSE.get(kind.itemsize, TOLERANCE) if kind.kind == "f" else TOLERANCE


def _note(name: str, measured: Sequence[Measured], *, ok: bool | None) -> str:
    kind = measured[0].theirs[name].dtype
    if kind.itemsize < 8 and kind.kind == "f":
        return tr("computed in {kind}", kind=kind)
    if ok and any(_at_kink(name, one) for one in measured):
        return tr(KINK)
    if ok and any(_at_clip(name, one) for one in measured):
        return tr(CLIPPED)
    return tr("at a kink: it cannot be decided here") if ok is None else ""


def _at_kink(name: str, one: Measured) -> bool:
    if name not in one.bounds:
        return False
    low, high = one.bounds[name]
    return bool(np.nanmax(high - low) > 1e-3 * max(1.0, float(np.nanmax(np.abs(high)))))


def _at_clip(name: str, one: Measured) -> bool:
    """Whether a number of theirs is a clip's bound, and the right one beyond it."""
    theirs, numeric = (
        one.theirs[name].reshape(one.numeric[name].shape),
        one.numeric[name],
    )
    return any(
        bool(((theirs == a) & (numeric < a) | (theirs == b) & (numeric > b)).any())
        for a, b in one.clips
    )


def _relative(theirs: float, numeric: float, otherwise: float) -> float:
    """Return how far the two printed numbers are apart, relative to the second."""
    if not np.isfinite(theirs):
        return float("inf")
    return abs(theirs - numeric) / abs(numeric) if abs(numeric) > 1e-12 else otherwise


def _verdict(
    name: str,
    measured: Sequence[Measured],
    errors: Sequence[NDArray[Any]],
    tolerance: float,
) -> bool | None:
    """Right, wrong, or None where only elements at a kink are off, and not by much.

    There the slopes at both sides bound each element's gradient where one value has the
    kink; where several have theirs at once, sums may lie a little outside.
    """
    if all(e.max(initial=0.0) <= tolerance for e in errors):
        return True
    for one, error in zip(measured, errors, strict=True):
        wrong = error > tolerance
        if not wrong.any():
            continue
        if name not in one.bounds or (one.point and _alone(one)):
            return False
        low, high = one.bounds[name]
        theirs = one.theirs[name].reshape(error.shape)
        near = np.abs(theirs - (low + high) / 2) <= (high - low) * 1.001
        if not (near | ~wrong).all():
            return False
    return None


def _alone(one: Measured) -> bool:
    """Whether one number decides one number."""
    return one.out.size == 1 and sum(v.size for v in one.point.values()) == 1


def _errors(theirs: NDArray[Any], name: str, one: Measured) -> NDArray[Any]:
    """Return each element's error relative to the gradient's largest number."""
    numeric = one.numeric[name]
    low, high = one.bounds.get(name, (numeric, numeric))
    theirs = theirs.astype(np.float64)
    known = np.isfinite(numeric)
    for bounds in one.clips:
        low, high = _clipped(theirs, low, high, bounds)
    scale = max(
        float(np.abs(numeric[known]).max(initial=0.0)),
        FLOOR * max(1.0, float(np.abs(one.out * one.upstream).sum())),
    )
    with np.errstate(invalid="ignore"):
        off = np.maximum(np.maximum(low - theirs, theirs - high), 0.0)
    errors = np.where(known, off, 0.0) / scale
    return np.asarray(np.where(np.isfinite(theirs), errors, np.inf))


def _clipped(
    theirs: Array, low: Array, high: Array, bounds: tuple[float, float]
) -> tuple[Array, Array]:
    """Let right gradients lie at the bounds of a clip, where some lie between them."""
    between = (low > bounds[0]) & (high < bounds[1])
    at = np.isin(theirs, bounds) & between.any()
    return (
        np.where(at, np.clip(low, *bounds), low),
        np.where(at, np.clip(high, *bounds), high),
    )


def show(shape: tuple[int, ...]) -> str:
    """Write a shape as (3, 4), or as a single number."""
    return str(tuple(int(s) for s in shape)) if shape else tr("a single number")
