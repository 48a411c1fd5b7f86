"""How a picture looks: what stands on the wires, digits, direction, colours.

>>> number(0.7310585786), number(-4.0), number(1e-7), number(float("inf"))
('0.73', '-4.00', '1.0e-07', '∞')
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

#: Largest number of elements of a tensor whose numbers are shown.
SHOWN_ELEMENTS = 9
#: Longest symbol text on a wire, in characters.
SYMBOL_WIDTH = 52
NARROW = " .,:;|!'()[]ijlft/"
LATIN = 0x24F  # the last letter of Latin with its accents
MARGINS = 24.0  # points left and right of the text in a box, together
WIDE = 0x2E80  # the first of Chinese, Japanese and Korean signs


@dataclass(frozen=True)
class Style:
    """What a picture shows and how.

    Attributes
    ----------
    show : str
        ``values``, ``symbols`` (``∂f/∂q = z``) or ``both``.
    digits : int
        Digits after the point.
    direction : str
        ``LR``, inputs left and output right, or ``TB``, from top to bottom.
    theme : str
        ``light``, ``dark``, ``print`` (greys) or ``colour-blind``.
    captions : bool
        Whether each gate says what it does to the gradient.
    gradients : bool
        Whether gradients are shown beside the values.
    layers : str
        Of a network: ``closed``, one box a layer; ``open``, every gate; ``auto``,
        closed where the network is deep.
    standalone : bool
        Whether TeX is a document of its own, not a snippet.
    frame_format : str
        Of the pictures in a folder of frames.
    highlight : tuple of str
        Names whose paths to the output stand out.
    blank : str
        Numbers to be filled in, as in an exercise: ``values``, ``gradients``, ``all``.
    title, caption : str
        Above and below the picture.
    scale : float
        Of its size on the page or the screen.
    transparent : bool
        Whether what lies behind it is seen.
    heat : bool
        Whether a tensor too large for its numbers is a map of colours.
    rows : int
        In how many rows a circuit is drawn; 0: as many as its length asks for.
    """

    show: Literal["values", "symbols", "both"] = "values"
    digits: int = 2
    direction: Literal["LR", "TB"] = "LR"
    theme: Literal["light", "dark", "print", "colour-blind"] = "light"
    captions: bool = False
    gradients: bool = True
    layers: Literal["auto", "open", "closed"] = "auto"
    standalone: bool = False
    frame_format: str = "svg"
    highlight: tuple[str, ...] = ()
    blank: Literal["", "values", "gradients", "all"] = ""
    title: str = ""
    caption: str = ""
    scale: float = 1.0
    transparent: bool = False
    heat: bool = True
    rows: int = 0

    @property
    def colours(self) -> Colours:
        """The theme's colours, without paper where it is transparent."""
        colours = THEMES[self.theme]
        return replace(colours, paper="transparent") if self.transparent else colours


@dataclass(frozen=True)
class Colours:
    """A theme: every pair has a contrast of at least 4.5 to 1 with the paper."""

    paper: str
    ink: str
    faint: str
    value: str
    gradient: str
    gate: str
    alarm: str
    plus: str = "#0072b2"
    minus: str = "#bd4c00"


LIGHT = Colours(
    paper="#ffffff",
    ink="#1f2328",
    faint="#59636e",
    value="#116329",
    gradient="#c11524",
    gate="#f6f8fa",
    alarm="#9a6700",
)
THEMES = {
    "light": LIGHT,
    "dark": Colours(
        paper="#0d1117",
        ink="#e6edf3",
        faint="#9198a1",
        value="#4ac26b",
        gradient="#ff8182",
        gate="#1b2129",
        alarm="#e3b341",
        plus="#56b4e9",
        minus="#f0a04b",
    ),
    "print": Colours(
        paper="#ffffff",
        ink="#000000",
        faint="#6e6e6e",
        value="#000000",
        gradient="#4a4a4a",
        gate="#ffffff",
        alarm="#000000",
    ),
    # Blue and a darker vermillion of Okabe and Ito (2008): all eyes tell them apart.
    "colour-blind": replace(LIGHT, value="#0072b2", gradient="#b54708"),
}


def number(value: float, digits: int = 2) -> str:
    """Write a number with so many digits after the point; extremes as 1.0e-07."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if digits == 0 and abs(value) < 0.5:
        return "0"
    if value != 0 and (abs(value) < 0.5 * 10**-digits or abs(value) >= 1e6):
        return f"{value:.{max(digits - 1, 0)}e}"
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def rows_of_numbers(value: Any, digits: int) -> list[list[str]]:
    """Return the rows of a small tensor as texts; none when it is too large."""
    array = np.asarray(value)
    if array.size > SHOWN_ELEMENTS or array.ndim > 2 or array.size == 0:
        return []
    return [[number(float(x), digits) for x in row] for row in np.atleast_2d(array)]


def summary(value: Any, digits: int) -> str:
    """Say a large tensor's range: ``-1.20 to 3.40``."""
    array = np.asarray(value)
    if array.size == 0:
        return "empty"
    low, high = number(float(array.min()), digits), number(float(array.max()), digits)
    return f"all {low}" if low == high else f"{low} to {high}"


def elided(text: str, width: int = SYMBOL_WIDTH) -> str:
    """Cut a long text, keeping its beginning."""
    return text if len(text) <= width else text[: width - 1] + "…"


def text_width(text: str) -> int:
    """Return about how many points wide a line of text is."""
    return sum(map(_character_width, text))


def chinese_width(text: str, size: float) -> float:
    """Return how many points a line of Chinese takes with its margins; 0 without any.

    The layout program knows the widths of Latin letters alone.
    """
    wide = sum(ord(sign) >= WIDE for sign in text)
    return wide and size * (wide + 0.55 * (len(text) - wide)) + MARGINS


def _character_width(character: str) -> int:
    """Return about how wide a character of Helvetica is at 14 points."""
    if ord(character) >= WIDE:
        return 15
    if character in NARROW:
        return 5
    wide = character.isupper() or character in "mw" or ord(character) > LATIN
    return 11 if wide else 8
