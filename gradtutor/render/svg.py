"""The layout program's SVG, made to look the same in any reader's font.

The program sets texts from the left by the widths of its own font; in another font
they would leave their boxes. So the lines of a box are anchored at its middle, numbers
at the wire that they belong to; and the pieces of a wire get round ends, without a gap.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
TAG = f"{{{SVG}}}"
POINT = re.compile(r"(-?[\d.]+),(-?[\d.]+)")
SIDE = re.compile(rb'\b(width|height)="([\d.]+)pt"')
#: Texts of a wire that are single numbers: one above, one below, or both beside it.
NUMBERS = 2
GAP = 2.0  # points between a wire and the numbers beside it


def finished(svg: bytes, scale: float = 1.0) -> bytes:
    """Return a picture whose texts stay in their boxes and whose wires have no gaps.

    Parameters
    ----------
    scale : float
        Of the size at which readers show it.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(resized(svg, scale))
    for drawing in root.findall(f"{TAG}g"):
        drawing.set("stroke-linecap", "round")
        for group in drawing.iter(f"{TAG}g"):
            if "node" in group.get("class", "").split():
                anchor(group, TAG)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def resized(svg: bytes, scale: float) -> bytes:
    """Return a picture that readers show at another size; its numbers stay."""

    def side(found: re.Match[bytes]) -> bytes:
        return b'%s="%.2fpt"' % (found[1], float(found[2]) * scale)

    return SIDE.sub(side, svg, count=2) if scale != 1 else svg


def anchor(group: ET.Element, tag: str = "") -> None:
    """Anchor the texts of a box at its middle, those of a wire at the wire.

    Parameters
    ----------
    tag : str
        What stands before the names of elements: a namespace, or nothing.
    """
    texts = [one for one in group.iter(f"{tag}text") if (one.text or "").strip()]
    xs, ys = _corners(group, tag)
    boxes_to_fill = len(group.findall(f".//{tag}polygon")) > 1
    if not xs or boxes_to_fill:
        return
    level, upright = max(ys) == min(ys), max(xs) == min(xs)
    if upright and len(texts) <= NUMBERS:
        _beside(texts, xs[0])
    elif not upright and (not level or len(texts) <= NUMBERS):
        for text in texts:
            _put(text, (min(xs) + max(xs)) / 2, "middle")


def _beside(texts: list[ET.Element], wire: float) -> None:
    for text in texts:
        left = float(text.get("x", "0")) < wire
        _put(text, wire - GAP if left else wire + GAP, "end" if left else "start")


def _put(text: ET.Element, x: float, where: str) -> None:
    text.set("x", f"{x:.2f}")
    text.set("text-anchor", where)


def _corners(group: ET.Element, tag: str) -> tuple[list[float], list[float]]:
    """Return the corners of a box, or of the rule between two numbers."""
    circle = next(group.iter(f"{tag}ellipse"), None)
    if circle is not None:
        x, y = float(circle.get("cx", "0")), float(circle.get("cy", "0"))
        return [x - 1, x + 1], [y - 1, y + 1]
    for name, points in (("polygon", "points"), ("path", "d")):
        frame = next(group.iter(f"{tag}{name}"), None)
        if frame is not None:
            corners = POINT.findall(frame.get(points, ""))
            return [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return [], []
