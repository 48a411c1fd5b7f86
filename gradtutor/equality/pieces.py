"""The pieces between kinks: on each, an expression is smooth, and a proof can hold.

>>> from gradtutor.equality.evaluation import read_expression
>>> one, two = (read_expression(text, ["x"]) for text in ("abs(x)", "max(x, -x)"))
>>> places, apart = find_pieces(one, two, {"x": (-1, 1)})
>>> len(places), apart
(2, None)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtutor.equality.digits import at_point, pieces
from gradtutor.equality.evaluation import Expression
from gradtutor.equality.sampling import Domain, draw, near, one_point
from gradtutor.gates import COPY, LEAVES
from gradtutor.graph import topological_order

PIECE_POINTS = 300  # points that look for pieces
COMPARISONS = ("greater", "greater_equal", "less", "less_equal")


def find_pieces(
    given: Expression, wanted: Expression, domain: Domain
) -> tuple[dict[tuple[Any, ...], dict[str, float]], dict[str, float] | None]:
    """Return a point inside each piece, and one where the two differ if there is."""
    if not domain or not (_kinks(given) or _kinks(wanted)):
        middle = {name: (low + high) / 2 for name, (low, high) in domain.items()}
        return {(): middle}, None
    places: dict[tuple[Any, ...], dict[str, float]] = {}
    points = draw(domain, PIECE_POINTS, 99)
    for n in range(PIECE_POINTS):
        point = one_point(points, n)
        one, taken = at_point(given.graph, point)
        two, taken_too = at_point(wanted.graph, point)
        if two is None:
            continue
        if one is None or not near(one, two):
            return places, point
        places.setdefault((taken, taken_too), point)
    return places, None


def _kinks(expression: Expression) -> list[str]:
    """Return the gates with a kink, in the order in which ``at_point`` tells them."""
    graph = expression.graph
    order = topological_order(graph, [graph.graph["output"]])
    gates = [graph.nodes[node]["gate"] for node in order]
    return [gate for gate in gates if gate not in (*LEAVES, COPY) and pieces(gate)]


def has_unseen_branch(given: Expression, places: Mapping[tuple[Any, ...], Any]) -> bool:
    """Whether a comparison in the answer came out the same at every point."""
    for position, gate in enumerate(_kinks(given)):
        taken = {key[0][position] for key in places if key}
        if gate in COMPARISONS and len(taken) < 2:
            return True
    return False
