"""Comparisons where NumPy's booleans are no numbers: added, subtracted, negated.

True + True is True in NumPy, PyTorch and JAX, and -True an error; exp(True) has half
precision. There a comparison becomes where(x > 0, 1, 0); a product, a choice and a
comparison take it as it is.
"""

from __future__ import annotations

from gradtutor.calculus.tape import GraphTape
from gradtutor.gates import COMPARISONS, COPY, GATES, Pointwise
from gradtutor.graph import (
    Graph,
    NodeData,
    add_gate,
    add_number,
    copied,
    node_gate,
    operands,
)

#: Gates that take booleans for numbers, or that give booleans of booleans.
TAKES = {"where", "mul", "routed", "div", "max", "min", *COMPARISONS}
#: Gates whose answer is a boolean where what they take, or choose among, is one.
MOVES = {COPY, "broadcast", "reshape", "transpose", "slice", "index", "flip", "gather"}
PASS_ON = {*MOVES, *TAKES, "abs"} - {"div", "routed"}


def masks_as_numbers(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
    """(x > 0) + (y > 0): each 1 or 0, so that two are 2."""
    decided = _decided(tape.graph, data["gate"], args)
    if not any(decided):
        return None
    given = [
        tape.gate("where", arg, tape.number(1.0), tape.number(0.0)) if mask else arg
        for arg, mask in zip(args, decided, strict=True)
    ]
    return tape.gate(data["gate"], *given, **data["attrs"])


def with_numbers_for_masks(graph: Graph) -> Graph:
    """Return a graph with the same nodes, and numbers where booleans would not do."""
    found = [
        node
        for node in graph
        if any(_decided(graph, graph.nodes[node]["gate"], operands(graph, node)))
    ]
    result = copied(graph) if found else graph
    for node in found:
        for source, _, position in list(result.in_edges(node, keys=True)):
            if is_boolean(result, source):
                result.remove_edge(source, node, key=position)
                ends = add_number(result, 1.0), add_number(result, 0.0)
                result.add_edge(
                    add_gate(result, "where", source, *ends), node, position
                )
    return result


def _decided(graph: Graph, gate: str, args: list[str]) -> list[bool]:
    """Return which arguments are booleans that a gate does not take for numbers."""
    plain = isinstance(GATES.get(gate), Pointwise) and gate not in TAKES
    found = [plain and is_boolean(graph, arg) for arg in args]
    alone = found[:1] if gate == "pow" else found
    return found if alone and all(alone) else [False] * len(args)


def is_boolean(graph: Graph, node: str) -> bool:
    r"""Whether NumPy gives booleans for a value.

    >>> from gradtutor.language import parse
    >>> graph = parse("p = (x > 0)*(y > 0)\nq = 2*p")
    >>> is_boolean(graph, "p"), is_boolean(graph, "q")
    (True, False)
    """
    waiting, seen = [node], set[str]()
    while waiting:
        one = waiting.pop()
        gate = node_gate(graph, one)
        if one in seen or gate in COMPARISONS:
            continue
        seen.add(one)
        if gate not in PASS_ON:
            return False
        args = operands(graph, one)
        waiting += args[1:] if gate == "where" else args[:1] if gate in MOVES else args
    return True
