"""What a network with given weights answers, by its own graph and no script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.errors import TutorError
from gradtutor.evaluate import node_values
from gradtutor.exports.onnx.reading import MARK
from gradtutor.gates import Shape, show_shape
from gradtutor.graph import Graph, inputs, network_of, topological_order
from gradtutor.language import parse_formula
from gradtutor.messages import tr
from gradtutor.train.run_folder import network_with
from gradtutor.train.weights import own_arrays

#: How many examples are worked out at once: windows of images take memory.
ROWS = 256


class ExamplesError(TutorError):
    """Examples that do not fit a network; the message has both shapes."""


def predictions(text: str, weights: Mapping[str, Any], X: ArrayLike) -> np.ndarray:
    """Return a network's answers to examples.

    Parameters
    ----------
    text : str
        A network's, or that of a model of ONNX.
    weights : mapping
        Its arrays, by its own names, PyTorch's or Keras's.
    X : array_like, (N, ...)
        Examples first, as everyone has them.

    Returns
    -------
    ndarray, (N, ...)
        Examples first; float64.

    Raises
    ------
    ExamplesError
        When X has another shape than the network's input.
    """
    if text.startswith(MARK):
        graph = parse_formula(text)
        answer, arrays = graph.graph["output"], dict(weights)
    else:
        graph = network_with(text, weights)
        answer, arrays = (
            network_of(graph)["prediction"],
            own_arrays(graph, weights),
        )
    needed = set(topological_order(graph, [answer]))
    name = _examples(graph, needed, arrays)
    known = {key: np.asarray(array, float) for key, array in arrays.items()}
    examples = np.asarray(X, float)
    _check(examples, graph.nodes[name]["shape"])
    found = [
        _first(node_values(graph, {**known, name: part}, [answer])[answer],
               graph.nodes[answer]["shape"])
        for part in _parts(examples, graph.nodes[name]["shape"])
    ]  # fmt: skip
    return np.concatenate(found)


def _examples(graph: Graph, needed: set[str], arrays: Mapping[str, Any]) -> str:
    """Return the name of the input that takes the examples."""
    free = [
        name
        for name in inputs(graph)
        if name in needed and name not in arrays and "value" not in graph.nodes[name]
    ]
    if len(free) != 1:
        raise ExamplesError(
            tr("the network takes {names}: one input is here", names=", ".join(free))
        )
    return free[0]


def _check(examples: np.ndarray, shape: Shape) -> None:
    sizes = tuple(size for size in shape if size != "N")
    if examples.shape[1:] != sizes or not len(examples):
        raise ExamplesError(
            tr(
                "X is {shape}, the network takes {wanted}",
                shape=show_shape(examples.shape),
                wanted=show_shape(("N", *sizes)),
            )
        )


def _parts(examples: np.ndarray, shape: Shape) -> Iterator[np.ndarray]:
    """Yield some examples after the other, their axis where the graph has it."""
    for start in range(0, len(examples), ROWS):
        yield np.moveaxis(examples[start : start + ROWS], 0, shape.index("N"))


def _first(array: np.ndarray, shape: Shape) -> np.ndarray:
    return np.moveaxis(array, shape.index("N"), 0)
