"""Pictures of circuits: DOT, SVG, PNG, PDF, HTML, and a table for the terminal."""

from gradtutor.render.circuit_drawing import check_size
from gradtutor.render.dot import dot_source
from gradtutor.render.drawing import PictureError
from gradtutor.render.engines import LayoutError, MissingEngineError, engine_description
from gradtutor.render.folded import folded_note, folded_source, is_folded
from gradtutor.render.picture import (
    FORMATS,
    render_bytes,
    write_bytes,
    write_page,
    write_picture,
)
from gradtutor.render.style import Style
from gradtutor.render.terminal import table

__all__ = [
    "FORMATS",
    "LayoutError",
    "MissingEngineError",
    "PictureError",
    "Style",
    "check_size",
    "dot_source",
    "engine_description",
    "folded_note",
    "folded_source",
    "is_folded",
    "render_bytes",
    "table",
    "write_bytes",
    "write_page",
    "write_picture",
]
