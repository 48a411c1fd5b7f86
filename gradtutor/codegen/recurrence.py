"""A recurrent layer as two loops over time, forward and back.

The loop forward keeps what the loop back needs of each step. Both bodies are written by
the cell (`gates.structural.cells`) and lowered as any graph is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.ir.loop import Loop, Row, Whole, loop_over
from gradtutor.codegen.ir.operands import Array, Operand, Value
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.recurrent_layer import Layer
from gradtutor.gates import Attributes
from gradtutor.gates.structural.cells import joined
from gradtutor.graph import Graph, inputs, new_graph, operands

#: Gates that are loops over time.
RECURRENT = ("recurrence", "recurrence_slope")
#: Lowers a body to a program: its graph, and the array that each target is.
Lower = Callable[[Graph, Mapping[str, str]], Program]
#: What a step gets from the one before it, by its name in the cell.
BEFORE = {"h_": "h", "c_": "c"}
WORDS = {"h_": "h_before", "c_": "c_before"}
#: What a step back sends, by its name in the script.
SENT = {"z": "dz", "reach": "dreach", "h": "dh_before", "c": "dc_before"}


def append_recurrence(program: Program, node: str, lower: Lower) -> None:
    """Append the loop forward of a node, or the loop back."""
    if program.gate(node) == "recurrence":
        _forward(program, node, lower)
    elif node not in program.values:  # the other gradient's loop makes this one, too
        _back(program, node, lower)


def _forward(program: Program, node: str, lower: Lower) -> None:
    args = operands(program.graph, node)
    layer = Layer.of(program, node, args)
    states = program.new_value(node)
    _filled(program, states.array)
    states.array.name = program.name(node) or layer.name("h")
    slopes = _slopes(program, args, program.attrs(node))
    layer.saved["h"] = states
    if layer.cell.memory:
        layer.saved["c"] = _filled(program, layer.array("c", layer.states))
    needed = _needed_back(layer) if slopes else []
    for name in needed:
        if name not in (*BEFORE, *layer.saved):
            array = layer.array(name, layer.steps)
            layer.saved[name] = Value(array.shape, array, array.name)
    program.ops.append(_loop_forward(layer, lower, node))
    for slope in slopes:
        program.recurrent[slope] = layer


def _filled(program: Program, array: Array) -> Value:
    """Let an array keep the zeros of its first row."""
    array.filling = 0.0
    program.constants.append(array)
    return Value(array.shape, array, array.name)


def _slopes(program: Program, args: list[str], attrs: Attributes) -> list[str]:
    """Return the gradients of this very recurrence."""
    return [
        node
        for node in program.order
        if program.gate(node) == "recurrence_slope"
        and operands(program.graph, node)[1:] == args
        and all(program.attrs(node)[key] == attrs[key] for key in attrs)
    ]


def _needed_back(layer: Layer) -> list[str]:
    """Return what the loop back reads of each step, by its name in the cell."""
    *_, known = _back_graph(layer)
    return list(known)


def _loop_forward(layer: Layer, lower: Lower, node: str) -> Loop:
    graph = new_graph()
    tape, cell = GraphTape(graph), layer.cell
    z = layer.rows(graph, f"z{layer.suffix}_t", cell.columns)
    words = ["h", *["c"] * cell.memory]
    held = {word: layer.rows(graph, f"{word}_before{layer.suffix}") for word in words}
    reach = tape.gate("matmul", held["h"], layer.whole(graph, 1))
    if layer.attrs["bias"]:
        reach = tape.gate("add", reach, layer.whole(graph, 2))
    graph.nodes[reach]["name"] = layer.name("reach")
    known = cell.step(tape, z, reach, held, layer.units)
    targets = {known[word]: value.array.name for word, value in layer.saved.items()}
    _name(graph, targets)
    reads: list[Row | Whole] = [Row(z, layer.args[0])]
    reads += [Row(held[w], layer.saved[w], layer.came) for w in held]
    reads += layer.wholes.values()
    writes = tuple(
        Row(value.array.name, value, 1 - layer.came if word in held else 0)
        for word, value in layer.saved.items()
    )
    body = lower(graph, targets)
    return loop_over(
        body,
        graph,
        _used(body, reads),
        writes,
        count=layer.steps[0].count,
        backwards=layer.backwards,
        node=node,
    )


def _name(graph: Graph, names: Mapping[str, str]) -> None:
    for node, name in names.items():
        graph.nodes[node]["name"] = name


def _used(body: Program, reads: list[Row | Whole]) -> tuple[Row | Whole, ...]:
    """Return those inputs that the body has kept."""
    kept = set(inputs(body.graph))
    return tuple(one for one in reads if one.name in kept)


# ---- back ----


def _back(program: Program, node: str, lower: Lower) -> None:
    layer = program.recurrent[node]
    assert isinstance(layer, Layer)
    args = operands(program.graph, node)
    twins = [
        one for one in program.order
        if program.gate(one) == "recurrence_slope"
        and operands(program.graph, one) == args
        and program.recurrent.get(one) is layer
    ]  # fmt: skip
    values = {str(program.attrs(one)["of"]): program.new_value(one) for one in twins}
    upstream = program.operand(args[0])
    ties = str(program.attrs(node)["ties"])
    program.ops.append(_loop_back(layer, lower, upstream, values, ties, node))


def _back_graph(
    layer: Layer, ties: str = "torch"
) -> tuple[Graph, dict[str, str], dict[str, str], dict[str, str]]:
    """Return the graph of a step back.

    Returns
    -------
    graph : Graph
    given : dict
        Its inputs u, later_h and later_c.
    sent : dict
        The nodes that are sent: z, reach, h and c.
    known : dict
        What it may read of the step forward, by its name in the cell.
    """
    graph = new_graph()
    tape = GraphTape(graph)
    words = ["u", "later_h", *["later_c"] * layer.cell.memory]
    given = {word: layer.rows(graph, f"{word}{layer.suffix}_t") for word in words}
    known = _KnownRows(layer, graph)
    dh = tape.gate("add", given["u"], given["later_h"])
    sent = layer.cell.back(tape, known, dh, given.get("later_c", ""), ties)
    reach = joined(tape, sent.reach, 1)
    weights = layer.whole(graph, 1)
    h = tape.gate("matmul", reach, tape.gate("transpose", weights))
    h = tape.gate("add", h, sent.h) if sent.h else h
    for word, node in ({"dh": dh} | sent.names).items():
        graph.nodes[node]["name"] = f"{word}{layer.suffix}_t"
    made = {"z": joined(tape, sent.z, 1), "reach": reach, "h": h}
    return graph, given, made | ({"c": sent.c} if sent.c else {}), dict(known)


class _KnownRows(dict[str, str]):
    """Adds an input for each name of a step forward as soon as it is read."""

    def __init__(self, layer: Layer, graph: Graph) -> None:
        super().__init__()
        self.layer, self.graph = layer, graph

    def __missing__(self, word: str) -> str:
        name = f"{WORDS.get(word, word)}{self.layer.suffix}"
        self[word] = self.layer.rows(self.graph, name)
        return self[word]


def _loop_back(
    layer: Layer,
    lower: Lower,
    upstream: Operand,
    values: Mapping[str, Value],
    ties: str,
    node: str,
) -> Loop:
    graph, given, sent, known = _back_graph(layer, ties)
    carried = {
        word: _filled(layer.program, layer.array(f"later_{word}", layer.states))
        for word in ("h", "c")
        if word in sent
    }
    made, came = 1 - layer.came, layer.came
    reads: list[Row | Whole] = [Row(given["u"], upstream, made)]
    reads += [Row(given[f"later_{w}"], one, made) for w, one in carried.items()]
    for word, name in known.items():
        source = layer.saved[BEFORE.get(word, word)]
        shift = came if word in BEFORE else made if word in ("h", "c") else 0
        reads.append(Row(name, source, shift))
    reads += layer.wholes.values()
    names = {word: f"{SENT[word]}{layer.suffix}" for word in (*carried, *values)}
    writes = [Row(names[word], one, came) for word, one in carried.items()]
    writes += [Row(names[word], value) for word, value in values.items()]
    targets = {sent[word]: name for word, name in names.items()}
    _name(graph, targets)
    body = lower(graph, targets)
    return loop_over(
        body,
        graph,
        _used(body, reads),
        tuple(writes),
        count=layer.steps[0].count,
        backwards=not layer.backwards,
        node=node,
    )
