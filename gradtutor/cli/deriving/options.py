"""The options of diff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class DiffOptions:
    """What the command line says, as ``gradtutor diff --help`` has it.

    Attributes
    ----------
    along, pulled : str, optional
        The directions of --along and --from.
    everything : bool
        --all: long lists of steps whole.
    written : str, optional
        --as: the language of a function.
    """

    at: tuple[str, ...] = ()
    ties: str = "torch"
    wrt: tuple[str, ...] = ()
    order: int = 1
    jacobian: bool = False
    along: str | None = None
    pulled: str | None = None
    form: str = "textbook"
    proof: bool = False
    steps: bool = False
    by: Literal["rules", "gates"] | None = None
    ways: bool = False
    latex: bool = False
    markdown: bool = False
    everything: bool = False
    written: str | None = None
    output: str | None = None

    @property
    def directions(self) -> list[str]:
        """The names of the directions asked for."""
        return [name for name in (self.along, self.pulled) if name]
