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

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradtutor.gates import COPY, Shape, show_shape
from gradtutor.graph import (
    Graph,
    add_gate,
    add_input,
    add_number,
    dependents,
    inputs,
    new_graph,
    operands,
    paused_collector,
    topological_order,
)
from gradtutor.language.errors import ArgumentError, SourceError, SourceShapeError
from gradtutor.language.formula import parse_formula
from gradtutor.language.layers.builder import Builder
from gradtutor.language.network.answer import ANSWERS, find_answer
from gradtutor.language.network.facts import network_facts
from gradtutor.language.network.starts import with_starts
from gradtutor.language.network.statements import TrainingText
from gradtutor.language.syntax import Source
from gradtutor.messages import mark, tr

#: Names that a target usually has.
TARGETS = ("y", "target", "targets", "label", "labels", "t", "Y", "truth", "y_true")
PARAMETER_HINT = mark("declare it: w: parameter (3,), and data as x: (N, 3)")
#: Losses, by the gate that takes the answer, that count right answers.
LABELLED = "cross_entropy"


@dataclass(frozen=True)
class Data:
    """What a formula reads of a data set.

    Attributes
    ----------
    names : tuple of str
        Its inputs, in the order in which they stand in X.
    target : str
        What it compares with, or nothing.
    """

    names: tuple[str, ...]
    target: str


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
    graph.graph["network"] = _facts(graph, plain, data, text, classes)
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
    _add_data(graph, plain, data, made)
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
        name = f"{name}_" if name in graph else name
        return add_gate(
            graph, found["gate"], *args, name=name, span=span, **found["attrs"]
        )
    if found["role"] == "parameter":
        name = add_input(
            graph, node, found["shape"], role="parameter", span=found["span"]
        )
        graph.nodes[name].update(
            {key: found[key] for key in ("start", "start_scale") if key in found}
        )
        return name
    if found.get("value") is None:  # N
        return add_gate(graph, "size", "X", axis=0)
    if found["shape"] == ():
        return add_number(graph, found["value"])
    name = add_input(graph, node, found["shape"], role="constant", span=found["span"])
    graph.nodes[name].update(
        {key: found[key] for key in ("value", "made") if key in found}
    )
    return name


def _add_data(graph: Graph, plain: Graph, data: Data, made: dict[str, str]) -> None:
    """Append X and y, and each of the formula's own inputs as a part of them."""
    sizes = [_size(plain.nodes[name]["shape"]) for name in data.names]
    first = plain.nodes[data.names[0]]
    whole = add_input(graph, "X", ("N", sum(sizes)), span=first["span"])
    start = 0
    for name, size in zip(data.names, sizes, strict=True):
        shape = plain.nodes[name]["shape"]
        part = whole
        if len(sizes) > 1:
            part = _cut(
                graph, whole, start, start + size, name if len(shape) == 2 else ""
            )
        made[name] = _shaped(graph, part, shape, name)
        start += size
    if data.target:
        made[data.target] = _add_target(graph, plain, data.target)
    else:  # nothing is compared: the examples themselves stand in its place
        add_input(graph, "y", ("N", sum(sizes)), role="label")


def _size(shape: Shape) -> int:
    return math.prod(int(size) for size in shape[1:])


def _cut(graph: Graph, whole: str, start: int, stop: int, name: str) -> str:
    named = _own_name(graph, name) if name else None
    cuts = ((0, None, 1), (start, stop, 1))
    return add_gate(graph, "slice", whole, name=named, cuts=cuts)


def _own_name(graph: Graph, name: str) -> str | None:
    """Return an input's name for its part of X or y, unless it is one of these."""
    return None if name in ("X", "y") or name in graph else name


def _shaped(graph: Graph, part: str, shape: Shape, name: str) -> str:
    """Return a part of X in the shape that the formula declares, by its name."""
    if len(shape) == 2:
        return part
    named = _own_name(graph, name)
    return add_gate(graph, "reshape", part, name=named, shape=(-1, *shape[1:]))


def _add_target(graph: Graph, plain: Graph, name: str) -> str:
    """Append y: labels as they are, numbers in rows."""
    found = plain.nodes[name]
    labels = found["role"] == "label" or _is_stepped(plain, name)
    shape = ("N", *found["shape"][1:])
    rows = shape if labels else ("N", _size(shape))
    y = add_input(graph, "y", rows, role="label", span=found["span"])
    return y if labels or len(shape) == 2 else _shaped(graph, y, shape, name)


def _is_stepped(graph: Graph, name: str) -> bool:
    """Whether a target is read as labels once it is in one row: y.reshape(-1)."""
    below = dependents(graph, [name])
    return any(
        graph.nodes[node]["gate"] == LABELLED
        and _origin(graph, operands(graph, node)[1]) == name
        for node in below
    ) or any(
        graph.nodes[node]["gate"] == "one_hot"
        and _origin(graph, operands(graph, node)[0]) == name
        for node in below
    )


def _origin(graph: Graph, node: str) -> str:
    """See through reshapes."""
    while graph.nodes[node]["gate"] == "reshape":
        (node,) = operands(graph, node)
    return node


# ---- what is known of the training ----


def _facts(
    graph: Graph, plain: Graph, data: Data, text: str, classes: int | None
) -> dict[str, Any]:
    net = Builder(Source(" " * len(text)), training=True)
    net.source.text = text
    net.graph = graph
    said, counts = _settings(text, plain.graph.get("settings", ""))
    facts = network_facts(net, "", said.optimiser, said.schedule)
    answer, kind, width = find_answer(graph, bool(data.target), text)
    if classes is not None and width and classes > width:
        message = tr(
            "the formula has {width} logits, the data {classes} classes",
            width=width,
            classes=classes,
        )
        raise SourceShapeError(message, text, graph.nodes[answer]["span"] or (0, 1))
    target = graph.nodes["y"]["shape"][1:] if data.target else ()
    return facts | {
        "prediction": answer,
        "loss": kind,
        "classes": classes if width else None,
        "formula": True,
        "inputs": list(data.names),
        "input_sizes": [_size(plain.nodes[name]["shape"]) for name in data.names],
        "target": data.target,
        "target_sizes": [int(size) for size in target],
        "notes": _notes(graph, plain, data, answer),
    } | counts  # fmt: skip


def _notes(graph: Graph, plain: Graph, data: Data, answer: str) -> list[str]:
    """Say what was taken as data, as target and as answer."""
    reading = plain.graph.get("reading") or {"text": "", "notes": []}
    shown = show_shape(graph.nodes[answer]["shape"])
    called = graph.nodes[answer]["name"]
    said = {"names": ", ".join(data.names), "answer": f"{called} {shown}"}
    words = tr("data {names}; no target; predict answers {answer}", **said)
    if data.target:
        words = tr(
            "data {names}; target {target}; predict answers {answer}",
            target=data.target,
            **said,
        )
    read = [tr("reads as: {text}", text=reading["text"])] if reading["text"] else []
    return [*read, *reading["notes"], words]


def _settings(text: str, settings: str) -> tuple[TrainingText, dict[str, int]]:
    """Read the lines of optimiser, schedule and counts."""
    source = Source(settings)
    source.text = text
    said = TrainingText(source)
    counts: dict[str, int] = {}
    for statement in source.tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(name)], value=ast.Constant(int() as count)
            ):
                counts[name] = count
            case ast.Assign(targets=[ast.Name(name)], value=value):
                said.setting(name, value)
    return said, counts
