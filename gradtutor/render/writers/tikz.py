r"""A drawing as TikZ: the SVG's positions and numbers, for papers and slides.

The text needs TikZ and nothing else. Without ``--standalone`` it is a snippet that a
document with ``\usepackage{tikz}`` takes in by ``\input``.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradtutor.render.drawing import Drawing, DrawnBox, DrawnWire, Frame, Line
from gradtutor.render.letters.raster import has_wide
from gradtutor.render.positions import Curve, Place, Point, Positions
from gradtutor.render.style import Colours
from gradtutor.render.writers.format import Format, Picture
from gradtutor.render.writers.tikz_labels import SCALE, in_rows, label_text
from gradtutor.render.writers.tikz_text import mathematics, plain

#: Points between two lines of a caption, and above a title.
CAPTION_LINE, TITLE_ROOM = 22.0, 16.0
#: How a wire or a box that is highlighted, or not, is drawn.
WEIGHTS = {
    "": "",
    "strong": ", draw=gradient, line width=1.2pt",
    "faint": ", draw=faint",
}
MARGIN = 8.0  # points round a page of its own
#: Lines of a box in small letters, and the end of a line above or below one.
SMALL = ("detail", "caption", "alarm")
TIGHT = r"\\[-2.5pt]"
#: The colours of maps, beside the ink.
TINTS = ("paper", "plus", "minus")
FORMS = {
    "bare": "name",
    "dot": "fork",
    "circle": "gate",
    "ellipse": "long gate",
    "caption": "told gate",
    "layer": "layer",
}
STYLES = r"""  name/.style={inner sep=1pt, align=center},
  gate/.style={draw=ink, fill=gate, circle, inner sep=0pt},
  long gate/.style={draw=ink, fill=gate, rounded corners=9pt, inner sep=2pt,
    align=center},
  told gate/.style={draw=ink, fill=gate, rounded corners=4pt, inner sep=1pt,
    align=center},
  layer/.style={draw=ink, fill=gate, rounded corners=4pt, inner sep=1pt,
    align=center},
  fork/.style={fill=ink, circle, inner sep=0pt},
  value/.style={text=value, inner sep=1.5pt, align=center},
  gradient/.style={text=gradient, inner sep=1.5pt, align=center},"""


def tikz_text(
    drawing: Drawing,
    places: Positions,
    colours: Colours,
    *,
    standalone: bool = False,
    scale: float = 1.0,
) -> str:
    """Return a drawing as a ``tikzpicture``, or as a document of one page."""
    wires = drawing.wires
    heats = any(one.heat for wire in wires for one in (wire.value, wire.gradient))
    body = _body(drawing, places, colours)
    lines = [*_head(colours, scale, heats=heats), *body, r"\end{tikzpicture}"]
    picture = "\n".join(lines) + "\n"
    return _document(picture, places, scale) if standalone else picture


def _document(picture: str, places: Positions, scale: float) -> str:
    width, height = (
        scale * SCALE * size + 2 * MARGIN for size in (places.width, places.height)
    )
    paper = (
        f"paperwidth={width:.1f}bp,paperheight={height + 1:.1f}bp,margin={MARGIN:g}bp"
    )
    chinese = "\\usepackage{ctex}\n" if has_wide(picture) else ""
    return (
        "\\documentclass{article}\n"
        f"\\usepackage[{paper}]{{geometry}}\n"
        f"\\usepackage{{tikz}}\n{chinese}"
        "\\pagestyle{empty}\n\\parindent=0pt\n\\begin{document}\\centering\n"
        f"{picture}"
        "\\end{document}\n"
    )


def _head(colours: Colours, scale: float, *, heats: bool) -> Iterator[str]:
    for name in ("ink", "gate", "value", "gradient", "faint", "alarm"):
        yield rf"\definecolor{{{name}}}{{HTML}}{{{_hex(getattr(colours, name))}}}"
    if heats:
        paper = "#ffffff" if colours.paper == "transparent" else colours.paper
        for name, one in zip(TINTS, (paper, colours.plus, colours.minus), strict=True):
            yield rf"\definecolor{{{name}}}{{HTML}}{{{_hex(one)}}}"
    yield rf"\begin{{tikzpicture}}[x={SCALE}bp, y={SCALE}bp, >=stealth, draw=ink,"
    larger = f"  scale={scale:g}, transform shape," if scale != 1 else ""
    yield f"  line width=0.6pt, text=ink,{larger}\n{STYLES}]"


def _hex(colour: str) -> str:
    return colour.removeprefix("#").upper()


def _body(drawing: Drawing, places: Positions, colours: Colours) -> Iterator[str]:
    whole = _at((places.width, places.height))
    yield rf"\path[use as bounding box] (0,0) rectangle {whole};"
    for frame in drawing.drawn_frames:
        yield from _frame(frame, places.frames[frame.id])
    for wire in drawing.wires:
        yield from _wire(wire, drawing.direction, places, colours)
    for box in drawing.boxes:
        yield _box(box, places.places[box.id])
    yield from _round(drawing, places)


def _round(drawing: Drawing, places: Positions) -> Iterator[str]:
    """Yield the title above and the caption below, in the room that is left there."""
    middle = places.width / 2
    if drawing.title:
        at = _at((middle, places.height - TITLE_ROOM))
        yield rf"\node at {at} {{\textbf{{{plain(drawing.title)}}}}};"
    left = (places.width - drawing.caption_width) / 2
    for count, line in enumerate(reversed(drawing.caption)):
        y = (count + 0.5) * CAPTION_LINE
        if line and drawing.caption_width:
            yield rf"\node[anchor=west] at {_at((left, y))} {{{mathematics(line)}}};"
        elif line:
            yield rf"\node at {_at((middle, y))} {{{plain(line)}}};"


def _frame(frame: Frame, place: Place) -> Iterator[str]:
    left, right = place.x - place.width / 2, place.x + place.width / 2
    low, top = place.y - place.height / 2, place.y + place.height / 2
    yield rf"\draw[draw=faint] {_at((left, low))} rectangle {_at((right, top))};"
    text = rf"\small {plain(frame.heading)}"
    yield rf"\node[anchor=north west] at {_at((left, top))} {{{text}}};"


# ---- boxes ----


def _box(box: DrawnBox, place: Place) -> str:
    alarm = ", draw=alarm, line width=2pt" if box.alarm else ""
    weight = "" if box.form in ("bare", "dot") else WEIGHTS[box.weight]
    faint = ", text=faint" if box.weight == "faint" else ""
    style = f"{FORMS[box.form]}{_size(box, place)}{weight}{faint}{alarm}"
    is_small = any(line.role in SMALL for line in box.lines)
    text = (TIGHT if is_small else r"\\").join(map(_line, box.lines))
    return rf"\node[{style}] at {_at((place.x, place.y))} {{{text}}};"


def _size(box: DrawnBox, place: Place) -> str:
    """Return the size of a box with a frame; a name has its text's own."""
    width, height = f"{SCALE * place.width:.1f}bp", f"{SCALE * place.height:.1f}bp"
    if box.form == "bare":
        return ""
    if box.form in ("dot", "circle"):
        return f", minimum size={width}"
    return f", minimum width={width}, minimum height={height}"


def _line(line: Line) -> str:
    small = r"\scriptsize "
    written = {
        "title": rf"\textbf{{{plain(line.text)}}}",
        "detail": rf"{small}{mathematics(line.text)}",
        "caption": rf"{small}\color{{faint}}{plain(line.text)}",
        "alarm": rf"{small}\color{{alarm}}{plain(line.text)}",
    }
    return written.get(line.role) or in_rows(line.text, mathematics)


# ---- wires ----


def _wire(
    wire: DrawnWire, direction: str, places: Positions, colours: Colours
) -> Iterator[str]:
    """Yield both halves of a wire, the line between its numbers, and the numbers."""
    if wire.bare:
        curve = _curve(places.curves[wire.source, wire.target])
        yield rf"\draw[->{WEIGHTS[wire.weight]}] {curve};"
        return
    weight = WEIGHTS[wire.weight].removeprefix(", ")
    line = f"[{weight}]" if weight else ""
    place = places.places[wire.id]
    yield rf"\draw{line} {_curve(places.curves[wire.source, wire.id])};"
    yield rf"\draw{line} {_bar(place, direction)};"
    last = _curve(places.curves[wire.id, wire.target])
    yield rf"\draw[->{WEIGHTS[wire.weight]}] {last};"
    above, below = ("south", "north") if direction == "LR" else ("east", "west")
    for label, style, anchor in (
        (wire.value, "value", above),
        (wire.gradient, "gradient", below),
    ):
        text = label_text(label, colours, slanted=style == "gradient")
        if text:
            at = _at((place.x, place.y))
            faint = ", text=faint" if wire.weight == "faint" else ""
            yield rf"\node[{style}, anchor={anchor}{faint}] at {at} {{{text}}};"


def _bar(place: Place, direction: str) -> str:
    wide, high = place.width / 2, place.height / 2
    dx, dy = (wide, 0.0) if direction == "LR" else (0.0, -high)
    start, end = (place.x - dx, place.y - dy), (place.x + dx, place.y + dy)
    return f"{_at(start)} -- {_at(end)}"


def _curve(curve: Curve) -> str:
    start, rest = curve.points[0], curve.points[1:]
    text = _at(start)
    for n in range(0, len(rest), 3):
        one, two, end = map(_at, rest[n : n + 3])
        text += f" .. controls {one} and {two} .. {end}"
    return text + (f" -- {_at(curve.tip)}" if curve.tip else "")


def _at(point: Point) -> str:
    return f"({point[0]:.2f},{point[1]:.2f})"


def _written(picture: Picture) -> str:
    style = picture.style
    return tikz_text(
        picture.drawing,
        picture.places,
        style.colours,
        standalone=style.standalone,
        scale=style.scale,
    )


FORMAT = Format("tex", _written)
