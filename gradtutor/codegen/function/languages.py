"""The languages that a function can be written in, by name and by a file's suffix."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gradtutor.calculus.composites import composites, open_gates
from gradtutor.codegen.function.compiled import c_function, javascript_function
from gradtutor.codegen.function.lines import Function, function_lines
from gradtutor.codegen.function.python import (
    jax_function,
    numpy_function,
    torch_function,
)
from gradtutor.codegen.function.tensors_javascript import tensors_javascript
from gradtutor.gates import GATES, Structural
from gradtutor.graph import Graph

WRITERS: dict[str, Callable[[Function], str]] = {
    "numpy": numpy_function,
    "jax": jax_function,
    "torch": torch_function,
    "c": c_function,
    "js": javascript_function,
}


def function_text(
    graph: Graph, wrt: Sequence[str], language: str, ties: str = "torch"
) -> str:
    """Return a file with a function of the inputs: its value and its gradient.

    Raises
    ------
    NoTextError
        When the language has no text for the formula.
    """
    if language == "js" and has_tensors(graph):
        return tensors_javascript(graph, wrt, ties)
    if language in ("torch", "c", "js"):
        graph = opened_losses(graph)
    return WRITERS[language](function_lines(graph, wrt, ties))


def has_tensors(graph: Graph) -> bool:
    """Whether any value is no number."""
    return any(shape for _, shape in graph.nodes(data="shape"))


def opened_losses(graph: Graph) -> Graph:
    """Return the graph with the losses opened that other texts have no name for."""
    gates = {data["gate"] for _, data in graph.nodes(data=True)}
    own = {"softmax", "logsumexp", "solve", "trace", "logdet", "cofactor", "index"}
    losses = [
        name
        for name in gates & set(composites()) - own
        if isinstance(GATES[name], Structural)
    ]
    return open_gates(graph, losses) if losses else graph
