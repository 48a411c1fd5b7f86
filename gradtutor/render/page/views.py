"""What the page can show: the circuit with each choice of open composites or layers.

A composite opens into its gates, a layer of a network into the gates on it. The layout
program draws each choice once; the page changes between the drawings.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import networkx as nx

from gradtutor.calculus.composites import composites, open_gates
from gradtutor.calculus.slopes import gate_facts
from gradtutor.calculus.symbols import output_name
from gradtutor.gates import COPY, GATES, LEAVES, Pointwise
from gradtutor.graph import Graph, Wire, readers, topological_order
from gradtutor.render.labels import folded_number
from gradtutor.render.page.group_titles import group_title
from gradtutor.render.page.layer_views import groups_of, quotient

#: With so few things to open, every combination is drawn; with more, one at a time.
COMBINED = 3
#: Gates in all drawings together (the layout takes seconds for so many); when they
#: would be more, only all closed and all open are drawn.
MAX_DRAWN = 1500


@dataclass(frozen=True)
class Box:
    """Something with wires: an input, a gate, a copy, a folded layer, the output.

    Attributes
    ----------
    nodes : tuple of str
        The graph's nodes in it; more than one in a folded layer.
    key : str
        What opens with it, empty if nothing does.
    cluster : str
        The open composite or layer that it is a part of, empty if none.
    """

    kind: str
    nodes: tuple[str, ...]
    title: str = ""
    key: str = ""
    cluster: str = ""


@dataclass(frozen=True)
class View:
    """One drawing.

    Attributes
    ----------
    open : tuple of str
        The keys that are open in it.
    wires : list
        (wire of the graph or None for the output's, box it leaves, box it enters).
    clusters : dict
        Titles of the frames around what is open, by key.
    """

    graph: Graph
    open: tuple[str, ...]
    boxes: list[Box]
    clusters: dict[str, str]
    wires: list[tuple[Wire | None, int, int]] = field(default_factory=list)

    @cached_property
    def steps(self) -> list[int]:
        """The boxes that compute, in the order of the forward pass."""
        kinds = ("gate", "copy", "layer")
        return [i for i, box in enumerate(self.boxes) if box.kind in kinds]


def page_views(graph: Graph) -> list[View]:
    """Return every drawing of a graph with known shapes, the folded one first."""
    groups = groups_of(graph)
    if groups:
        openable = [key for key, nodes in groups.items() if len(nodes) > 1]
        return [
            _folded_view(graph, groups, chosen)
            for chosen in choices(openable, len(graph))
        ]
    keys = _composite_keys(graph)
    return [
        _composite_view(graph, keys, chosen) for chosen in choices(keys, len(graph))
    ]


def closed_view(graph: Graph) -> View:
    """Return the drawing of a network with every layer closed."""
    return _folded_view(graph, groups_of(graph), ())


def choices(keys: Collection[str], size: int) -> list[tuple[str, ...]]:
    """Return the sets of open keys that are drawn, of a graph of so many nodes.

    >>> choices(["a", "b"], 10)
    [(), ('a',), ('b',), ('a', 'b')]
    >>> choices(["a", "b"], 1000)
    [(), ('a', 'b')]
    """
    names = tuple(keys)
    sizes = range(len(names) + 1) if len(names) <= COMBINED else (0, 1, len(names))
    found = [chosen for count in sizes for chosen in combinations(names, count)]
    if len(found) * size <= MAX_DRAWN:
        return found
    return [(), names] if names else [()]


# ---- composites ----


def _composite_keys(graph: Graph) -> dict[str, str]:
    """Give each composite that is worth opening a key; values are nodes."""
    nodes = [
        node for node in topological_order(graph) if _is_worth_opening(graph, node)
    ]
    return {f"c{count}": node for count, node in enumerate(nodes)}


def _is_worth_opening(graph: Graph, node: str) -> bool:
    name = graph.nodes[node]["gate"]
    if name not in composites():
        return False
    gate = GATES[name]
    return not isinstance(gate, Pointwise) or len(gate_facts(name).recipe.steps) > 2


def _composite_view(
    graph: Graph, keys: dict[str, str], chosen: tuple[str, ...]
) -> View:
    """Draw a formula with some composites open, in a frame each."""
    spans: dict[str, list[str]] = {}
    for key, node in keys.items():
        spans.setdefault(_identity(graph, node), []).append(key)
    opened = {keys[key] for key in chosen}
    frames = {graph.nodes[keys[key]]["span"]: key for key in chosen}
    drawn = open_gates(graph, composites(), opened) if opened else graph
    waiting = {
        identity: [key for key in names if key not in chosen]
        for identity, names in spans.items()
    }
    boxes = []
    for node in topological_order(drawn):
        if folded_number(drawn, node):
            continue
        same = waiting.get(_identity(drawn, node), [])
        key = same.pop(0) if same else ""
        frame = frames.get(drawn.nodes[node]["span"], "")
        kind = _kind(drawn, node)
        frame = "" if kind == "input" else frame
        boxes.append(Box(kind, (node,), key=key, cluster=frame))
    titles = {key: graph.nodes[keys[key]]["gate"] for key in chosen}
    return _wired(View(drawn, chosen, boxes, titles))


def _identity(graph: Graph, node: str) -> str:
    """Know a composite again in the graph where others are open."""
    data = graph.nodes[node]
    return f"{data['gate']}@{data['span']}"


def _kind(graph: Graph, node: str) -> str:
    gate = graph.nodes[node]["gate"]
    return gate if gate in (*LEAVES, COPY) else "gate"


# ---- layers ----


def _folded_view(
    graph: Graph, groups: dict[str, tuple[str, ...]], chosen: tuple[str, ...]
) -> View:
    """Draw a network with some layers open; a layer of one gate has nothing to open."""
    closed = {key: nodes for key, nodes in groups.items() if key not in chosen}
    closed, folded = _without_circles(graph, closed)
    frame = {node: key for key in chosen for node in groups[key]}
    order = {node: count for count, node in enumerate(topological_order(graph))}
    first = order | {key: order[nodes[0]] for key, nodes in closed.items()}
    boxes = []
    for item in nx.lexicographical_topological_sort(folded, key=first.__getitem__):
        if item in closed:
            key = str(item)
            opens = key if len(closed[key]) > 1 else ""
            boxes.append(
                Box("layer", closed[key], group_title(graph, closed[key]), opens)
            )
        elif not folded_number(graph, item):
            kind = _kind(graph, item)
            boxes.append(Box(kind, (item,), cluster=frame.get(item, "")))
    titles = {key: group_title(graph, groups[key]) for key in chosen}
    return _wired(View(graph, chosen, boxes, titles))


def _without_circles(
    graph: Graph, closed: dict[str, tuple[str, ...]]
) -> tuple[dict[str, tuple[str, ...]], nx.MultiDiGraph]:
    """Fold layers; those that would feed each other both ways are left open."""
    while True:
        of_node = {node: key for key, group in closed.items() for node in group}
        folded = quotient(graph, of_node)
        parts = nx.strongly_connected_components(folded)
        knots = {item for part in parts if len(part) > 1 for item in part}
        if not knots:
            return closed, folded
        closed = {key: nodes for key, nodes in closed.items() if key not in knots}


# ---- wires ----


def _wired(view: View) -> View:
    """Add the wires between boxes, and the one that leaves the circuit."""
    graph = view.graph
    box_of = {node: i for i, box in enumerate(view.boxes) for node in box.nodes}
    for i, box in enumerate(view.boxes):
        wires = [wire for node in box.nodes for wire in readers(graph, node)]
        view.wires.extend(
            (wire, i, box_of[wire[1]]) for wire in wires if box_of[wire[1]] != i
        )
    view.wires.sort(key=lambda wire: (wire[2], wire[0][2] if wire[0] else 0))
    source = box_of[graph.graph["output"]]
    view.boxes.append(Box("output", (graph.graph["output"],), output_name(graph)))
    view.wires.append((None, source, len(view.boxes) - 1))
    return view
