"""What is done to a drawing before it is written: marks, blanks, a title."""

from __future__ import annotations

from dataclasses import replace

from gradtutor.graph import Graph
from gradtutor.render.drawing import Drawing
from gradtutor.render.dressing.beside import side_by_side
from gradtutor.render.dressing.marks import blanked, blanks, highlighted
from gradtutor.render.style import Style

__all__ = ["blanked", "blanks", "dressed", "highlighted", "side_by_side"]


def dressed(drawing: Drawing, graph: Graph, style: Style) -> Drawing:
    """Return a drawing with what its style asks for beyond numbers.

    Raises
    ------
    PictureError
        When a name to highlight is none of the graph's.
    """
    if style.highlight:
        drawing = highlighted(drawing, graph, style.highlight)
    if style.blank:
        drawing = blanked(drawing, graph, style.blank)
    caption = tuple(style.caption.splitlines())
    return replace(drawing, title=style.title, caption=caption or drawing.caption)
