"""Frames as files: a folder of pictures, a GIF, an SVG that plays by itself."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from gradtutor.messages import tr
from gradtutor.render.dot import dot_text
from gradtutor.render.drawing import Drawing, PictureError
from gradtutor.render.engines import MissingEngineError, layout
from gradtutor.render.picture import picture_bytes, render_bytes, write_bytes
from gradtutor.render.style import Style

#: How long a frame is shown, and the last one, in seconds.
SHOWN, LAST = 2.0, 4.0
FRAME_FORMATS = ("svg", "png", "pdf", "tex", "dot")
SVG = "http://www.w3.org/2000/svg"


def is_frames(output: str) -> bool:
    """Whether a file's name asks for frames: a folder, or a GIF.

    >>> is_frames("frames/"), is_frames("circuit.gif"), is_frames("circuit.svg")
    (True, True, False)
    """
    return output.endswith(("/", "\\")) or output.lower().endswith(".gif")


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


def gif_bytes(drawings: Sequence[Drawing], style: Style) -> bytes:
    """Return the frames as a GIF that plays for ever.

    Raises
    ------
    MissingEngineError
        When Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError:
        raise MissingEngineError(tr("a GIF needs Pillow: pip install pillow")) from None
    texts = [dot_text(drawing, style.colours) for drawing in drawings]
    opened = [Image.open(io.BytesIO(layout(text, "png"))) for text in texts]
    images = [one.convert("RGB").quantize(64) for one in opened]
    times = [int(1000 * seconds) for seconds in _times(len(images))]
    out = io.BytesIO()
    first, *rest = images
    playing = {"save_all": True, "append_images": rest, "duration": times, "loop": 0}
    first.save(out, "GIF", disposal=1, **playing)
    return out.getvalue()


def _times(count: int) -> list[float]:
    return [SHOWN] * (count - 1) + [LAST]


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
    times = _times(len(pictures))
    for count, picture in enumerate(pictures):
        if picture is not None:
            _unnamed(picture)
            picture.append(_switch(count, times))
            hidden = count < len(pictures) - 1
            picture.set("visibility", "hidden" if hidden else "visible")
            whole.append(picture)
    text: bytes = ET.tostring(whole, encoding="utf-8", xml_declaration=True)
    return text


def _unnamed(picture: ET.Element) -> None:
    """Take out ids, which would occur once a frame."""
    for element in picture.iter():
        element.attrib.pop("id", None)


def _switch(count: int, times: Sequence[float]) -> ET.Element:
    """Return what shows a frame in its time and hides it in all others."""
    whole = sum(times)
    start, end = sum(times[:count]) / whole, sum(times[: count + 1]) / whole
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
