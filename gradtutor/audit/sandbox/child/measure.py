"""Finite differences of a person's forward, at its inputs and in its middle."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child.calling import Caller, ResultError
from gradtutor.audit.sandbox.child.recorder import Recorder

Array = NDArray[np.float64]
Point = Mapping[str, NDArray[Any]]

STEP = 2e-4  # relative to the element
TABLE_STEP = 1e-5  # the same for tables, by central differences
SMALL = 0.05  # values whose step is relative to themselves
AGREE = 1e-6  # two steps must agree, or a kink is near
SAMPLED = 64  # elements of one argument
MOST_ELEMENTS = 1200  # of all values together, in a table
OUTPUT = -1  # the site of the output


class UnusablePointError(ValueError):
    """No finite value here, or a kink nearby: another point is taken.

    ``reason`` is what forward raised, such as a logarithm's domain error.
    """

    reason: Exception | None = None


def slope(function: Callable[[float], Array], step: float) -> Array:
    """Return the derivative at 0 by the five-point formula, of error h⁴.

    Abramowitz and Stegun, "Handbook of Mathematical Functions", 25.3.6.
    """
    near = function(step) - function(-step)
    far = function(2 * step) - function(-2 * step)
    return (8 * near - far) / (12 * step)


def numeric_gradients(
    caller: Caller, point: Point, upstream: Array, names: list[str]
) -> dict[str, Array]:
    """Differentiate ``sum(forward(...) * upstream)`` by each argument.

    Returns
    -------
    dict
        Arrays of the arguments' shapes; nan where an element was not sampled.

    Raises
    ------
    UnusablePointError
        Where two steps disagree.
    """
    return {name: _numeric(caller, point, upstream, name) for name in names}


def _numeric(caller: Caller, point: Point, upstream: Array, name: str) -> Array:
    value = np.asarray(point[name], dtype=np.float64)
    gradient = np.full(value.shape, np.nan)
    for index in _sampled(value.shape):
        scale = max(SMALL, float(abs(value[index])))

        def moved(offset: float, index: tuple[int, ...] = index) -> Array:
            shifted = value.copy()
            shifted[index] += offset
            out = caller.forward({**point, name: shifted})
            return np.asarray(np.sum(out * upstream))

        wide = float(slope(moved, STEP * scale))
        narrow = float(slope(moved, STEP * scale / 3))
        if not abs(wide - narrow) <= AGREE * max(1.0, abs(wide)):
            raise UnusablePointError(name)
        gradient[index] = wide
    return gradient


def _sampled(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    indices = list(np.ndindex(*shape))
    if len(indices) <= SAMPLED:
        return indices
    chosen = np.random.default_rng(0).choice(len(indices), SAMPLED, replace=False)
    return [indices[i] for i in sorted(chosen)]


def measure(
    caller: Caller, points: Sequence[Point], plan: Mapping[str, Any], budget: float
) -> list[dict[str, Any]]:
    """Compare at the first usable points: theirs, numeric and the output at each.

    Raises
    ------
    ResultError
        When forward gives different values for the same arguments.
    """
    done: list[dict[str, Any]] = []
    failed: Exception | None = None
    start = time.monotonic()
    for number, point in enumerate(points):
        late = done and time.monotonic() - start > budget * len(done) / (len(done) + 1)
        if len(done) >= plan["wanted"] or late:
            break
        try:
            done.append({"point": number, **_at_point(caller, point, plan)})
        except UnusablePointError as error:
            failed = failed or error.reason
    if failed and not done:
        raise failed
    return done


def _at_point(caller: Caller, point: Point, plan: Mapping[str, Any]) -> dict[str, Any]:
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
        raise ResultError(
            "forward gives different values for the same arguments: seed its generator"
        )
    upstream = upstream_for(point, out, has_upstream=plan["has_upstream"])
    numeric = numeric_gradients(caller, inputs, upstream, plan["differentiable"])
    outcome = caller.backward(inputs, upstream)
    again = caller.backward(inputs, upstream)
    return {
        "out": out,
        "upstream": upstream,
        "numeric": numeric,
        "theirs": outcome.gradients,
        "mutated": outcome.mutated,
        "repeats": _equal(outcome.gradients, again.gradients),
    }


def _equal(one: list[tuple[str, Any]], two: list[tuple[str, Any]]) -> bool:
    return len(one) == len(two) and all(
        np.array_equal(a, b, equal_nan=True)
        for (_, a), (_, b) in zip(one, two, strict=True)
    )


def upstream_for(point: Point, out: Array, *, has_upstream: bool) -> Array:
    """Cut the upstream gradient out of a point's numbers; 1 where none is taken."""
    if not has_upstream:
        return np.ones(out.shape)
    pool = np.asarray(point["upstream"], dtype=np.float64)
    return np.resize(pool.ravel(), out.shape)


# ---- the table of all values ----


def table(
    caller: Caller, recorder: Recorder, point: Point, names: list[str]
) -> dict[str, Any]:
    """Record every value of one forward run, and how each moves every later one.

    Returns
    -------
    dict
        ``keys`` (site and occurrence of each value, arguments first as sites below
        -1, the output last), ``shapes``, ``values`` (flat) and ``jacobian``,
        whose column is the element that moves.
    """
    inputs = {name: value for name, value in point.items() if name != "upstream"}
    arguments = {(-2 - i, 0): name for i, name in enumerate(names)}
    base = _recorded(caller, recorder, inputs, arguments)
    keys = _chosen(base, list(arguments))
    sizes = [base[key].size for key in keys]
    columns = [
        _column(caller, recorder, inputs, arguments, key, element, base, keys)
        for key, size in zip(keys, sizes, strict=True)
        for element in range(size)
    ]
    return {
        "keys": keys,
        "shapes": [base[key].shape for key in keys],
        "values": np.concatenate([base[key].ravel() for key in keys]),
        "jacobian": np.stack(columns, axis=1),
    }


def _chosen(base: Mapping[Any, Array], arguments: list[Any]) -> list[Any]:
    """Return the arguments, then the values in the order made, within the limit."""
    keys, total = [], 0
    rest = [key for key in base if key not in arguments and key != (OUTPUT, 0)]
    rest.sort(key=lambda key: key[1])  # stable: first occurrences before later ones
    for key in [*arguments, (OUTPUT, 0), *rest]:
        total += base[key].size
        if total > MOST_ELEMENTS:
            break
        keys.append(key)
    return [*[key for key in keys if key != (OUTPUT, 0)], (OUTPUT, 0)]


def _recorded(
    caller: Caller,
    recorder: Recorder,
    inputs: Point,
    arguments: Mapping[Any, str],
    target: Any = None,
    offset: Any = 0.0,
) -> dict[Any, Array]:
    moved = dict(inputs)
    if target in arguments:
        moved[arguments[target]] = moved[arguments[target]] + offset
    with recorder.recording(target, offset):
        out = caller.forward(moved)
    given = {
        key: np.asarray(moved[name], dtype=np.float64)
        for key, name in arguments.items()
    }
    return {**given, **recorder.values, (OUTPUT, 0): out}


def _column(
    caller: Caller,
    recorder: Recorder,
    inputs: Point,
    arguments: Mapping[Any, str],
    key: Any,
    element: int,
    base: Mapping[Any, Array],
    keys: list[Any],
) -> Array:
    """Return how all values move with one element of one value."""
    shape = base[key].shape
    unit = np.zeros(shape)
    unit.flat[element] = 1.0
    here = abs(float(base[key].ravel()[element]))

    def run(offset: float) -> Array:
        found = _recorded(
            caller, recorder, inputs, arguments, key, _number(offset * unit)
        )
        parts = [np.asarray(found.get(k, base[k]), dtype=np.float64) for k in keys]
        parts = [
            part if part.shape == base[k].shape else base[k]
            for part, k in zip(parts, keys, strict=True)
        ]
        return np.concatenate([part.ravel() for part in parts])

    if 0 < here < SMALL:  # log and 1/x bend sharply there
        return slope(run, STEP * max(here, STEP))
    step = TABLE_STEP * max(1.0, here)
    return (run(step) - run(-step)) / (2 * step)


def _number(offset: Array) -> Any:
    return float(offset) if offset.ndim == 0 else offset
