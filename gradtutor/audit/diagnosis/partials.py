"""Lines named like one value's derivative by another: ``d_h1_d_w1 = x[0] * ...``."""

from __future__ import annotations

import re

import numpy as np

from gradtutor.audit.diagnosis.graph import Event, Forward, Node
from gradtutor.audit.diagnosis.named import names_of

PARTIAL = re.compile(r"d_?(?P<of>\w+?)_?_d_?(?P<by>\w+)")


def wrong_partial(forward: Forward) -> Event | None:
    """Return the first line whose name says which derivative it is, and is not it.

    Only single numbers, of values that forward has under these names, are judged: the
    derivative of one by the other is known.
    """
    for event in forward.events:
        match = PARTIAL.fullmatch(event.name)
        if match is None or any(value.size != 1 for value in event.values):
            continue
        tops, below = _named(forward, match["of"]), _named(forward, match["by"])
        pairs = [(a, b) for a in tops for b in below if forward.depends(a, b)]
        if pairs and not any(_is_slope(forward, event, a, b) for a, b in pairs):
            return event
    return None


def _named(forward: Forward, name: str) -> list[Node]:
    """Return the single numbers of forward with a name: ypred for ``y_pred``."""
    wanted = name.replace("_", "").lower()
    found = [
        node
        for node in forward.nodes
        if node.size == 1
        and wanted in {n.replace("_", "").lower() for n in names_of(node)}
    ]
    if found or wanted not in ("l", "loss", "j", "e", "cost"):
        return found
    return [forward.output] if forward.output.size == 1 else []


def _is_slope(forward: Forward, event: Event, of: Node, by: Node) -> bool:
    return all(
        np.allclose(
            event.values[p].ravel(), forward.slope(of, by, p).ravel(), 1e-4, 1e-7
        )
        for p in forward.points
    )
