"""One format a module: DOT, TikZ, Mermaid, draw.io."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradtutor.render.writers.format import Format


@cache
def formats() -> dict[str, Format]:
    """Return the formats that modules of this folder declare, by suffix."""
    modules = [
        import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__)
    ]
    declared = [one.FORMAT for one in modules if hasattr(one, "FORMAT")]
    return {one.suffix: one for one in declared}
