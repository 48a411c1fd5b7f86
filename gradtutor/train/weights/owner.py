"""Of which network a file of weights is, where it says so."""

from __future__ import annotations

import zipfile
from pathlib import Path

from gradtutor.graph import Graph, network_of, outline
from gradtutor.messages import tr
from gradtutor.train.weights.errors import WeightsError


def said_network(path: Path) -> str:
    """Return the outline that a training wrote beside its arrays; else nothing."""
    if path.suffix.lower() != ".npz" or not zipfile.is_zipfile(path):
        return ""
    with zipfile.ZipFile(path) as archive:
        return archive.comment.decode(errors="replace")


def other_network(path: Path, graph: Graph) -> str:
    """Say that weights are of another network than this graph; nothing where not.

    Parameters
    ----------
    graph : Graph
        The network as it answers.
    """
    said = said_network(path)
    own = outline(graph, network_of(graph)["prediction"])
    if said in ("", own):
        return ""
    return tr(
        "{name} is of another network, {said}; this one is {own}",
        name=path.name,
        said=said,
        own=own,
    )


def check_network(path: Path, graph: Graph) -> None:
    """Refuse weights that say they are of another network.

    Raises
    ------
    WeightsError
        Naming both.
    """
    words = other_network(path, graph)
    if words:
        raise WeightsError(words)
