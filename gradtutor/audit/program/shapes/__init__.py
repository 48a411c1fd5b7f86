"""Shapes that arguments probably have, by their names."""

from gradtutor.audit.program.shapes.names import (
    BIAS,
    CHANNELS,
    WEIGHT,
    C,
    D,
    H,
    N,
)
from gradtutor.audit.program.shapes.readings import (
    Reading,
    as_stated,
    choices,
    ranks,
    readings,
)

__all__ = [
    "BIAS",
    "CHANNELS",
    "WEIGHT",
    "C",
    "D",
    "H",
    "N",
    "Reading",
    "as_stated",
    "choices",
    "ranks",
    "readings",
]
