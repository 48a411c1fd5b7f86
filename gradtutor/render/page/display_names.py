"""What values are called on a page, and formulas written in those names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtutor.calculus.symbols import output_name
from gradtutor.gates import COPY
from gradtutor.graph import Graph, copied, operands, origin, topological_order
from gradtutor.language.formula.unparse import ELLIPSIS, Text, node_text

#: Stands for argument 0, 1, 2 in a line whose numbers the page fills in.
PLACES = ("\ue000", "\ue001", "\ue002")
#: Longest gradient of a tensor that is written out.
FORMULA_WIDTH = 140


def display_names(graph: Graph) -> dict[str, str]:
    """Name every value: its own name, f for the output, or t1, t2, ... in order.

    >>> from gradtutor.language import parse
    >>> list(display_names(parse("exp(x*y) + 1")).values())
    ['x', 'y', 't1', 't2', '1', 'f']
    """
    names: dict[str, str] = {}
    taken = {data["name"] for _, data in graph.nodes(data=True)}
    count = 0
    for node in topological_order(graph):
        data = graph.nodes[node]
        if data["gate"] == "number":
            names[node] = data["text"]
        elif data["gate"] == COPY:
            names[node] = names[origin(graph, node)]
        elif data["name"] or node == graph.graph["output"]:
            names[node] = data["name"] or output_name(graph)
        else:
            count += 1
            while f"t{count}" in taken:
                count += 1
            names[node] = f"t{count}"
    return names


def written(graph: Graph, node: str, known: dict[str, Text]) -> str:
    """Write a node in terms of the known ones."""
    texts = dict(known)
    stack = [node]
    while stack:
        item = stack[-1]
        args = operands(graph, item)
        waiting = [] if item in texts else [arg for arg in args if arg not in texts]
        if waiting:
            stack += waiting
            continue
        stack.pop()
        if item not in texts:
            text = node_text(graph, item, [texts[arg] for arg in args])
            short = len(text.text) <= 2 * FORMULA_WIDTH
            texts[item] = text if short else Text(ELLIPSIS)
    return texts[node].text


def with_products(graph: Graph) -> Graph:
    """Return a backward graph to be written: ``routed`` is × but beside infinity."""
    made = copied(graph)
    for node in made.nodes:
        if made.nodes[node]["gate"] == "routed":
            made.nodes[node]["gate"] = "mul"
    return made


def operation_text(graph: Graph, node: str, names: Mapping[str, str]) -> str:
    """Write what a gate computes, from its arguments' names."""
    if graph.nodes[node]["gate"] == COPY:
        return names[node]
    args = operands(graph, node)
    given = [_number(graph, arg) or Text(names[arg]) for arg in args]
    return node_text(graph, node, given).text


def operation_parts(graph: Graph, node: str) -> list[Any]:
    """Cut an operation into words and argument positions, for its numbers.

    >>> from gradtutor.language import parse
    >>> operation_parts(parse("f = x*y + 2"), "f")
    ['', 0, ' + 2']
    """
    if graph.nodes[node]["gate"] == COPY:
        return []
    args = operands(graph, node)
    pairs = zip(args, PLACES, strict=False)
    given = [_number(graph, arg) or Text(place) for arg, place in pairs]
    parts: list[Any] = [""]
    for letter in node_text(graph, node, given).text:
        if letter in PLACES:
            parts += [PLACES.index(letter), ""]
        else:
            parts[-1] += letter
    return [_typeset(part) if isinstance(part, str) else part for part in parts]


def _number(graph: Graph, node: str) -> Text | None:
    is_number = graph.nodes[node]["gate"] == "number"
    return node_text(graph, node, []) if is_number else None


def _typeset(text: str) -> str:
    """Write products and powers as a formula does."""
    return text.replace("**", "^").replace("*", " × ").replace("/", " / ")
