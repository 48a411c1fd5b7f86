"""Check gradients against slopes found without derivatives, input by input.

>>> from gradtutor.language import parse
>>> [row.ok for row in check_gradients(parse("x*y"), {"x": 2, "y": 3})]
[True, True]
>>> [row.ok for row in check_gradients(parse("x - 1e15"), {"x": 1})]
[True]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
from numpy.typing import ArrayLike

from gradtutor.evaluate.numeric.comparison import (
    Claim,
    Comparison,
    judge_by_differences,
)
from gradtutor.evaluate.numeric.differences import estimate
from gradtutor.evaluate.numeric.direction import along
from gradtutor.evaluate.numeric.verdict import Gradient, judge
from gradtutor.evaluate.numeric.witness import Index, Witness, gradient_in_digits
from gradtutor.evaluate.precise import pointwise_number
from gradtutor.evaluate.trace import Trace, run
from gradtutor.evaluate.values import Array, node_values
from gradtutor.gates import COPY, GATES, LEAVES, Pointwise, Structural
from gradtutor.graph import (
    Graph,
    arguments,
    dependents,
    inputs,
    is_index,
    node_data,
    node_gate,
)

SAMPLES = 12  # elements of a tensor that are checked
FLOOR = 1e-6  # beside a tensor's largest gradient, where only differences are at hand
#: Numbers of a graph whose gates are compared with their formulas, one by one.
COMPARED = 2000


def check_gradients(
    graph: Graph,
    given: Mapping[str, ArrayLike],
    ties: str = "torch",
    go_on: Callable[[int, int], bool] = lambda done, of: True,
) -> list[Comparison]:
    """Compare every input's analytic gradient with slopes found numerically.

    Parameters
    ----------
    graph : Graph
        A graph with one output; a tensor output is summed.
    given : mapping from str to array_like
        A value for every input. Of a large tensor, 12 elements are checked, and of
        labels none.
    go_on : callable
        Told before each number how many are done, of how many; False ends the check
        with those. One number of every input comes first, those near the output
        before the others; inputs without any are checked together, along a direction.
    """
    checked = _Checked(run(graph, given, ties))
    names = [
        name
        for name in inputs(checked.trace.graph, "input", "parameter")
        if not is_index(graph, name)
    ]
    wanted = [(name, _sampled(np.shape(checked.trace.values[name]))) for name in names]
    order = [
        (turn, at, name, index)
        for at, (name, indices) in enumerate(wanted)
        for turn, index in enumerate(indices)
    ]
    cost = checked.witness.rough.lines_from(names)
    found: dict[tuple[int, int], Comparison] = {}
    for turn, at, name, index in sorted(order, key=lambda one: (one[0], cost[one[2]])):
        if not go_on(len(found), len(order)):
            break
        found[at, turn] = judge(checked.gradient(name, index))
    left = [name for at, name in enumerate(names) if (at, 0) not in found]
    rows = [found[key] for key in sorted(found)]
    return [*_decided(checked, names, found, rows), *checked.together(left)]


def _decided(
    checked: _Checked,
    names: list[str],
    found: Mapping[tuple[int, int], Comparison],
    rows: list[Comparison],
) -> list[Comparison]:
    """Judge a tensor whole, along a direction, where one of its numbers is undecided.

    A slope that is small beside the loss's rounding is one: that along all of the
    tensor's numbers is larger.
    """
    for at in {at for (at, _), row in found.items() if row.ok is None}:
        name = names[at]
        whole = checked.together([name]) if checked.point[name].ndim else []
        unsure = [
            row for (one, _), row in found.items() if one == at and row.ok is None
        ]
        if whole:
            place = rows.index(unsure[0])
            rows = [row for row in rows if row not in unsure]
            rows[place:place] = whole
    return rows


#: Beside the largest slope of all: what is rounding of 0, and how well a 0 is known.
ROUNDING, NAUGHT = 1e-14, 1e-11


def _sampled(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the indices to check: all of a small tensor, some of a large one."""
    indices = list(np.ndindex(*shape))
    if len(indices) <= SAMPLES:
        return indices
    chosen = np.random.default_rng(0).choice(len(indices), SAMPLES, replace=False)
    return [indices[i] for i in sorted(chosen)]


class _Checked:
    """A trace, and what its gradients are judged by, found out when asked for."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.point = {name: trace.values[name] for name in inputs(trace.graph)}
        self.witness = Witness(trace.graph, self.point)
        self._in_digits: dict[str, Any] = {}

    def gradient(self, name: str, index: Index) -> Gradient:
        """Return one partial derivative, to be judged."""
        tensor = self.trace.node_gradients[name]
        label = f"{name}[{','.join(map(str, index))}]" if index else name
        floor = self._floor(tensor) if index else 0.0
        return Gradient(
            Claim(label, float(tensor[index]), floor),
            self.witness,
            name,
            index,
            lambda: self._digits(name, index),
            lambda: self._faithful,
            is_tied=self._is_tied(name),
            behind=lambda: self._behind(name, index),
        )

    def _is_tied(self, name: str) -> bool:
        """Whether an input reaches a gate at its own kink."""
        tied = self._tied
        return bool(tied) and not tied.isdisjoint(dependents(self.trace.graph, [name]))

    def _behind(self, name: str, index: Index) -> float:
        """Return what float64 makes of a gradient where the output overflows."""
        backward = self.trace.backward
        node = backward.of_node.get(name)
        if node is None:
            return 0.0
        found = node_values(backward.graph, self.point, [node])[node]
        return float(np.broadcast_to(found, self.point[name].shape)[index])

    def _floor(self, tensor: Any) -> float:
        """Return the error that passes: beside the tensor's own largest slope.

        Of a tensor whose slopes are all rounding of 0, as those of a bias before a
        normalisation, beside the largest slope of any.
        """
        own = float(np.max(abs(tensor)))
        return FLOOR * own if own > ROUNDING * self._largest else NAUGHT * self._largest

    @cached_property
    def _largest(self) -> float:
        """The largest slope of any input."""
        slopes = self.trace.node_gradients
        found = (slopes[name] for name in self.point if name in slopes)
        sizes = (float(np.max(abs(one))) for one in found if np.size(one))
        return max((one for one in sizes if np.isfinite(one)), default=0.0)

    def together(self, names: list[str]) -> list[Comparison]:
        """Compare the gradients of several inputs along one direction."""
        wanted = {name: self.trace.node_gradients[name] for name in names}
        found = along(self.witness, wanted) if wanted else None
        return [] if found is None else [found]

    def _digits(self, name: str, index: Index) -> Any:
        """Evaluate the gates of a gradient in many digits."""
        node = self.trace.backward.of_node.get(name)
        if node is None:
            return mpmath.mpf(0)
        if name not in self._in_digits:
            graph = self.trace.backward.graph
            self._in_digits[name] = gradient_in_digits(graph, node, self.point)
        found = self._in_digits[name]
        return found[index] if isinstance(found, np.ndarray) else found

    @cached_property
    def _tied(self) -> set[str]:
        """The gates that stand at their own kink."""
        graph, values = self.trace.graph, self.trace.values
        return {node for node in graph if _is_at_kink(graph, values, node)}

    @cached_property
    def _faithful(self) -> bool:
        """Whether every gate's text gives, in float64, what its formula says."""
        graph = self.trace.backward.graph
        values = node_values(graph, self.point)
        return all(
            _is_accurate(data["gate"], [values[a] for a in arguments(graph, node)], x)
            for node, x in values.items()
            for data in [node_data(graph, node)]
            if data["gate"] not in LEAVES and data["gate"] != COPY
        )


def _is_at_kink(graph: Graph, values: Mapping[str, Array], node: str) -> bool:
    """Whether a gate stands at its own kink, or where its gradient is clamped."""
    gate = GATES.get(node_gate(graph, node))
    args = [values[arg] for arg in arguments(graph, node)]
    if isinstance(gate, Structural):
        return gate.clamps is not None and gate.clamps(*args)
    if gate is None or gate.kink is None:
        return False
    other = args[1] if gate.kink.at.args[1].free_symbols else np.float64(0)
    return bool(np.any(args[0] == other))


def _is_accurate(name: str, args: list[Array], found: Array) -> bool:
    """Whether a pointwise gate's numbers are its formula's, but for rounding."""
    if not isinstance(GATES[name], Pointwise) or found.size > COMPARED:
        return True
    columns = np.broadcast_arrays(*args, found)
    with mpmath.workdps(30):
        return all(_is_close(name, row) for row in zip(*map(np.ravel, columns)))  # noqa: B905


def _is_close(name: str, row: tuple[Any, ...]) -> bool:
    *args, found = map(float, row)
    exact = float(pointwise_number(name)(*map(mpmath.mpf, args)))
    if exact == found or not np.isfinite([exact, found]).all():
        return True
    slack = 1e-12 * max(1.0, *map(abs, args))
    return abs(exact - found) <= 1e-9 * abs(exact) + slack


def compare_at(
    label: str, analytic: float, function: Callable[[float], float], x: float
) -> Comparison:
    """Compare an analytic derivative at x with finite differences of any function."""
    found = estimate(lambda xs: [function(float(one)) for one in xs], x)
    return judge_by_differences(Claim(label, analytic), found)
