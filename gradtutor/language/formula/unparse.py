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
from gradtutor.graph import Graph, arguments, operands, readers, topological_order

ELLIPSIS = "…"
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
    what a power raises.
    """

    text: str
    binding: int = ATOM
    condition: str = ""
    base: str = ""

    def inside(self, binding: int, *, right: bool = False) -> str:
        """Return the text as an operand, in parentheses where they are due."""
        bare = self.binding >= binding and not (right and self.text.startswith("-"))
        return self.text if bare else f"({self.text})"


def expression_text(
    graph: Graph,
    node: str,
    *,
    stops: Collection[str] | None = None,
    limit: int = 20_000,
) -> str:
    """Write the expression that a node computes.

    Parameters
    ----------
    stops : collection of str, optional
        Nodes written by their name; by default all named ones. The node itself is
        always written out.
    limit : int
        A part longer than this many characters is written as an ellipsis.
    """
    if stops is None:
        stops = [name for name, data in graph.nodes(data=True) if data["name"]]
    known = set(stops) - {node}
    texts: dict[str, Text] = {}
    for item in _needed(graph, node, known):
        if item in known:
            text = Text(str(graph._node[item]["name"]))
        else:
            text = node_text(
                graph, item, [texts[arg] for arg in arguments(graph, item)]
            )
        texts[item] = text if len(text.text) <= limit else Text(ELLIPSIS)
    return texts[node].text


def _needed(graph: Graph, node: str, stops: Collection[str]) -> list[str]:
    """Return the nodes above this one, down to the stops, arguments first."""
    done: dict[str, None] = {}
    stack = [node]
    while stack:
        item = stack[-1]
        waiting = [] if item in stops or item in done else arguments(graph, item)
        waiting = [arg for arg in waiting if arg not in done]
        if waiting:
            stack.extend(waiting[::-1])
        else:
            done[stack.pop()] = None
    return list(done)


def node_text(graph: Graph, node: str, args: list[Text]) -> Text:
    """Write one node on the texts of its arguments."""
    data = graph._node[node]
    if data["gate"] == "input":
        return Text(data["name"])
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
    return Text(f"{gate.name}({', '.join([arg.text for arg in args] + keywords)})")


def _infix(operator: str, left: Text, right: Text) -> Text:
    binding = BINDING[operator]
    gap = " " if binding <= 1 or operator == "@" else ""
    if operator == "**":  # -x**2 is -(x**2), and powers nest with parentheses
        return Text(f"{left.inside(ATOM)}**{right.inside(ATOM)}", binding)
    operands_ = left.inside(binding), right.inside(binding + 1, right=True)
    return Text(f"{gap}{operator}{gap}".join(operands_), binding)


def _keywords(defaults: Any, attrs: Any) -> list[str]:
    """Write the keywords that are not the default; one axis as a number."""
    given = {key: attrs[key] for key in defaults if key in attrs}
    single = {
        key: value[0]
        for key, value in given.items()
        if key == "axis" and isinstance(value, tuple) and len(value) == 1
        if defaults[key] != ()
    }
    shown = given | single
    return [
        f"{key}={value!r}".replace("'", '"')
        for key, value in shown.items()
        if not _usual(key, value, defaults[key])
    ]


def _usual(key: str, value: Any, default: Any) -> bool:
    """Whether a keyword need not be written: (1, 1) is (1,) for two axes.

    The kernel is written in full: it says how many axes there are.
    """
    if key == "kernel":
        return bool(value == default)
    if isinstance(value, tuple) and isinstance(default, tuple) and value and default:
        return set(value) == set(default)
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
        data = graph._node[item]
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
    written = []
    for name, node in lines:
        if graph._node[node]["gate"] == "input" and name:
            continue  # a value
        text = expression_text(graph, node, limit=1000)
        written.append(f"{name} = {text}" if name else text)
    return "; ".join(written)


def _uses(graph: Graph, node: str, inside: Collection[str]) -> int:
    """Count the gates, among these, that read a node's value."""
    wires = [wire for wire in readers(graph, node) if wire[1] in inside]
    if len(wires) == 1 and graph._node[wires[0][1]]["gate"] == COPY:
        wires = [wire for wire in readers(graph, wires[0][1]) if wire[1] in inside]
    return len(wires)
