"""The shape of an example that a program does not state: from the first layer."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.errors import SourceShapeError
from gradtutor.language.layers.items import Item
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.layers.builder import Builder

#: Sides of images in the order tried: those of well-known data sets first.
SIDES = (28, 32, 224, 64, 96, 128, 48, 36, 40, 227, 256, 299)
MOST_SIDE = 160
#: Features taken where only the data tell.
ANY_WIDTH = 8
#: Others that are tried where that many do not fit.
WIDTHS = (
    2,
    1,
    3,
    4,
    5,
    6,
    10,
    12,
    13,
    16,
    20,
    28,
    30,
    32,
    50,
    64,
    100,
    128,
    256,
    512,
    784,
    1024,
    3072,
)
#: Steps taken where a sequence may have any number.
ANY_LENGTH = 16
LENGTHS = (ANY_LENGTH, 64, 256, 512)


class NeedsInputError(Exception):
    """The first layer was reached before the input's shape was known."""

    def __init__(self, item: Item, inputs: int = 1) -> None:
        super().__init__(item.kind)
        self.item, self.inputs = item, inputs


class TimeFirstError(SourceShapeError):
    """The examples came where a program counts steps: its first axis is the time."""


#: Names of how many steps a sequence has.
STEPS = re.compile(
    r"(max_?|n_?|num_?)?((seq|sen|sent|sentence|text|doc|title|review|pad|sequence|"
    r"input|context|history|caption|src|window|time)_?)?(len|length|size|steps?)|"
    r"max_?len|look_?back|block_size|(n_?|time_?)steps?|window|maxlen|seq_?len(gth)?"
)
NOT_STEPS = re.compile(r"(max_?|n_?|num_?)?((input|src)_?)?(size|len(gth)?)|n_?step")


def named_steps(names: Mapping[str, Any]) -> dict[int, str]:
    """Return numbers of steps that a program has names for, and the name of each.

    >>> named_steps({"lookback": 4, "epochs": 10})
    {4: 'lookback'}
    """
    found: dict[int, str] = {}
    for name, value in names.items():
        low = name.lower()
        known = STEPS.fullmatch(low) and not NOT_STEPS.fullmatch(low)
        if known and type(value) is int and 1 < value < MOST_STEPS:
            found.setdefault(value, name)
    return found


def with_named_steps(
    shapes: Iterable[tuple[tuple[int, ...], str]], item: Item, steps: dict[int, str]
) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield the same shapes, those of as many steps as the text names before them."""
    waiting = list(shapes) if steps and item.kind in SEQUENCES else []
    if waiting and waiting[0][1]:
        for count, name in steps.items():
            note = tr(
                "how long a sequence is, {name} = {steps} tells", name=name, steps=count
            )
            yield (count, *waiting[0][0][1:]), note
    yield from waiting or shapes


SEQUENCES = ("rnn", "lstm", "gru", "embedding", "embedding_bag", "bidirectional")
MOST_STEPS = 1025


def candidates(
    net: Builder, item: Item, features: int | None
) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield shapes of one example that the first layer takes, and what to note."""
    given = item.arguments
    rank = int(given.get("rank") or 0)
    width = given.get("in_features") or given.get("features")
    if isinstance(width, tuple):  # LayerNorm([3, 8, 8])
        yield tuple(map(int, width)), ""
    elif item.kind in ("rnn", "lstm", "gru"):
        yield from _sequences(width, features)
    elif item.kind in ("embedding", "embedding_bag"):
        stated = given.get("steps") or features
        for steps in [int(stated)] if stated else LENGTHS:
            yield (steps,), "" if stated else _any(steps)
    elif rank and item.kind not in ("linear",):
        channels = given.get("in_channels") or given.get("features") or 1
        yield from _images(int(channels), rank, features, bool(given.get("keras")))
    elif item.kind == "unflatten":
        yield (math.prod(given["target"]),), ""
    elif item.kind == "view":
        yield (int(given["size"]),), ""
    elif width or features:
        yield (int(width or features or 1),), ""
    else:
        for size in (ANY_WIDTH, *WIDTHS):
            note = tr("how many features there are, the data tell: {size}", size=size)
            yield (size,), note
        yield (ANY_LENGTH, ANY_WIDTH), _any(ANY_LENGTH)
        for channels in (3, 1):
            yield from _images(channels, 2, features, net.library == "keras")


def alone_of(steps: int) -> tuple[tuple[int, ...], str]:
    """Return the shape of one sequence of numbers, and what to note."""
    return (steps,), _any(steps)


def _any(steps: int) -> str:
    return tr(
        "how long a sequence is, the text does not say: {steps} steps are taken",
        steps=steps,
    )


def _sequences(
    width: Any, features: int | None
) -> Iterator[tuple[tuple[int, ...], str]]:
    width = int(width or 1)
    if features and features % width == 0:
        yield (features // width, width), ""
    for length in LENGTHS:
        yield (length, width), _any(length)


def _images(
    channels: int, rank: int, features: int | None, last: bool
) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield images of a square of every size, the data's own if that is one."""
    sides: list[int] = []
    if features:
        side = round((features / channels) ** (1 / rank))
        sides = [side] if channels * side**rank == features else []
    usual = (32, *SIDES) if channels == 3 else SIDES
    many = (
        (*dict.fromkeys((*usual, *range(1, MOST_SIDE))),)
        if rank > 1
        else (128, 64, 512, 1024, *range(1, 600))
    )
    for side in sides or many:
        places = (side,) * rank
        shape = (*places, channels) if last else (channels, *places)
        shown = "x".join(map(str, places))
        what = tr("images") if rank > 1 else tr("signals")
        note = (
            ""
            if sides
            else tr(
                "the size of the {what} is not in the text: {shown} is taken",
                what=what,
                shown=shown,
            )
        )
        yield shape, note


def of_example(item: Item, example: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return an example's sizes as the first layer may count them, the likeliest first.

    Channels stand last in Keras's text and first in PyTorch's, whatever the data have.
    """
    rank = int(item.arguments.get("rank") or 0)
    if rank and len(example) == rank:
        last = bool(item.arguments.get("keras"))
        return [(*example, 1) if last else (1, *example)]
    turned = (*example[-1:], *example[:-1])
    back = (*example[1:], example[0])
    both = [example, turned] if not item.arguments.get("keras") else [example, back]
    channels = item.arguments.get("in_channels")
    if channels and turned[0] == channels and example[0] != channels:
        return both[::-1]
    return both


def of_data(
    shape: tuple[Any, ...], features: int | None
) -> tuple[tuple[int, ...], str]:
    """Fill in the axes of any length: from the data, else a number, which is noted."""
    if None not in shape:
        return tuple(shape), ""
    known = math.prod(size for size in shape if size)
    count = sum(size is None for size in shape)
    if count == 1 and features and features % known == 0:
        size = features // known
        return tuple(one or size for one in shape), ""
    image = len(shape) == 3
    size = 32 if image else ANY_LENGTH
    note = tr("an axis of any length is taken as {size}", size=size)
    return tuple(one or size for one in shape), note
