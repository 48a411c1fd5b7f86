"""The JavaScript of a page that trains, printed from the graph and the optimisers."""

from __future__ import annotations

import json
from textwrap import indent

from gradtutor.calculus import backward_graph
from gradtutor.codegen.text.javascript import javascript_program
from gradtutor.graph import Graph, inputs
from gradtutor.language import parse_formula
from gradtutor.optimisers import OPTIMISERS, Optimiser

#: The optimisers that a page offers.
OFFERED = ("sgd", "momentum", "nesterov", "rmsprop", "adam")
Slots = dict[str, int | None]


def step_program(graph: Graph, names: list[str], ties: str) -> tuple[str, Slots, Slots]:
    """Print the loss and its gradients.

    Returns
    -------
    str
        Statements on an array ``v``.
    dict, dict
        Where the inputs and the output stand in it, and each parameter's gradient (None
        where the loss does not depend on it).
    """
    backward = backward_graph(graph, ties=ties)
    made = {name: backward.of_node.get(name) for name in names}
    output = graph.graph["output"]
    wanted = [output, *(node for node in made.values() if node is not None)]
    program = javascript_program(backward.graph, wanted)
    slots = {name: program.slots.get(name) for name in (*inputs(graph), output)}
    gradients = {
        name: None if node is None else program.slots[node]
        for name, node in made.items()
    }
    return "\n".join(program.lines), slots, gradients


def forward_program(graph: Graph, node: str) -> tuple[str, Slots]:
    """Print what computes one node: the loss alone, or what a network answers."""
    program = javascript_program(graph, [node])
    slots = {name: program.slots.get(name) for name in (*inputs(graph), node)}
    return "\n".join(program.lines), slots


def optimiser_program(entry: Optimiser) -> str:
    """Print an optimiser's formulas as a method on flat vectors.

    What a formula reads stands in ``x`` by its name; ``v`` holds what it computes.
    """
    kept = [f"x.{name} = state.{name}[i];" for name in entry.state]
    lines = [line for formula in entry.update for line in _formula(formula)]
    back = [f"state.{name}[i] = x.{name};" for name in entry.state]
    body = ["x.theta = theta[i];", "x.g = g[i];", *kept, *lines, *back]
    loop = indent("\n".join([*body, "theta[i] = x.theta;"]), "    ")
    head = "  for (let i = 0; i < theta.length; i++) {"
    return f"{entry.name}(theta, g, state, x, v) {{\n{head}\n{loop}\n  }}\n}},"


def _formula(line: str) -> list[str]:
    """Print an assignment: fetch what it reads, compute, keep."""
    target, text = line.split(" = ")
    graph = parse_formula(text)
    output = graph.graph["output"]
    program = javascript_program(graph, [output])
    reads = [
        f"v[{program.slots[node]}] = x.{data['name']};"
        for node, data in graph.nodes(data=True)
        if data["gate"] == "input"
    ]
    result = f"v[{program.slots[output]}]"
    return [*reads, *program.lines, f"x.{target} = {result};"]


def optimiser_data() -> dict[str, dict[str, object]]:
    """Return what the page knows of its optimisers: state, constants, usual rate."""
    return {
        name: {
            "title": OPTIMISERS[name].title,
            "state": list(OPTIMISERS[name].state),
            "constants": dict(OPTIMISERS[name].constants),
            "formulas": list(OPTIMISERS[name].update),
        }
        for name in OFFERED
    }


def methods_text(methods: dict[str, str]) -> str:
    """Print methods on ``v`` by their names."""
    return "\n".join(
        f"{name}(v) {{\n{indent(body, '  ')}\n}}," for name, body in methods.items()
    )


def program_text(programs: dict[str, str]) -> str:
    """Print the objects that the page calls: each network's, and the optimisers."""
    made = [f"{json.dumps(name)}: {{\n{code}\n}}," for name, code in programs.items()]
    rules = [optimiser_program(OPTIMISERS[name]) for name in OFFERED]
    return "\n".join(
        ["const PROGRAMS = {", *made, "};", "const OPTIMISERS = {", *rules, "};"]
    )
