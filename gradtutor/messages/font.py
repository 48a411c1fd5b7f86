"""The font with Chinese letters that the package zhplot brings (the extra ``zh``)."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

FAMILY = "Noto Sans SC"
INSTALL = 'pip install "gradtutor[zh]"'
#: Chinese, Japanese and Korean letters, their punctuation, and wide Latin ones.
WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff65]")


@cache
def chinese_font() -> Path | None:
    """Return the font's file; None where the package is not installed."""
    package = find_spec("zhplot")
    for place in (package.submodule_search_locations or []) if package else []:
        for path in sorted(Path(place).glob("fonts/*.ttf")):
            return path
    return None


@cache
def machines_font() -> str:
    """Return a font family with Chinese letters that fontconfig knows; or nothing."""
    if not shutil.which("fc-list"):
        return ""
    command = ["fc-list", ":lang=zh", "family"]
    try:
        listed = subprocess.run(
            command, capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return min(set(listed.stdout.split("\n")) - {""}, default="")


def subset(letters: str) -> bytes | None:
    """Return the font cut to some letters, as WOFF; None where it cannot be.

    The same letters give the same bytes. The cutting is fontTools', which comes along
    with matplotlib.
    """
    path = chinese_font()
    if path is None or find_spec("fontTools") is None:
        return None
    from fontTools import subset as cutting
    from fontTools.ttLib import TTFont

    options = cutting.Options(
        recalc_timestamp=False, hinting=False, notdef_outline=True
    )
    out = io.BytesIO()
    with TTFont(path, recalcTimestamp=False, lazy=True) as font:
        cutter = cutting.Subsetter(options)
        cutter.populate(text=letters)
        cutter.subset(font)
        font.flavor = "woff"
        font.save(out)
    return out.getvalue()
