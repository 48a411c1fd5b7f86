"""Frames as slides of PowerPoint: boxes, texts and wires to edit."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gradtutor.messages import tr
from gradtutor.render.drawing import (
    BLANK,
    Drawing,
    DrawnBox,
    DrawnWire,
    Frame,
    Label,
    Line,
)
from gradtutor.render.dressing.names import in_lines, shown
from gradtutor.render.engines import MissingEngineError
from gradtutor.render.heat import Heat
from gradtutor.render.moving.pen import HEIGHT, WIDTH, Fit, Pen, Text
from gradtutor.render.positions import Place, Positions, positions
from gradtutor.render.style import Colours, Style
from gradtutor.render.writers.dot import dot_text

NUMBER_WIDTH, LINE_HEIGHT = 90.0, 17.0  # of a wire's text, in points of the drawing
LEGEND_HEIGHT = 14.0
CAPTION_LINE, CAPTION_SIZE = 0.35, 16.0  # inches, and points of its letters
SIZES = {"detail": 11.0, "caption": 10.0, "alarm": 10.0}
BLANK_BOX = 44.0  # points that a number to be filled in is wide


def deck_bytes(drawings: Sequence[Drawing], style: Style) -> bytes:
    """Return a presentation with a slide a frame; the caption stands below.

    Raises
    ------
    MissingEngineError
        When python-pptx is not installed.
    """
    try:
        from pptx import Presentation
        from pptx.util import Inches
    except ImportError:
        raise MissingEngineError(
            tr('slides need python-pptx: pip install "gradtutor[slides]"')
        ) from None
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    blank = deck.slide_layouts[6]
    # Frames have one layout: only what stands on the wires differs.
    bare = replace(drawings[0], title="", caption=())
    places = positions(dot_text(bare, style.colours))
    for drawing in drawings:
        _Slide(deck.slides.add_slide(blank), drawing, places, style.colours).draw()
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


class _Slide:
    def __init__(
        self, slide: Any, drawing: Drawing, places: Positions, colours: Colours
    ) -> None:
        self.drawing, self.places, self.colours = drawing, places, colours
        below = CAPTION_LINE * max(3, len(drawing.caption))
        self.captions = HEIGHT - 0.15 - below
        self.pen = Pen(slide, Fit.of(places, below), colours)

    def draw(self) -> None:
        """Draw the paper, frames, wires, numbers, boxes, then title and caption."""
        self.pen.paper()
        for frame in self.drawing.drawn_frames:
            self._frame(frame)
        for wire in self.drawing.wires:
            self._wire(wire)
        for box in self.drawing.boxes:
            self._box(box, self.places.places[box.id])
        if self.drawing.title:
            self.pen.line(self.drawing.title, 0.15, 24)
        for count, line in enumerate(line for line in self.drawing.caption if line):
            self.pen.line(line, self.captions + CAPTION_LINE * count, CAPTION_SIZE)

    def _frame(self, frame: Frame) -> None:
        place = self.places.frames[frame.id]
        edge = self.colours.faint
        shape = self.pen.box(
            place, frame.title, oval=False, fill="", edge=edge, width=0.75
        )
        shape.adjustments[0] = 0
        lines = [Text(frame.heading, 12.0)]
        self.pen.fill(shape.text_frame, lines, self.colours.ink, "left", top=True)

    # ---- wires ----

    def _wire(self, wire: DrawnWire) -> None:
        curves = self.places.curves
        ends = [(wire.source, wire.target)]
        if not wire.bare:
            ends = [(wire.source, wire.id), (wire.id, wire.target)]
        points = [point for one in ends for point in curves[one].flat()]
        wide = 2.0 if wire.weight == "strong" else 1.25
        self.pen.wire(points, f"wire {wire.id}", self._line_colour(wire.weight), wide)
        if not wire.bare:
            c, faint = self.colours, wire.weight == "faint"
            self._number(wire, wire.value, c.faint if faint else c.value, 1)
            self._number(wire, wire.gradient, c.faint if faint else c.gradient, -1)

    def _line_colour(self, weight: str) -> str:
        c = self.colours
        return {"strong": c.gradient, "faint": c.faint}.get(weight, c.ink)

    def _number(self, wire: DrawnWire, label: Label, colour: str, side: int) -> None:
        """Write a value above its wire, or left of it, or a gradient opposite."""
        if label.hidden or not (label.head or label.rows):
            return
        place = self.places.places[wire.id]
        slant = side < 0
        if label.heat is not None:
            self._heat(label, label.heat, place, colour, side)
            return
        lines = [Text(text, italic=slant) for text in _lines(label)]
        high, wide = LINE_HEIGHT * len(lines), max(NUMBER_WIDTH, place.width)
        where, room = self._beside(place, wide, high, side)
        if label.number == BLANK and not label.shape:
            title = f"{shown(label.title)} =" if label.title else ""
            empty = replace(room, width=BLANK_BOX, height=high - 1)
            self.pen.box(
                empty, "", oval=False, fill="", edge=colour, width=0.75
            ).adjustments[0] = 0
            lines = [Text(title)]
            room = replace(room, x=room.x - room.width / 2 - BLANK_BOX / 2 - 2)
            where = "right"
        if any(line.text for line in lines):
            self.pen.text(lines, room, colour, where)

    def _beside(
        self, place: Place, wide: float, high: float, side: int
    ) -> tuple[str, Place]:
        """Return how a text is aligned on one side of a wire, and its room."""
        if self.drawing.direction == "LR":
            return "middle", Place(place.x, place.y + side * high / 2, wide, high)
        middle = Place(place.x - side * wide / 2, place.y, wide, high)
        return ("right" if side > 0 else "left"), middle

    def _heat(
        self, label: Label, heat: Heat, place: Place, colour: str, side: int
    ) -> None:
        """Draw a map between its shape and its legend."""
        wide, high = heat.columns * heat.cell, len(heat.cells) * heat.cell
        whole = LINE_HEIGHT + high + LEGEND_HEIGHT
        _, room = self._beside(place, max(wide, place.width / 2), whole, side)
        top, slant = room.y + whole / 2, side < 0
        head = replace(room, y=top - LINE_HEIGHT / 2, height=LINE_HEIGHT)
        self.pen.text([Text(shown(label.head), italic=slant)], head, colour)
        middle = top - LINE_HEIGHT - high / 2
        self.pen.map(heat, Place(room.x, middle, wide, high))
        low = replace(room, y=room.y - whole / 2 + 7, height=LEGEND_HEIGHT)
        told = f"{shown(heat.low)} … {shown(heat.high)}"
        self.pen.text([Text(told, 10.0, italic=slant)], low, colour)

    # ---- boxes ----

    def _box(self, box: DrawnBox, place: Place) -> None:
        lines = [text for line in box.lines for text in _texts(line)]
        if box.form == "bare":
            self.pen.text(
                lines, place, self.colours.faint if box.weight == "faint" else ""
            )
            return
        c, dot = self.colours, box.form == "dot"
        shape = self.pen.box(
            place,
            box.node or box.id,
            oval=box.form in ("circle", "dot", "ellipse"),
            fill=c.ink if dot else c.gate,
            edge=self._edge(box),
            width=3.0 if box.active or box.weight == "strong" else 1.25,
        )
        if lines and not dot:
            self.pen.fill(shape.text_frame, lines, c.ink)

    def _edge(self, box: DrawnBox) -> str:
        c = self.colours
        active = {"forward": c.value, "backward": c.gradient}
        usual = active.get(box.active, self._line_colour(box.weight))
        return c.alarm if box.alarm else usual


def _texts(line: Line) -> list[Text]:
    """Return a line of a box as lines of a slide."""
    size, bold = SIZES.get(line.role, 14.0), line.role == "title"
    named = line.role in ("name", "detail")
    parts = in_lines(line.text) if line.role == "name" else [line.text]
    return [Text(shown(one) if named else one, size, bold) for one in parts]


def _lines(label: Label) -> tuple[str, ...]:
    """Return a label's lines."""
    rows = tuple("   ".join(map(shown, row)) for row in label.rows)
    number = (shown(label.number),) if label.shape and label.number else ()
    return (*map(shown, in_lines(label.head)), *number, *rows)
