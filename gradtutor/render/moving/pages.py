"""Frames as a PDF with a page a step, for a projector or a handout."""

from __future__ import annotations

import io
from collections.abc import Sequence

from gradtutor.messages import tr
from gradtutor.render.drawing import Drawing
from gradtutor.render.engines import MissingEngineError
from gradtutor.render.picture import picture_bytes
from gradtutor.render.style import Style


def pages_bytes(drawings: Sequence[Drawing], style: Style) -> bytes:
    """Return one PDF; all pages have one size, so that nothing jumps.

    Raises
    ------
    MissingEngineError
        When pypdf is not installed.
    """
    try:
        from pypdf import PdfWriter
    except ImportError:
        raise MissingEngineError(
            tr('a PDF of slides needs pypdf: pip install "gradtutor[slides]"')
        ) from None
    whole = PdfWriter()
    for drawing in drawings:
        whole.append(io.BytesIO(picture_bytes(drawing, style, "pdf")))
    out = io.BytesIO()
    whole.write(out)
    return out.getvalue()
