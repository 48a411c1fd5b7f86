"""Deterministic orders over a graph, by plain loops: a chain of 100,000 gates works."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from gradtutor.graph.build import Graph, arguments

#: Names as a person wrote them, in their order or each with its place.
Order = Sequence[str] | Mapping[str, int]


def topological_order(graph: Graph, targets: Iterable[str] | None = None) -> list[str]:
    """Return nodes so that each stands after its arguments, in the order written.

    Parameters
    ----------
    targets : iterable of str, optional
        Return only what these nodes need; by default the whole graph.

    Examples
    --------
    >>> from gradtutor.graph import add_gate, add_input, new_graph
    >>> graph = new_graph()
    >>> x, y = add_input(graph, "x"), add_input(graph, "y")
    >>> q = add_gate(graph, "add", x, y, name="q")
    >>> topological_order(graph)
    ['x', 'y', 'q']
    """
    done: dict[str, None] = {}
    for target in list(graph) if targets is None else targets:
        if target in done:
            continue
        if all(arg in done for arg in arguments(graph, target)):  # as it was written
            done[target] = None
        else:
            done.update(dict.fromkeys(needed(graph, target, done)))
    return list(done)


def needed(graph: Graph, target: str, known: Container[str] = ()) -> list[str]:
    """Return what a node needs beyond what is known, arguments first, itself last."""
    if target in known:
        return []
    done: dict[str, None] = {}
    stack = [target]
    while stack:
        node = stack[-1]
        waiting = [] if node in done else arguments(graph, node)[::-1]
        waiting = [arg for arg in waiting if arg not in done and arg not in known]
        if waiting:
            stack.extend(waiting)
        else:
            done[stack.pop()] = None
    return list(done)


def dependents(
    graph: Graph, sources: Iterable[str], stops: Container[str] = ()
) -> set[str]:
    """Return all nodes that a change of these sources reaches, and themselves.

    Parameters
    ----------
    stops : container of str, optional
        Gates that let no change through.
    """
    reached = set(sources)
    stack = list(reached)
    while stack:
        for target in graph._succ[stack.pop()]:
            if target not in reached and graph._node[target]["gate"] not in stops:
                reached.add(target)
                stack.append(target)
    return reached


def weights(graph: Graph) -> list[str]:
    """Return what a network learns and what it keeps: those that are trained first."""
    return [*inputs(graph, "parameter"), *inputs(graph, "frozen")]


def inputs(graph: Graph, *roles: str) -> list[str]:
    """Return the inputs, in the order written; of these roles only, if given."""
    return [
        node
        for node, data in graph.nodes(data=True)
        if data["gate"] == "input" and (not roles or data["role"] in roles)
    ]
