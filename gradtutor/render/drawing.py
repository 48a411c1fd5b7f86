"""A picture as data, before any output format: boxes, wires, and what stands on them.

Builders make a ``Drawing`` (of a circuit, of a network's layers, of a page's view);
writers print one (DOT, TikZ), so that a new format is one file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gradtutor.errors import TutorError
from gradtutor.render.heat import Heat

POINTS = 72.0  # an inch

#: Stands for a number that is to be written by hand.
BLANK = "____"

#: What a box is drawn as: a bare name, the dot of a fork, a circle with a sign, an
#: ellipse round a longer one, a frame with a caption, a layer's frame.
Form = Literal["bare", "dot", "circle", "ellipse", "caption", "layer"]
#: What a line of text in a box is.
Role = Literal["name", "sign", "caption", "alarm", "title", "detail"]
#: How much a box or a wire stands out; empty where nothing is highlighted.
Weight = Literal["", "strong", "faint"]
#: A wire of the graph: the node it leaves, the node it enters, the argument's place.
GraphWire = tuple[str, str, int]


class PictureError(TutorError):
    """A picture that cannot be drawn or written."""


@dataclass(frozen=True)
class Line:
    """A line of text in a box."""

    text: str
    role: Role


@dataclass(frozen=True)
class DrawnBox:
    """An input, a gate, a fork, a layer or the output's name.

    Attributes
    ----------
    ordered : bool
        Whether its wires keep their order, top to bottom.
    alarm : bool
        Whether it is where the first nan or infinity came up.
    kind : str
        What a page's style sheet calls it.
    node : str
        The node of the graph, where it is one.
    active : str
        ``forward`` or ``backward`` in the frame of its step, else empty.
    """

    id: str
    form: Form
    lines: tuple[Line, ...] = ()
    ordered: bool = False
    alarm: bool = False
    tooltip: str = ""
    kind: str = ""
    node: str = ""
    active: str = ""
    weight: Weight = ""


@dataclass(frozen=True)
class Label:
    """A value or a gradient on a wire: ``q = 3.00``, or a tensor.

    Attributes
    ----------
    title : str
        A name or a symbol: ``q``, ``∂f/∂x = z``; may be empty.
    number : str
        A number, or the range of a tensor that is too large to show.
    shape : str
        A tensor's shape, ``(2, 3)``.
    rows : tuple of tuple of str
        A small tensor's numbers.
    heat : Heat, optional
        A larger tensor's numbers as colours; their range stands in its legend.
    hidden : bool
        Whether it is not known yet: its room is kept.
    """

    title: str = ""
    number: str = ""
    shape: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    heat: Heat | None = None
    hidden: bool = False

    @property
    def head(self) -> str:
        """The line above a tensor's numbers, or all there is of a single number."""
        if self.shape:
            return f"{self.title} {self.shape}".strip()
        return " = ".join(part for part in (self.title, self.number) if part)


@dataclass(frozen=True)
class Room:
    """The place that a page keeps free for numbers which change, in points."""

    width: float
    height: float


@dataclass(frozen=True)
class DrawnWire:
    """A wire from box to box, with the value above it and the gradient below.

    Attributes
    ----------
    room : Room, optional
        Kept free in the place of both texts.
    bare : bool
        Whether nothing stands on it, and it is one line.
    carries : str
        The node of the graph whose value stands on it, seen through copies.
    wire : tuple or None
        The wire of the graph; None for the one that leaves the circuit.
    """

    id: str
    source: str
    target: str
    value: Label = Label()
    gradient: Label = Label()
    room: Room | None = None
    bare: bool = False
    carries: str = ""
    wire: GraphWire | None = None
    weight: Weight = ""


@dataclass(frozen=True)
class Frame:
    """A frame round boxes and the labels of the wires between them.

    Attributes
    ----------
    repeated : bool
        Whether it stands for several of its kind: its title ends with ×.
    drawn : bool
        Whether it is seen; else it holds its members together.
    """

    id: str
    title: str
    members: tuple[str, ...]
    repeated: bool = True
    drawn: bool = True

    @property
    def heading(self) -> str:
        """What stands in its upper left corner."""
        return f"{self.title} ×" if self.repeated else self.title


@dataclass(frozen=True)
class Drawing:
    """Boxes and wires, in the order in which they are written.

    Attributes
    ----------
    direction : str
        ``LR``, inputs left and output right, or ``TB``.
    prefix : str
        Of the ids that a page's program finds its elements by; empty in a picture.
    title : str
        Above the drawing.
    caption : tuple of str
        Lines below the drawing.
    caption_width : int
        Of the longest line in the captions of all frames, in points.
    together : bool
        Whether each gate is laid out as one with the numbers of its wires.
    """

    direction: str
    boxes: tuple[DrawnBox, ...]
    wires: tuple[DrawnWire, ...]
    frames: tuple[Frame, ...] = ()
    prefix: str = ""
    title: str = ""
    caption: tuple[str, ...] = ()
    caption_width: int = 0
    together: bool = False

    @property
    def drawn_frames(self) -> tuple[Frame, ...]:
        """The frames that are seen."""
        return tuple(frame for frame in self.frames if frame.drawn)
