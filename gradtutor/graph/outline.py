"""A network in a line: its parameters with their shapes, and what stands between them.

Files of weights carry it, so that they can say of which network they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from gradtutor.gates import COPY, show_shape
from gradtutor.graph.build import Graph
from gradtutor.graph.order import topological_order

#: Gates that only bring numbers together, or move them.
PLAIN = {"add", "sub", "mul", "neg", "matmul", "transpose", "reshape", "number",
         "einsum", "expand", COPY}  # fmt: skip
LONGEST = 300  # characters


def outline(graph: Graph, answer: str) -> str:
    r"""Return a network's outline, up to its answer.

    It does not depend on how its text was written, nor on what is trained how.

    Examples
    --------
    >>> from gradtutor.language import parse_network
    >>> text = "Sequential([Input(4), Linear(3), ReLU(), Linear(2)])\nloss = MSELoss()"
    >>> graph = parse_network(text)
    >>> outline(graph, graph.graph["network"]["prediction"])
    'W1 (4, 3), b1 (3,), relu, W2 (3, 2), b2 (2,)'
    """
    text = ", ".join(_parts(graph, answer))
    if len(text) <= LONGEST:
        return text
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[:LONGEST]}... [{mark}]"


def _parts(graph: Graph, answer: str) -> Iterator[str]:
    for node in topological_order(graph, [answer]):
        data = graph.nodes[node]
        if data.get("role") in ("parameter", "frozen", "statistic"):
            yield f"{node} {show_shape(data['shape'])}"
        elif data["gate"] not in PLAIN and data["gate"] != "input":
            yield str(data["gate"])
