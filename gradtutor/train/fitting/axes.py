"""Which axis of the data is which axis of the network, by its spelling and the shapes.

>>> find_axes((60, 6), (6, 60), "images", channels_last=True).order
(1, 0)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from gradtutor.messages import tr
from gradtutor.train.loaders.arrays import as_rows, axes_turned, shaped
from gradtutor.train.model import Call, DataError

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Axes:
    """How an example's axes are put into the network's order.

    Attributes
    ----------
    example : tuple of int
        The sizes to read flat rows as; empty when they stay as they are.
    order : tuple of int
        Which of the data's axes comes first, second, ...; empty when none moves.
    note : str
        What to say of it; empty where all is as written.
    """

    example: Sizes = ()
    order: Sizes = ()
    note: str = ""

    def calls(self, rank: int) -> tuple[Call, ...]:
        """Return what makes flat rows of examples with so many axes."""
        calls: list[Call] = []
        if self.example:
            calls.append(Call(shaped, (self.example,)))
        if self.order:
            calls.append(Call(axes_turned, (self.order,)))
        return (*calls, Call(as_rows)) if self.order or rank != 1 else tuple(calls)


def find_axes(
    example: Sizes, sizes: Sizes, kind: str, *, channels_last: bool, what: str = "X"
) -> Axes:
    """Find the order of the axes.

    Parameters
    ----------
    example : tuple of int
        Sizes of one example of the data; one size is a flat row.
    sizes : tuple of int
        What the network reads: (features,), (C, H, W), (C, L) or (T, features).
    kind : str
        ``rows``, ``images`` or ``sequence``.
    channels_last : bool
        Whether the network is written in Keras's order.

    Raises
    ------
    DataError
        When the sizes are none of those that the network can read.
    """
    if math.prod(example) != math.prod(sizes):
        raise _misfit(example, sizes, kind, what)
    if kind == "rows":
        return Axes()
    turned = (*sizes[1:], sizes[0])
    if len(_long(example)) == 1 and len(_long(sizes)) > 1:
        return _of_flat_rows(sizes, turned, kind, channels_last, what)
    fits = [_long(example) == _long(sizes), _long(example) == _long(turned)]
    if all(fits) and _long(sizes) == _long(turned) and len(set(sizes)) > 1:
        return Axes()  # one channel, wherever its axis stands
    match fits:
        case [False, False]:
            raise _misfit(example, sizes, kind, what)
        case [True, True]:
            return _either(example, sizes, kind, channels_last, what)
        case [True, False]:
            return Axes(note=_unlike_keras(example, kind, channels_last, what))
    return _turned(example, sizes, kind, channels_last, what)


def _long(sizes: Sizes) -> Sizes:
    """Leave out axes of one, which change no order."""
    return tuple(size for size in sizes if size > 1)


def _last_first(rank: int) -> Sizes:
    return (rank - 1, *range(rank - 1))


def _words(kind: str, sizes: Sizes) -> tuple[str, str]:
    """Name the axes in the network's order, and in the other one."""
    if kind == "sequence":
        return tr("steps first"), tr("features first")
    return tr("channels first"), tr("channels last")


def _of_flat_rows(
    sizes: Sizes, turned: Sizes, kind: str, channels_last: bool, what: str
) -> Axes:
    if kind == "sequence" or sizes[0] == 1:
        return Axes()
    read = turned if channels_last else sizes
    words = (
        tr("channels last, Keras's order") if channels_last else tr("channels first")
    )
    note = tr(
        "{what}: rows of {sizes} numbers are read as {read}, {words}",
        what=what,
        sizes=math.prod(sizes),
        read=read,
        words=words,
    )
    if not channels_last:
        return Axes(note=note)
    return Axes(turned, _last_first(len(turned)), note)


def _either(
    example: Sizes, sizes: Sizes, kind: str, channels_last: bool, what: str
) -> Axes:
    """Decide by the spelling where both orders fit."""
    if kind == "sequence":
        return Axes()
    words = _words(kind, sizes)[channels_last]
    library = "Keras" if channels_last else "PyTorch"
    note = tr(
        "{what}: {example} fits both orders: read with the {words}, {library}'s way",
        what=what,
        example=example,
        words=words,
        library=library,
    )
    return Axes((), _last_first(len(example)) if channels_last else (), note)


def _unlike_keras(example: Sizes, kind: str, channels_last: bool, what: str) -> str:
    if not channels_last or kind == "sequence":
        return ""
    return tr(
        "{what}: {example} is read with the channels first: no other order fits",
        what=what,
        example=example,
    )


def _turned(
    example: Sizes, sizes: Sizes, kind: str, channels_last: bool, what: str
) -> Axes:
    """Turn the axes, through the squeezed ones when the data have more."""
    network, data = _words(kind, sizes)
    turned = (*sizes[1:], sizes[0])
    order = _last_first(len(turned))
    why = (
        tr("as Keras has it")
        if channels_last
        else tr("the network reads {sizes}", sizes=sizes)
    )
    note = tr(
        "{what}: {example} is read with the {data}, {why}: turned to {network}",
        what=what,
        example=example,
        data=data,
        why=why,
        network=network,
    )
    return Axes(() if example == turned else turned, order, note)


def _misfit(example: Sizes, sizes: Sizes, kind: str, what: str) -> DataError:
    if kind == "rows":
        return DataError(
            tr(
                "{what}: the network takes {sizes} numbers, an example has "
                "{example}, {example2}",
                what=what,
                sizes=math.prod(sizes),
                example=math.prod(example),
                example2=example,
            )
        )
    network, other = _words(kind, sizes)
    turned = (*sizes[1:], sizes[0])
    return DataError(
        tr(
            "{what}: an example has the shape {example}, the network reads "
            "{sizes}, {network}, or {turned}, {other}: change Input(...) or the "
            "data's axes",
            what=what,
            example=example,
            sizes=sizes,
            network=network,
            turned=turned,
            other=other,
        )
    )
