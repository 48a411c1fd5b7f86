"""Sizes by trying: where two do not fit together in forward, they are the same."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.program.arguments import Argument
from gradtutor.audit.sandbox.child.calling import Caller

#: One size for each axis while they are told apart; those that are given in the end.
APART = (13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
SMALL = (5, 3, 4, 2, 6, 7, 8, 9, 10, 11)
MOST_RANKS, MOST_STEPS = 60, 40
Reading = dict[str, Argument]
Lengths = Callable[[Mapping[str, Argument]], Mapping[str, Argument]]


class ClashError(Exception):
    """Two sizes that must be the same are not.

    Attributes
    ----------
    sizes : tuple of int
        The two.
    """

    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"{one} and {other}")
        self.sizes = one, other


class Sized(np.ndarray[Any, np.dtype[Any]]):
    """An array that says which two sizes do not fit."""

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, **keywords: Any
    ) -> Any:
        """Compare the shapes first."""
        if method == "__call__":
            compare = _multiplied if ufunc is np.matmul else _broadcast
            compare([np.shape(one) for one in inputs])
        if "out" in keywords:
            keywords["out"] = tuple(map(_bare, keywords["out"]))
        found = getattr(ufunc, method)(*map(_bare, inputs), **keywords)
        return found.view(Sized) if isinstance(found, np.ndarray) else found

    def __array_function__(
        self, func: Any, types: Any, args: Any, keywords: Any
    ) -> Any:
        """Compare the shapes of a product first."""
        if func is np.dot and len(args) == 2:
            _multiplied([np.shape(one) for one in args])
        return super().__array_function__(func, types, args, keywords)

    def dot(self, other: Any, out: Any = None) -> Any:
        """Multiply as matrices do."""
        return np.dot(self, other)


def _bare(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, Sized) else value


def _multiplied(shapes: Sequence[tuple[int, ...]]) -> None:
    one, other = shapes
    if one and other and one[-1] != other[max(0, len(other) - 2)]:
        raise ClashError(one[-1], other[max(0, len(other) - 2)])


def _broadcast(shapes: Sequence[tuple[int, ...]]) -> None:
    for sizes in zip(*(reversed(s) for s in shapes if s), strict=False):
        known = [size for size in sizes if size != 1]
        if len(set(known)) > 1:
            raise ClashError(known[0], next(s for s in known if s != known[0]))


def fitted(
    caller: Caller, ranks: Mapping[str, Sequence[int]], seconds: float, flat: Lengths
) -> Iterator[Reading]:
    """Yield shapes that forward runs with: the sizes follow from what it does.

    Those with most different sizes come first: there least is alike by chance.

    Parameters
    ----------
    ranks : mapping
        How many axes each argument can have, likely numbers first.
    flat : callable
        Says how long the vectors are that matrices are cut out of, given the others.
    """
    end = time.process_time() + seconds
    found: list[Reading] = []
    for chosen in _likely_first(ranks)[:MOST_RANKS]:
        if time.process_time() > end:
            break
        one = _solved(caller, chosen, flat)
        found += [one] if one is not None else []
    yield from sorted(found, key=lambda one: -_different(one))


def _different(reading: Reading) -> int:
    return len({size for one in reading.values() for size in one.shape})


def _likely_first(ranks: Mapping[str, Sequence[int]]) -> list[dict[str, int]]:
    places = product(*(range(len(some)) for some in ranks.values()))
    first = sorted(islice(places, 5000), key=lambda p: (sum(p), p))
    return [
        {n: ranks[n][i] for n, i in zip(ranks, some, strict=True)} for some in first
    ]


def _solved(caller: Caller, ranks: Mapping[str, int], flat: Lengths) -> Reading | None:
    """Return the shapes of some ranks, the fewest axes alike; None: none fit."""
    axes = {name: [object() for _ in range(rank)] for name, rank in ranks.items()}
    sizes = dict(zip((a for some in axes.values() for a in some), APART, strict=False))
    if len(sizes) < sum(ranks.values()):
        return None
    for _ in range(MOST_STEPS):
        shapes = {n: Argument(tuple(sizes[a] for a in axes[n])) for n in axes}
        clash = _clash(caller, {**shapes, **flat(shapes)})
        if clash is None:
            return _small(sizes, axes)
        own = [one for one in clash if one in sizes.values()]
        if not own:
            return None
        other = clash[0] if clash[1] == own[0] else clash[1]
        sizes = {a: other if size == own[0] else size for a, size in sizes.items()}
    return None


def _clash(caller: Caller, reading: Mapping[str, Argument]) -> tuple[int, int] | None:
    """Return two sizes that do not fit; None where forward runs.

    What else forward raises is no size's: (0, 0).
    """
    rng = np.random.default_rng(0)
    given: dict[str, NDArray[Any]] = {
        name: rng.uniform(0.2, 0.8, one.shape) for name, one in reading.items()
    }
    caller.dressed = lambda value: value.view(Sized) if np.ndim(value) else value
    try:
        caller.forward(given)
    except ClashError as error:
        return error.sizes
    except Exception:
        return (0, 0)
    finally:
        caller.dressed = lambda value: value
    with contextlib.suppress(Exception):
        caller.forward(given)
        return None
    return (0, 0)


def _small(
    sizes: Mapping[object, int], axes: Mapping[str, Sequence[object]]
) -> Reading:
    """Give small sizes in place of those that told the axes apart."""
    pinned = {size for size in sizes.values() if size not in APART}
    free = iter([size for size in SMALL if size not in pinned] + list(range(12, 60)))
    to: dict[int, int] = {size: size for size in pinned}
    for size in sizes.values():
        if size not in to:
            to[size] = next(free)
    return {n: Argument(tuple(to[sizes[a]] for a in some)) for n, some in axes.items()}
