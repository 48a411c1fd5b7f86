"""A PNG with Chinese letters, drawn by typst's wheel from the SVG."""

from __future__ import annotations

import re
import tempfile
from importlib.util import find_spec
from pathlib import Path

from gradtutor.messages.font import FAMILY, WIDE, chinese_font
from gradtutor.render.letters.raised import with_moved_digits

PAGE = '#set page(width: auto, height: auto, margin: 0pt)\n#image("picture.svg")\n'
PPI = 144
ITALIC = re.compile(r'<text\b[^>]*font-style="italic"[^>]*>')
SLANT = 12  # degrees
FAMILIES = re.compile(r'font-family="[^"]*"')


def can_draw() -> bool:
    """Whether the extra ``zh`` is installed: the font, and what draws it."""
    return chinese_font() is not None and find_spec("typst") is not None


def has_wide(text: str) -> bool:
    """Whether a text has letters that a Latin font lacks."""
    return WIDE.search(text) is not None


def in_our_font(svg: str) -> str:
    """Return an SVG whose texts name the font that is brought along.

    It has no italics, so such texts are slanted, and no small digits.
    """
    ours = FAMILIES.sub(f'font-family="{FAMILY}"', with_moved_digits(svg))
    return ITALIC.sub(_slanted, ours)


def _slanted(found: re.Match[str]) -> str:
    tag = found[0]
    place = re.search(r' x="([-\d.]+)"', tag), re.search(r' y="([-\d.]+)"', tag)
    x, y = (one[1] if one else "0" for one in place)
    there, back = f"translate({x} {y})", f"translate({_minus(x)} {_minus(y)})"
    return f'{tag[:-1]} transform="{there} skewX(-{SLANT}) {back}">'


def _minus(number: str) -> str:
    """Return a number with the other sign."""
    return number.removeprefix("-") if number.startswith("-") else f"-{number}"


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
