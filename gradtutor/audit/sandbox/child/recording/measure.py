"""A person's gradient beside finite differences of their forward, at usable points."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child.calling import STORED, Caller, Results
from gradtutor.audit.sandbox.child.recording.slopes import (
    Bounds,
    Point,
    UnusablePointError,
    numeric_gradients,
)
from gradtutor.audit.sandbox.child.values import ResultError, Said

Array = NDArray[np.float64]
ROUNDED = 2e-2  # what half precision does to a sum of some numbers


def measure(
    caller: Caller,
    points: Sequence[Point],
    plan: Mapping[str, Any],
    budget: float,
    *,
    exact: Caller | None = None,
) -> list[dict[str, Any]]:
    """Compare at the first usable points: theirs, numeric and the output at each.

    Points at a kink, or where forward is computed coarsely, are taken only where there
    are no others.

    Parameters
    ----------
    exact : Caller, optional
        The same file in double precision, where it asks for less: it is differentiated.

    Raises
    ------
    ResultError
        When forward gives different values for the same arguments.
    """
    start = time.process_time()
    failed: Exception | None = None
    for strict in (True, False):
        done: list[dict[str, Any]] = []
        for number, point in enumerate(points):
            spent = time.process_time() - start
            late = done and spent > budget * len(done) / (len(done) + 1)
            if len(done) >= plan["wanted"] or late or _same_again(number, points, done):
                break
            try:
                found = _at_point(caller, point, plan, exact, strict=strict)
                done.append({"point": number, **found})
            except UnusablePointError as error:
                failed = failed or error.reason
        if done:
            return done
    if failed:
        raise failed
    return []


def _same_again(number: int, points: Sequence[Point], done: list[Any]) -> bool:
    """Whether all arguments are given, so that the next point is no other one."""
    if not number or not done:
        return False
    before, here = points[number - 1], points[number]
    names = [name for name in here if name != "upstream"]
    return bool(names) and all(np.array_equal(before[n], here[n]) for n in names)


def _at_point(
    caller: Caller,
    point: Point,
    plan: Mapping[str, Any],
    exact: Caller | None,
    *,
    strict: bool,
) -> dict[str, Any]:
    inputs = {name: value for name, value in point.items() if name != "upstream"}
    try:
        out = caller.forward(inputs)
    except (
        ArithmeticError,
        ValueError,
    ) as error:  # of math.log; shapes fail everywhere
        unusable = UnusablePointError("forward")
        unusable.reason = error
        raise unusable from None
    if not np.isfinite(out).all():
        raise UnusablePointError("out")
    if not np.array_equal(out, caller.forward(inputs)):
        said = Said(
            "forward gives different values for the same arguments: seed its generator"
        )
        raise ResultError(said)
    upstream = upstream_for(point, out, has_upstream=plan["has_upstream"])
    outcome = caller.backward(inputs, upstream)
    again = caller.backward(inputs, upstream)
    stored = {path[1] for path, _ in outcome.gradients if path[:1] == [STORED]}
    attributes = {name for name, _ in plan["attributes"]}
    some = len(outcome.gradients) > len(stored)
    names = [
        n for n in plan["differentiable"] if n not in attributes or n in stored or some
    ]
    numeric, bounds = numeric_gradients(
        exact or caller, inputs, upstream, names, strict=strict
    )
    theirs = outcome.gradients
    if exact:
        theirs = unrounded(theirs, exact.backward(inputs, upstream).gradients)
    return {
        "out": out,
        "upstream": upstream,
        "numeric": numeric,
        "bounds": bounds,
        "theirs": theirs,
        "mutated": outcome.mutated,
        "by_forward": caller.changed_by_forward(inputs),
        "repeats": _equal(outcome.gradients, again.gradients),
    }


def _equal(one: list[tuple[Any, Any]], two: list[tuple[Any, Any]]) -> bool:
    return len(one) == len(two) and all(
        np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for (_, a), (_, b) in zip(one, two, strict=True)
    )


def unrounded(theirs: Results, exact: Results) -> Results:
    """Return gradients without the rounding that forward leaves in what it keeps.

    Those that are themselves of single or half precision stay, and are judged by it.
    """
    wide = {repr(path): value for path, value in exact}
    return [(p, _closest(v, wide.get(repr(p)))) for p, v in theirs]


def _closest(value: NDArray[Any], exact: NDArray[Any] | None) -> NDArray[Any]:
    if exact is None or exact.shape != value.shape or value.dtype != np.float64:
        return value
    apart = np.abs(value - exact).max(initial=0.0)
    near = apart <= ROUNDED * np.abs(exact).max(initial=0.0)
    return exact if near else value


def upstream_for(point: Point, out: Array, *, has_upstream: bool) -> Array:
    """Cut the upstream gradient out of a point's numbers; 1 where none is taken."""
    if not has_upstream:
        return np.ones(out.shape)
    pool = np.asarray(point["upstream"], dtype=np.float64)
    return np.resize(pool.ravel(), out.shape)


__all__ = ["Bounds", "measure", "upstream_for"]
