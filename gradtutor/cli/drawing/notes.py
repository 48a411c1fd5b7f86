"""What every command says of a circuit: readings, broadcasts, missing values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.circuit import Circuit
    from gradtutor.cli.session import Session
    from gradtutor.graph import Graph


def say_notes(run: Session, told: Sequence[str]) -> None:
    """Say what to know, a line each, where it is not part of the result."""
    for note in told:
        run.say(f"gradtutor: {note}")


def notes(circuit: Circuit, point: dict[str, Any]) -> list[str]:
    """Return what to know of a circuit's gradients at a point."""
    from numpy import shape

    from gradtutor.graph import with_shapes

    shapes = {name: shape(value) for name, value in point.items()}
    graph = with_shapes(circuit.graph, shapes)
    told = [*network_notes(graph), *output_note(graph), *broadcast_notes(graph)]
    return [*told, *flat_notes(graph)]


#: Functions that are flat between their steps.
FLAT = re.compile(r"\b(floor|ceil|ceiling|round|rint|trunc|fix|sign|sgn)\s*\(")


def flat_notes(graph: Graph) -> list[str]:
    """Say which functions of a formula have the slope 0 between their steps."""
    from gradtutor.graph import has_network

    names = dict.fromkeys(FLAT.findall(graph.graph.get("source", "")))
    if not names or has_network(graph):
        return []
    message = tr(
        "{names}: flat between the steps, so no gradient goes through",
        names=", ".join(names),
    )
    return [message]


def network_notes(graph: Graph) -> list[str]:
    """Return what the reading of a network did with it: a Softmax in its loss."""
    from gradtutor.graph import has_network, network_of

    return list(network_of(graph)["notes"]) if has_network(graph) else []


def constant_note(circuit: Circuit) -> list[str]:
    """Say which constant part of a formula, or of its slope, has no real value."""
    from gradtutor.calculus import backward_graph
    from gradtutor.evaluate.trace import constant_fault

    found = constant_fault(circuit.graph)
    if not found:  # or of its slope: (-2)**x has log(-2)
        found = constant_fault(backward_graph(circuit.graph, ties=circuit.ties).graph)
    return [found] if found else []


def output_note(graph: Graph) -> list[str]:
    """Say of a tensor what is differentiated: its sum."""
    from gradtutor.gates import show_shape

    shape = graph.nodes[graph.graph["output"]]["shape"]
    if not shape:
        return []
    size = show_shape(shape)
    return [
        tr(
            "the output is a tensor {size}: the gradients are those of its sum",
            size=size,
        )
    ]


def broadcast_notes(graph: Graph) -> list[str]:
    """Tell where shapes of different rank grow together: (5, 1) - (5,) is (5, 5)."""
    from gradtutor.gates import show_shape
    from gradtutor.graph.shapes import grown_together
    from gradtutor.language.formula.unparse import expression_text

    told = []
    for node, shapes in grown_together(graph):
        sizes = " and ".join(map(show_shape, shapes))
        text = expression_text(graph, node, limit=40)
        result = show_shape(graph.nodes[node]["shape"])
        told.append(
            tr(
                "{text}: {sizes} broadcast to {result}, each with each: so meant?",
                text=text,
                sizes=sizes,
                result=result,
            )
        )
    return list(dict.fromkeys(told))


def undefined_note(circuit: Circuit, point: dict[str, Any]) -> str:
    """Say why a formula has no value at the point given; empty where it has one."""
    import numpy as np

    if not has_values(circuit, point) or not has_all_values(circuit, point):
        return ""
    trace = circuit.trace(**point)
    if not np.isnan(trace.values[trace.output]).any():
        return ""
    return trace.fault_message() or tr("the formula has no value at the point given")


def has_all_values(circuit: Circuit, point: dict[str, Any]) -> bool:
    """Whether the text or the point gives every input a value."""
    values = circuit.graph.nodes(data="value")
    return all(name in point or values[name] is not None for name in circuit.inputs)


def has_values(circuit: Circuit, point: dict[str, Any]) -> bool:
    """Whether any input was given a value; then all must have one."""
    nodes = [circuit.graph.nodes[name] for name in circuit.inputs]
    values = [one.get("value") for one in nodes if one["role"] != "constant"]
    return bool(point) or not values or any(value is not None for value in values)
