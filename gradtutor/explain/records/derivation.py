r"""A derivation: the records of a backward pass, and what to call the values in them.

Nothing is differentiated here. ``backward_graph`` writes a record whenever a gate sends
a gradient back along a wire; these are read as steps, by gates or by rules, in text,
LaTeX, Markdown or JSON, and replayed.

>>> from gradtutor.language import parse
>>> found = derive(parse("q = x + y\nf = q*z"))
>>> [(found.labels[turn.node], [send.source for send in turn.sends])
...  for turn in found.turns]
[('f', ['q', 'z']), ('q', ['x', 'y'])]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import ArrayLike

from gradtutor.calculus import Backward, backward_graph
from gradtutor.calculus.backward import Sent
from gradtutor.calculus.forms import ShownForms
from gradtutor.calculus.recipe import follow, recipe
from gradtutor.calculus.symbols import output_name
from gradtutor.calculus.tape import GraphTape
from gradtutor.deferred import sympy
from gradtutor.evaluate.noise import cleaned
from gradtutor.evaluate.values import Array, node_values
from gradtutor.explain.records.value_names import node_labels, owners
from gradtutor.gates import COPY, Pointwise, find_gate
from gradtutor.graph import (
    Graph,
    Wire,
    has_network,
    inputs,
    operands,
    origin,
    paused_collector,
    readers,
    with_shapes,
)

#: The symbols of a local derivative, in the order of a gate's arguments.
SYMBOLS = ("a", "b", "c")


@dataclass(frozen=True)
class Send:
    """One record: what went back along one wire.

    Attributes
    ----------
    source : str
        The value whose gradient it is a part of, seen through copies.
    wire : tuple
        The forward wire.
    local : str or None
        The node of the local derivative; None where the gate's adjoint is a map.
    gradient : str
        The node of the gradient that was sent.
    """

    source: str
    wire: Wire
    local: str | None
    gradient: str


@dataclass(frozen=True)
class Turn:
    """What one value's gate, and the unnamed gates in its line, sent back."""

    node: str
    upstream: str
    sends: tuple[Send, ...]


@dataclass(frozen=True)
class Derivation:
    """The records of one backward pass, in order.

    Attributes
    ----------
    forward, graph : Graph
        The formula's gates; the same with those of gradients and local derivatives.
    wrt : tuple of str
        The inputs whose gradients were asked for.
    labels : dict
        What each value is called; one without a label stands inside its reader's line.
    turns : tuple of Turn
        From the output to the inputs.
    arriving : dict
        The records that add up to the gradient of each value: several at a fork.
    gradients : dict
        The node of each value's gradient.
    values : dict
        The number at each node of ``graph``, where a point was given.
    """

    forward: Graph
    graph: Graph
    wrt: tuple[str, ...]
    labels: dict[str, str]
    turns: tuple[Turn, ...]
    arriving: dict[str, tuple[Send, ...]]
    gradients: dict[str, str]
    values: Mapping[str, Array]

    def for_readers(self) -> Derivation:
        """Return it with values that are rounding noise alone as 0."""
        return replace(self, values=cleaned(self.graph, self.values))

    @property
    def output(self) -> str:
        """The node that is differentiated."""
        node: str = self.forward.graph["output"]
        return node

    @cached_property
    def is_scalar(self) -> bool:
        """Whether every value is a number, and every gate has local factors.

        A reduction of an input without a shape, as ``sum(x)``, has none.
        """
        shapes = self.forward.nodes(data="shape")
        sends = (send for turn in self.turns for send in turn.sends)
        return all(shape in ((), None) for _, shape in shapes) and all(
            send.local is not None for send in sends
        )

    @cached_property
    def texts(self) -> ShownForms:
        """What writes gradients in the inputs alone."""
        return ShownForms(self.graph)

    @cached_property
    def turn_of(self) -> dict[Wire, Turn]:
        """The turn that a wire's record belongs to."""
        return {send.wire: turn for turn in self.turns for send in turn.sends}


def derive(
    graph: Graph,
    wrt: Iterable[str] | None = None,
    ties: str = "torch",
    point: Mapping[str, ArrayLike] | None = None,
) -> Derivation:
    """Differentiate by one backward pass and keep its records.

    Parameters
    ----------
    wrt : iterable of str, optional
        Inputs whose gradients are wanted; by default all but class labels, of a
        network its parameters.
    ties : str
        The rule at kinks.
    point : mapping, optional
        Values of the inputs; then every record has its numbers.

    Raises
    ------
    gradtutor.evaluate.MissingValueError
        When a point is given and an input has no value.
    """
    with paused_collector():
        graph = with_shapes(graph, _shapes(graph, point or {}))
        roles = () if has_network(graph) else ("input",)
        names = tuple(inputs(graph, "parameter", *roles) if wrt is None else wrt)
        backward = backward_graph(graph, wrt=names, ties=ties)
        labels = node_labels(graph, output_name(graph))
        turns = _turns(graph, backward, labels)
    sends = [send for turn in turns for send in turn.sends]
    values: Mapping[str, Array] = {}
    if point is not None:
        wanted = [*graph, *backward.of_node.values()]
        wanted += [
            node for send in sends for node in (send.local, send.gradient) if node
        ]
        values = node_values(backward.graph, point, wanted)
    return Derivation(
        graph,
        backward.graph,
        names,
        labels,
        turns,
        _arriving(graph, sends),
        {node: grad for node, grad in backward.of_node.items() if node in labels},
        values,
    )


def _shapes(graph: Graph, point: Mapping[str, ArrayLike]) -> dict[str, tuple[int, ...]]:
    given = {name: graph.nodes[name].get("value") for name in inputs(graph)}
    given.update(point)
    return {name: np.shape(x) for name, x in given.items() if x is not None}


def _turns(
    graph: Graph, backward: Backward, labels: Mapping[str, str]
) -> tuple[Turn, ...]:
    """Group the records by the value in whose line their gates stand."""
    owner, tape = owners(graph, labels), GraphTape(backward.graph)
    sent: dict[str, list[Send]] = {}
    for record in backward.records:
        sends = sent.setdefault(owner[record.wire[1]], [])
        source = origin(graph, record.wire[0])
        if source in labels:
            local = _local(graph, tape, record)
            sends.append(Send(source, record.wire, local, record.gradient))
    return tuple(
        Turn(node, backward.of_node[node], tuple(sends))
        for node, sends in sent.items()
        if sends
    )


def _local(graph: Graph, tape: GraphTape, record: Sent) -> str | None:
    """Place the local derivative's own gates, so that it has a text and a value."""
    _, node, _ = record.wire
    shapes = {graph.nodes[end]["shape"] for end in record.wire[:2]}
    if record.slope is None or shapes != {()}:
        return None
    bindings = dict(zip(SYMBOLS, operands(graph, node), strict=False)) | {"out": node}
    slope = textbook(graph.nodes[node]["gate"], record.slope.expression)
    return follow(tape, recipe(slope), bindings)


@cache
def textbook(name: str, slope: sympy.Expr) -> sympy.Expr:
    """Return a local derivative as a calculus book has it: -a/b², 1 - tanh².

    The recorded one may be spelt so as to keep digits: -out/b, (1 - out)(1 + out).
    """
    from gradtutor.gates.symbols import OUT

    gate = find_gate(name)
    if isinstance(gate, Pointwise) and gate.infix:
        return slope.xreplace({OUT: gate.formula})
    expanded = sympy.expand(slope) if slope.free_symbols == {OUT} else slope
    return expanded if sympy.count_ops(expanded) < sympy.count_ops(slope) else slope


def _arriving(graph: Graph, sends: list[Send]) -> dict[str, tuple[Send, ...]]:
    """Return the records by the value they add up at, in the order of the addition."""
    by_wire = {send.wire: send for send in sends}
    found: dict[str, list[Send]] = {}
    for node in graph:
        if graph.nodes[node]["gate"] != COPY:
            taps = [node, *(to for _, to, _ in readers(graph, node))]
            wires = [wire for tap in taps for wire in readers(graph, tap)]
            arrived = [by_wire[wire] for wire in wires if wire in by_wire]
            found[node] = [send for send in arrived if send.source == node]
    return {node: tuple(sends) for node, sends in found.items() if sends}
