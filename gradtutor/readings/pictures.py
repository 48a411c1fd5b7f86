"""Pictures of a circuit: files, frames, and what a notebook's cell shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from numpy.typing import ArrayLike

from gradtutor.calculus.stages import Way
from gradtutor.errors import TutorError
from gradtutor.evaluate import MissingValueError
from gradtutor.explain.records.derivation import derive
from gradtutor.explain.views.stages import stages
from gradtutor.graph import ShapeError
from gradtutor.messages import tr
from gradtutor.readings.page import Page, read_page
from gradtutor.readings.symbols import Symbols
from gradtutor.render import (
    Drawing,
    PictureError,
    Style,
    check_size,
    circuit_drawing,
    dot_text,
    folded_note,
    is_folded,
    layers_drawing,
    render_bytes,
    write_bytes,
    write_page,
    write_picture,
)
from gradtutor.render.dressing import dressed, side_by_side
from gradtutor.render.moving.files import frames_bytes, is_frames, write_frames
from gradtutor.render.moving.frames import frames
from gradtutor.render.picture_symbols import picture_symbols
from gradtutor.render.placing.crossings import uncrossed
from gradtutor.render.placing.rows import in_rows

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


class Pictures(Symbols):
    """A circuit that is asked for pictures."""

    def show(self, style: Style | None = None, **at: ArrayLike) -> Picture:
        """Return the picture, with a value and a gradient on every wire.

        Parameters
        ----------
        style : Style, optional
            Digits, direction, theme: ``gt.Style(digits=4)``.
        at : array_like
            Values of inputs; without any the wires have symbols.
        """
        style = style or Style()
        return Picture(self.drawing(style, **at), style)

    def page(self, style: Style | None = None, **at: ArrayLike) -> Page:
        """Return the interactive page, which a cell shows in a frame of its own.

        Values that are typed there come back as ``page.values`` where anywidget is
        installed.
        """
        return read_page(self.graph, self.ties, style or Style(), self._point(at))

    def save(
        self, path: str | Path, style: Style | None = None, **at: ArrayLike
    ) -> list[str]:
        """Write a picture, a page (.html), frames (``FOLDER/``) or a film (.gif).

        Returns
        -------
        list of str
            Notes and warnings, or the frames' files.
        """
        if is_frames(str(path)):
            return self.render_frames(path, style, None, **at)
        return self.render(path, style, **at)

    def dot(self, style: Style | None = None, **at: ArrayLike) -> str:
        """Return the picture as DOT text; without values it shows symbols."""
        style = style or Style()
        return dot_text(self.drawing(style, **at), style.colours)

    def render(
        self, path: str | Path, style: Style | None = None, **at: ArrayLike
    ) -> list[str]:
        """Write the picture; the suffix says .svg, .png, .pdf, .dot, .tex or .html.

        Returns
        -------
        list of str
            Warnings, such as a font that the picture's format lacks, and notes, such
            as values drawn at random for a page.
        """
        style, place = style or Style(), Path(path)
        if place.suffix.lower() == ".html":
            return write_page(place, self.graph, self.ties, style, self._point(at))
        notes = [folded_note(self.graph)] if is_folded(self.graph, style) else []
        if style.blank:  # the key stands beside the exercise
            whole = replace(style, blank="")
            key = place.with_stem(f"{place.stem}-key")
            write_picture(key, self.drawing(whole, **at), whole)
            notes.append(tr("{name} has the numbers", name=key.name))
        drawing = self.drawing(style, **at)
        if drawing.frames and not style.rows:
            rows = len(drawing.frames)
            notes.append(tr("{count} rows: --rows 1 draws one", count=rows))
        return notes + write_picture(place, drawing, style)

    def beside(
        self,
        other: Pictures,
        titles: tuple[str, str],
        style: Style | None = None,
        *,
        at: Mapping[str, ArrayLike] | None = None,
        other_at: Mapping[str, ArrayLike] | None = None,
    ) -> Picture:
        """Return this circuit and another in one picture: wrong and right, say.

        Parameters
        ----------
        titles : tuple of str
            What stands above each.
        at, other_at : mapping, optional
            Values of this one's inputs, and of the other's.
        """
        style = style or Style()
        own = replace(style, title="", caption="")
        mine = self.drawing(own, **dict(at or {}))
        theirs = other.drawing(own, **dict(other_at or {}))
        both = side_by_side([mine, theirs], titles)
        caption = tuple(style.caption.splitlines())
        return Picture(replace(both, title=style.title, caption=caption), style)

    def drawing(self, style: Style | None = None, **at: ArrayLike) -> Drawing:
        """Return the picture as data: boxes, wires and their numbers."""
        style = style or Style()
        drawn = dressed(self._drawn(style, **at), self.graph, style)
        drawn = in_rows(drawn, self.graph, style.rows)
        return uncrossed(drawn, style.colours)

    def _drawn(self, style: Style, **at: ArrayLike) -> Drawing:
        valued = self._is_valued(self._point(at))
        if is_folded(self.graph, style):
            return layers_drawing(self.trace(**at) if valued else self.graph, style)
        check_size(self.graph)
        if valued:
            both = style.show != "values"
            symbols = picture_symbols(self.graph, self.ties) if both else None
            return circuit_drawing(self.trace(**at), style, symbols)
        symbols = picture_symbols(self.graph, self.ties)
        return circuit_drawing(self.graph, replace(style, show="symbols"), symbols)

    def frames(
        self,
        style: Style | None = None,
        only: Way | None = None,
        **at: ArrayLike,
    ) -> Frames:
        """Return the drawing after each step of the forward and the backward pass.

        A cell plays them; ``save`` writes them as a film, too.

        Parameters
        ----------
        only : str, optional
            ``forward`` or ``backward``.

        Raises
        ------
        gradtutor.evaluate.MissingValueError
            When an input has no value.
        """
        style = replace(style or Style(), layers="open", blank="")
        found = derive(self.graph, ties=self.ties, point=self._point(at))
        drawn = self.drawing(style, **at)
        made = frames(self.graph, drawn, list(stages(found)), only)
        return Frames(made, style)

    def render_frames(
        self,
        path: str | Path,
        style: Style | None = None,
        only: Way | None = None,
        **at: ArrayLike,
    ) -> list[str]:
        """Write the frames: a folder, a .gif, .mp4, .pptx, .pdf, or .svg that plays.

        Returns
        -------
        list of str
            What was written.
        """
        drawings = self.frames(style, only, **at)
        return Frames(drawings, style or Style()).save(path)

    def _repr_svg_(self) -> str | None:
        """Show the picture in a notebook; without shapes, or too large, the text."""
        try:
            return self.show()._repr_svg_()
        except (ShapeError, MissingValueError, PictureError):
            return None
