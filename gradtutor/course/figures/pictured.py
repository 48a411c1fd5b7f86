"""From the keys of lesson.toml to small images: pixels are written as hex digits.

>>> image("0f f0", "A", "black").rows
((0.0, 1.0), (1.0, 0.0))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradtutor.course.figures.pixels import Image

INKS = ("red", "green", "blue")


def images(fields: Mapping[str, Any]) -> list[Image]:
    """Return a picture's images.

    ``ink = "rgb"``: three matrices of one image in colours, which comes first.
    """
    texts, ink = fields["images"], fields.get("ink", "black")
    titles = fields.get("titles") or [""] * len(texts)
    if ink != "rgb":
        pairs = zip(texts, titles, strict=True)
        return [image(text, title, ink) for text, title in pairs]
    whole = titles[0] if len(titles) > len(INKS) else ""
    names = titles[-len(INKS) :]
    parts = [image(t, n, i) for t, n, i in zip(texts, names, INKS, strict=True)]
    return [_together(parts, whole), *map(_numbered, parts)]


def image(text: str, title: str, ink: str) -> Image:
    """Read rows of hex digits; of weights (``signed``) 8 is 0, and 1 is the least."""
    rows = [[int(digit, 16) for digit in row] for row in text.split()]
    if ink == "signed":
        pixels = tuple(tuple((n - 8) / 7 for n in row) for row in rows)
    else:
        pixels = tuple(tuple(n / 15 for n in row) for row in rows)
    return Image(pixels, title, ink)


def _together(parts: Sequence[Image], title: str) -> Image:
    """Return red, green and blue as one image."""
    size = range(len(parts[0].rows))
    rows = [list(zip(*(one.rows[i] for one in parts), strict=True)) for i in size]
    return Image(rows, title, "colours")


def _numbered(one: Image) -> Image:
    """Write into each pixel how much of the colour there is, from 0 to 255."""
    numbers = [[round(255 * float(p)) for p in row] for row in one.rows]  # type: ignore[arg-type]
    return Image(one.rows, one.title, one.ink, numbers)
