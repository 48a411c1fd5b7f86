"""Wires that run through the arrow head of another, and a layout without them.

The layout program orders the numbers of wires and the gates that they enter apart, so
that wires may cross right before a gate, where the arrow heads are. Where that happens,
each gate and its wires' numbers are laid out together: wires then cross elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gradtutor.render.drawing import Drawing
from gradtutor.render.engines import MissingEngineError
from gradtutor.render.positions import Positions, positions
from gradtutor.render.style import Colours
from gradtutor.render.writers.dot import dot_text
from gradtutor.render.writers.look import Look

#: Points from the middle of an arrow head within which no other wire may run.
REACH = 3.2
#: More boxes than this are not laid out twice.
MOST_BOXES = 300


def uncrossed(drawing: Drawing, colours: Colours, look: Look | None = None) -> Drawing:
    """Return a drawing in which fewer wires run through an arrow head, at best none.

    It is as it was where there is nothing to mend, or no layout program.
    """
    if len(drawing.boxes) > MOST_BOXES or not _has_forks(drawing):
        return drawing
    together = replace(drawing, together=True)
    try:
        before = _count(drawing, colours, look)
        better = before and _count(together, colours, look) < before
    except MissingEngineError:
        return drawing
    return together if better else drawing


def _has_forks(drawing: Drawing) -> bool:
    """Whether a box has several readers: without one, no two wires need to cross."""
    return max(Counter(wire.source for wire in drawing.wires).values(), default=0) > 1


def _count(drawing: Drawing, colours: Colours, look: Look | None) -> int:
    return len(list(crossed_heads(positions(dot_text(drawing, colours, look)))))


def crossed_heads(places: Positions) -> Iterator[tuple[str, str]]:
    """Yield the ends of each wire through whose arrow head another one runs."""
    curves = {ends: _dense(np.array(one.flat())) for ends, one in places.curves.items()}
    for ends, curve in places.curves.items():
        if curve.tip is None:
            continue
        start, tip = np.array(curve.points[-1]), np.array(curve.tip)
        others = [points for one, points in curves.items() if one != ends]
        if others and _distance(np.concatenate(others), start, tip) < REACH:
            yield ends


def _dense(points: np.ndarray) -> np.ndarray:
    """Return points at most a few points of paper apart, as long wires need."""
    steps = np.diff(points, axis=0)
    shares = np.linspace(0, 1, 4, endpoint=False)
    between = points[:-1, None] + steps[:, None] * shares[:, None]
    return np.concatenate([between.reshape(-1, 2), points[-1:]])


def _distance(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """Return how near points come to the segment from start to end."""
    way = end - start
    along = np.clip((points - start) @ way / (way @ way or 1.0), 0, 1)
    feet = start + along[:, None] * way
    return float(np.hypot(*(points - feet).T).min())
