"""Check gradients against finite differences in float64, input by input.

The numeric derivative is Ridders' extrapolation of central differences (Ridders 1982;
Press et al., "Numerical Recipes", section 5.7), which estimates its own error.

>>> from gradtutor.language import parse
>>> [row.ok for row in check_gradients(parse("x*y"), {"x": 2, "y": 3})]
[True, True]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.evaluate.trace import Trace, run
from gradtutor.evaluate.values import node_values
from gradtutor.graph import Graph, inputs

TOLERANCE = 1e-6  # largest relative error that passes
STEP_RATIO = 1.4
ROUNDS = 10
FIRST_STEPS = (0.1, 1e-3)  # wide for smooth functions, narrow beside a kink
SAMPLES = 12  # elements of a tensor that are checked
SIDE_STEP = 1e-5  # of one-sided slopes, relative to abs(x) or 1
UNEQUAL = 1e-3  # relative difference of one-sided slopes that is a kink


@dataclass(frozen=True)
class Comparison:
    """One partial derivative, analytic against numeric.

    Attributes
    ----------
    name : str
        Input, with its index for an element of a tensor: ``W[0,2]``.
    ok : bool or None
        None where finite differences cannot tell (no finite value near the point).
    note : str
        Why, at a kink or where it is undecided.
    """

    name: str
    analytic: float
    numeric: float
    relative_error: float
    ok: bool | None
    note: str = ""


def check_gradients(
    graph: Graph, given: Mapping[str, ArrayLike], ties: str = "torch"
) -> list[Comparison]:
    """Compare every input's analytic gradient with finite differences.

    Parameters
    ----------
    graph : Graph
        A graph with one output; a tensor output is summed.
    given : mapping from str to array_like
        A value for every input. Of a large tensor, 12 elements are checked, and of
        labels none.
    """
    trace = run(graph, given, ties)
    names = inputs(trace.graph, "input", "parameter")
    point = {name: np.array(trace.values[name]) for name in inputs(trace.graph)}
    return [
        _compare(trace, point, name, index)
        for name in names
        for index in _sampled(point[name].shape)
    ]


def _sampled(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the indices to check: all of a small tensor, some of a large one."""
    indices = list(np.ndindex(*shape))
    if len(indices) <= SAMPLES:
        return indices
    chosen = np.random.default_rng(0).choice(len(indices), SAMPLES, replace=False)
    return [indices[i] for i in sorted(chosen)]


def _compare(
    trace: Trace, point: dict[str, np.ndarray], name: str, index: tuple[int, ...]
) -> Comparison:
    label = f"{name}[{','.join(map(str, index))}]" if index else name
    analytic = float(trace.node_gradients[name][index])

    def output(x: float) -> float:
        moved = point[name].copy()
        moved[index] = x
        values = node_values(trace.graph, point | {name: moved}, [trace.output])
        return float(np.sum(values[trace.output]))

    x = float(point[name][index])
    return _with_kink(compare_at(label, analytic, output, x), output, x)


def _with_kink(
    row: Comparison, function: Callable[[float], float], x: float
) -> Comparison:
    """Note a kink that both sides' mean slope hides: abs at 0, max at a tie."""
    kink = "" if row.note or not row.ok else _kink(function, x)
    return replace(row, note=kink) if kink else row


def _kink(function: Callable[[float], float], x: float) -> str:
    """Say the slopes on both sides of a kink; nothing where the function is smooth.

    At a kink the slopes' difference stays as the step shrinks; elsewhere it goes down
    with the step's square, or grows with rounding.
    """
    left, right = (one_sided(function, x, side) for side in (-1.0, 1.0))
    gap = abs(right - left)
    if not gap > UNEQUAL * max(abs(left), abs(right)):
        return ""
    nearer = [one_sided(function, x, side, SIDE_STEP / 10) for side in (-1.0, 1.0)]
    if abs(abs(nearer[1] - nearer[0]) - gap) > 0.01 * gap:
        return ""
    return _slopes(left, right)


def _slopes(left: float, right: float) -> str:
    left, right = (0.0 if abs(x) < 1e-9 else x for x in (left, right))  # no -0
    return f"kink: slope {left:.4g} from the left, {right:.4g} from the right"


def compare_at(
    label: str, analytic: float, function: Callable[[float], float], x: float
) -> Comparison:
    """Compare an analytic derivative at x with a numeric one, kinks told apart."""
    numeric, error = min(
        (ridders(function, x, step) for step in FIRST_STEPS), key=lambda pair: pair[1]
    )
    scale = max(abs(analytic), abs(numeric))
    relative = abs(analytic - numeric) / scale if scale > 1e-12 else 0.0
    finite = np.isfinite([analytic, numeric]).all()
    if finite and relative <= TOLERANCE:
        return Comparison(label, analytic, numeric, relative, ok=True)
    left, right = one_sided(function, x, -1.0), one_sided(function, x, 1.0)
    if not (finite and np.isfinite([left, right]).all()):
        here = "slope" if np.isfinite(function(x)) else "value"
        note = f"no finite {here} here; move the point"
        nan = float("nan")
        return Comparison(label, analytic, numeric, nan, ok=None, note=note)
    slack = UNEQUAL * max(abs(left), abs(right))
    if abs(left - right) > slack:
        low, high = sorted((left, right))
        inside, note = low - slack <= analytic <= high + slack, _slopes(left, right)
        return Comparison(label, analytic, numeric, relative, ok=inside, note=note)
    if error > 1e-4 * max(scale, 1e-8):
        note = f"finite differences are only good to {error:.1g} here"
        return Comparison(label, analytic, numeric, relative, ok=None, note=note)
    within = abs(analytic - numeric) <= max(3 * error, 1e-9)
    return Comparison(label, analytic, numeric, relative, ok=within)


def ridders(
    function: Callable[[float], float], x: float, step: float
) -> tuple[float, float]:
    """Return the derivative at x and an estimate of its error.

    Parameters
    ----------
    step : float
        The first step, relative to abs(x) or 0.1; smaller ones follow.
    """
    step *= max(abs(x), 0.1)
    best, error = float("nan"), float("inf")
    previous: list[float] = []
    for _ in range(ROUNDS):
        row = [(function(x + step) - function(x - step)) / (2 * step)]
        factor = STEP_RATIO**2
        for k, above in enumerate(previous):
            row.append((row[k] * factor - above) / (factor - 1))
            factor *= STEP_RATIO**2
            estimate = max(abs(row[k + 1] - row[k]), abs(row[k + 1] - above))
            if estimate <= error:
                best, error = row[k + 1], estimate
        previous = row
        step /= STEP_RATIO
    return best, error


def one_sided(
    function: Callable[[float], float], x: float, side: float, step: float = SIDE_STEP
) -> float:
    """Return the derivative from one side, by a second-order difference."""
    h = side * step * max(abs(x), 1.0)
    return (-3 * function(x) + 4 * function(x + h) - function(x + 2 * h)) / (2 * h)
