"""Small images side by side: pixels with their numbers, colours, weights with a sign.

>>> print(pixel_rows([Image(((0.0, 1.0), (1.0, 0.0)), "A")]))
A
  ██
██
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import zip_longest
from typing import Any

from rich.cells import cell_len, set_cell_size

SHADES = " ░▒▓█"
SIDE = 120  # of an image
ACROSS = 5  # images in a row
TERMINAL = 78
#: Pixels of images so wide are two signs across; of wider ones two share a sign.
FEW = 8
#: What is written into a pixel is legible to so many in a row.
MOST_WRITTEN = 8


@dataclass(frozen=True)
class Image:
    """Rows of pixels.

    Attributes
    ----------
    rows : sequence of sequence
        Greys from 0, white, to 1, black; signed from -1 to 1; or red, green, blue.
    ink : str
        What a 1 is drawn with: ``black``, ``red``, ``green``, ``blue``; ``signed`` for
        orange below and blue above 0; ``colours`` for three numbers a pixel.
    numbers : sequence of sequence of int
        What is written into the pixels; empty for nothing.
    """

    rows: Sequence[Sequence[float | Sequence[float]]]
    title: str = ""
    ink: str = "black"
    numbers: Sequence[Sequence[int]] = ()


def pixel_rows(images: Sequence[Image], columns: int = TERMINAL) -> str:
    """Return images in signs of block elements, or the numbers that stand in them."""
    blocks = [[one.title, *_signs(one)] for one in images]
    wide = max(max(map(cell_len, block)) for block in blocks) + 2
    each = max(1, columns // wide)
    rows = []
    for start in range(0, len(blocks), each):
        beside = zip_longest(*blocks[start : start + each], fillvalue="")
        rows += ["".join(set_cell_size(x, wide) for x in line) for line in beside]
        rows.append("")
    return "\n".join(row.rstrip() for row in rows[:-1])


def _signs(image: Image) -> list[str]:
    if image.numbers:
        return [" ".join(f"{n:>3}" for n in row) for row in image.numbers]
    rows = image.rows
    if len(rows[0]) <= FEW:
        return ["".join(2 * _sign(image, pixel) for pixel in row) for row in rows]
    return ["".join(_pair(image, *two) for two in zip(*both, strict=True))
            for both in zip(rows[::2], rows[1::2], strict=False)]  # fmt: skip


def _pair(image: Image, upper: Any, lower: Any) -> str:
    """Return a sign for a pixel and the one below it, which is as wide as they are."""
    return _sign(image, (upper + lower) / 2)


def _sign(image: Image, pixel: float | Sequence[float]) -> str:
    if not isinstance(pixel, int | float):
        return SHADES[round((1 - sum(pixel) / 3) * 4)]
    if image.ink == "signed":
        return "-" if pixel < -0.33 else "█" if pixel > 0.33 else " "
    return SHADES[round(pixel * 4)]


def pixel_svg(images: Sequence[Image], title: str = "") -> str:
    """Draw images side by side, at most five in a row."""
    across = min(ACROSS, len(images))
    deep = -(-len(images) // across)
    wide, high = across * (SIDE + 24) + 24, deep * (SIDE + 44) + 14
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
        'font-family="sans-serif" font-size="13">'
    )
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    body: list[str] = []
    for n, image in enumerate(images):
        left, top = 24 + n % across * (SIDE + 24), 28 + n // across * (SIDE + 44)
        middle = f'x="{left + SIDE / 2}" y="{top - 8}" text-anchor="middle"'
        body.append(f'<text {middle} fill="#1f2328">{escape(image.title)}</text>')
        body += _pixels(image, left, top)
    return "\n".join(
        [head, f"<title>{escape(title)}</title>", paper, *body, "</svg>\n"]
    )


def _pixels(image: Image, left: float, top: float) -> Iterator[str]:
    count = max(len(image.rows), len(image.rows[0]))
    size = SIDE / count
    for i, row in enumerate(image.rows):
        for j, pixel in enumerate(row):
            x, y = left + j * size, top + i * size
            place = f'x="{x:.2f}" y="{y:.2f}" width="{size:.2f}" height="{size:.2f}"'
            yield f'<rect {place} fill="{_colour(image, pixel)}"/>'
            if image.numbers and count <= MOST_WRITTEN:
                dark = _is_dark(image, pixel)
                at = f'x="{x + size / 2:.1f}" y="{y + size / 2 + 3:.1f}"'
                style = f'text-anchor="middle" font-size="9" fill="{dark}"'
                yield f"<text {at} {style}>{image.numbers[i][j]}</text>"
    edge = (
        f'width="{len(image.rows[0]) * size:.2f}" height="{len(image.rows) * size:.2f}"'
    )
    yield f'<rect x="{left}" y="{top}" {edge} fill="none" stroke="#8c959f"/>'


def _colour(image: Image, pixel: float | Sequence[float]) -> str:
    """Return a pixel's colour."""
    if not isinstance(pixel, int | float):
        return "rgb({})".format(",".join(str(round(255 * one)) for one in pixel))
    if image.ink == "signed":
        far = abs(pixel)
        end = (5, 80, 174) if pixel > 0 else (188, 76, 0)
        return "rgb({})".format(
            ",".join(str(round(255 + (e - 255) * far)) for e in end)
        )
    if image.ink == "black":
        return "rgb({0},{0},{0})".format(round(255 * (1 - pixel)))
    lit = ("red", "green", "blue").index(image.ink)
    return "rgb({})".format(
        ",".join(str(round(255 * pixel) if k == lit else 0) for k in range(3))
    )


def _is_dark(image: Image, pixel: float | Sequence[float]) -> str:
    """Return black or white, whichever is legible on a pixel."""
    if isinstance(pixel, int | float):
        light = image.ink == "black" and pixel < 0.5
        return (
            "#000000" if light or (image.ink == "green" and pixel > 0.7) else "#ffffff"
        )
    return "#000000" if sum(pixel) > 1.5 else "#ffffff"
