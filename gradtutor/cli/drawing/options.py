"""The options of render."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Theme = Literal["light", "dark", "print", "colour-blind"]


@dataclass(frozen=True)
class RenderOptions:
    """What the command line says, as ``gradtutor render --help`` has it.

    Attributes
    ----------
    opened : tuple of str
        --open: gates, or all, or layers.
    form : str
        --as: circuit, net or circles.
    dataset : str, optional
        --data.
    """

    at: tuple[str, ...]
    ties: str
    output: str
    show: Literal["values", "symbols", "both"] | None
    hide_gradients: bool
    digits: int
    direction: Literal["LR", "TB"] | None
    theme: Theme
    captions: bool
    highlight: tuple[str, ...]
    blank: Literal["values", "gradients", "all"] | None
    title: str
    caption: str
    scale: float
    transparent: bool
    rows: int | None
    beside: str | None
    opened: tuple[str, ...]
    closed: bool
    only: Literal["forward", "backward"] | None
    animate: bool
    frame_format: str
    standalone: bool
    form: str
    train: bool
    dataset: str | None
    weights: Path | None
