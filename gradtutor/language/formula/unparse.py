r"""A graph back to text in the same language, as it was written.

>>> from gradtutor.language import parse
>>> graph = parse("q = x+x-(a-b)\nf = -q^2/(3*q)")
>>> expression_text(graph, "f"), expression_text(graph, "q")
('-q**2/(3*q)', 'x + x - (a - b)')
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from gradtutor.gates import COPY, GATES, Pointwise, Structural
from gradtutor.graph import (
    Graph,
    arguments,
    node_data,
    node_gate,
    operands,
    readers,
    topological_order,
)

ELLIPSIS = "…"
LIMIT = 20_000  # characters of an expression
#: How tightly an operator binds, as in Python.
BINDING = {
    **dict.fromkeys((">", ">=", "<", "<=", "==", "!="), 0),
    **dict.fromkeys("+-", 1),
    **dict.fromkeys("*/@", 2),
    "**": 4,
}
NEGATION = 3
ATOM = 5


@dataclass(frozen=True)
class Text:
    """An expression and how tightly its outermost operator binds.

    ``condition`` is how a comparison is written where it only decides; ``base`` is
    what a power raises; ``items`` is what stands in the brackets of a list; ``call`` is
    a function and its brackets, between which a power may stand: sin²(x).
    """

    text: str
    binding: int = ATOM
    condition: str = ""
    base: str = ""
    items: str = ""
    call: tuple[str, str] | None = None

    def inside(self, binding: int, *, right: bool = False) -> str:
        """Return the text as an operand, in parentheses where they are due."""
        bare = self.binding >= binding and not (right and self.text.startswith("-"))
        return self.text if bare else f"({self.text})"


def expression_text(
    graph: Graph,
    node: str,
    *,
    stops: Collection[str] | None = None,
    limit: int = LIMIT,
) -> str:
    """Write the expression that a node computes; see `Expressions`."""
    return Expressions(graph, stops=stops, limit=limit).text(node)


class Expressions:
    """The expressions of many nodes of one graph; what they share is written once.

    Parameters
    ----------
    stops : collection of str, optional
        Nodes written by their name; by default all named ones. A node itself is
        always written out.
    limit : int
        A part longer than this many characters is written as an ellipsis.
    """

    def __init__(
        self, graph: Graph, *, stops: Collection[str] | None = None, limit: int = LIMIT
    ) -> None:
        self.graph, self.limit = graph, limit
        self.stops = None if stops is None else set(stops)
        self.known: dict[str, Text] = {}

    def text(self, node: str) -> str:
        """Write the expression that a node computes."""
        for item in self._needed(node):
            self.known[item] = self._operand(item)
        return self._whole(node).text

    def _is_stop(self, node: str) -> bool:
        if self.stops is None:
            return bool(node_data(self.graph, node)["name"])
        return node in self.stops

    def _operand(self, node: str) -> Text:
        if self._is_stop(node):
            return Text(str(node_data(self.graph, node)["name"]))
        return self._whole(node)

    def _whole(self, node: str) -> Text:
        args = [self.known[arg] for arg in arguments(self.graph, node)]
        text = node_text(self.graph, node, args)
        return text if len(text.text) <= self.limit else Text(ELLIPSIS)

    def _needed(self, node: str) -> list[str]:
        """Return what is not written yet above a node, arguments first."""
        done: dict[str, None] = {}
        stack = arguments(self.graph, node)[::-1]
        while stack:
            item = stack[-1]
            waiting = [] if self._is_stop(item) else arguments(self.graph, item)
            waiting = [a for a in waiting if a not in done and a not in self.known]
            if waiting and item not in self.known:
                stack.extend(waiting[::-1])
            else:
                done[stack.pop()] = None
        return [item for item in done if item not in self.known]


def node_text(graph: Graph, node: str, args: list[Text]) -> Text:
    """Write one node on the texts of its arguments."""
    data = node_data(graph, node)
    if data["gate"] == "input":
        return Text(str(data["name"]))
    if data["gate"] == "number":
        return Text(data["text"], NEGATION if data["text"].startswith("-") else ATOM)
    if data["gate"] == COPY:
        return args[0]
    gate = GATES[data["gate"]]
    if gate.infix:
        return _infix(gate.infix, *args)
    if isinstance(gate, Pointwise) and gate.prefix:
        return Text(gate.prefix + args[0].inside(NEGATION, right=True), NEGATION)
    if isinstance(gate, Structural) and gate.suffix:
        return Text(args[0].inside(ATOM) + gate.suffix(data["attrs"]))
    keywords = (
        [] if isinstance(gate, Pointwise) else _keywords(gate.keywords, data["attrs"])
    )
    if not isinstance(gate, Pointwise) and gate.postfix and not keywords:
        return Text(args[0].inside(ATOM) + gate.postfix)
    text = f"{gate.name}({', '.join([arg.text for arg in args] + keywords)})"
    items = _items(graph, node, args)
    is_list = items and data["gate"] == "concat"
    return Text(f"[{items}]" if is_list else text, items=items)


def _items(graph: Graph, node: str, args: list[Text]) -> str:
    """Return the parts of a list that gates stack, as [x, 2] is; else nothing."""
    data = node_data(graph, node)
    if data["gate"] == "concat" and data["attrs"]["axis"] == 0:
        return ", ".join(a.items for a in args) if all(a.items for a in args) else ""
    shape = graph.nodes[arguments(graph, node)[0]]["shape"] if args else None
    one = shape is not None and data["attrs"].get("shape") == (1, *shape)
    return args[0].text if one and data["gate"] == "reshape" else ""


def _infix(operator: str, left: Text, right: Text) -> Text:
    binding = BINDING[operator]
    gap = " " if binding <= 1 or operator == "@" else ""
    if operator == "**":  # -x**2 is -(x**2), and powers nest with parentheses
        return Text(f"{left.inside(ATOM)}**{right.inside(ATOM)}", binding)
    operands_ = left.inside(binding), right.inside(binding + 1, right=True)
    return Text(f"{gap}{operator}{gap}".join(operands_), binding)


def unusual_keywords(defaults: Any, attrs: Any) -> dict[str, Any]:
    """Return the keywords of a gate that are not the default; one axis as a number."""
    given = {key: attrs[key] for key in defaults if key in attrs}
    single = {
        key: value[0]
        for key, value in given.items()
        if key == "axis" and isinstance(value, tuple) and len(value) == 1
        if defaults[key] != ()
    }
    shown = given | single
    return {
        key: value
        for key, value in shown.items()
        if not _usual(key, value, defaults[key])
    }


def _keywords(defaults: Any, attrs: Any) -> list[str]:
    """Write the keywords that are not the default."""
    said = unusual_keywords(defaults, attrs)
    return [f"{key}={value!r}".replace("'", '"') for key, value in said.items()]


def _usual(key: str, value: Any, default: Any) -> bool:
    """Whether a keyword need not be written: (1, 1) is 1, or (1,), for two axes.

    The kernel is written in full: it says how many axes there are.
    """
    if key == "kernel":
        return bool(value == default)
    if isinstance(value, tuple) and value and default:
        return set(value) == set(default if isinstance(default, tuple) else [default])
    return bool(value == default)


def program_text(graph: Graph, node: str, *, longest: int = 60) -> str:
    r"""Write a node as several lines: what is used twice, or is long, gets a line.

    A line has the value's own name, or t1, t2, ...; the text grows with the number of
    gates, however often a value is shared.

    >>> from gradtutor.language import parse
    >>> graph = parse("s = sin(x)*2\nr = (s + 1)*(s + 1)\nr*s")
    >>> print(program_text(graph, graph.graph["output"]))
    s = sin(x)*2
    (s + 1)*(s + 1)*s
    """
    needed = topological_order(graph, [node])
    inside = set(needed)
    taken = {data["name"] for _, data in graph.nodes(data=True)}
    fresh = (f"t{count}" for count in itertools.count(1) if f"t{count}" not in taken)
    texts: dict[str, Text] = {}
    lines: list[str] = []
    for item in needed:
        data = node_data(graph, item)
        text = node_text(graph, item, [texts[arg] for arg in operands(graph, item)])
        if item != node and graph.pred[item] and data["gate"] != COPY:
            used = _uses(graph, item, inside)
            if used > 1 or len(text.text) > longest:
                name = data["name"] or next(fresh)
                lines.append(f"{name} = {text.text}")
                text = Text(name)
        texts[item] = text
    return "\n".join([*lines, texts[node].text])


def reading_text(graph: Graph, lines: Sequence[tuple[str, str]]) -> str:
    r"""Write a formula's lines in the language, as they were read.

    >>> from gradtutor.language import parse
    >>> parse("q = 2x\nq sin y").graph["reading"]["text"]
    'q = 2*x; q*sin(y)'
    """
    written, expressions = [], Expressions(graph, limit=1000)
    for name, node in lines:
        if node_gate(graph, node) == "input" and name:
            continue  # a value
        text = expressions.text(node)
        written.append(f"{name} = {text}" if name else text)
    return "; ".join(written)


def _uses(graph: Graph, node: str, inside: Collection[str]) -> int:
    """Count the gates, among these, that read a node's value."""
    wires = [wire for wire in readers(graph, node) if wire[1] in inside]
    if len(wires) == 1 and node_gate(graph, wires[0][1]) == COPY:
        wires = [wire for wire in readers(graph, wires[0][1]) if wire[1] in inside]
    return len(wires)
