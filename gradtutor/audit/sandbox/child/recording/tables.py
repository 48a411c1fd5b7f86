"""Every value of a forward run, and how each moves every later one."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child.calling import Caller
from gradtutor.audit.sandbox.child.recording.recorder import Recorder
from gradtutor.audit.sandbox.child.recording.slopes import SMALL, STEP, Point, slope
from gradtutor.audit.sandbox.child.standins.stopped import fixed

Array = NDArray[np.float64]

TABLE_STEP = 1e-5  # relative to the element, by central differences
MOST_ELEMENTS = 1200  # of all values together
OUTPUT = -1  # the site of the output
ROUNDS = 4  # of a loop, after which values are felt as those of the last of them


def table(
    caller: Caller,
    recorder: Recorder,
    point: Point,
    names: list[str],
    felt: Collection[Any],
    most: int = MOST_ELEMENTS,
    until: float = math.inf,
) -> dict[str, Any]:
    """Record every value of one forward run, and how each moves every later one.

    Parameters
    ----------
    felt : collection
        The values to look at.
    most : int
        Elements of all values together, beyond which later values are left out.
    until : float
        When to stop, by ``time.process_time``: later values are left out then, too.

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
    there = {key: value for key, value in base.items() if key in felt}
    keys = _chosen(there, list(arguments), most)
    columns: list[Array] = []
    done = []
    recorder.wanted = set(keys)
    with fixed(lambda: caller.forward(inputs)):
        for key in keys[:-1]:
            if time.process_time() > until and key not in arguments:
                break
            columns += [
                _column(caller, recorder, inputs, arguments, key, element, base, keys)
                for element in range(base[key].size)
            ]
            done.append(key)
    recorder.wanted = None
    sizes = [base[key].size for key in keys]
    count = sum(base[key].size for key in done)
    last = base[keys[-1]].size  # nothing later moves with the output
    rows = np.r_[:count, sum(sizes) - last : sum(sizes)]
    jacobian = np.zeros((count + last, count + last))
    jacobian[:, :count] = np.stack(columns, axis=1)[rows]
    done.append(keys[-1])
    return {
        "keys": done,
        "shapes": [base[key].shape for key in done],
        "values": np.concatenate([base[key].ravel() for key in done]),
        "jacobian": jacobian,
    }


def felt_values(
    caller: Caller, recorder: Recorder, point: Point, names: list[str]
) -> set[Any]:
    """Return the values that the output feels: the others have no gradient."""
    inputs = {name: value for name, value in point.items() if name != "upstream"}
    arguments = {(-2 - i, 0): name for i, name in enumerate(names)}
    base = _recorded(caller, recorder, inputs, arguments)
    rng = np.random.default_rng(0)
    output = base[OUTPUT, 0]
    felt = set()
    for key, value in base.items():
        site, count = key
        kept = key in arguments or key == (OUTPUT, 0)
        if count >= ROUNDS:
            kept = (site, ROUNDS - 1) in felt
        for size in () if kept or count >= ROUNDS else (0.3, -0.3):
            offset = size * rng.uniform(0.5, 1.5, value.shape)
            moved = _recorded(caller, recorder, inputs, arguments, key, _number(offset))
            kept = not np.array_equal(moved[OUTPUT, 0], output, equal_nan=True)
            if kept:
                break
        if kept:
            felt.add(key)
    return felt


def seconds_of_a_run(caller: Caller, recorder: Recorder, point: Point) -> float:
    """Return how long one recorded run takes."""
    inputs = {name: value for name, value in point.items() if name != "upstream"}
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        _recorded(caller, recorder, inputs, {})
        taken.append(time.perf_counter() - start)
    return max(1e-5, min(taken))


def _chosen(base: Mapping[Any, Array], arguments: list[Any], most: int) -> list[Any]:
    """Return the arguments, then the values in the order made, within the limit."""
    keys, total = [], 0
    rest = [key for key in base if key not in arguments and key != (OUTPUT, 0)]
    rest.sort(key=lambda key: key[1])  # stable: first occurrences before later ones
    for key in [*arguments, (OUTPUT, 0), *rest]:
        total += base[key].size
        if total > most and key not in arguments:
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
    with recorder.recording(target, offset, events=False):
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
