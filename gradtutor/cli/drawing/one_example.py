"""render NET --data NAME: the picture of one example on its way through a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from gradtutor.cli.arguments import read_text
from gradtutor.cli.drawing.options import RenderOptions
from gradtutor.cli.session import Session
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.graph import Graph


def one_example(
    run: Session, expression: str, point: dict[str, Any], options: RenderOptions
) -> dict[str, Any]:
    """Return the values of a picture with --data; what --at gives goes before them."""
    text = read_text(expression)
    made = example_point(text, options.dataset or "", options.weights, run.seed or 0)
    return made | point


def example_point(
    text: str, dataset: str, weights: Path | None, seed: int
) -> dict[str, Any]:
    """Return the first example of the data, its label, and the network's weights.

    The weights are those of a run or a file, else the first ones of a training.
    """
    from gradtutor.graph import has_network
    from gradtutor.language import parse
    from gradtutor.train import data_for

    graph = parse(text)
    if not has_network(graph):
        raise click.UsageError(
            tr("--data shows an example of a network: a formula takes --at")
        )
    X, y = data_for(dataset, text).arrays()
    point = {"X": _row(graph, "X", X[:1]), "y": _row(graph, "y", y[:1])}
    return point | _weights(graph, weights, seed)


def _row(graph: Graph, name: str, row: np.ndarray) -> np.ndarray:
    """Return one example in the shape that the network has it in: N is 1."""
    shape = [1 if isinstance(n, str) else n for n in graph.nodes[name]["shape"]]
    return np.asarray(row, np.float64).reshape(shape)


def _weights(graph: Graph, path: Path | None, seed: int) -> dict[str, np.ndarray]:
    from gradtutor.graph import weights
    from gradtutor.render.page.training.starts import start_values
    from gradtutor.train.answering import find_weights
    from gradtutor.train.weights import own_arrays, read_weights

    names = weights(graph)
    if path is None:
        return start_values(graph, names, seed)
    arrays = own_arrays(graph, read_weights(find_weights(path)))
    return {name: np.asarray(arrays[name], np.float64) for name in names}
