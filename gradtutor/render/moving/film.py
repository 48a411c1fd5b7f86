"""Frames as a film: a GIF by Pillow, an MP4 by imageio-ffmpeg."""

from __future__ import annotations

import io
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gradtutor.messages import tr
from gradtutor.render.drawing import Drawing
from gradtutor.render.engines import LayoutError, MissingEngineError, layout
from gradtutor.render.style import Style
from gradtutor.render.writers.dot import dot_text

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
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError:
        raise MissingEngineError(
            tr('an MP4 needs imageio-ffmpeg: pip install "gradtutor[slides]"')
        ) from None
    images = _images(drawings, style, "MP4")
    size = _film_size(images)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        _run_ffmpeg([get_ffmpeg_exe(), *_film_words(size), str(path)], images, size)
        return path.read_bytes()


def _run_ffmpeg(
    words: Sequence[str], images: Sequence[Image], size: tuple[int, int]
) -> None:
    """Hand ffmpeg the pictures of a film on its standard input.

    imageio_ffmpeg.write_frames would fork, which a process with threads may not.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stderr=pipe) as film:
        with suppress(BrokenPipeError):  # ffmpeg says why
            for image, seconds in zip(images, times(len(images)), strict=True):
                picture = _centred(image, size).tobytes()
                for _ in range(round(seconds * RATE)):
                    film.stdin.write(picture)  # type: ignore[union-attr]
        said = film.communicate()[1].decode(errors="replace").strip()
    if film.returncode:
        raise LayoutError(tr("{path} failed: {words}", path=words[0], words=said))


def _film_words(size: tuple[int, int]) -> list[str]:
    """Return ffmpeg's options: pictures from standard input, H.264 to a file."""
    wide, high = size
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{wide}x{high}"]
    h264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "10"]
    return ["-v", "error", "-y", *raw, "-r", str(RATE), "-i", "-", "-an", *h264]


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
