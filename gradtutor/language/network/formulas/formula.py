r"""A formula with parameters as a network: any graph trains.

The inputs with an axis of examples are the data; they stand side by side in ``X``.
The target is what is declared as one, or is called y or the like. The formula's value
is the loss.

>>> text = "x: (N,)\ny: (N,)\nw: parameter ()\nloss = mean((w*x - y)**2)"
>>> graph = formula_network(text)
>>> graph.nodes["X"]["shape"]
('N', 1)
"""

from __future__ import annotations

from collections.abc import Sequence

from gradtutor.gates import COPY, show_shape
from gradtutor.graph import (
    Graph,
    add_gate,
    add_input,
    add_number,
    inputs,
    new_graph,
    operands,
    paused_collector,
    topological_order,
)
from gradtutor.language.errors import ArgumentError, SourceError
from gradtutor.language.formula import parse_formula
from gradtutor.language.network.answer import ANSWERS
from gradtutor.language.network.formulas.examples import TAKEN, TARGETS, Data, add_data
from gradtutor.language.network.formulas.known import formula_facts
from gradtutor.language.network.starts import with_starts
from gradtutor.messages import mark, tr

PARAMETER_HINT = mark("declare it: w: parameter (3,), and data as x: (N, 3)")


def formula_network(text: str, classes: int | None = None) -> Graph:
    """Read a formula with parameters into a graph from X and y to the loss.

    Parameters
    ----------
    text : str
        Declarations, ``W: parameter (784, 10)`` and ``x: (N, 784)``, and formulas, of
        which the last is the loss; perhaps ``optimizer = Adam(lr=0.01)``.
    classes : int, optional
        Number of classes of the data, which the logits must have.

    Raises
    ------
    gradtutor.language.SourceError
        With the place of the mistake.
    """
    plain = parse_formula(text)
    _check(plain, text)
    data = _data(plain, text)
    with paused_collector():
        graph = _rebuilt(plain, data, text)
    with_starts(graph)
    graph.graph["network"] = formula_facts(graph, plain, data, text, classes)
    return graph


# ---- what is refused ----


def _check(graph: Graph, text: str) -> None:
    """Refuse what cannot be trained: no parameter, one that is idle, no one number."""
    output = graph.graph["output"]
    needed = set(topological_order(graph, [output]))
    parameters = inputs(graph, "parameter")
    if not parameters:
        raise _fail(
            graph, output, text, tr("there is no parameter"), tr(PARAMETER_HINT)
        )
    for name in parameters:
        if name not in needed:
            raise _fail(
                graph, name, text, tr("{name} is not used by the loss", name=name)
            )
    shape = graph.nodes[output]["shape"]
    if shape != ():
        found = tr("no single number") if shape is None else show_shape(shape)
        message = tr(
            "the last line is the loss, one number; it is {found}", found=found
        )
        raise _fail(graph, output, text, message, tr("as in loss = mean((p - y)**2)"))


def _fail(
    graph: Graph, node: str, text: str, message: str, hint: str = ""
) -> SourceError:
    return ArgumentError(message, text, graph.nodes[node]["span"] or (0, 1), hint)


# ---- data ----


def _data(graph: Graph, text: str) -> Data:
    """Tell the target from the data; every one has the examples as its first axis."""
    said = graph.graph.get("declared", {})
    needed = set(topological_order(graph, [graph.graph["output"]]))
    free = [
        name
        for name in inputs(graph, "input", "label")
        if graph.nodes[name].get("value") is None and name in needed
    ]
    free = [name for name in free if not _is_count(graph, name, free)]
    targets = [name for name in free if said.get(name) == "target"]
    targets = targets or [n for n in free if graph.nodes[n]["role"] == "label"]
    targets = targets or [
        n for n in TARGETS if n in free and len(free) > 1 and said.get(n) != "data"
    ]
    if len(targets) > 1 and said:
        message = tr("{name} is a second target", name=targets[1])
        raise _fail(
            graph, targets[1], text, message, tr("declare one, the rest as data")
        )
    target = targets[0] if targets else ""
    names = tuple(name for name in free if name != target)
    for name in free:
        _check_examples(graph, name, free[0], text)
    if not names:
        message = tr("there are no data: nothing has an axis of examples")
        raise _fail(graph, graph.graph["output"], text, message, tr("as in x: (N, 3)"))
    return Data(names, target)


def _is_count(graph: Graph, name: str, free: Sequence[str]) -> bool:
    """Whether a number is called like the axis of examples, which it counts."""
    axes = {graph.nodes[one]["shape"][:1] for one in free}
    return graph.nodes[name]["shape"] == () and (name,) in axes


def _check_examples(graph: Graph, name: str, first: str, text: str) -> None:
    shape = graph.nodes[name]["shape"]
    if not shape or not isinstance(shape[0], str):
        given = show_shape(shape)
        message = tr("{name} {shape} has no axis of examples", name=name, shape=given)
        hint = tr(
            "declare {name}: (N, ...) for data, or {name}: parameter (...)", name=name
        )
        raise _fail(graph, name, text, message, hint)
    if any(isinstance(size, str) for size in shape[1:]):
        message = tr(
            "{name} {shape}: an example's sizes are whole numbers",
            name=name,
            shape=show_shape(shape),
        )
        raise _fail(graph, name, text, message)
    batch = graph.nodes[first]["shape"][0]
    if shape[0] != batch:
        message = tr(
            "{name} has {count} examples, {first} has {batch}",
            name=name,
            count=shape[0],
            first=first,
            batch=batch,
        )
        raise _fail(
            graph, name, text, message, tr("both need the same name of that axis")
        )


def _rebuilt(plain: Graph, data: Data, text: str) -> Graph:
    """Copy the graph, its data as parts of X and y."""
    graph = new_graph(text)
    made: dict[str, str] = {}
    add_data(graph, plain, data, made)
    answers = [name for name in ANSWERS if name in plain]
    for node in topological_order(plain, [plain.graph["output"], *answers]):
        found = plain.nodes[node]
        if node in made or found["gate"] == COPY:
            continue
        args = [made[arg] for arg in operands(plain, node)]
        made[node] = _copied(graph, plain, node, args)
    graph.graph["output"] = output = made[plain.graph["output"]]
    if not graph.nodes[output]["name"]:
        graph.nodes[output]["name"] = "total" if "loss" in graph else "loss"
    return graph


def _copied(graph: Graph, plain: Graph, node: str, args: list[str]) -> str:
    """Copy a parameter, a number or a gate; given numbers become constants."""
    found = plain.nodes[node]
    if found["gate"] == "number":
        return add_number(graph, found["value"], found["text"], found["span"])
    if found["gate"] != "input":
        name, span = found["name"], found["span"]
        name = _fresh(graph, name) if name else name
        return add_gate(
            graph, found["gate"], *args, name=name, span=span, **found["attrs"]
        )
    if found["role"] == "parameter":
        name = add_input(
            graph,
            _fresh(graph, node),
            found["shape"],
            role="parameter",
            span=found["span"],
        )
        graph.nodes[name].update(
            {key: found[key] for key in ("start", "start_scale") if key in found}
        )
        return name
    if found.get("value") is None:  # N
        return add_gate(graph, "size", "X", axis=0)
    if found["shape"] == ():
        return add_number(graph, found["value"])
    fresh = _fresh(graph, node)
    name = add_input(graph, fresh, found["shape"], role="constant", span=found["span"])
    graph.nodes[name].update(
        {key: found[key] for key in ("value", "made") if key in found}
    )
    return name


def _fresh(graph: Graph, name: str) -> str:
    """Return a name that is free in a script: a parameter may be called y, or N."""
    while name in graph or name in TAKEN:
        name += "_"
    return name


# ---- what is known of the training ----
