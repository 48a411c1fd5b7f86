"""What a formula answers for new examples: the values from which its loss is made."""

from __future__ import annotations

from gradtutor.gates import COPY
from gradtutor.graph import (
    Graph,
    dependents,
    inputs,
    operands,
    origin,
    topological_order,
)
from gradtutor.language.errors import ArgumentError
from gradtutor.messages import tr

#: Names by which a line says that it is the answer.
ANSWERS = ("prediction", "answer", "y_hat", "yhat", "pred", "output", "logits")
#: Losses of two sides, by their gates, and what a formula's loss is for the data.
SIDES = {
    "cross_entropy": "cross_entropy",
    "nll_loss": "nll_loss",
    "svm_loss": "svm_loss",
    "bce_with_logits": "bce_with_logits",
    "binary_cross_entropy": "binary_cross_entropy",
}
#: Of these the classes are counted.
COUNTED = ("cross_entropy", "nll_loss", "svm_loss")


def find_answer(graph: Graph, has_target: bool, text: str) -> tuple[str, str, int]:
    """Return the answer's node, the kind of its loss, and how many classes it has.

    A line called ``prediction`` or the like is the answer; else what the target is
    compared with; else the last value of each example that has a name.

    Raises
    ------
    ArgumentError
        When nothing is computed for each example.
    """
    kind, sides = _compared(graph) if has_target else ("", [])
    node = _named(graph) or (sides[0] if sides else "") or _last(graph, has_target)
    if not node:
        span = graph.nodes[graph.graph["output"]]["span"] or (0, 1)
        message = tr("nothing is computed for each example")
        hint = tr("name what is predicted: prediction = x @ W")
        raise ArgumentError(message, text, span, hint)
    node = _with_name(graph, node)
    width = int(graph.nodes[node]["shape"][-1]) if kind in COUNTED else 0
    return node, kind or "formula", width


def _per_example(graph: Graph, node: str) -> bool:
    shape = graph.nodes[node]["shape"] or ()
    return any(isinstance(size, str) for size in shape[:1])


def _named(graph: Graph) -> str:
    return next((n for n in ANSWERS if n in graph and _per_example(graph, n)), "")


def _compared(graph: Graph) -> tuple[str, list[str]]:
    """Return the kind of loss that reads the target, and what it compares it with."""
    below = dependents(graph, ["y"])
    for node in topological_order(graph, [graph.graph["output"]]):
        gate = graph.nodes[node]["gate"]
        if node in below and gate not in (COPY, "reshape", "one_hot", "input"):
            sides = [arg for arg in operands(graph, node) if arg not in below]
            sides = [arg for arg in sides if _is_answer(graph, arg)]
            if sides:
                return _kind(graph, gate, node), [_with_a_name(graph, sides[0])]
    return "", []


def _with_a_name(graph: Graph, node: str) -> str:
    """Return the value with a name that a function is taken of: p of log(p)."""
    inner = origin(graph, node)
    while not graph.nodes[inner]["name"]:
        args = operands(graph, inner)
        if len(args) != 1 or not _is_answer(graph, args[0]):
            return node
        (inner,) = args
    return inner


def _is_answer(graph: Graph, node: str) -> bool:
    parameters = inputs(graph, "parameter")
    return _per_example(graph, node) and node in dependents(graph, parameters)


def _kind(graph: Graph, gate: str, node: str) -> str:
    """Return the loss's kind, as far as the data must know it."""
    labels = any(
        graph.nodes[one]["gate"] == "one_hot" and "y" in _leaves(graph, one)
        for one in operands(graph, node)
    )
    return "cross_entropy" if labels else SIDES.get(gate, "formula")


def _leaves(graph: Graph, node: str) -> set[str]:
    return {one for one in topological_order(graph, [node]) if one in ("X", "y")}


def _last(graph: Graph, has_target: bool) -> str:
    """Return the last value with a name that the target has no part in."""
    below = dependents(graph, ["y"]) if has_target else set()
    order = [
        node
        for node in topological_order(graph, [graph.graph["output"]])
        if node not in below
        and graph.nodes[node]["gate"] not in (COPY, "input", "number")
        and _is_answer(graph, node)
    ]
    named = [node for node in order if graph.nodes[node]["name"]]
    return (named or order or [""])[-1]


def _with_name(graph: Graph, node: str) -> str:
    """Give the answer a name, by which the script calls it."""
    node = origin(graph, node)
    if graph.nodes[node]["name"]:
        return node
    name = next(n for n in ("p", "z", "answer", "answer_") if n not in graph)
    graph.nodes[node]["name"] = name
    return node
