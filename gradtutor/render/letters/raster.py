"""A PNG with Chinese letters, drawn by typst's wheel from the SVG."""

from __future__ import annotations

import re
import tempfile
from importlib.util import find_spec
from pathlib import Path

from gradtutor.messages.font import FAMILY, WIDE, chinese_font

PAGE = '#set page(width: auto, height: auto, margin: 0pt)\n#image("picture.svg")\n'
PPI = 144
FAMILIES = re.compile(r'font-family="[^"]*"')


def can_draw() -> bool:
    """Whether the extra ``zh`` is installed: the font, and what draws it."""
    return chinese_font() is not None and find_spec("typst") is not None


def has_wide(text: str) -> bool:
    """Whether a text has letters that a Latin font lacks."""
    return WIDE.search(text) is not None


def in_our_font(svg: str) -> str:
    """Return an SVG whose texts name the font that is brought along."""
    return FAMILIES.sub(f'font-family="{FAMILY}"', svg)


def png(svg: bytes) -> bytes:
    """Draw an SVG; no font of the machine is used.

    Raises
    ------
    ImportError
        When typst is not installed: ask `can_draw` first.
    """
    import typst

    font = chinese_font()
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.svg"
        picture.write_text(in_our_font(svg.decode()), encoding="utf-8")
        page = Path(folder) / "page.typ"
        page.write_text(PAGE, encoding="utf-8")
        drawn: bytes = typst.compile(
            str(page),
            format="png",
            ppi=PPI,
            font_paths=[str(font.parent)] if font else [],
            ignore_system_fonts=True,
        )
    return drawn
