"""How long a vector of all parameters is: as far as forward cuts matrices out of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child.calling import Caller

LONGEST = 4099  # numbers that are lent; no other argument has as many
RESTS = (2, 3, 4, 5, 6, 1)  # how long what is left may be, where nothing says so


class Lent(np.ndarray[Any, np.dtype[Any]]):
    """A vector that is longer than needed, and knows how far it was read."""

    first: int = 0
    told: Callable[[int], None]

    def __array_finalize__(self, base: Any) -> None:
        """Let parts tell where the whole does."""
        self.first = getattr(base, "first", 0)
        self.told = getattr(base, "told", lambda _: None)

    def __getitem__(self, key: Any) -> Any:
        """Cut a part; one with an end was needed up to there."""
        part = super().__getitem__(key)
        if not isinstance(part, Lent) or self.ndim != 1 or not isinstance(key, slice):
            return part
        start, stop, _ = key.indices(self.size)
        part.first = self.first + start
        if key.stop is None or key.stop >= 0:
            self.told(self.first + (start if key.stop is None else stop))
        return part

    def reshape(self, *shape: Any, **keywords: Any) -> Any:
        """Take as many numbers as the shape has."""
        sizes = shape[0] if len(shape) == 1 else shape
        count = int(np.prod(sizes))
        plain = np.asarray(self)
        if self.ndim != 1 or not 0 < count <= plain.size:
            return plain.reshape(*shape, **keywords)
        self.told(self.first + count)
        return plain[:count].reshape(*shape, **keywords)


def lengths(
    caller: Caller, arguments: Mapping[str, NDArray[Any]], names: Sequence[str]
) -> dict[str, int]:
    """Run forward with vectors that are too long; return how far each was read.

    What is left behind the last cut, ``params[cut:]``, is as long as forward runs with.
    """
    read = dict.fromkeys(names, 0)
    waiting = list(names)

    def dressed(value: Any) -> Any:
        if np.shape(value) != (LONGEST,):
            return value
        name = waiting.pop(0)
        lent = value.view(Lent)
        lent.told = lambda end: read.update({name: max(read[name], end)})
        return lent

    caller.dressed = dressed
    try:
        with contextlib.suppress(Exception):
            caller.forward(arguments)
    finally:
        caller.dressed = lambda value: value
    return _with_rest(caller, arguments, read)


def _with_rest(
    caller: Caller, arguments: Mapping[str, NDArray[Any]], read: dict[str, int]
) -> dict[str, int]:
    """Return the first lengths that forward runs with: as read, or some more."""
    for more in (0, *RESTS):
        found = {name: end + more for name, end in read.items()}
        cut = {name: arguments[name][:end] for name, end in found.items()}
        with contextlib.suppress(Exception):
            if np.isfinite(caller.forward({**arguments, **cut})).all():
                return found
    return read
