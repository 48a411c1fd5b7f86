"""Frames as slides of PowerPoint, by python-pptx: boxes, texts and wires to edit."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gradtutor.messages import tr
from gradtutor.render.drawing import POINTS, Drawing, DrawnBox, DrawnWire, Label
from gradtutor.render.dressing.names import in_lines, shown
from gradtutor.render.engines import MissingEngineError
from gradtutor.render.positions import Curve, Place, Point, Positions, positions
from gradtutor.render.style import Colours, Style
from gradtutor.render.writers.dot import dot_text

#: A wide slide, and the space round the drawing, in inches.
WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
CAPTION = 1.2  # inches below the drawing
LARGEST = 2.2  # times its size on paper
PIECES = 12  # lines in place of one piece of a curve
LETTERS = 14.0  # points, as in the drawing
NUMBER_WIDTH, LINE_HEIGHT = 90.0, 17.0  # of a wire's text, in points of the drawing


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
    bare = replace(drawings[0], title="", caption=(), frames=())
    places = positions(dot_text(bare, style.colours))
    for drawing in drawings:
        _Slide(deck.slides.add_slide(blank), drawing, places, style.colours).draw()
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


@dataclass(frozen=True)
class _Fit:
    """Where a drawing lies on the slide: its unit in inches, and its corner."""

    unit: float
    left: float
    top: float
    height: float

    @classmethod
    def of(cls, places: Positions) -> _Fit:
        wide, high = places.width / POINTS, places.height / POINTS
        room_wide, room_high = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN - CAPTION
        times = min(room_wide / wide, room_high / high, LARGEST)
        left, top = (WIDTH - wide * times) / 2, MARGIN + (room_high - high * times) / 2
        return cls(times / POINTS, left, top, places.height)

    def point(self, point: Point) -> tuple[float, float]:
        """Return inches from the left and from the top."""
        x, y = point
        return self.left + x * self.unit, self.top + (self.height - y) * self.unit


class _Slide:
    def __init__(
        self, slide: Any, drawing: Drawing, places: Positions, colours: Colours
    ) -> None:
        self.slide, self.drawing = slide, drawing
        self.places, self.colours = places, colours
        self.fit = _Fit.of(places)

    def draw(self) -> None:
        """Draw the paper, wires, numbers, boxes, then title and caption."""
        self._paper()
        for wire in self.drawing.wires:
            self._wire(wire)
        for box in self.drawing.boxes:
            self._box(box, self.places.places[box.id])
        if self.drawing.title:
            self._line(self.drawing.title, 0.15, 24)
        for count, line in enumerate(line for line in self.drawing.caption if line):
            self._line(line, HEIGHT - CAPTION + 0.35 * count, 16)

    def _paper(self) -> None:
        if self.colours.paper.startswith("#"):
            fill = self.slide.background.fill
            fill.solid()
            fill.fore_color.rgb = _rgb(self.colours.paper)

    def _line(self, text: str, top: float, size: float) -> None:
        """Write a line over the slide's whole width."""
        self._text((text,), (MARGIN, top, WIDTH - 2 * MARGIN, 0.4), size)

    # ---- wires ----

    def _wire(self, wire: DrawnWire) -> None:
        if wire.bare:
            self._curve(wire, [self.places.curves[wire.source, wire.target]])
            return
        place = self.places.places[wire.id]
        halves = [
            self.places.curves[wire.source, wire.id],
            self.places.curves[wire.id, wire.target],
        ]
        self._curve(wire, halves)
        self._numbers(wire, place)

    def _curve(self, wire: DrawnWire, curves: Sequence[Curve]) -> None:
        """Draw a wire as one line of short pieces, with an arrow at its end."""
        from pptx.util import Inches, Pt

        points = [self.fit.point(p) for one in curves for p in _flat(one)]
        (x, y), *rest = points
        builder = self.slide.shapes.build_freeform(Inches(x), Inches(y))
        builder.add_line_segments(
            [(Inches(a), Inches(b)) for a, b in rest], close=False
        )
        line = builder.convert_to_shape()
        line.name = f"wire {wire.id}"
        line.fill.background()
        line.shadow.inherit = False
        line.line.color.rgb = _rgb(self._line_colour(wire.weight))
        line.line.width = Pt(2.0 if wire.weight == "strong" else 1.25)
        _arrow(line)

    def _line_colour(self, weight: str) -> str:
        c = self.colours
        return {"strong": c.gradient, "faint": c.faint}.get(weight, c.ink)

    def _numbers(self, wire: DrawnWire, place: Place) -> None:
        """Write the value above the wire, or left of it, and the gradient opposite."""
        x, y = place.x, place.y
        across = self.drawing.direction == "LR"
        for label, colour, side in (
            (wire.value, self.colours.value, 1),
            (wire.gradient, self.colours.gradient, -1),
        ):
            lines = _lines(label)
            if not lines:
                continue
            high = LINE_HEIGHT * len(lines)
            wide = max(NUMBER_WIDTH, place.width)
            if across:
                left, top = x - wide / 2, y + (high if side > 0 else 0)
            else:
                left, top = (x - wide if side > 0 else x), y + high / 2
            a, b = self.fit.point((left, top))
            room = (a, b, wide * self.fit.unit, high * self.fit.unit)
            where = "middle" if across else "right" if side > 0 else "left"
            box = self._text(lines, room, self._size(), colour, where)
            for paragraph in box.text_frame.paragraphs:
                paragraph.font.italic = side < 0

    # ---- boxes ----

    def _box(self, box: DrawnBox, place: Place) -> None:
        from pptx.enum.shapes import MSO_SHAPE
        from pptx.util import Inches, Pt

        width, height = place.width * self.fit.unit, place.height * self.fit.unit
        x, y = self.fit.point((place.x - place.width / 2, place.y + place.height / 2))
        lines = tuple(
            shown(line.text) if line.role == "name" else line.text for line in box.lines
        )
        if box.form == "bare":
            ink = self.colours.faint if box.weight == "faint" else ""
            self._text(lines, (x, y, width, height), self._size(), ink)
            return
        round_ = box.form in ("circle", "dot", "ellipse")
        kind = MSO_SHAPE.OVAL if round_ else MSO_SHAPE.ROUNDED_RECTANGLE
        corner = Inches(x), Inches(y), Inches(width), Inches(height)
        shape = self.slide.shapes.add_shape(kind, *corner)
        shape.name = box.node or box.id
        shape.shadow.inherit = False
        shape.fill.solid()
        dot = box.form == "dot"
        fill = self.colours.ink if dot else self.colours.gate
        shape.fill.fore_color.rgb = _rgb(fill)
        shape.line.color.rgb = _rgb(self._edge(box))
        shape.line.width = Pt(3.0 if box.active or box.weight == "strong" else 1.25)
        if lines and not dot:
            self._fill(shape.text_frame, lines, self._size(), self.colours.ink)

    def _edge(self, box: DrawnBox) -> str:
        c = self.colours
        active = {"forward": c.value, "backward": c.gradient}
        return (
            c.alarm
            if box.alarm
            else active.get(box.active, self._line_colour(box.weight))
        )

    # ---- texts ----

    def _size(self) -> float:
        return LETTERS * self.fit.unit * POINTS

    def _text(
        self,
        lines: Sequence[str],
        room: tuple[float, float, float, float],
        size: float,
        colour: str = "",
        where: str = "middle",
    ) -> Any:
        from pptx.util import Inches

        box = self.slide.shapes.add_textbox(*map(Inches, room))
        self._fill(box.text_frame, lines, size, colour or self.colours.ink, where)
        return box

    def _fill(
        self,
        frame: Any,
        lines: Sequence[str],
        size: float,
        colour: str,
        where: str = "middle",
    ) -> None:
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
        from pptx.util import Pt

        sides = {
            "middle": PP_ALIGN.CENTER,
            "left": PP_ALIGN.LEFT,
            "right": PP_ALIGN.RIGHT,
        }
        frame.margin_left = frame.margin_right = Pt(2)
        frame.margin_top = frame.margin_bottom = Pt(0)
        frame.word_wrap = False
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        for count, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if not count else frame.add_paragraph()
            paragraph.text = line
            paragraph.alignment = sides[where]
            paragraph.font.size = Pt(round(size))
            paragraph.font.color.rgb = _rgb(colour)


def _lines(label: Label) -> tuple[str, ...]:
    """Return a label's lines: none where it is hidden or empty."""
    if label.hidden or not (label.head or label.rows):
        return ()
    rows = tuple("   ".join(map(shown, row)) for row in label.rows)
    number = (shown(label.number),) if label.shape and label.number else ()
    return (*map(shown, in_lines(label.head)), *number, *rows)


def _flat(curve: Curve) -> list[Point]:
    """Return points along a curve, its arrow's tip last."""
    start, rest = curve.points[0], curve.points[1:]
    found = [start]
    for n in range(0, len(rest), 3):
        found += _piece(found[-1], *rest[n : n + 3])
    return [*found, curve.tip] if curve.tip else found


def _piece(a: Point, b: Point, c: Point, d: Point) -> list[Point]:
    """Return points on a cubic Bézier curve, its start left out."""
    found = []
    for step in range(1, PIECES + 1):
        t = step / PIECES
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        pairs = list(zip(weights, (a, b, c, d), strict=True))
        found.append((sum(w * p[0] for w, p in pairs), sum(w * p[1] for w, p in pairs)))
    return found


def _arrow(shape: Any) -> None:
    """Give a line an arrow, for which python-pptx has no method."""
    from pptx.oxml.ns import qn

    line = shape.line._get_or_add_ln()
    end = line.makeelement(qn("a:tailEnd"), {"type": "triangle"})
    line.append(end)


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return RGBColor(red, green, blue)  # type: ignore[no-untyped-call]
