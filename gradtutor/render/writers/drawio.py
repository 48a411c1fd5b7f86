"""A drawing as a .drawio file: boxes and wires to move and edit in diagrams.net.

The positions are the SVG's; a wire goes through the place of its numbers.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html import escape

from gradtutor.render.drawing import Drawing, DrawnBox, DrawnWire, Form, Frame, Label
from gradtutor.render.dressing.names import shown
from gradtutor.render.positions import Place, Positions
from gradtutor.render.style import Colours
from gradtutor.render.writers.format import Format, Picture
from gradtutor.render.writers.mermaid import label_line

SHAPES: dict[Form, str] = {
    "bare": "text;align=center;verticalAlign=middle;",
    "dot": "ellipse;",
    "circle": "ellipse;",
    "ellipse": "ellipse;",
    "caption": "rounded=1;",
    "layer": "rounded=1;",
}


def drawio_text(drawing: Drawing, places: Positions, colours: Colours) -> str:
    """Return the file's XML."""
    root = ET.Element("root")
    ET.SubElement(root, "mxCell", id="0")
    ET.SubElement(root, "mxCell", {"id": "1", "parent": "0"})
    for frame in drawing.drawn_frames:
        _frame(root, frame, places.frames[frame.id], places.height, colours)
    for box in drawing.boxes:
        _box(root, box, places.places[box.id], places.height, colours)
    for wire in drawing.wires:
        _wire(root, wire, places, colours)
    file = ET.Element("mxfile")
    diagram = ET.SubElement(file, "diagram", name=drawing.title or "circuit")
    model = ET.SubElement(diagram, "mxGraphModel", background=colours.paper)
    model.append(root)
    ET.indent(file)
    return ET.tostring(file, encoding="unicode") + "\n"


def _box(
    root: ET.Element, box: DrawnBox, place: Place, top: float, colours: Colours
) -> None:
    text = "<br>".join(
        f"<b>{escape(line.text)}</b>"
        if line.role == "title"
        else escape(shown(line.text))
        for line in box.lines
    )
    ink = f"strokeColor={colours.ink};fontColor={colours.ink};"
    fill = colours.ink if box.form == "dot" else colours.gate
    fill = "" if box.form == "bare" else f"fillColor={fill};"
    style = f"{SHAPES[box.form]}html=1;{ink}{fill}"
    _shape(root, box.id, text, style, place, top)


def _frame(
    root: ET.Element, frame: Frame, place: Place, top: float, colours: Colours
) -> None:
    style = "html=1;fillColor=none;align=left;verticalAlign=top;spacingLeft=4;"
    style += f"strokeColor={colours.faint};fontColor={colours.ink};"
    _shape(root, frame.id, escape(frame.heading), style, place, top)


def _shape(
    root: ET.Element, name: str, text: str, style: str, place: Place, top: float
) -> None:
    cell = ET.SubElement(
        root,
        "mxCell",
        {"id": name, "value": text, "style": style, "vertex": "1", "parent": "1"},
    )
    ET.SubElement(
        cell,
        "mxGeometry",
        {
            "x": f"{place.x - place.width / 2:.2f}",
            "y": f"{top - place.y - place.height / 2:.2f}",
            "width": f"{place.width:.2f}",
            "height": f"{place.height:.2f}",
            "as": "geometry",
        },
    )


def _wire(
    root: ET.Element, wire: DrawnWire, places: Positions, colours: Colours
) -> None:
    parts = [
        _coloured(wire.value, colours.value),
        _coloured(wire.gradient, colours.gradient, "i"),
    ]
    style = f"html=1;curved=1;endArrow=classic;strokeColor={colours.ink};"
    style += "labelBackgroundColor=none;"
    cell = ET.SubElement(
        root,
        "mxCell",
        {
            "id": wire.id,
            "value": "<br>".join(filter(None, parts)),
            "style": style,
            "edge": "1",
            "parent": "1",
            "source": wire.source,
            "target": wire.target,
        },
    )
    geometry = ET.SubElement(cell, "mxGeometry", {"relative": "1", "as": "geometry"})
    place = places.places.get(wire.id)
    if place:
        points = ET.SubElement(geometry, "Array", {"as": "points"})
        at = {"x": f"{place.x:.2f}", "y": f"{places.height - place.y:.2f}"}
        ET.SubElement(points, "mxPoint", at)


def _coloured(label: Label, colour: str, slant: str = "") -> str:
    """Return a number in its colour, a gradient's in italics."""
    text = escape(label_line(label))
    text = f"<{slant}>{text}</{slant}>" if slant and text else text
    return f'<font color="{colour}">{text}</font>' if text else ""


def _written(picture: Picture) -> str:
    return drawio_text(picture.drawing, picture.places, picture.style.colours)


FORMAT = Format("drawio", _written)
