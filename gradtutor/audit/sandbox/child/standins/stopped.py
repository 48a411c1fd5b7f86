"""``stop_gradient``: what it is given stays as it is while finite differences move.

>>> import numpy as np
>>> point = np.array(3.0)
>>> def forward(x):
...     with running():
...         return x * stop_gradient(x)
>>> with fixed(lambda: forward(point)):
...     float(forward(point + 1.0))
12.0
>>> float(forward(point + 1.0))
16.0
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class _Stopped:
    """The values that forward's stops had at the point, in their order.

    Attributes
    ----------
    taken : int
        How many of them this run of forward has used.
    runs, keeps, holds : bool
        Whether forward is running; whether its values are kept; whether they are given.
    """

    values: list[Any] = field(default_factory=list)
    taken: int = 0
    runs: bool = False
    keeps: bool = False
    holds: bool = False


_STOPPED = _Stopped()


@contextlib.contextmanager
def running() -> Iterator[None]:
    """Run forward: its first stop is the first that was kept."""
    _STOPPED.taken, _STOPPED.runs = 0, True
    try:
        yield
    finally:
        _STOPPED.runs = False


@contextlib.contextmanager
def fixed(forward: Callable[[], Any]) -> Iterator[None]:
    """Hold what is stopped at its values in one run of forward, which is made first."""
    _STOPPED.values, _STOPPED.keeps = [], True
    try:
        forward()
        _STOPPED.keeps, _STOPPED.holds = False, True
        yield
    finally:
        _STOPPED.keeps = _STOPPED.holds = False
        _STOPPED.values = []


def stop_gradient(x: Any, name: Any = None) -> Any:
    """Return a value; in forward, where finite differences move, the one kept.

    Raises
    ------
    NotImplementedError
        When another run of forward comes to other stops.
    """
    if _STOPPED.runs and _STOPPED.keeps:
        _STOPPED.values.append(np.copy(x).view(type(x)) if np.ndim(x) else x)
    elif _STOPPED.runs and _STOPPED.holds:
        number, _STOPPED.taken = _STOPPED.taken, _STOPPED.taken + 1
        kept = _STOPPED.values[number : number + 1]
        if not kept or np.shape(kept[0]) != np.shape(x):
            raise NotImplementedError(
                "stop_gradient: forward stops elsewhere once its arguments move"
            )
        return kept[0]
    return x
