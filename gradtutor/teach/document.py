"""A sheet and its key as blocks, before any format."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from gradtutor.render import render_bytes
from gradtutor.teach.spec import Exercise
from gradtutor.teach.words import points_text, say


@dataclass(frozen=True)
class Heading:
    """A title; level 1 is the sheet's."""

    level: int
    text: str
    aside: str = ""


@dataclass(frozen=True)
class Prose:
    """Markdown."""

    text: str


@dataclass(frozen=True)
class Fields:
    """Lines to fill in: a name each, side by side or below each other."""

    labels: tuple[str, ...]
    filled: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choices:
    """Options or steps, each with its letter."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A picture, as SVG."""

    name: str
    svg: bytes
    caption: str = ""


@dataclass(frozen=True)
class Grid:
    """A table; the first row is its head, and all is Markdown.

    Attributes
    ----------
    to_fill : bool
        Whether its cells are to be written in.
    """

    rows: tuple[tuple[str, ...], ...]
    to_fill: bool = False


@dataclass(frozen=True)
class Space:
    """Room to work in, in lines of writing."""

    lines: int


Block = Heading | Prose | Fields | Choices | Figure | Grid | Space


@dataclass(frozen=True)
class Document:
    """Blocks in one language, under a title."""

    language: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def figures(self) -> list[Figure]:
        """The pictures in it."""
        return [block for block in self.blocks if isinstance(block, Figure)]


def exercise_title(exercise: Exercise, language: str) -> Heading:
    """Return the heading of an exercise, with its points."""
    text = say(language, "exercise", number=exercise.number)
    return Heading(2, text, points_text(language, exercise.points))


@lru_cache(maxsize=256)
def drawn(dot: str) -> bytes:
    """Return a picture of DOT text as SVG; many students have the same circuit."""
    return render_bytes(dot, "svg")
