"""The layout program's SVG, ready for the page: no colours, texts in the middle."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from gradtutor.render.svg import anchor

SVG = "{http://www.w3.org/2000/svg}"
#: What the style sheet decides, and what says nothing in a page.
DROPPED = ("fill", "stroke", "font-family", "font-style", "stroke-width")


def page_svg(svg: bytes) -> str:
    """Return the drawing as an element of a page.

    Ids and classes stay; titles and colours go; the texts of a box are centred on it,
    so that they fit in the reader's own font.
    """
    root = ET.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        for name in DROPPED:
            element.attrib.pop(name, None)
        element.attrib.pop("{http://www.w3.org/XML/1998/namespace}space", None)
        element.tail = None
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag == "title"]:
            parent.remove(child)
    (drawing,) = root.findall("g")
    for paper in drawing.findall("polygon"):
        drawing.remove(paper)
    drawing.attrib = {"transform": drawing.get("transform", "")}
    for group in drawing.findall("g"):
        if "node" in group.get("class", "").split():
            anchor(group)
    return ET.tostring(_sized(root), encoding="unicode")


def _sized(root: ET.Element) -> ET.Element:
    """Say the natural size in pixels; the page scales from there."""
    _, _, width, height = root.get("viewBox", "").split()
    root.attrib = {
        "viewBox": root.get("viewBox", ""),
        "width": f"{float(width):.0f}",
        "height": f"{float(height):.0f}",
        "class": "circuit",
    }
    return root
