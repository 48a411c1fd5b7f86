r"""Three ways to a gradient side by side: symbolic, numeric, reverse mode.

>>> from gradtutor.language import parse
>>> found = three_ways(parse("x*y"), {"x": 2, "y": 3})
>>> found.rows[0].symbolic, round(found.rows[0].numeric, 9), found.rows[0].reverse
(3.0, 3.0, 3.0)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.calculus import backward_graph
from gradtutor.calculus.closed_form import derivative_text
from gradtutor.errors import TutorError
from gradtutor.evaluate.report import error_text
from gradtutor.evaluate.values import node_values
from gradtutor.gates import COPY, LEAVES
from gradtutor.graph import Graph, inputs, json_number, topological_order
from gradtutor.language import parse_formula
from gradtutor.messages import mark, tr
from gradtutor.messages.cells import aligned, padded

#: The step of the numeric way, and the steps of the table.
STEP = 1e-4
STEPS = tuple(10.0**-k for k in range(1, 16))


class TensorError(TutorError):
    """A formula of tensors, whose derivative by one number is asked for."""


@dataclass(frozen=True)
class ThreeWays:
    """One input's derivative, three times."""

    name: str
    formula: str
    symbolic: float
    numeric: float
    reverse: float


@dataclass(frozen=True)
class Error:
    """How far finite differences are off at one step h.

    Attributes
    ----------
    rounding : float
        What the last digit of the formula's values alone may make up of them.
    """

    step: float
    forward: float
    central: float
    rounding: float


@dataclass(frozen=True)
class Comparison:
    """The rows, what each way costs for all of them, and the errors as h shrinks.

    Attributes
    ----------
    gates : tuple of int
        Gates visited: by the formulas, by forward differences, by reverse mode.
    evaluations : int
        Evaluations of the formula that forward differences take.
    errors : dict
        By input, one for each step.
    """

    rows: tuple[ThreeWays, ...]
    gates: tuple[int, int, int]
    evaluations: int
    errors: dict[str, tuple[Error, ...]]


def three_ways(
    graph: Graph,
    point: Mapping[str, ArrayLike],
    wrt: Iterable[str] | None = None,
    ties: str = "torch",
) -> Comparison:
    """Differentiate a formula of numbers at a point in three ways.

    Raises
    ------
    TensorError
        When a value of the formula is a tensor.
    """
    if any(shape not in ((), None) for _, shape in graph.nodes(data="shape")):
        raise TensorError(tr("--ways takes a formula of numbers, not of tensors"))
    names = list(inputs(graph) if wrt is None else wrt)
    backward = backward_graph(graph, wrt=names, ties=ties)
    slopes = [backward.of_node[name] for name in names if name in backward.of_node]
    values = node_values(backward.graph, point, [graph.graph["output"], *slopes])
    rows, errors, formula_gates = [], {}, 0
    for name in names:
        slope = backward.of_node.get(name)
        formula = "0" if slope is None else derivative_text(backward.graph, slope)
        symbolic, gates = _evaluated(formula, point)
        formula_gates += gates
        reverse = 0.0 if slope is None else float(values[slope])
        moved, x = _function(graph, point, name), float(_given(graph, point, name))
        numeric = (moved(x + STEP) - moved(x)) / STEP
        rows.append(ThreeWays(name, formula, symbolic, numeric, reverse))
        errors[name] = tuple(_error(moved, x, h, reverse) for h in STEPS)
    forward = _gates(graph, [graph.graph["output"]])
    visited = _gates(backward.graph, [graph.graph["output"], *slopes])
    count = len(names) + 1
    gates_ = (formula_gates, count * forward, visited)
    return Comparison(tuple(rows), gates_, count, errors)


def _gates(graph: Graph, targets: list[str]) -> int:
    """Count the gates that these nodes need."""
    kinds = (graph.nodes[node]["gate"] for node in topological_order(graph, targets))
    return sum(kind not in (*LEAVES, COPY) for kind in kinds)


def _evaluated(formula: str, point: Mapping[str, ArrayLike]) -> tuple[float, int]:
    """Return a formula's value, and the gates it takes."""
    graph = parse_formula(formula)
    output = graph.graph["output"]
    return float(node_values(graph, point)[output]), _gates(graph, [output])


def _given(graph: Graph, point: Mapping[str, ArrayLike], name: str) -> float:
    return float(np.asarray(point.get(name, graph.nodes[name].get("value"))))


def _function(
    graph: Graph, point: Mapping[str, ArrayLike], name: str
) -> Callable[[float], float]:
    """Return the formula as a function of one input."""
    output = graph.graph["output"]
    return lambda x: float(node_values(graph, {**point, name: x}, [output])[output])


def _error(
    function: Callable[[float], float], x: float, h: float, exact: float
) -> Error:
    above, here, below = function(x + h), function(x), function(x - h)
    forward, central = (above - here) / h, (above - below) / (2 * h)
    rounding = math.ulp(max(abs(above), abs(here), abs(below))) / h
    return Error(h, abs(forward - exact), abs(central - exact), rounding)


def ways_json(found: Comparison) -> dict[str, Any]:
    """Return the comparison for other programs."""
    rows = [
        {"wrt": row.name, "formula": row.formula, "symbolic": json_number(row.symbolic)}
        | {"numeric": json_number(row.numeric), "reverse": json_number(row.reverse)}
        for row in found.rows
    ]
    symbolic, numeric, reverse = found.gates
    costs = {
        "symbolic": {"formulas": len(rows), "gates": symbolic},
        "numeric": {"evaluations": found.evaluations, "gates": numeric},
        "reverse": {"passes": 2, "gates": reverse},
    }
    errors = {
        name: [
            {"h": e.step, "forward": json_number(e.forward)}
            | {"central": json_number(e.central)}
            for e in each
        ]
        for name, each in found.errors.items()
    }
    return {"step": STEP, "ways": rows, "costs": costs, "errors": errors}


#: One and many of what is counted.
COUNTED = {
    "formula": (mark("{count} formula"), mark("{count} formulas")),
    "gate": (mark("{count} gate"), mark("{count} gates")),
    "input": (mark("{count} input"), mark("{count} inputs")),
    "evaluation": (
        mark("{count} evaluation of the formula"),
        mark("{count} evaluations of the formula"),
    ),
}


def ways_text(found: Comparison) -> str:
    """Write the comparison for a terminal."""
    width = max([8, *(len(row.name) for row in found.rows)])
    head = (
        f"  {padded(tr('input'), width)} {aligned(tr('symbolic'), 14)} "
        f"{aligned(tr('numeric'), 16)} {aligned(tr('reverse mode'), 14)}"
    )
    rows = [
        f"  {row.name:<{width}} {row.symbolic:>14.10g} {row.numeric:>16.10g} "
        f"{row.reverse:>14.10g}"
        for row in found.rows
    ]
    many, (formulas, numeric, reverse) = len(found.rows), found.gates
    costs = [
        f"  {padded(tr('symbolic'), 12)}  {_many(many, 'formula')}, "
        f"{_many(formulas, 'gate')}",
        f"  {padded(tr('numeric'), 12)}  {_many(found.evaluations, 'evaluation')}, "
        f"{_many(numeric, 'gate')}",
        f"  {padded(tr('reverse mode'), 12)}  {tr('1 pass forward, 1 back for all')}, "
        f"{_many(reverse, 'gate')}",
    ]
    lines = [
        tr("The gradient in three ways (numeric: forward differences, h = 0.0001)"),
        head,
    ]
    lines += [
        *rows,
        "",
        tr("What they cost for {many}", many=_many(many, "input")),
        *costs,
    ]
    for name, errors in found.errors.items():
        lines += ["", *_error_lines(name, errors)]
    return "\n".join(lines)


def _many(count: int, word: str) -> str:
    return tr(COUNTED[word][count != 1], count=count)


def _error_lines(name: str, errors: tuple[Error, ...]) -> list[str]:
    """Write the table of errors, the smallest ones marked."""
    columns = [_column(errors, way) for way in ("forward", "central")]
    lines = [
        tr("Error of the numeric derivative by {name} as h shrinks", name=name),
        f"  {'h':<7} {'(f(x+h)-f(x))/h':>18} {'(f(x+h)-f(x-h))/2h':>22}",
    ]
    for e, forward, central in zip(errors, *columns, strict=True):
        lines.append(f"  {e.step:<7.0e} {forward:>18} {central:>22}".rstrip())
    return [
        *lines,
        tr("  * smallest. Above it truncation: the error falls with h, or with h²."),
        tr("  Below it rounding: f has 16 digits, and the error grows with 1/h."),
    ]


def _column(errors: tuple[Error, ...], way: str) -> list[str]:
    """Write one column: what rounding makes up as a bound, the smallest marked."""
    known = [
        (max(getattr(e, way), 10 * e.rounding), -e.step)
        for e in errors
        if math.isfinite(getattr(e, way))
    ]
    best = -min(known)[1] if known else math.nan
    return [
        f"{error_text(getattr(e, way), e.rounding)} {'*' if e.step == best else ' '}"
        for e in errors
    ]
