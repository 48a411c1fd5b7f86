"""The names of all back ends, without importing any."""

from __future__ import annotations

from pathlib import Path
from pkgutil import iter_modules

#: What a CPU has comes first; numpy is the default.
FIRST = ("numpy", "numba")
NAMED = Path(__file__).parent / "backends" / "named"


def backend_names() -> tuple[str, ...]:
    """Return what ``--backend`` takes: the modules' names, NumPy's and numba's first.

    >>> backend_names()
    ('numpy', 'numba', 'cupy')
    """
    names = [one.name for one in iter_modules([str(NAMED)])]
    return (*FIRST, *sorted(set(names) - set(FIRST)))
