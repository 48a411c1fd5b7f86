"""What a picture format is: a suffix, and how a drawing is written in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from gradtutor.render.drawing import Drawing
from gradtutor.render.positions import Positions, positions
from gradtutor.render.style import Style
from gradtutor.render.writers.dot import dot_text


@dataclass(frozen=True)
class Picture:
    """A drawing and its style; what a format asks of them is worked out once."""

    drawing: Drawing
    style: Style

    @cached_property
    def dot(self) -> str:
        """The drawing as DOT text."""
        return dot_text(self.drawing, self.style.colours)

    @cached_property
    def places(self) -> Positions:
        """Where the layout program puts boxes, wires and numbers."""
        return positions(self.dot)


@dataclass(frozen=True)
class Format:
    """A format: ``FORMAT`` of a module in this folder."""

    suffix: str
    write: Callable[[Picture], str]
