r"""The backward pass as gates of the same graph: reverse-mode differentiation.

One loop over the reversed topological order; each wire gets exactly one gradient.
Source: Griewank & Walther 2008, "Evaluating Derivatives", chapter 3.

>>> from gradtutor.language import parse
>>> backward = backward_graph(parse("q = x + y\nf = q*z"))
>>> backward.graph.nodes[backward.of_node["z"]]["name"]
'q'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gradtutor.calculus.powers import power_parts
from gradtutor.calculus.recipe import follow
from gradtutor.calculus.routing import halved, has_pole, unbounded, without_factor
from gradtutor.calculus.slopes import Slope, slope
from gradtutor.calculus.tape import GraphTape, unbroadcast
from gradtutor.gates import COPY, GATES, LEAVES, Call, Pointwise, Structural
from gradtutor.graph import (
    Graph,
    Wire,
    add_input,
    arguments,
    copied,
    dependents,
    inputs,
    new_graph,
    node_data,
    node_gate,
    operands,
    origin,
    paused_collector,
    readers,
    topological_order,
    with_shapes,
)

SYMBOLS = ("a", "b", "c")


@dataclass(frozen=True)
class Sent:
    """A record of the pass: the gradient that a gate sent back along one wire.

    Attributes
    ----------
    upstream, gradient : str
        Nodes: the gradient that had arrived at the gate, and the one of the wire.
    slope : Slope or None
        The local derivative; None for a structural gate, whose
        adjoint is a map and no factor.
    """

    wire: Wire
    upstream: str
    slope: Slope | None
    gradient: str


@dataclass(frozen=True)
class Backward:
    """A graph with its backward pass.

    Attributes
    ----------
    graph : Graph
        The forward gates, under their own ids, and the gates of the backward pass.
    of_wire : dict
        For each forward wire the node that holds its gradient; a wire that no
        gradient flows along (its gradient is zero) is absent.
    of_node : dict
        The same for the output of each forward node.
    records : tuple of Sent
        What every gate but a copy sent back, in the order it was done: with the sums
        at the copies, the derivative is made of these and nothing else.
    """

    graph: Graph
    of_wire: dict[Wire, str]
    of_node: dict[str, str]
    records: tuple[Sent, ...]


def backward_graph(
    graph: Graph,
    output: str | None = None,
    wrt: Iterable[str] | None = None,
    ties: str = "torch",
) -> Backward:
    """Append to a copy of the graph the gates that compute its gradients.

    Parameters
    ----------
    output : str, optional
        The node to differentiate, by default the graph's output. A tensor is summed.
    wrt : iterable of str, optional
        Inputs whose gradients are wanted, by default all.
    ties : str
        The rule at kinks, one of ``gradtutor.gates.TIE_RULES``.
    """
    with paused_collector():
        return _BackwardPass(graph, output or graph.graph["output"], wrt, ties).run()


class _BackwardPass:
    def __init__(
        self, graph: Graph, output: str, wrt: Iterable[str] | None, ties: str
    ) -> None:
        if graph.nodes[output]["shape"] is None:  # no values came: all scalars
            graph = with_shapes(graph, {})
        self.forward = graph
        self.graph = copied(graph)
        self.output = output
        self.ties = ties
        self.active = dependents(graph, inputs(graph) if wrt is None else wrt)
        self.tape = GraphTape(self.graph)
        self.unbounded = unbounded(graph)
        self.zeros: set[str] = set()  # gradients that may be exactly 0: routed away
        self.of_wire: dict[Wire, str] = {}
        self.of_node: dict[str, str] = {}
        self.records: list[Sent] = []
        self.names = {data["name"] for _, data in graph.nodes(data=True)}

    def run(self) -> Backward:
        """Walk from the output to the inputs, and add up what arrives at each node."""
        for node in reversed(topological_order(self.forward, [self.output])):
            upstream = self._upstream(node) if node in self.active else None
            if upstream is not None:
                self.of_node[node] = upstream
                self._name(node, upstream)
                self._send_back(node, upstream)
        return Backward(self.graph, self.of_wire, self.of_node, tuple(self.records))

    def _upstream(self, node: str) -> str | None:
        """Return the gradient at a node's output: the sum over its out-wires."""
        if node == self.output:
            one = self.tape.number(1.0)
            return (
                self.tape.gate("broadcast", one, node, axis=())
                if self.tape.shape(node)
                else one
            )
        wires = readers(self.forward, node)
        arriving = [self.of_wire[wire] for wire in wires if wire in self.of_wire]
        if not arriving:
            return None
        total, *others = arriving
        for other in others:
            total = self.tape.gate("add", total, other)
        self._mark(total, arriving)
        return total

    def _mark(self, gradient: str, sources: Iterable[str]) -> None:
        """Note that a gradient may be 0 where one of those it is made of is."""
        if self.zeros.intersection(sources):
            self.zeros.add(gradient)

    def _send_back(self, node: str, upstream: str) -> None:
        """Give every wire into a gate its gradient: upstream times local."""
        gate = node_gate(self.forward, node)
        if gate in LEAVES:
            return
        sources = arguments(self.forward, node)
        if gate == COPY:
            self.of_wire[sources[0], node, 0] = upstream
            return
        entry = GATES[gate]
        if isinstance(entry, Pointwise):
            self._pointwise(entry, node, sources, upstream)
        else:
            self._structural(entry, node, sources, upstream)

    def _pointwise(
        self, gate: Pointwise, node: str, sources: list[str], upstream: str
    ) -> None:
        args = [origin(self.forward, source) for source in sources]
        bindings = dict(zip(SYMBOLS, args, strict=False)) | {"out": node, "u": upstream}
        power = power_parts(self.forward, gate.name, args)
        for position, source in enumerate(sources):
            if source not in self.active:
                continue
            local = slope(gate.name, position, self.ties, power)
            if local.vanishes:
                continue
            sent = self._sent(gate, node, local, bindings)
            gradient = unbroadcast(self.tape, sent, self.tape.shape(source))
            self._mark(gradient, [sent])
            self._record((source, node, position), upstream, local, gradient)

    def _sent(
        self, gate: Pointwise, node: str, local: Slope, bindings: Mapping[str, str]
    ) -> str:
        """Append upstream times slope; a 0 that was routed there stays one."""
        upstream = bindings["u"]
        if gate.name == "sqrt":
            rest = without_factor(self.tape, upstream, node)
            if rest:
                return halved(self.tape, rest, node)
        infinite = any(bindings[name] in self.unbounded for name in local.names)
        risky = infinite or has_pole(self.forward, node)
        small = any(bindings[name] in self.unbounded for name in local.below)
        if upstream in self.zeros and risky and not local.constant:
            factor = follow(self.tape, local.steps, bindings)
            gradient = self.tape.gate("routed", upstream, factor)
        else:
            gradient = follow(self.tape, local.adjoint, bindings)
        if small or local.chooses or upstream in self.zeros:
            self.zeros.add(gradient)
        return gradient

    def _structural(
        self, gate: Structural, node: str, sources: list[str], upstream: str
    ) -> None:
        data = node_data(self.forward, node)
        args = tuple(operands(self.forward, node))
        call = Call(args, node, data["attrs"], self.ties)
        if gate.adjoint is None:
            gradients = _through_its_gates(self.tape, gate, call, upstream)
        else:
            gradients = gate.adjoint(self.tape, call, upstream)
        for position, (source, gradient) in enumerate(
            zip(sources, gradients, strict=True)
        ):
            if gradient is not None and source in self.active:
                self._mark(gradient, [upstream])
                if gate.routes:
                    self.zeros.add(gradient)
                self._record((source, node, position), upstream, None, gradient)

    def _record(
        self, wire: Wire, upstream: str, local: Slope | None, gradient: str
    ) -> None:
        self.of_wire[wire] = gradient
        self.records.append(Sent(wire, upstream, local, gradient))

    def _name(self, node: str, gradient: str) -> None:
        """Call the gradient of W1 dW1, unless its node has a name already."""
        name = node_data(self.forward, node)["name"]
        data = node_data(self.graph, gradient)
        if name and not data["name"] and data["gate"] != "number":
            wanted = f"d{name}"
            while wanted in self.names:
                wanted += "_"
            data["name"] = wanted
            self.names.add(wanted)


def _through_its_gates(
    tape: GraphTape, gate: Structural, call: Call, upstream: str
) -> tuple[str | None, ...]:
    """Append the gradients of a composite without an adjoint, by the gates inside."""
    assert gate.opened is not None
    inner = new_graph()
    names = [f"a{i}" for i in range(len(call.args))]
    for name, arg in zip((*names, "u"), (*call.args, upstream), strict=True):
        add_input(inner, name, tape.shape(arg))
    within = GraphTape(inner)
    out = gate.opened(within, Call(tuple(names), "", call.attrs))
    inner.graph["output"] = within.gate("sum", within.gate("mul", out, "u"), axis=None)
    back = backward_graph(inner, wrt=names, ties=call.ties)
    made = dict(zip((*names, "u"), (*call.args, upstream), strict=True))
    wanted = [back.of_node[name] for name in names if name in back.of_node]
    for node in topological_order(back.graph, wanted):
        data, args = node_data(back.graph, node), operands(back.graph, node)
        if data["gate"] == "number":
            made[node] = tape.number(data["value"])
        elif data["gate"] == COPY:
            made[node] = made[args[0]]
        elif data["gate"] != "input":
            places = [made[arg] for arg in args]
            made[node] = tape.gate(data["gate"], *places, **data["attrs"])
    sent = [back.of_node.get(name) for name in names]
    return tuple(None if node is None else made[node] for node in sent)
