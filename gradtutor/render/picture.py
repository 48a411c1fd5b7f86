"""Pictures as bytes and files: SVG, PNG, PDF, DOT, TikZ, Mermaid, draw.io, a page."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from numpy.typing import ArrayLike

from gradtutor.graph import Graph
from gradtutor.messages import tr
from gradtutor.messages.font import INSTALL, chinese_font, machines_font
from gradtutor.render.drawing import Drawing, PictureError
from gradtutor.render.engines import find_engine, layout
from gradtutor.render.letters.embedding import with_letters
from gradtutor.render.letters.raster import can_draw, has_wide
from gradtutor.render.style import Style
from gradtutor.render.svg import finished
from gradtutor.render.writers import formats
from gradtutor.render.writers.dot import dot_text
from gradtutor.render.writers.format import Picture

#: Those of the layout program, and of the modules in ``writers``.
FORMATS = ("svg", "png", "pdf", "dot", *formats())


def render_bytes(dot: str, format_: str, scale: float = 1.0) -> bytes:
    """Return a picture of DOT text as SVG, PNG, PDF or DOT."""
    if format_ == "dot":
        return dot.encode()
    laid_out = layout(dot, format_, scale)
    return finished(laid_out, scale) if format_ == "svg" else laid_out


def picture_bytes(drawing: Drawing, style: Style, format_: str) -> bytes:
    """Return a drawing in one of ``FORMATS``."""
    picture = Picture(drawing, style)
    if format_ in formats():
        return formats()[format_].write(picture).encode()
    return render_bytes(picture.dot, format_, style.scale)


def write_picture(path: Path, drawing: Drawing, style: Style) -> list[str]:
    """Write a picture, whole or not at all; the file's suffix says which format.

    Returns
    -------
    list of str
        Warnings, as of a font that the picture lacks.

    Raises
    ------
    PictureError
        When the suffix names no format.
    OSError
        When the file cannot be written; an older one is then still there.
    """
    format_ = path.suffix.lower().removeprefix(".")
    if format_ not in FORMATS:
        known = ", ".join(f".{one}" for one in (*FORMATS, "html"))
        raise PictureError(
            tr(
                "{name}: a picture's name ends with one of {known}",
                name=path.name,
                known=known,
            )
        )
    content = picture_bytes(drawing, style, format_)
    write_bytes(path, with_letters(content) if format_ == "svg" else content)
    return font_warnings(drawing, style, format_)


def write_page(
    path: Path, graph: Graph, ties: str, style: Style, given: Mapping[str, ArrayLike]
) -> list[str]:
    """Write the interactive page of a circuit, whole or not at all.

    Returns
    -------
    list of str
        Notes, as of values that were drawn at random.

    Raises
    ------
    gradtutor.evaluate.MissingValueError
        When some inputs have values and others have none.
    OSError
        When the file cannot be written; an older one is then still there.
    """
    from gradtutor.render.page.html_file import circuit_page

    page = circuit_page(graph, ties, style, given)
    write_bytes(path, page.content)
    return page.notes


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file in one step, so that a failure leaves the old one whole.

    A link goes on pointing where it did, and a device or a pipe is written into.
    """
    try:
        place = Path(os.path.realpath(path))
        if place.exists() and not place.is_file():
            place.write_bytes(content)
        else:
            _replace(place, content)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None


def _replace(path: Path, content: bytes) -> None:
    """Write beside a file, then take its place and its permissions."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(partial).chmod(mode)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def font_warnings(drawing: Drawing, style: Style, format_: str) -> list[str]:
    """Warn of Chinese letters in a picture for which there is no font here."""
    if format_ not in ("png", "pdf", "gif", "tex") or not has_wide(
        dot_text(drawing, style.colours)
    ):
        return []
    if format_ == "tex":
        return [tr("Chinese letters: typeset it by xelatex, with the package ctex")]
    lacking = not can_draw() and (find_engine().pure or not machines_font())
    if format_ == "pdf":
        lacking = chinese_font() is None and not machines_font()
    if not lacking:
        return []
    return [
        tr(
            "this picture has no font for Chinese letters: {install}, or write .svg",
            install=INSTALL,
        )
    ]
