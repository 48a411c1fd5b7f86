"""The person's gradients against finite differences: one row for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.report import GradientRow
from gradtutor.audit.task import Measured

TOLERANCE = 1e-5  # relative to the largest number of a gradient
COARSE = {2: 2e-2, 4: 1e-3}  # for numbers of 2 and 4 bytes
FLOOR = 1e-4  # of the output: what finite differences resolve


def rows(measured: Sequence[Measured]) -> tuple[GradientRow, ...]:
    """Compare every gradient at every point."""
    return tuple(_row(name, measured) for name in measured[0].theirs)


def _row(name: str, measured: Sequence[Measured]) -> GradientRow:
    first = measured[0]
    shape, wanted = first.theirs[name].shape, first.numeric[name].shape
    if shape != wanted:
        note = f"its shape is {show(shape)}; {name} has {show(wanted)}"
        numeric = float(np.nan_to_num(first.numeric[name]).ravel()[0])
        return GradientRow(name, False, name, float("nan"), numeric, float("inf"), note)
    errors = [_errors(one.theirs[name], one.numeric[name], one) for one in measured]
    worst = int(np.argmax([e.max(initial=0.0) for e in errors]))
    error = float(errors[worst].max(initial=0.0))
    kind = first.theirs[name].dtype
    tolerance = COARSE.get(kind.itemsize, TOLERANCE) if kind.kind == "f" else TOLERANCE
    if errors[0].max(initial=0.0) > tolerance:
        worst = 0  # the first point shows it as well, and is an ordinary one
    place = np.unravel_index(int(errors[worst].argmax()), shape) if shape else ()
    index = tuple(int(i) for i in place)
    element = f"{name}[{', '.join(map(str, index))}]" if index else name
    numbers = measured[worst]
    return GradientRow(
        name,
        error <= tolerance,
        element,
        float(numbers.theirs[name][index]),
        float(numbers.numeric[name][index]),
        error,
        f"computed in {kind}" if kind.itemsize < 8 and kind.kind == "f" else "",
    )


def _errors(theirs: NDArray[Any], numeric: NDArray[Any], one: Measured) -> NDArray[Any]:
    """Return each element's error relative to the gradient's largest number."""
    theirs = theirs.astype(np.float64)
    known = np.isfinite(numeric)
    scale = max(
        float(np.abs(numeric[known]).max(initial=0.0)),
        FLOOR * max(1.0, float(np.abs(one.out * one.upstream).sum())),
    )
    errors = np.abs(theirs - np.where(known, numeric, theirs)) / scale
    return np.asarray(np.where(np.isfinite(theirs), errors, np.inf))


def show(shape: tuple[int, ...]) -> str:
    """Write a shape as (3, 4), or as a single number."""
    return str(tuple(int(s) for s in shape)) if shape else "a single number"
