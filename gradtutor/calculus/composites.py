"""Open a composite into its gates, or close gates that spell a composite out.

>>> from gradtutor.language import parse
>>> opened = open_gates(parse("sigmoid(x)"), ["sigmoid"])
>>> [data["gate"] for _, data in opened.nodes(data=True)]
['input', 'neg', 'exp', 'number', 'add', 'number', 'div']
>>> [data["gate"] for _, data in close_gates(opened).nodes(data=True)]
['input', 'sigmoid']
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from gradtutor.calculus.recipe import Operand, Recipe, follow
from gradtutor.calculus.slopes import gate_facts
from gradtutor.calculus.tape import GraphTape
from gradtutor.gates import (
    COPY,
    GATES,
    LEAVES,
    STOPPED,
    Call,
    Pointwise,
    ShapeMismatchError,
)
from gradtutor.graph import (
    Graph,
    NodeData,
    ShapeError,
    new_graph,
    operands,
    place_gate,
    readers,
    topological_order,
)
from gradtutor.messages import tr

#: Gates whose arguments may stand in either order.
COMMUTATIVE = {"add", "mul"}


def composites() -> list[str]:
    """Return the names of the gates that open into several."""
    return [name for name, gate in GATES.items() if _opens(name, gate)]


def _opens(name: str, gate: Any) -> bool:
    if not isinstance(gate, Pointwise):
        return gate.opened is not None and name not in STOPPED
    return not gate.infix and len(gate_facts(name).recipe.steps) > 1


def open_gates(
    graph: Graph, names: Collection[str], only: Collection[str] | None = None
) -> Graph:
    """Return the graph with these composites drawn as the gates they are made of.

    Parameters
    ----------
    only : collection of str, optional
        Nodes; the others stay closed. By default all composites of these names open.

    Raises
    ------
    ShapeError
        When a tensor composite's shapes are not known yet.
    """
    result = new_graph(graph.graph["source"])
    made: dict[str, str] = {}
    for node in topological_order(graph):
        data = graph.nodes[node]
        if data["gate"] == COPY:
            continue
        args = [made[arg] for arg in operands(graph, node)]
        chosen = data["gate"] in names and (only is None or node in only)
        if chosen and _opens(data["gate"], GATES[data["gate"]]):
            try:
                made[node] = _opened(result, data, args)
            except ShapeMismatchError as error:
                message = tr(
                    "{gate} opens once its shapes are declared ({error})",
                    gate=data["gate"],
                    error=error,
                )
                place = data["span"], graph.graph["source"]
                raise ShapeError(message, node, *place) from None
        else:
            made[node] = _again(result, data, args)
    result.graph.update(graph.graph, output=made[graph.graph["output"]])
    return result


def _again(result: Graph, data: NodeData, args: list[str]) -> str:
    """Place a node in the new graph as it was."""
    if data["gate"] in LEAVES:
        node = data["name"] or f"number.{len(result)}"
        result.add_node(node, **data)
        return str(node)
    return place_gate(
        result,
        data["gate"],
        args,
        data["shape"],
        name=data["name"],
        span=data["span"],
        attrs=data["attrs"],
    )


def _opened(result: Graph, data: NodeData, args: list[str]) -> str:
    """Place a composite's gates; the last one takes its name."""
    gate, before, tape = GATES[data["gate"]], len(result), GraphTape(result)
    if isinstance(gate, Pointwise):
        bindings = dict(zip("abc", args, strict=False))
        last = follow(tape, gate_facts(gate.name).recipe, bindings)
    else:
        assert gate.opened is not None
        if any(result.nodes[arg]["shape"] is None for arg in args):
            raise ShapeMismatchError(tr("an argument's is not known"))
        last = gate.opened(tape, Call(tuple(args), "", data["attrs"]))
    for node in list(result)[before:]:
        result.nodes[node]["span"] = data["span"]
    if not result.nodes[last]["name"]:
        result.nodes[last]["name"] = data["name"]
    return last


# ---- closing: the gates that spell a composite out become one ----


def close_gates(graph: Graph) -> Graph:
    """Return the graph with every spelled-out pointwise composite as one gate.

    Inner gates that have a name, or are read elsewhere, keep a composite open.
    """
    recipes = {
        name: gate_facts(name).recipe
        for name, gate in GATES.items()
        if isinstance(gate, Pointwise) and gate.arity == (1, 1)
    }
    patterns = {name: one for name, one in recipes.items() if len(one.steps) > 2}
    found: dict[str, tuple[str, str]] = {}
    inner: set[str] = set()
    for node in reversed(topological_order(graph)):
        for name, pattern in patterns.items():
            bound = None if node in inner else _match(graph, node, pattern)
            if bound is not None:
                argument, used = bound
                found[node] = (name, argument)
                inner |= used
                break
    return _replace(graph, found, inner)


def _match(graph: Graph, root: str, pattern: Recipe) -> tuple[str, set[str]] | None:
    """Match a recipe backwards from a node; return its argument and the inner nodes."""
    bound: set[str] = set()
    used: set[str] = set()
    stack: list[tuple[Operand, str]] = [(pattern.answer, root)]
    while stack:
        operand, node = stack.pop()
        data = graph.nodes[node]
        if isinstance(operand, str):
            bound.add(node)
        elif isinstance(operand, float):
            if data["gate"] != "number" or data["value"] != operand:
                return None
            used |= set() if _is_shared(graph, node) else {node}
        else:
            step = pattern.steps[operand]
            kept = data["name"] or node == graph.graph["output"]
            shared = node != root and (kept or _is_shared(graph, node))
            if data["gate"] != step.gate or shared:
                return None
            used.add(node)
            stack.extend(_paired(graph, node, step.gate, step.args))
    used.discard(root)
    return (bound.pop(), used) if len(bound) == 1 else None


def _paired(
    graph: Graph, node: str, gate: str, expected: tuple[Operand, ...]
) -> Iterator[tuple[Operand, str]]:
    """Pair a step's operands with a node's arguments, numbers with numbers."""
    args = operands(graph, node)
    numbers = [graph.nodes[arg]["gate"] == "number" for arg in args]
    wanted = [isinstance(operand, float) for operand in expected]
    if gate in COMMUTATIVE and numbers != wanted:
        args = args[::-1]
    return zip(expected, args, strict=True)


def _is_shared(graph: Graph, node: str) -> bool:
    wires = readers(graph, node)
    return any(graph.nodes[target]["gate"] == COPY for _, target, _ in wires)


def _replace(graph: Graph, found: dict[str, tuple[str, str]], inner: set[str]) -> Graph:
    result = new_graph(graph.graph["source"])
    made: dict[str, str] = {}
    for node in topological_order(graph):
        data = graph.nodes[node]
        if node in inner or data["gate"] == COPY:
            continue
        if node in found:
            name, argument = found[node]
            made[node] = _again(
                result, data | {"gate": name, "attrs": {}}, [made[argument]]
            )
        else:
            made[node] = _again(
                result, data, [made[arg] for arg in operands(graph, node)]
            )
    result.graph.update(graph.graph, output=made[graph.graph["output"]])
    unread = [node for node in result if not result.succ[node]]
    numbers = [node for node in unread if result.nodes[node]["gate"] == "number"]
    result.remove_nodes_from(set(numbers) - {result.graph["output"]})
    return result
