r"""A plain function of a program, or its straight lines, to a circuit.

>>> graph = parse_function("import math\ndef f(x, w=2.0):\n    return math.exp(w*x)\n")
>>> [(node, data["gate"]) for node, data in graph.nodes(data=True)]
[('x', 'input'), ('w', 'input'), ('mul.2', 'mul'), ('f', 'exp')]

The program is walked through, never run. What it computes from its arguments becomes
gates; loops over constants and helper functions are written out. Values that the file
gives its arguments are the circuit's point.
"""

from __future__ import annotations

import ast

import networkx as nx

from gradtutor.graph import Graph, mark_labels
from gradtutor.language.errors import LimitError, SourceError
from gradtutor.language.functions.choosing import (
    chosen_function,
    given_arguments,
    point_of_call,
)
from gradtutor.language.functions.tracer import FunctionTracer, OutputFound
from gradtutor.language.layers.builder import Builder
from gradtutor.language.program.reading import named_model
from gradtutor.language.program.values import Tensor
from gradtutor.language.program.walking.interpreter import Interpreter
from gradtutor.language.syntax import Source
from gradtutor.language.tracing.stopping import without_unused_stops
from gradtutor.messages import tr


def parse_function(text: str, name: str = "") -> Graph:
    """Read a function of a program into a graph.

    Parameters
    ----------
    name : str
        Which function; else the one whose ``backward`` or ``grad`` the program asks
        for, the one it calls last, the last one.

    Raises
    ------
    gradtutor.language.SourceError
        With the place of what cannot be read.
    """
    source = Source(text)
    wanted = name or named_model(text)
    try:
        if not wanted and (graph := _straight_lines(source)) is not None:
            return graph
        return _function(source, wanted)
    except RecursionError:
        message = tr("this program calls itself, or nests too deep")
        raise LimitError(message, source.text, (0, 1)) from None


def _straight_lines(source: Source) -> Graph | None:
    """Read the lines before the first ``backward()`` as one circuit, if any."""
    calls = [node.func for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    words = {one.attr for one in calls if isinstance(one, ast.Attribute)}
    if "backward" not in words and not {"gradient", "GradientTape"} <= words:
        return None
    run = Interpreter(source)
    run.tracer = tracer = FunctionTracer(run, Builder(source, training=True))
    try:
        run.walk()
    except OutputFound as found:
        return _finished(tracer, found.tensor, "")
    except SourceError:
        if any(isinstance(one, ast.FunctionDef) for one in source.tree.body):
            return None
        raise
    return None


def _function(source: Source, wanted: str) -> Graph:
    """Trace a function with its arguments as inputs."""
    run = Interpreter(source)
    run.walk()
    function = chosen_function(run, wanted)
    values = point_of_call(run, function)
    tracer = FunctionTracer(run, Builder(source, training=True))
    run.tracer = tracer
    args = given_arguments(tracer, function, values)
    output = run.call(function, [], args, function.node)
    if isinstance(output, tuple | list) and output:
        tensors = [one for one in output if isinstance(one, Tensor)]
        output = tensors[0] if tensors else None
        run.notes.append(tr("of several results the first is the circuit's output"))
    if not isinstance(output, Tensor):
        message = tr(
            "what {name} returns is not made of its arguments", name=function.name
        )
        reason = getattr(output, "reason", "")
        raise run.fail(message, function.node, reason)
    return _finished(tracer, output, function.name)


def _finished(tracer: FunctionTracer, output: Tensor, name: str) -> Graph:
    """Name the nodes after the text's variables, and leave out what is not needed."""
    graph = tracer.net.graph
    node = tracer.natural(output, tracer.run.source.tree)
    without_unused_stops(tracer, node)
    kept = nx.ancestors(graph, node) | {node}
    graph.remove_nodes_from([one for one in graph if one not in kept])
    _without_lone_copies(graph)
    names = {old: new for old, new in tracer.names.items() if old in graph}
    if node not in names and name.isidentifier() and name != "lambda":
        names[node] = name
    taken = {one for one in graph if one not in names}
    moved: dict[str, str] = {}
    for old, word in names.items():
        new, count = word, 1
        while new in taken:
            count += 1
            new = f"{word}_{count}"
        taken.add(new)
        moved[old] = new
    nx.relabel_nodes(graph, moved, copy=False)
    for new in moved.values():
        graph.nodes[new]["name"] = new
    graph.graph["output"] = moved.get(node, node)
    notes = list(dict.fromkeys([*tracer.run.notes, *tracer.net.notes]))
    if notes:
        graph.graph["reading"] = {"text": "", "notes": notes}
    mark_labels(graph)
    return graph


def _without_lone_copies(graph: Graph) -> None:
    """Take out copy gates that have one reader left."""
    for copy in [n for n, data in graph.nodes(data=True) if data["gate"] == "copy"]:
        wires = list(graph.out_edges(copy, keys=True))
        if len(wires) == 1:
            ((_, reader, position),) = wires
            (source,) = graph.predecessors(copy)
            graph.remove_node(copy)
            graph.add_edge(source, reader, position)
