"""What is drawn on a slide, by python-pptx: texts, lines, boxes, pictures.

Places are in points of the drawing, whose y goes up; a ``Fit`` puts them on the slide.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradtutor.render.drawing import POINTS
from gradtutor.render.heat import Heat, heat_colour
from gradtutor.render.positions import Place, Point, Positions
from gradtutor.render.style import Colours

#: A wide slide, and the space round the drawing, in inches.
WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6
FONT = "Arial"  # as wide as the layout program's Helvetica
LARGEST = 2.2  # times its size on paper
LETTERS = 14.0  # points, as in the drawing
#: Pixels of a cell of a map: PowerPoint smooths what it enlarges.
PIXELS = 12


@dataclass(frozen=True)
class Fit:
    """Where a drawing lies on the slide: its unit in inches, and its corner."""

    unit: float
    left: float
    top: float
    height: float

    @classmethod
    def of(cls, places: Positions, below: float) -> Fit:
        """Return the largest that leaves so many inches below for a caption."""
        wide, high = places.width / POINTS, places.height / POINTS
        room_wide = WIDTH - 2 * MARGIN
        room_high = HEIGHT - 2 * MARGIN - below
        times = min(room_wide / wide, room_high / high, LARGEST)
        left, top = (WIDTH - wide * times) / 2, MARGIN + (room_high - high * times) / 2
        return cls(times / POINTS, left, top, places.height)

    def point(self, point: Point) -> tuple[float, float]:
        """Return inches from the left and from the top."""
        x, y = point
        return self.left + x * self.unit, self.top + (self.height - y) * self.unit

    def room(self, place: Place) -> tuple[float, float, float, float]:
        """Return the upper left corner, width and height, in inches."""
        corner = place.x - place.width / 2, place.y + place.height / 2
        return *self.point(corner), place.width * self.unit, place.height * self.unit


@dataclass(frozen=True)
class Text:
    """A line of a text.

    Attributes
    ----------
    size : float
        Of its letters, in points of the drawing.
    """

    text: str
    size: float = LETTERS
    bold: bool = False
    italic: bool = False


class Pen:
    """Draws on one slide."""

    def __init__(self, slide: Any, fit: Fit, colours: Colours) -> None:
        self.slide, self.fit, self.colours = slide, fit, colours

    def paper(self) -> None:
        """Fill the slide."""
        if self.colours.paper.startswith("#"):
            fill = self.slide.background.fill
            fill.solid()
            fill.fore_color.rgb = rgb(self.colours.paper)

    def line(self, text: str, top: float, size: float) -> None:
        """Write a line over the slide's whole width, at so many inches."""
        room = MARGIN, top, WIDTH - 2 * MARGIN, 0.4
        points = size / self.fit.unit / POINTS
        self._written(room, [Text(text, points)], self.colours.ink, "middle")

    def text(
        self,
        lines: Sequence[Text],
        place: Place,
        colour: str = "",
        where: str = "middle",
        top: bool = False,
    ) -> None:
        """Write lines into a place."""
        colour = colour or self.colours.ink
        self._written(self.fit.room(place), lines, colour, where, top=top)

    def _written(
        self,
        room: tuple[float, float, float, float],
        lines: Sequence[Text],
        colour: str,
        where: str,
        *,
        top: bool = False,
    ) -> None:
        from pptx.util import Inches

        box = self.slide.shapes.add_textbox(*map(Inches, room))
        self.fill(box.text_frame, lines, colour, where, top=top)

    def fill(
        self,
        frame: Any,
        lines: Sequence[Text],
        colour: str,
        where: str = "middle",
        *,
        top: bool = False,
    ) -> None:
        """Write lines into a shape."""
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
        from pptx.util import Pt

        sides = {
            "middle": PP_ALIGN.CENTER,
            "left": PP_ALIGN.LEFT,
            "right": PP_ALIGN.RIGHT,
        }
        frame.margin_left = frame.margin_right = Pt(2)
        frame.margin_top = frame.margin_bottom = Pt(0)
        frame.word_wrap = where != "middle"  # else some readers align by the middle
        frame.vertical_anchor = MSO_ANCHOR.TOP if top else MSO_ANCHOR.MIDDLE
        for count, line in enumerate(lines):
            paragraph = frame.add_paragraph() if count else frame.paragraphs[0]
            paragraph.text = line.text
            paragraph.alignment = sides[where]
            size = line.size * self.fit.unit * POINTS
            paragraph.font.size = Pt(max(1, round(size)))
            paragraph.font.name = FONT
            paragraph.font.color.rgb = rgb(colour)
            paragraph.font.bold, paragraph.font.italic = line.bold, line.italic

    def box(
        self, place: Place, name: str, *, oval: bool, fill: str, edge: str, width: float
    ) -> Any:
        """Draw a box or an oval; without a fill one looks through it."""
        from pptx.enum.shapes import MSO_SHAPE
        from pptx.util import Inches, Pt

        kind = MSO_SHAPE.OVAL if oval else MSO_SHAPE.ROUNDED_RECTANGLE
        shape = self.slide.shapes.add_shape(kind, *map(Inches, self.fit.room(place)))
        shape.name = name
        shape.shadow.inherit = False
        if fill:
            shape.fill.solid()
            shape.fill.fore_color.rgb = rgb(fill)
        else:
            shape.fill.background()
        shape.line.color.rgb = rgb(edge)
        shape.line.width = Pt(width * self._thin)
        return shape

    def wire(
        self, points: Sequence[Point], name: str, colour: str, wide: float
    ) -> None:
        """Draw a line of short pieces, with an arrow at its end."""
        from pptx.util import Inches, Pt

        (x, y), *rest = map(self.fit.point, points)
        builder = self.slide.shapes.build_freeform(Inches(x), Inches(y))
        builder.add_line_segments(
            [(Inches(a), Inches(b)) for a, b in rest], close=False
        )
        line = builder.convert_to_shape()
        line.name = name
        line.fill.background()
        line.shadow.inherit = False
        line.line.color.rgb = rgb(colour)
        line.line.width = Pt(wide * self._thin)
        _arrow(line)

    @property
    def _thin(self) -> float:
        """How much thinner the lines of a drawing that was made smaller are."""
        return min(1.0, max(0.4, self.fit.unit * POINTS))

    def map(self, heat: Heat, place: Place) -> None:
        """Draw a map of colours as a picture."""
        from pptx.util import Inches

        room = map(Inches, self.fit.room(place))
        self.slide.shapes.add_picture(io.BytesIO(_heat_png(heat, self.colours)), *room)


def _heat_png(heat: Heat, colours: Colours) -> bytes:
    """Return a map as a PNG, a few pixels a cell; Pillow comes with python-pptx."""
    from PIL import Image

    paper = "#ffffff" if colours.paper == "transparent" else colours.paper
    picture = Image.new("RGB", (heat.columns, len(heat.cells)), paper)
    for y, row in enumerate(heat.cells):
        for x, share in enumerate(row):
            if share is not None:
                colour = heat_colour(share, heat, colours)
                picture.putpixel((x, y), tuple(bytes.fromhex(colour[1:])))
    size = picture.width * PIXELS, picture.height * PIXELS
    out = io.BytesIO()
    picture.resize(size, Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def _arrow(shape: Any) -> None:
    """Give a line an arrow, for which python-pptx has no method."""
    from pptx.oxml.ns import qn

    line = shape.line._get_or_add_ln()
    end = line.makeelement(qn("a:tailEnd"), {"type": "triangle"})
    line.append(end)


def rgb(colour: str) -> Any:
    """Return a colour of ours as python-pptx has it."""
    from pptx.dml.color import RGBColor

    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return RGBColor(red, green, blue)  # type: ignore[no-untyped-call]
