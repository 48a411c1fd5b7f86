"""A circuit as the page's program: JavaScript for numbers, texts for the lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import indent
from typing import Any

from gradtutor.calculus import Backward, backward_graph
from gradtutor.calculus.partials import partial
from gradtutor.calculus.powers import power_parts
from gradtutor.calculus.symbols import gradient_symbols, output_name
from gradtutor.codegen.text.javascript import (
    expression_javascript,
    javascript_program,
    number_javascript,
)
from gradtutor.codegen.text.numpy_text import fill
from gradtutor.deferred import sympy
from gradtutor.gates import COPY, GATES, LEAVES, Pointwise
from gradtutor.graph import (
    Graph,
    Wire,
    arguments,
    dependents,
    inputs,
    operands,
    readers,
    topological_order,
)
from gradtutor.language.formula.unparse import Text
from gradtutor.render.labels import gate_role, gate_sign
from gradtutor.render.page.display_names import (
    FORMULA_WIDTH,
    display_names,
    operation_parts,
    operation_text,
    with_products,
    written,
)
from gradtutor.render.style import elided

#: More gates than this get no closed forms: sympy would take long.
MAX_SYMBOLS = 60
NO_GRADIENT = None  # of a constant
ZERO = -1  # a gradient that no gate computes


@dataclass(frozen=True)
class PageProgram:
    """The program of one graph.

    Attributes
    ----------
    data : dict
        What the page reads as JSON: ``nodes`` and ``wires``, each found by position.
    code : str
        The JavaScript of an object with ``run(v)`` and ``slopes(v, s)``.
    node_index, wire_index : dict
        Positions in the data.
    """

    graph: Graph
    data: dict[str, Any]
    code: str
    node_index: dict[str, int]
    wire_index: dict[Wire, int]

    @property
    def names(self) -> list[str]:
        """What each node is called, by position."""
        return [node["name"] for node in self.data["nodes"]]


def page_program(graph: Graph, ties: str, *, numbers: bool) -> PageProgram:
    """Print a graph's program.

    Parameters
    ----------
    graph : Graph
        With known shapes.
    numbers : bool
        Whether the page computes; a network too large for that shows shapes only.
    """
    return _Writer(graph, ties, numbers).written()


class _Writer:
    def __init__(self, graph: Graph, ties: str, numbers: bool) -> None:
        self.graph, self.ties, self.numbers = graph, ties, numbers
        self.backward: Backward = backward_graph(graph, ties=ties)
        self.shown = with_products(self.backward.graph)
        self.names = display_names(graph)
        self.order = topological_order(graph)
        self.active = dependents(graph, inputs(graph))
        self.node_index = {node: count for count, node in enumerate(self.order)}
        wires = [
            (source, node, position)
            for node in self.order
            for position, source in enumerate(arguments(graph, node))
        ]
        self.wire_index = {wire: count for count, wire in enumerate(wires)}
        self.output = output_name(graph)
        self.slopes: list[str] = []
        self.slots: dict[str, int] = {}

    def written(self) -> PageProgram:
        """Print the statements, and describe every node and wire for the page."""
        body: list[str] = []
        if self.numbers:
            made = [*self.backward.of_wire.values(), *self.backward.of_node.values()]
            program = javascript_program(self.backward.graph, [*self.order, *made])
            self.slots, body = program.slots, program.lines
        symbols = self._symbols()
        data = {
            "nodes": [self._node(node, symbols) for node in self.order],
            "wires": [self._wire(wire) for wire in self.wire_index],
            "output": self.node_index[self.graph.graph["output"]],
            "outputName": self.output,
        }
        slopes = [f"s[{count}] = {text};" for count, text in enumerate(self.slopes)]
        run, local = (indent("\n".join(lines), "  ") for lines in (body, slopes))
        code = f"{{\nrun(v) {{\n{run}\n}},\nslopes(v, s) {{\n{local}\n}},\n}}"
        return PageProgram(self.graph, data, code, self.node_index, self.wire_index)

    def _symbols(self) -> dict[str, str]:
        """Return the inputs' gradients in closed form, for small circuits."""
        if len(self.graph) > MAX_SYMBOLS or any(
            shape for _, shape in self.graph.nodes(data="shape")
        ):
            return {}
        return gradient_symbols(self.graph, self.ties)

    # ---- nodes ----

    def _node(self, node: str, symbols: Mapping[str, str]) -> dict[str, Any]:
        data = self.graph.nodes[node]
        record: dict[str, Any] = {
            "name": self.names[node],
            "gate": data["gate"],
            "shape": list(data["shape"]),
            "slot": self.slots.get(node),
            "grad": self._gradient(self.backward.of_node.get(node), node),
        }
        if data["gate"] == "input":
            record |= {"role": data["role"], "symbol": symbols.get(node)}
        if data["gate"] in LEAVES:
            return record
        pointwise = self._pointwise_gate(node)
        return record | {
            "sign": gate_sign(self.graph, node),
            "does": gate_role(self.graph, node),
            "title": data["gate"],
            "parts": operation_parts(self.graph, node),
            "text": operation_text(self.graph, node, self.names),
            "args": [self.wire_index[wire] for wire in self._in_wires(node)],
            "outs": [self.wire_index[wire] for wire in readers(self.graph, node)],
            "domain": pointwise.domain if pointwise else "",
            "tie": self._tie(node),
        }

    def _pointwise_gate(self, node: str) -> Pointwise | None:
        gate = GATES.get(self.graph.nodes[node]["gate"])
        return gate if isinstance(gate, Pointwise) else None

    def _in_wires(self, node: str) -> list[Wire]:
        sources = arguments(self.graph, node)
        return [(source, node, position) for position, source in enumerate(sources)]

    def _gradient(self, made: str | None, node: str) -> int | None:
        if node not in self.active:
            return NO_GRADIENT
        return ZERO if made is None else self.slots.get(made, ZERO)

    def _is_scalar(self, node: str) -> bool:
        nodes = [node, *operands(self.graph, node)]
        return all(self.graph.nodes[one]["shape"] == () for one in nodes)

    def _tie(self, node: str) -> int | None:
        """Return where the page finds whether a gate stands at its kink."""
        gate = self._pointwise_gate(node)
        if gate is None or gate.kink is None or not self._is_scalar(node):
            return None
        return self._slope(node, gate.kink.at) if self.numbers else None

    # ---- wires ----

    def _wire(self, wire: Wire) -> dict[str, Any]:
        source, target, position = wire
        use = readers(self.graph, source)
        record: dict[str, Any] = {
            "from": self.node_index[source],
            "to": self.node_index[target],
            "grad": self._gradient(self.backward.of_wire.get(wire), source),
            "use": [use.index(wire) + 1, len(use)],
        }
        if source not in self.active or self.graph.nodes[target]["gate"] == COPY:
            return record
        gate = self._pointwise_gate(target)
        if gate is not None and self._is_scalar(target):
            return record | self._local(gate, target, position)
        return record | {"formula": self._formula(wire)}

    def _local(self, gate: Pointwise, node: str, position: int) -> dict[str, Any]:
        """Return a scalar gate's local derivative: its text and its number's place."""
        from gradtutor.calculus.closed_form import expression_string

        args = operands(self.graph, node)
        power = power_parts(self.graph, gate.name, args)
        slope = partial(gate.name, position, self.ties, power)
        names = dict(zip(("a", "b", "c"), map(self._bracketed, args), strict=False))
        names["out"] = self.names[node]
        written = slope.subs(
            {
                symbol: sympy.Symbol(names[symbol.name], real=True)
                for symbol in slope.free_symbols
            },
            simultaneous=True,
        )
        place = self._slope(node, slope) if self.numbers else None
        return {"local": elided(expression_string(written), 60), "slope": place}

    def _bracketed(self, node: str) -> str:
        name = self.names[node]
        return f"({name})" if name.startswith("-") else name

    def _slope(self, node: str, expression: sympy.Basic) -> int:
        """Append an expression in a gate's arguments and output; return its place."""
        nodes = self.graph.nodes
        texts = {
            letter: number_javascript(nodes[arg]["value"])
            if nodes[arg]["gate"] == "number"
            else f"v[{self.slots[arg]}]"
            for letter, arg in zip("abc", operands(self.graph, node), strict=False)
        }
        texts["out"] = f"v[{self.slots[node]}]"
        self.slopes.append(fill(expression_javascript(expression), texts))
        return len(self.slopes) - 1

    def _formula(self, wire: Wire) -> str:
        """Write a tensor's gradient from the one above it: ∂f/∂z @ W.T, if short."""
        gradient = self.backward.of_wire.get(wire)
        if gradient is None:
            return "0"
        above = self.backward.of_node[wire[1]]
        known = {node: Text(name) for node, name in self.names.items()}
        gradient_name = Text(f"∂{self.output}/∂{self.names[wire[1]]}")
        known.setdefault(above, gradient_name)  # above may be a forward value itself
        text = written(self.shown, gradient, known)
        return text if len(text) <= FORMULA_WIDTH else ""
