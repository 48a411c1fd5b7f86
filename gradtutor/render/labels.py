"""The texts of a picture: both numbers of a wire, and gate signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from gradtutor.calculus.symbols import output_name
from gradtutor.evaluate import Trace
from gradtutor.gates import COMPARISONS, COPY, GATES, LEAVES, Pointwise, show_shape
from gradtutor.graph import Graph, Wire, arguments, has_network, origin, readers
from gradtutor.messages import mark, tr
from gradtutor.render.drawing import Label
from gradtutor.render.heat import heat_map
from gradtutor.render.style import Style, elided, number, rows_of_numbers, summary

Symbols = Mapping[str | Wire, str]

#: What a constant looks like inside the circle of the gate it feeds, on either side.
BEFORE = {"add": "{}+", "sub": "{}−x", "mul": "{}×", "div": "{}/x", "pow": "{}^x"}
AFTER = {"add": "+{}", "sub": "−{}", "mul": "×{}", "div": "÷{}", "pow": "x^{}"}
BEFORE |= {name: f"{{}}{GATES[name].sign}x" for name in COMPARISONS}
AFTER |= {name: f"{GATES[name].sign}{{}}" for name in COMPARISONS}
#: Captions of a gate with its constant inside: one wire is left, and what it gets.
BY_CONSTANT = {
    **dict.fromkeys(
        [("add", 0), ("add", 1), ("sub", 1)], mark("passes the gradient on")
    ),
    ("sub", 0): mark("negates the gradient"),
    **dict.fromkeys([("mul", 0), ("mul", 1)], mark("gradient times the constant")),
    ("div", 0): mark("gradient times −constant/x²"),
    ("div", 1): mark("divides the gradient by the constant"),
}
#: Gates whose four axes are (channels, rows, columns, batch), and those with kernels.
CONVOLUTIONS = ("conv", "conv_transpose")
OF_IMAGES = (*CONVOLUTIONS, "max_pool", "avg_pool")
POWERS = {"2": "x²", "3": "x³", "4": "x⁴"}


def folded_number(graph: Graph, node: str) -> bool:
    """Whether a constant is drawn inside the gate that reads it."""
    if graph.nodes[node]["gate"] != "number":
        return False
    wires = readers(graph, node)
    if len(wires) != 1:
        return False
    reader = wires[0][1]
    given = [graph.nodes[arg]["gate"] == "number" for arg in arguments(graph, reader)]
    return graph.nodes[reader]["gate"] in BEFORE and given.count(True) == 1


def folded_constant(graph: Graph, node: str) -> bool:
    """Whether a number, or a fraction and its two, is drawn inside its reader."""
    if folded_number(graph, node) or _folded_fraction(graph, node):
        return True
    wires = readers(graph, node) if graph.nodes[node]["gate"] == "number" else []
    return len(wires) == 1 and _folded_fraction(graph, wires[0][1])


def _folded_fraction(graph: Graph, node: str) -> bool:
    """Whether a node is 1/2 without a name, whose one reader takes nothing like it."""
    wires = readers(graph, node)
    if not _is_fraction(graph, node) or len(wires) != 1:
        return False
    reader = wires[0][1]
    others = [arg for arg in arguments(graph, reader) if arg != node]
    given = [graph.nodes[arg]["gate"] == "number" for arg in others]
    alone = not any(given) and not any(_is_fraction(graph, arg) for arg in others)
    return alone and graph.nodes[reader]["gate"] in AFTER and bool(others)


def _is_fraction(graph: Graph, node: str) -> bool:
    data = graph.nodes[node]
    if data["gate"] != "div" or data["name"]:
        return False
    args = arguments(graph, node)
    return all(graph.nodes[arg]["gate"] == "number" for arg in args)


def _constant_text(graph: Graph, node: str, *, fractions: bool) -> str:
    """Return the constant that a gate has inside; empty where it has a wire."""
    if folded_number(graph, node):
        return str(graph.nodes[node]["text"])
    if not fractions or not _folded_fraction(graph, node):
        return ""
    return "/".join(graph.nodes[arg]["text"] for arg in arguments(graph, node))


def gate_sign(graph: Graph, node: str, *, fractions: bool = False) -> str:
    """Return what stands in a gate's circle: ``×``, or ``+1`` with a constant in it.

    ``fractions`` are constants too, in a picture: ``1/2×``.
    """
    gate = graph.nodes[node]["gate"]
    args = arguments(graph, node)
    for position, arg in enumerate(args):
        text = _constant_text(graph, arg, fractions=fractions)
        if text:
            if gate == "pow" and position == 1 and text in POWERS:
                return POWERS[text]
            bracketed = text[0] == "-" or ("/" in text and gate in ("div", "pow"))
            text = f"({text})" if bracketed else text
            return (BEFORE if position == 0 else AFTER)[gate].format(text)
    return COPY if gate == COPY else GATES[gate].sign


def gate_role(graph: Graph, node: str) -> str:
    """Return a caption: what the gate does to the gradient."""
    gate = graph.nodes[node]["gate"]
    for position, arg in enumerate(arguments(graph, node)):
        if (gate, position) in BY_CONSTANT and folded_number(graph, arg):
            return tr(BY_CONSTANT[gate, position])
    return tr("copies; backward it adds") if gate == COPY else tr(GATES[gate].role)


def gate_caption(trace: Trace | None, graph: Graph, node: str) -> str:
    """Return a gate's caption; at a kink it says what the tie rule does there."""
    gate = GATES.get(graph.nodes[node]["gate"])
    if trace is None or not isinstance(gate, Pointwise) or gate.kink is None:
        return gate_role(graph, node)
    args = arguments(graph, node)
    if any(trace.values[arg].ndim for arg in args):
        return gate_role(graph, node)
    from gradtutor.gates.symbols import ARGUMENTS

    numbers = [float(trace.values[arg]) for arg in args]
    point = dict(zip(ARGUMENTS, numbers, strict=False))
    if not gate.kink.at.subs(point):
        return gate_role(graph, node)
    slopes = [
        f"×{float(slope.subs(point)):g}"
        for slope, arg in zip(gate.kink.answers(trace.ties), args, strict=True)
        if graph.nodes[arg]["gate"] != "number"
    ]
    if len(slopes) == 1:
        return tr("kink, rule {rule}: {slope}", rule=trace.ties, slope=slopes[0])
    first, second = slopes
    if first == second:
        return tr("tie, rule {rule}: {slope} each", rule=trace.ties, slope=first)
    return tr(
        "tie, rule {rule}: {first} the first, {second} the second",
        rule=trace.ties,
        first=first,
        second=second,
    )


def value_label(title: str, value: Any, style: Style, layout: str = "") -> Label:
    """Return a value or gradient under its title: a number, or a tensor.

    ``layout`` is what the axes of a large one are, as ``heat_map`` takes it.
    """
    title = elided(title)
    if value is None:
        return Label(title)
    if not getattr(value, "ndim", 0):
        return Label(title, number(float(value), style.digits))
    shape = show_shape(value.shape)
    rows = tuple(map(tuple, rows_of_numbers(value, style.digits)))
    if rows:
        return Label(title, "", shape, rows)
    heat = heat_map(value, style.digits, layout) if style.heat else None
    return Label(title, summary(value, style.digits), shape, (), heat)


class WireTexts:
    """Finds the two texts of each wire in a trace, in symbols, or in both."""

    def __init__(
        self, graph: Graph, trace: Trace | None, style: Style, symbols: Symbols | None
    ) -> None:
        self.graph, self.trace, self.style = graph, trace, style
        self.symbols = symbols if style.show != "values" and symbols else {}

    def value(self, node: str) -> Label:
        """Return the upper text of a wire that leaves this node."""
        title = self._symbol(node) if self.symbols else self._shown_name(node)
        return self._with_number(title or "", self._numbers("values").get(node), node)

    def _symbol(self, node: str) -> str:
        """Return a value's symbol; an input's name stands at its box, so its shape."""
        data = self.graph.nodes[node]
        if data["gate"] in LEAVES:
            named = data["shape"] and not self._numbers("values")
            return show_shape(data["shape"]) if named else ""
        return self.symbols.get(node, "")

    def gradient(self, wire: Wire) -> Label:
        """Return the lower text; empty where no gradient is defined, or wanted."""
        return self.bundle([wire])

    def bundle(self, wires: Sequence[Wire], before: str = "") -> Label:
        """Return the lower text of wires drawn as one: their gradients' sum.

        ``before`` stands in front of a symbol, ``part of ``.
        """
        if not self.style.gradients:
            return Label()
        numbers = self._numbers("gradients")
        found = [numbers[wire] for wire in wires if wire in numbers]
        total = sum(found[1:], found[0]) if found else None
        symbol = self.symbols.get(wires[0], "")
        return self._with_number(symbol and before + symbol, total, wires[0][0])

    def output(self) -> tuple[Label, Label]:
        """Return both texts of the wire that leaves the circuit: df/df = 1."""
        output, name = self.graph.graph["output"], output_name(self.graph)
        if not self.style.gradients:
            return self.value(output), Label()
        title = f"∂{name}/∂{name} = 1" if self.symbols else ""
        number = None if title else self._numbers("node_gradients").get(output)
        return self.value(output), self._with_number(title, number)

    def _shown_name(self, node: str) -> str:
        data = self.graph.nodes[node]
        return data["name"] if data["name"] and data["gate"] != "input" else ""

    def _numbers(self, which: str) -> Mapping[Any, Any]:
        """Return the trace's numbers of one kind; none where only symbols are shown."""
        shown = self.trace is not None and self.style.show != "symbols"
        return getattr(self.trace, which) if shown else {}

    def _with_number(self, title: str, value: Any, node: str = "") -> Label:
        return value_label(title, value, self.style, self._layout(node))

    def _layout(self, node: str) -> str:
        """Return what the four axes of a tensor are: images', else kernels'."""
        if not node or not (self._has_images or has_network(self.graph)):
            return ""
        value = origin(self.graph, node)
        return "" if value in self._kernels else "channels"

    @cached_property
    def _has_images(self) -> bool:
        gates = {gate for _, gate in self.graph.nodes(data="gate")}
        return bool(gates & set(OF_IMAGES))

    @cached_property
    def _kernels(self) -> set[str]:
        """The values that convolutions read as their kernels, and all parameters."""
        graph = self.graph
        found = {
            origin(graph, arguments(graph, node)[1])
            for node, gate in graph.nodes(data="gate")
            if gate in CONVOLUTIONS
        }
        roles = graph.nodes(data="role")
        return found | {node for node, role in roles if role in ("parameter", "frozen")}
