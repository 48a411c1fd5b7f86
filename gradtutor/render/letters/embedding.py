"""An SVG that brings its Chinese letters along: a few kilobytes of a font."""

from __future__ import annotations

import base64
import re

from gradtutor.messages.font import WIDE, subset

#: The font's name inside a picture, which no installed font has.
NAME = "gradtutor letters"
FAMILY = re.compile(rb'font-family="([^"]*)"')
START = re.compile(rb"<svg\b[^>]*>")


def with_letters(svg: bytes) -> bytes:
    """Return an SVG with the Chinese letters of its texts in it.

    It is as it was where it has none, or where the font is not installed; a reader's
    own font shows them then.
    """
    letters = "".join(sorted(set(WIDE.findall(svg.decode("utf-8", "replace")))))
    font = subset(letters) if letters else None
    start = START.search(svg)
    if font is None or start is None:
        return svg
    named = FAMILY.sub(rb'font-family="\1,' + NAME.encode() + rb'"', svg)
    data = base64.b64encode(font).decode()
    style = (
        f'<style>@font-face {{font-family: "{NAME}"; '
        f'src: url("data:font/woff;base64,{data}")}}</style>'
    )
    found = START.search(named)
    assert found is not None
    return named[: found.end()] + b"\n" + style.encode() + named[found.end() :]
