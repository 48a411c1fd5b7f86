"""Run a graph in float64, one gate's text at a time: every wire keeps its value.

>>> from gradtutor.language import parse
>>> float(node_values(parse("(x + y)*z"), {"x": -2, "y": 5, "z": -4})["mul.4"])
-12.0
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradtutor.codegen import numpy_text
from gradtutor.codegen.runtime import RUNTIME
from gradtutor.errors import TutorError
from gradtutor.gates import COPY, GATES, Pointwise, Structural
from gradtutor.graph import Graph, NodeData, arguments, node_data, topological_order
from gradtutor.messages import tr

Array = NDArray[np.float64]

#: Everything the text of a gate can name.
NAMES: dict[str, Any] = {"math": math, "np": np} | RUNTIME


#: Gates that are a formula of numbers.
POINTWISE = {name for name, gate in GATES.items() if isinstance(gate, Pointwise)}


class MissingValueError(TutorError):
    """An input that was given no value; ``name`` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(tr("{name} has no value", name=name))
        self.name = name


class LabelError(TutorError):
    """A class label that is no class: below 0, or not below the number of scores."""


@cache
def compiled(gate: str, attrs: tuple[tuple[str, Any], ...]) -> Callable[..., Any]:
    """Compile a gate's own text from the table; no user text ever comes here."""
    text = f"lambda a, b=None, c=None, d=None: {numpy_text(gate, dict(attrs))}"
    function: Callable[..., Any] = eval(text, NAMES)
    if gate == "one_hot":  # a mask in scripts; a number here, which can be negated
        return lambda *args: function(*args) * 1.0
    return _or_nan(function) if "np.linalg." in text else function


def _or_nan(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that answers nan where NumPy raises: a singular matrix."""

    def apply(*args: Any) -> Any:
        try:
            return function(*args)
        except np.linalg.LinAlgError:
            return np.full(np.shape(args[-1]), np.nan)

    return apply


def node_values(
    graph: Graph, given: Mapping[str, ArrayLike], targets: Iterable[str] | None = None
) -> dict[str, Array]:
    """Compute the value of every node, or of all that the targets need.

    Parameters
    ----------
    given : mapping from str to array_like
        A value for each input that the text itself gives none.

    Raises
    ------
    MissingValueError
        At the first input without a value.
    LabelError
        When a class label is not a whole number from 0 to K - 1.
    """
    values: dict[str, Array] = {}
    with np.errstate(all="ignore"):  # nan and infinity are values here, reported later
        for node in topological_order(graph, targets):
            data = node_data(graph, node)
            gate = data["gate"]
            if gate == COPY:
                (source,) = arguments(graph, node)
                values[node] = values[source]
            elif gate in POINTWISE:  # nearly all of a large circuit
                args = [values[arg] for arg in arguments(graph, node)]
                values[node] = np.asarray(compiled(gate, ())(*args), np.float64)
            elif gate == "input":
                values[node] = _input_value(node, data, given)
            elif gate == "number":
                values[node] = np.asarray(data["value"], dtype=np.float64)
            else:
                args = [values[arg] for arg in arguments(graph, node)]
                values[node] = _structural(gate, data["attrs"], args)
    return values


def _structural(gate: str, attrs: Mapping[str, Any], args: list[Array]) -> Array:
    _check_labels(gate, args)
    try:
        found = compiled(gate, tuple(attrs.items()))(*args)
    except IndexError as error:
        raise LabelError(f"{gate}: {error}") from None
    return np.asarray(found, dtype=np.float64)


def _check_labels(gate: str, args: list[Array]) -> None:
    """Refuse what NumPy would take as an index: -1 is its last class, 0.5 its first."""
    entry = GATES.get(gate)
    if not isinstance(entry, Structural) or entry.labels is None:
        return
    labels, scores = args[entry.labels], args[1 - entry.labels]
    classes = scores.shape[-1]
    wrong = labels[~np.isin(labels, np.arange(classes))]
    if wrong.size:
        raise LabelError(
            tr(
                "{gate}: {label:g} is no class: with {classes} scores, labels are "
                "whole numbers from 0 to {last}",
                gate=gate,
                label=wrong.flat[0],
                classes=classes,
                last=classes - 1,
            )
        )


def _input_value(node: str, data: NodeData, given: Mapping[str, ArrayLike]) -> Array:
    value = given.get(node, data.get("value"))
    if value is None:
        raise MissingValueError(node)
    return np.asarray(value, dtype=np.float64)
