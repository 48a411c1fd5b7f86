"""The names of all back ends, without importing any."""

from __future__ import annotations

from pathlib import Path
from pkgutil import iter_modules

NAMED = Path(__file__).parent / "backends" / "named"


def backend_names() -> tuple[str, ...]:
    """Return what ``--backend`` takes: the modules' names, numpy first.

    >>> backend_names()
    ('numpy', 'numba', 'cupy')
    """
    names = [one.name for one in iter_modules([str(NAMED)])]
    return tuple(sorted(names, reverse=True))
