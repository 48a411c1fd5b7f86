"""Long wires of a large picture cut: a value that is read far away stands there again.

A sum of a thousand terms of a few inputs has wires across the whole picture, which take
a layout program minutes and a reader's eye nowhere. Where a name is read many columns
on, the name stands beside its reader, with the same numbers on the wire.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from gradtutor.graph import Graph
from gradtutor.render.drawing import Drawing, DrawnBox, DrawnWire, Line

#: Boxes from which on a picture's long wires are cut, and how many columns are long.
LARGE, LONG = 150, 8


def far_readers_named(drawing: Drawing, graph: Graph) -> Drawing:
    """Return a large drawing with the forks' long wires cut; a small one as it is."""
    if len(drawing.boxes) < LARGE:
        return drawing
    columns = columns_of(drawing)
    boxes, wires = list[DrawnBox](), list[DrawnWire]()
    forks = _forks(drawing)
    for wire in drawing.wires:
        name = str(graph.nodes[wire.carries]["name"] or "") if wire.carries else ""
        far = columns[wire.source] - columns[wire.target] > LONG
        if far and name and wire.source in forks:
            port = f"port_{wire.id}"
            boxes.append(DrawnBox(port, "bare", (Line(name, "name"),), tooltip=name))
            wire = replace(wire, source=port)
        wires.append(wire)
    return replace(drawing, boxes=(*drawing.boxes, *boxes), wires=tuple(wires))


def _forks(drawing: Drawing) -> set[str]:
    """Return the forks, and the layers or named values that several read."""
    copies = {box.id for box in drawing.boxes if box.node.endswith(".copy")}
    readers = Counter(wire.source for wire in drawing.wires)
    return copies | {name for name, count in readers.items() if count > 1}


def columns_of(drawing: Drawing) -> dict[str, int]:
    """Return how many wires the longest way from each box to the output has."""
    columns = dict.fromkeys((box.id for box in drawing.boxes), 0)
    targets: dict[str, list[str]] = {}
    for wire in drawing.wires:
        targets.setdefault(wire.source, []).append(wire.target)
    for box in reversed(drawing.boxes):  # readers first
        after = [columns[target] + 1 for target in targets.get(box.id, ())]
        columns[box.id] = max(after, default=0)
    return columns
