"""A long circuit in rows, as lines of text: what a later row reads stands there again.

A value with a name stands at its reader under that name; one without gets a sign, (1),
at the end of its row and at the start of the other. Both numbers stay on every wire.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gradtutor.graph import Graph
from gradtutor.render.drawing import Drawing, DrawnBox, DrawnWire, Frame, Line
from gradtutor.render.ports import columns_of

#: Gates one after the other in a row, where nobody says how many rows.
LONGEST_ROW = 20


def in_rows(drawing: Drawing, graph: Graph, rows: int = 0) -> Drawing:
    """Return a drawing in rows: so many, or (0) as many as its length asks for."""
    columns = columns_of(drawing)
    length = max(columns.values(), default=0) + 1
    if not rows and drawing.direction == "LR":
        rows = -(-length // LONGEST_ROW)
    rows = min(rows, length // 2)
    if rows < 2 or drawing.frames:
        return drawing
    starts = _starts(drawing, columns, length, rows)
    row = {
        name: sum(length - at - 1 >= start for start in starts)
        for name, at in columns.items()
    }
    return _Rows(drawing, graph, _with_readers(drawing, row)).drawing()


def _with_readers(drawing: Drawing, row: dict[str, int]) -> dict[str, int]:
    """Put inputs and forks into the row of their first reader."""
    targets = defaultdict[str, list[str]](list)
    for wire in drawing.wires:
        targets[wire.source].append(wire.target)
    for box in reversed(drawing.boxes):  # readers first
        if box.form in ("bare", "dot") and targets[box.id]:
            row[box.id] = min(row[one] for one in targets[box.id])
    return row


def _starts(
    drawing: Drawing, columns: Mapping[str, int], length: int, rows: int
) -> list[int]:
    """Return the columns at which rows start, where fewest wires are cut."""
    cuts = Counter[int]()
    for wire in drawing.wires:
        start, end = (length - 1 - columns[one] for one in (wire.source, wire.target))
        cuts.update(range(start + 1, end + 1))
    found, slack = [], max(1, length // rows // 4)
    for count in range(1, rows):
        middle = round(count * length / rows)
        near = range(max(1, middle - slack), min(length - 1, middle + slack) + 1)
        found.append(min(near, key=lambda at: (cuts[at], abs(at - middle))))
    return found


class _Rows:
    def __init__(self, drawing: Drawing, graph: Graph, row: Mapping[str, int]) -> None:
        self.whole, self.graph, self.row = drawing, graph, row
        self.boxes = list(drawing.boxes)
        self.wires: list[DrawnWire] = []
        self.members: dict[int, list[str]] = defaultdict(list)
        self.signs: dict[str, str] = {}
        self.ended: set[tuple[str, str]] = set()

    def drawing(self) -> Drawing:
        """Return the drawing with its wires cut, a frame that is not drawn a row."""
        for box in self.boxes:
            self.members[self.row[box.id]].append(box.id)
        stay = {w.source for w in self.whole.wires if not self._is_cut(w)}
        for wire in self.whole.wires:
            if self._is_cut(wire):
                self._cut(wire, stay)
            else:
                self._put(wire, self.row[wire.source])
        rows: Sequence[int] = sorted(self.members)
        if self.whole.direction == "LR":  # the layout puts the last one on top
            rows = rows[::-1]
        frames = tuple(
            Frame(f"row{n}", "", tuple(self.members[n]), repeated=False, drawn=False)
            for n in rows
        )
        boxes, wires = tuple(self.boxes), tuple(self.wires)
        return replace(self.whole, boxes=boxes, wires=wires, frames=frames)

    def _is_cut(self, wire: DrawnWire) -> bool:
        return self.row[wire.source] != self.row[wire.target]

    def _put(self, wire: DrawnWire, row: int) -> None:
        self.wires.append(wire)
        self.members[row].append(wire.id)

    def _cut(self, wire: DrawnWire, stay: set[str]) -> None:
        """End a wire in its row, where it must be seen, and begin it in the other."""
        known = wire.carries in self.graph
        name = known and self.graph.nodes[wire.carries]["name"]
        sign = str(name or self._sign(wire.carries or wire.source))
        here, there = self.row[wire.source], self.row[wire.target]
        if (wire.source not in stay or not name) and self._is_first(wire):
            end = self._named(f"end_{wire.id}", sign, here)
            self._put(replace(wire, id=f"{wire.id}_end", target=end), here)
        start = self._named(f"start_{wire.id}", sign, there)
        self._put(replace(wire, source=start), there)

    def _is_first(self, wire: DrawnWire) -> bool:
        """Whether no wire of this value has ended at this box yet."""
        one = wire.source, wire.carries
        new = one not in self.ended
        self.ended.add(one)
        return new

    def _sign(self, value: str) -> str:
        return self.signs.setdefault(value, f"({len(self.signs) + 1})")

    def _named(self, name: str, text: str, row: int) -> str:
        self.boxes.append(DrawnBox(name, "bare", (Line(text, "name"),), tooltip=text))
        self.members[row].append(name)
        return name
