"""Where 0 × ∞ could arise in a backward pass, and 0 is what was meant.

A gate that chooses sends a gradient of exactly 0 to what it did not choose. Beyond it,
a slope may be infinite or nan at that point: ``where(x > 0, sqrt(x), x)`` at -4. There
the pass selects (the gate ``routed``) instead of multiplying. Everywhere else a product
stays a product, so that nothing is paid for it.

>>> from gradtutor.language import parse
>>> sorted(node.split(".")[0] for node in unbounded(parse("exp(x)*y + x**2")))
['add', 'exp', 'mul']
"""

from __future__ import annotations

from collections.abc import Mapping

from gradtutor.calculus.slopes import gate_facts
from gradtutor.calculus.tape import GraphTape
from gradtutor.gates import GATES, LEAVES, Pointwise
from gradtutor.graph import (
    Graph,
    arguments,
    node_data,
    node_gate,
    operands,
    topological_order,
)

#: Exponents whose powers and slopes are finite for all but the largest numbers.
TAME_POWERS = (0, 1, 2)
#: How far a factor is looked for in a product.
DEPTH = 8


def unbounded(graph: Graph) -> set[str]:
    """Return the nodes that may be infinite or nan where the inputs are finite."""
    found: set[str] = set()
    for node in topological_order(graph):
        data = node_data(graph, node)
        if data["gate"] == "number":
            found |= {node} if abs(data["value"]) == float("inf") else set()
        elif data["gate"] not in LEAVES and not _decides(data["gate"]):
            args = arguments(graph, node)
            if found.intersection(args) or has_pole(graph, node):
                found.add(node)
    return found


def _decides(name: str) -> bool:
    """Whether a gate answers 1, 0 or -1 alone."""
    return isinstance(GATES.get(name), Pointwise) and gate_facts(name).decides


def has_pole(graph: Graph, node: str) -> bool:
    """Whether a gate may make infinity or nan of finite arguments.

    A square has no pole, and a quotient none with a constant denominator; x³ overflows
    where x² and its slope are finite.
    """
    data = node_data(graph, node)
    gate = GATES.get(data["gate"])
    if not isinstance(gate, Pointwise) or not gate.domain:
        return False
    last = node_data(graph, operands(graph, node)[-1])
    if last["gate"] == "number" and gate.name in ("pow", "div"):
        value = last["value"]
        return value == 0 if gate.name == "div" else value not in TAME_POWERS
    return True


def meets_pole(graph: Graph, node: str) -> bool:
    """Whether an element may be infinite by the pointwise gates that it comes from.

    Behind a product or a sum over other elements nothing is looked for, and a mean and
    a norm have no pole: they divide by counts, and by the root of x + eps.
    """
    waiting, seen = [node], set[str]()
    while waiting:
        one = waiting.pop()
        if one in seen or not isinstance(GATES.get(node_gate(graph, one)), Pointwise):
            continue
        seen.add(one)
        if has_pole(graph, one) and not _is_norm(graph, one):
            return True
        waiting += operands(graph, one)
    return False


def _is_norm(graph: Graph, node: str) -> bool:
    """Whether a gate is a division by a count, or by √(x + eps), or that root."""
    gate, args = node_gate(graph, node), operands(graph, node)
    inner = node_gate(graph, args[-1])
    if gate == "div":
        counts = inner == "size" or not _variable(graph, args[-1])
        return counts or (inner == "sqrt" and _is_norm(graph, args[-1]))
    added = operands(graph, args[0]) if gate == "sqrt" and inner == "add" else []
    return any(node_data(graph, one).get("value", 0.0) for one in added)


def _variable(graph: Graph, node: str) -> bool:
    """Whether anything but numbers and counts goes into a node."""
    data = node_data(graph, node)
    if data["gate"] in ("number", "size"):
        return False
    args = operands(graph, node) if data["gate"] not in LEAVES else []
    return not args or any(_variable(graph, arg) for arg in args)


# ---- a root and a power that meet ----


def without_factor(tape: GraphTape, node: str, factor: str, depth: int = DEPTH) -> str:
    """Return a product's other factors; an empty text where the factor is none of it.

    2 √s · 1/(2 √s) is 1 at s = 0 as well.
    """
    graph = tape.graph
    if node == factor:
        return tape.number(1.0)
    data = node_data(graph, node)
    args = operands(graph, node) if depth and data["gate"] not in LEAVES else []
    match data["gate"], args:
        case "mul" | "routed", [a, b]:
            for one, other in ((a, b), (b, a)):
                rest = without_factor(tape, one, factor, depth - 1)
                if rest:
                    return tape.gate("mul", rest, other)
        case "neg" | "div", [a, *others]:
            rest = without_factor(tape, a, factor, depth - 1)
            return tape.gate(data["gate"], rest, *others) if rest else ""
        case "pow", [a, b] if a == factor:
            return _lowered(tape, a, node_data(graph, b))
    return ""


def _lowered(tape: GraphTape, base: str, exponent: Mapping[str, object]) -> str:
    """Return a power with its constant exponent lowered by one, if it is 2 or more."""
    value = exponent["value"] if exponent["gate"] == "number" else None
    if not isinstance(value, float | int) or value < 2:
        return ""
    return base if value == 2 else tape.gate("pow", base, tape.number(value - 1.0))


def halved(tape: GraphTape, rest: str, like: str) -> str:
    """Append half of what is left of a gradient, in the shape of the root."""
    half = tape.gate("mul", tape.number(0.5), rest)
    if tape.shape(half) != tape.shape(like):
        half = tape.gate("broadcast", half, like, axis=())
    return half
