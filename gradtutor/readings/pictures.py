"""Pictures of a circuit: files, frames, and what a notebook's cell shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from numpy.typing import ArrayLike

from gradtutor.calculus.stages import Way
from gradtutor.evaluate import MissingValueError
from gradtutor.explain.records.derivation import derive
from gradtutor.explain.views.stages import stages
from gradtutor.graph import ShapeError
from gradtutor.messages import tr
from gradtutor.readings.drawn import Frames, Picture, key_place
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
    write_page,
    write_picture,
)
from gradtutor.render.dressing import blanks, dressed, side_by_side
from gradtutor.render.moving.files import is_frames
from gradtutor.render.moving.frames import frames
from gradtutor.render.picture_symbols import picture_symbols
from gradtutor.render.placing.crossings import uncrossed
from gradtutor.render.placing.rows import in_rows


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
            key = key_place(place)
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
        style = replace(style or Style(), layers="open")
        found = derive(self.graph, ties=self.ties, point=self._point(at)).for_readers()
        drawn = self.drawing(style, **at)
        steps = stages(found, blanks(style.blank))
        made = frames(self.graph, drawn, list(steps), only)
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
            What was written; of an exercise the key's, too, which stands beside it.
        """
        style = style or Style()
        written = self.frames(style, only, **at).save(path)
        if not style.blank:
            return written
        whole = replace(style, blank="")
        return written + self.render_frames(key_place(path), whole, only, **at)

    def _repr_svg_(self) -> str | None:
        """Show the picture in a notebook; without shapes, or too large, the text."""
        try:
            return self.show()._repr_svg_()
        except (ShapeError, MissingValueError, PictureError):
            return None
