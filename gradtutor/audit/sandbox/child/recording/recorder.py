"""The recorder that instrumented code reports to, and the offsets it can put in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.sandbox.child.values import plain, same

MOST_OCCURRENCES = 64  # of one site, in a loop
MOST_EVENTS = 400

Key = tuple[int, int]


class Recorder:
    """Keeps the value at every site of one run, and shifts one of them if asked."""

    def __init__(self) -> None:
        self.on = False
        self.values: dict[Key, NDArray[Any]] = {}
        self.counts: dict[int, int] = {}
        self.events: list[tuple[int, str, NDArray[Any]]] = []
        self.target: Key | None = None
        self.passed: Collection[int] = ()  # sites whose later rounds do not matter
        self.wanted: Collection[Key] | None = None  # all, if not told
        self.offset: Any = 0.0
        self.assigned = True
        self.watched: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {}
        self.changed: dict[str, int] = {}

    def watch(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Look after every line whether one of these arrays was written into."""
        self.watched = {name: (array, array.copy()) for name, array in arrays.items()}

    @contextmanager
    def recording(
        self, target: Key | None = None, offset: Any = 0.0, *, events: bool = True
    ) -> Iterator[None]:
        """Record one run anew, with an offset on the value of one site."""
        self.assigned = events
        self.values, self.counts, self.events = {}, {}, []
        self.on, self.target, self.offset = True, target, offset
        try:
            yield
        finally:
            self.on = False

    def node(self, site: int, value: Any) -> Any:
        """Record a real number or array, and hand it on."""
        if not self.on or not _is_real(value):
            return value
        count = self.counts.get(site, 0)
        self.counts[site] = count + 1
        if count >= MOST_OCCURRENCES or (count and site in self.passed):
            return value
        key = (site, count)
        if key == self.target:
            value = value + self.offset
        if self.wanted is None or key in self.wanted:
            self.values[key] = np.array(value, dtype=np.float64)
        return value

    def after(self, line: int, name: str, value: Any, element: Any = None) -> None:
        """Record what a line has assigned: an array, or the element of a list."""
        if not (self.assigned or self.watched):
            return
        value = plain(element if isinstance(value, list | dict) else value)
        for watched, (array, before) in self.watched.items():
            if watched not in self.changed and not same(before, array):
                self.changed[watched] = line
        if (
            self.on
            and self.assigned
            and len(self.events) < MOST_EVENTS
            and _is_number(value)
        ):
            self.events.append((line, name, np.array(value, dtype=np.float64)))

    def returned(self, line: int, value: Any) -> Any:
        """Record what a function returns."""
        items = value if isinstance(value, tuple | list) else [value]
        if isinstance(value, dict):
            items = list(value.values())
        for item in items:
            self.after(line, "return", item)
        return value


def _is_real(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return bool(value.dtype.kind == "f")
    return isinstance(value, float | np.floating)


def _is_number(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return bool(value.dtype.kind in "fiub")
    return isinstance(value, float | int | np.number | np.bool_)
