"""Ways to read a call of a library, tried one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

#: What a way returns that a call is none of its own.
UNREAD: Any = object()
Stage = Callable[..., Any]


def first_made(stages: Iterable[Stage], call: tuple[Any, ...]) -> Any:
    """Return what the first way makes of a call; `UNREAD` if none knows it."""
    for stage in stages:
        if (made := stage(*call)) is not UNREAD:
            return made
    return UNREAD
