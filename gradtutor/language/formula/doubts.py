"""Inputs with two sensible readings: refused, with both spelled out."""

from __future__ import annotations

from gradtutor.graph import Span
from gradtutor.language.errors import SourceError
from gradtutor.messages import tr


class AmbiguousError(SourceError):
    """Text that people read in two ways: ``1/2x``, ``sin^-1 x``."""


def doubt(text: str, span: Span, first: str, second: str) -> AmbiguousError:
    """Make the error of a part with two readings."""
    part = " ".join(text[slice(*span)].split())
    message = tr("{part} has two readings", part=part)
    return AmbiguousError(
        message, text, span, tr("write {first} or {second}", first=first, second=second)
    )
