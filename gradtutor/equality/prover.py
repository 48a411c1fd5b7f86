"""The child process of ``proving``: a request a line, an answer a line."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy

from gradtutor.equality.digits import at_point, pieces
from gradtutor.gates import COPY, GATES, Pointwise
from gradtutor.gates.symbols import ARGUMENTS
from gradtutor.graph import Graph, operands, topological_order
from gradtutor.language import parse_formula
from gradtutor.language.formula.constants import CONSTANTS

MEMORY = 4 << 30  # bytes of address space


def smooth(
    graph: Graph, taken: Sequence[int], symbols: Mapping[str, sympy.Symbol]
) -> sympy.Expr:
    """Return a graph as a sympy expression, each kink on the piece that it takes."""
    known: dict[str, sympy.Expr] = {}
    branches = iter(taken)
    for node in topological_order(graph, [graph.graph["output"]]):
        data = graph.nodes[node]
        args = [known[arg] for arg in operands(graph, node)]
        known[node] = _expression(data, args, branches, symbols, node)
    return known[graph.graph["output"]]


def _expression(
    data: Mapping[str, Any],
    args: list[sympy.Expr],
    branches: Any,
    symbols: Any,
    node: str,
) -> sympy.Expr:
    if data["gate"] == "input":
        given = data.get("value")
        return symbols[node] if given is None else sympy.Rational(str(given))
    if data["gate"] == "number":
        return sympy.pi if CONSTANTS.get(data["text"]) == math.pi else _rational(data)
    if data["gate"] == COPY:
        return args[0]
    gate = GATES[data["gate"]]
    if not isinstance(gate, Pointwise):
        raise TypeError(f"{gate.name} is no pointwise gate")
    own = pieces(gate.name)
    formula = own[next(branches)][0] if own else gate.formula
    return formula.xreplace(dict(zip(ARGUMENTS, args, strict=False)))


def _rational(data: Mapping[str, Any]) -> sympy.Expr:
    """Return a number as the fraction that its decimals are."""
    try:
        return sympy.Rational(data["text"])
    except (TypeError, ValueError):
        return sympy.Rational(data["value"])


#: What is tried, in this order, to turn a difference into 0.
SIMPLIFIERS: tuple[Callable[[sympy.Expr], sympy.Expr], ...] = (
    sympy.expand,
    lambda e: sympy.cancel(sympy.together(e)),
    lambda e: sympy.cancel(sympy.together(sympy.expand(e.rewrite(sympy.exp)))),
    lambda e: sympy.expand_log(sympy.expand(e), force=False),
    sympy.trigsimp,
    sympy.radsimp,
    lambda e: sympy.simplify(e.rewrite(sympy.exp)),
    sympy.simplify,
)


def is_zero(difference: sympy.Expr) -> bool:
    """Whether a difference can be turned into 0 by algebra."""
    return any(simplify(difference) == 0 for simplify in SIMPLIFIERS)


def equal(request: Mapping[str, Any]) -> bool:
    """Whether both texts of a request are equal on the piece around each point."""
    one, two = parse_formula(request["one"]), parse_formula(request["two"])
    names = {name for point in request["points"] for name in point}
    symbols = {
        name: sympy.Symbol(
            name, real=True, positive=name in request["positive"] or None
        )
        for name in names
    }
    done: set[sympy.Expr] = set()
    for point in request["points"]:
        (_, taken), (_, taken_too) = at_point(one, point), at_point(two, point)
        difference = smooth(one, taken, symbols) - smooth(two, taken_too, symbols)
        if difference not in done and not is_zero(difference):
            return False
        done.add(difference)
    return bool(request["points"])


def limit_memory() -> None:
    """Keep a proof that explodes from taking the machine's memory, where that works."""
    try:
        import resource
    except ImportError:  # Windows; the parent's time limit must do
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> None:
    """Answer requests until the input ends."""
    limit_memory()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        try:
            found = equal(json.loads(line))
        except Exception:
            found = False
        print(json.dumps({"equal": found}), flush=True)


if __name__ == "__main__":
    main()
