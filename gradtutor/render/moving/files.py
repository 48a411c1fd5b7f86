"""Frames as files: a folder of pictures, an SVG that plays, slides and films."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from gradtutor.messages import tr
from gradtutor.render.dot import dot_text
from gradtutor.render.drawing import Drawing, PictureError
from gradtutor.render.moving.deck import deck_bytes
from gradtutor.render.moving.film import gif_bytes, mp4_bytes, times
from gradtutor.render.moving.pages import pages_bytes
from gradtutor.render.picture import picture_bytes, render_bytes, write_bytes
from gradtutor.render.style import Style

#: What writes the frames into one file, by its suffix.
WHOLE = {".gif": gif_bytes, ".mp4": mp4_bytes, ".pptx": deck_bytes}
FRAME_FORMATS = ("svg", "png", "pdf", "tex", "dot")
SVG = "http://www.w3.org/2000/svg"


def is_frames(output: str) -> bool:
    """Whether a file's name asks for frames: a folder, a film, or slides.

    >>> is_frames("frames/"), is_frames("circuit.gif"), is_frames("circuit.svg")
    (True, True, False)
    """
    return output.endswith(("/", "\\")) or Path(output).suffix.lower() in WHOLE


def frames_bytes(suffix: str, drawings: Sequence[Drawing], style: Style) -> bytes:
    """Return frames as one file of a kind: a film, slides, or what plays or turns."""
    writers = {**WHOLE, ".svg": animated_svg, ".pdf": pages_bytes}
    return writers[suffix](drawings, style)


def write_frames(folder: Path, drawings: Sequence[Drawing], style: Style) -> list[Path]:
    """Write numbered pictures into a folder, which is made where it is not there.

    Raises
    ------
    PictureError
        When the style's format of frames is none.
    """
    if style.frame_format not in FRAME_FORMATS:
        raise PictureError(
            tr("frames are one of {names}", names=", ".join(FRAME_FORMATS))
        )
    folder.mkdir(parents=True, exist_ok=True)
    digits = len(str(len(drawings)))
    written = []
    for count, drawing in enumerate(drawings, 1):
        path = folder / f"frame-{count:0{max(digits, 2)}d}.{style.frame_format}"
        write_bytes(path, picture_bytes(drawing, style, style.frame_format))
        written.append(path)
    return written


def animated_svg(drawings: Sequence[Drawing], style: Style) -> bytes:
    """Return one SVG in which the frames follow each other, without any script.

    Readers that play no animation show the last frame.
    """
    ET.register_namespace("", SVG)
    texts = [dot_text(drawing, style.colours) for drawing in drawings]
    roots = [ET.fromstring(render_bytes(text, "svg")) for text in texts]
    whole = roots[-1]
    pictures = [root.find(f"{{{SVG}}}g") for root in roots]
    for child in list(whole):
        whole.remove(child)
    lengths = times(len(pictures))
    for count, picture in enumerate(pictures):
        if picture is not None:
            _unnamed(picture)
            picture.append(_switch(count, lengths))
            hidden = count < len(pictures) - 1
            picture.set("visibility", "hidden" if hidden else "visible")
            whole.append(picture)
    text: bytes = ET.tostring(whole, encoding="utf-8", xml_declaration=True)
    return text


def _unnamed(picture: ET.Element) -> None:
    """Take out ids, which would occur once a frame."""
    for element in picture.iter():
        element.attrib.pop("id", None)


def _switch(count: int, lengths: Sequence[float]) -> ET.Element:
    """Return what shows a frame in its time and hides it in all others."""
    whole = sum(lengths)
    start, end = sum(lengths[:count]) / whole, sum(lengths[: count + 1]) / whole
    marks = [(0.0, "hidden")] * (start > 0) + [(start, "visible")]
    marks += [(end, "hidden")] * (end < 1)
    return ET.Element(
        f"{{{SVG}}}animate",
        {
            "attributeName": "visibility",
            "calcMode": "discrete",
            "values": ";".join(value for _, value in marks),
            "keyTimes": ";".join(f"{time:.5g}" for time, _ in marks),
            "dur": f"{whole:g}s",
            "repeatCount": "indefinite",
        },
    )
