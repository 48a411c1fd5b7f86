"""Expressions in our language: read once, evaluated at many points in float64.

>>> constant("2*exp(0) + 1")
3.0
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from gradtutor.evaluate.values import Array, node_values
from gradtutor.gates import COPY, GATES, LEAVES, Pointwise, Shape
from gradtutor.graph import Graph, inputs
from gradtutor.language import SourceError, near, parse_formula
from gradtutor.language.errors import UnknownNameError
from gradtutor.messages import tr


@dataclass(frozen=True)
class Expression:
    """An expression that was read.

    Attributes
    ----------
    text : str
        As it was written.
    graph : Graph
        Its gates.
    scalar : bool
        Whether all gates are pointwise, so that many points go through at once.
    """

    text: str
    graph: Graph
    scalar: bool

    @property
    def variables(self) -> list[str]:
        """The names that it depends on."""
        return inputs(self.graph)


def read_expression(
    text: str, names: Iterable[str], shapes: Mapping[str, Shape] | None = None
) -> Expression:
    """Read an expression in these variables.

    Parameters
    ----------
    names : iterable of str
        The variables that there are.
    shapes : mapping, optional
        Shapes of those that are tensors.

    Raises
    ------
    gradtutor.SourceError
        With a caret: it is no formula, or has a variable that is not there.
    """
    expression = _read(text, tuple(sorted((shapes or {}).items())))
    known = list(names)
    for name in expression.variables:
        data = expression.graph.nodes[name]
        if name not in known and data.get("value") is None:
            hint = near(name, known) if known else ""
            hint = (
                hint or tr("use {names}", names=", ".join(known))
                if known
                else tr("use numbers only")
            )
            message = tr("{name} is no variable of this question", name=name)
            raise UnknownNameError(message, text, data["span"], hint)
    return expression


def read_related(
    text: str,
    names: Iterable[str],
    where: Mapping[str, str] | None,
    shapes: Mapping[str, Shape] | None = None,
) -> Expression:
    """Read an expression whose variables hang together.

    Parameters
    ----------
    where : mapping or None
        Variables that stand for others, each with its formula: ``a3: sigmoid(z3)``.
        An answer may be written in either; the expression that comes back has only
        those that are free.
    """
    known = list(names)
    alone = read_expression(text, known, shapes)
    used = [name for name in where or {} if name in alone.variables]
    if not where or not used:
        return alone
    stated = "; ".join([*(f"{name} = {where[name]}" for name in used), text])
    return read_expression(stated, known, shapes)


@lru_cache(maxsize=4096)
def _read(text: str, shapes: tuple[tuple[str, Shape], ...]) -> Expression:
    graph = parse_formula(text, dict(shapes))
    pointwise = all(
        data["gate"] in (*LEAVES, COPY)
        or isinstance(GATES.get(data["gate"]), Pointwise)
        for _, data in graph.nodes(data=True)
    )
    lists = any(np.ndim(data.get("value", 0)) for _, data in graph.nodes(data=True))
    return Expression(text, graph, pointwise and not shapes and not lists)


def evaluate(expression: Expression, points: Mapping[str, Array]) -> Array:
    """Return the values at many points.

    Parameters
    ----------
    points : mapping from str to array
        Each variable's values, the points along the first axis.

    Returns
    -------
    array, shape (points, ...)
        nan and infinities where it has no value.

    Raises
    ------
    gradtutor.graph.ShapeError, ValueError
        When tensors do not fit.
    """
    count = len(next(iter(points.values()))) if points else 1
    output = expression.graph.graph["output"]
    if expression.scalar:
        found = node_values(expression.graph, points, [output])[output]
        return np.broadcast_to(found, (count,))
    rows = [
        node_values(
            expression.graph, {name: points[name][n] for name in points}, [output]
        )[output]
        for n in range(count)
    ]
    return np.asarray(rows)


def constant(text: str) -> float:
    """Compute an expression of numbers, such as ``1/3`` or ``exp(-2)``.

    Raises
    ------
    gradtutor.SourceError
        When it is no formula, or has names in it.
    """
    expression = read_expression(text, ())
    value = evaluate(expression, {})
    if value.size != 1:
        raise SourceError(tr("this must be one number"), text, (0, len(text)))
    return float(value.reshape(-1)[0])
