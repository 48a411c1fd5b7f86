"""The layout program's SVG, ready for the page: no colours, texts in the middle."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

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
            _centre(group)
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


def _centre(group: ET.Element) -> None:
    """Anchor the texts at the middle of their box."""
    middle = _middle(group)
    for text in group.findall("text"):
        if middle is not None:
            text.set("x", f"{middle:.2f}")
            text.set("text-anchor", "middle")


def _middle(group: ET.Element) -> float | None:
    """Return the x of a box's middle; None of a text without a frame."""
    circle = group.find("ellipse")
    if circle is not None:
        return float(circle.get("cx", "0"))
    for tag, name in (("polygon", "points"), ("path", "d")):
        frame = group.find(tag)
        if frame is not None:
            numbers = re.findall(r"(-?[\d.]+),-?[\d.]+", frame.get(name, ""))
            xs = [float(number) for number in numbers]
            return (min(xs) + max(xs)) / 2
    return None
