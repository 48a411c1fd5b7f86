"""A step of the forward or the backward pass, with the lines that tell it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gradtutor.graph import Wire

Way = Literal["forward", "backward"]


@dataclass(frozen=True)
class Stage:
    """One step: what becomes known, and the lines that say why.

    Attributes
    ----------
    node : str
        The value that is computed, or whose gate sends its gradient back.
    lines : tuple of str
        As ``diff --steps`` has them.
    wires : tuple
        The wires that get their gradient; none for the output's own.
    """

    way: Way
    node: str
    lines: tuple[str, ...]
    wires: tuple[Wire, ...] = ()
