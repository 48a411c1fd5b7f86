"""Frames as a film: a GIF by Pillow, an MP4 by imageio-ffmpeg."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gradtutor.messages import tr
from gradtutor.render.dot import dot_text
from gradtutor.render.drawing import Drawing
from gradtutor.render.engines import MissingEngineError, layout
from gradtutor.render.style import Style

if TYPE_CHECKING:
    from PIL.Image import Image

#: How long a frame is shown, and the last one, in seconds.
SHOWN, LAST = 2.0, 4.0
RATE = 10  # pictures a second of a film
BLOCK = 16  # pixels: the sides of a film are multiples of it


def times(count: int) -> list[float]:
    """Return how long each frame is shown, in seconds."""
    return [SHOWN] * (count - 1) + [LAST]


def gif_bytes(drawings: Sequence[Drawing], style: Style) -> bytes:
    """Return the frames as a GIF that plays for ever.

    Raises
    ------
    MissingEngineError
        When Pillow is not installed.
    """
    images = [one.quantize(64) for one in _images(drawings, style, "GIF")]
    lengths = [int(1000 * seconds) for seconds in times(len(images))]
    out = io.BytesIO()
    first, *rest = images
    playing = {"save_all": True, "append_images": rest, "duration": lengths, "loop": 0}
    first.save(out, "GIF", disposal=1, **playing)
    return out.getvalue()


def mp4_bytes(drawings: Sequence[Drawing], style: Style) -> bytes:
    """Return the frames as a film in H.264, two seconds each.

    Raises
    ------
    MissingEngineError
        When imageio-ffmpeg or Pillow is not installed.
    """
    try:
        from imageio_ffmpeg import write_frames
    except ImportError:
        raise MissingEngineError(
            tr('an MP4 needs imageio-ffmpeg: pip install "gradtutor[slides]"')
        ) from None
    images = _images(drawings, style, "MP4")
    size = _film_size(images)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        film = write_frames(str(path), size, fps=RATE, quality=8)
        film.send(None)
        for image, seconds in zip(images, times(len(images)), strict=True):
            picture = _centred(image, size).tobytes()
            for _ in range(round(seconds * RATE)):
                film.send(picture)
        film.close()
        return path.read_bytes()


def _images(drawings: Sequence[Drawing], style: Style, what: str) -> list[Image]:
    try:
        from PIL import Image
    except ImportError:
        raise MissingEngineError(
            tr("a {what} needs Pillow: pip install pillow", what=what)
        ) from None
    colours = replace(style, transparent=False).colours
    texts = [dot_text(drawing, colours) for drawing in drawings]
    pngs = [layout(text, "png", style.scale) for text in texts]
    return [Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]


def _film_size(images: Sequence[Image]) -> tuple[int, int]:
    """Return width and height that hold all frames, in whole blocks."""
    wide = max(image.width for image in images)
    high = max(image.height for image in images)
    return -(-wide // BLOCK) * BLOCK, -(-high // BLOCK) * BLOCK


def _centred(image: Image, size: tuple[int, int]) -> Image:
    """Put a frame in the middle of paper of its own colour."""
    from PIL import Image

    paper = Image.new("RGB", size, image.getpixel((0, 0)))
    paper.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return paper
