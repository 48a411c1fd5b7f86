"""Pictures of circuits: DOT, SVG, PNG, PDF, HTML, and a table for the terminal."""

from gradtutor.render.circuit_drawing import check_size, circuit_drawing
from gradtutor.render.drawing import Drawing, PictureError
from gradtutor.render.engines import LayoutError, MissingEngineError, engine_description
from gradtutor.render.folded import folded_note, is_folded, layers_drawing
from gradtutor.render.picture import (
    FORMATS,
    render_bytes,
    write_bytes,
    write_page,
    write_picture,
)
from gradtutor.render.style import Style
from gradtutor.render.terminal import table
from gradtutor.render.writers.dot import dot_source, dot_text

__all__ = [
    "FORMATS",
    "Drawing",
    "LayoutError",
    "MissingEngineError",
    "PictureError",
    "Style",
    "check_size",
    "circuit_drawing",
    "dot_source",
    "dot_text",
    "engine_description",
    "folded_note",
    "is_folded",
    "layers_drawing",
    "render_bytes",
    "table",
    "write_bytes",
    "write_page",
    "write_picture",
]
