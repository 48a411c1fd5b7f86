"""Two drawings in one, each in a frame with its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradtutor.render.drawing import Drawing, Frame


def side_by_side(drawings: Sequence[Drawing], titles: Sequence[str]) -> Drawing:
    """Return drawings as one: wrong and right, open and closed, before and after.

    They follow each other across their direction, in the order given.
    """
    renamed = [_renamed(one, f"d{count}") for count, one in enumerate(drawings)]
    if drawings[0].direction == "LR":  # the layout puts the last one on top
        renamed, titles = renamed[::-1], titles[::-1]
    frames = tuple(
        Frame(
            f"d{count}",
            title,
            tuple(box.id for box in one.boxes) + tuple(wire.id for wire in one.wires),
            repeated=False,
        )
        for count, (one, title) in enumerate(zip(renamed, titles, strict=True))
    )
    return replace(
        renamed[0],
        boxes=tuple(box for one in renamed for box in one.boxes),
        wires=tuple(wire for one in renamed for wire in one.wires),
        frames=frames,
        together=any(one.together for one in drawings),
    )


def _renamed(drawing: Drawing, prefix: str) -> Drawing:
    """Return a drawing whose ids begin with a prefix; its own frames are left out."""
    boxes = tuple(replace(box, id=f"{prefix}{box.id}") for box in drawing.boxes)
    wires = tuple(
        replace(
            wire,
            id=f"{prefix}{wire.id}",
            source=f"{prefix}{wire.source}",
            target=f"{prefix}{wire.target}",
        )
        for wire in drawing.wires
    )
    return replace(drawing, boxes=boxes, wires=wires, frames=())
