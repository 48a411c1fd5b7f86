"""A picture and its frames: a notebook's cell shows them, a file holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gradtutor.errors import TutorError
from gradtutor.render import (
    Drawing,
    Style,
    dot_text,
    render_bytes,
    write_bytes,
    write_picture,
)
from gradtutor.render.moving.files import frames_bytes, write_frames

#: A picture wider than its cell is drawn smaller.
IN_CELL = "max-width: 100%; height: auto"


@dataclass(frozen=True, repr=False)
class Picture:
    """A drawing, shown in a notebook's cell.

    Attributes
    ----------
    drawing : Drawing
        Boxes, wires and their numbers, as data.
    """

    drawing: Drawing
    style: Style

    @property
    def svg(self) -> str:
        """The picture as SVG."""
        dot = dot_text(self.drawing, self.style.colours)
        return render_bytes(dot, "svg", self.style.scale).decode()

    def save(self, path: str | Path) -> list[str]:
        """Write the picture by its suffix; return warnings, as of a missing font."""
        return write_picture(Path(path), self.drawing, self.style)

    def __repr__(self) -> str:
        """Say how large it is."""
        return f"Picture({len(self.drawing.boxes)} boxes)"

    def _repr_svg_(self) -> str | None:
        try:
            return self.svg.replace("<svg ", f'<svg style="{IN_CELL}" ', 1)
        except TutorError:  # no layout program: the text says what it is
            return None


class Frames(list[Drawing]):
    """Drawings one after the other, which a cell plays."""

    def __init__(self, drawings: Iterable[Drawing], style: Style) -> None:
        super().__init__(drawings)
        self.style = style

    def save(self, path: str | Path) -> list[str]:
        """Write a folder, a .gif, .mp4, .pptx, .pdf, or an .svg that plays.

        Returns
        -------
        list of str
            What was written.
        """
        place = Path(path)
        if not place.suffix:
            return [str(one) for one in write_frames(place, self, self.style)]
        write_bytes(place, frames_bytes(place.suffix.lower(), self, self.style))
        return [str(place)]

    def __repr__(self) -> str:
        """Say how many there are."""
        return f"Frames({len(self)} steps)"

    def _repr_svg_(self) -> str | None:
        try:
            played = frames_bytes(".svg", self, self.style).decode()
        except TutorError:  # no layout program
            return None
        return played.replace("<svg ", f'<svg style="{IN_CELL}" ', 1)


def key_place(path: str | Path) -> Path:
    """Return where the numbers of an exercise stand: beside it.

    >>> str(key_place("sheet.svg")), str(key_place("frames/"))
    ('sheet-key.svg', 'frames-key')
    """
    place = Path(path)
    return place.with_stem(f"{place.stem}-key")
