"""Images at sizes that are no whole multiples, or with the corners held in place.

Each axis by itself: an image's rows times a matrix of the weights of two neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradtutor.graph import add_input
from gradtutor.language.layers.builder import Builder
from gradtutor.language.layers.convolution import tuple_of
from gradtutor.language.layers.items import Item
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


def uneven(
    net: Builder, item: Item, rank: int, *, corners: bool
) -> tuple[tuple[int, float], ...]:
    """Return each axis's new size and how far apart its places are in the old one.

    Nothing where every size grows by a whole factor and the corners are not held.
    """
    sizes = [int(one) for one in net.shape[1 : 1 + rank]]
    wanted, factor = item.arguments.get("size"), item.arguments.get("factor")
    if wanted is not None:
        goals = tuple_of(net, wanted, rank, item)
        steps = [size / goal for size, goal in zip(sizes, goals, strict=True)]
    else:
        given = 2 if factor is None else factor
        factors = given if isinstance(given, tuple) else (given,) * rank
        numbers = [net.number_of(one, item) for one in factors]
        pairs = list(zip(sizes, numbers, strict=True))
        goals = tuple(math.floor(size * times) for size, times in pairs)
        steps = [1 / times for times in numbers]
    if min(goals) < 1 or len(steps) != rank:
        raise net.misfit(
            tr("{name} leaves nothing of {sizes}", name=item.name, sizes=sizes), item
        )
    if corners:
        pairs = zip(sizes, goals, strict=True)  # type: ignore[assignment]
        steps = [(size - 1) / max(goal - 1, 1) for size, goal in pairs]
    elif all(goal % size == 0 for size, goal in zip(sizes, goals, strict=True)):
        return ()
    return tuple(zip(goals, steps, strict=True))


def between_places(
    tracer: Tracer,
    item: Item,
    goals: tuple[tuple[int, float], ...],
    places: str,
) -> None:
    """Append values between neighbours along every axis; the edge is held.

    Parameters
    ----------
    places : str
        Of PLACES: where number i of the new axis lies in the old one.
    """
    for axis, (goal, step) in enumerate(goals, start=1):
        tracer.net.node = _along(tracer, item, axis, goal, step, places)


#: Where number i of an axis lies: with the corners held, amid its own width, nearest.
PLACES: dict[str, tuple[Callable[[Any, float], Any], str]] = {
    "corners": (lambda i, step: i * step, "arange({goal}.0) * {step!r}"),
    "middles": (
        lambda i, step: (i + 0.5) * step - 0.5,
        "(arange({goal}.0) + 0.5) * {step!r} - 0.5",
    ),
    "nearest": (
        lambda i, step: np.floor(i * step),
        "floor(arange({goal}.0) * {step!r})",
    ),
}


def _along(
    tracer: Tracer, item: Item, axis: int, goal: int, step: float, places: str
) -> str:
    """Append one axis anew: its rows times the weights of each one's two neighbours."""
    net, size = tracer.net, int(tracer.net.shape[axis])
    where, text = PLACES[places]
    at = f"clip({text.format(goal=goal, step=step)}, 0, {size - 1})"
    made = f"maximum(1 - abs({at}[:, None] - arange({size})), 0)"
    found = np.clip(where(np.arange(float(goal)), step), 0, size - 1)
    weights = np.maximum(1 - np.abs(found[:, None] - np.arange(size)), 0)
    name = _constant(net, f"{places}{size}_{goal}", weights, made, item)
    letters = "cdhw"[: len(net.shape) - 1] + "n"
    new = letters.replace(letters[axis], "z")
    subscripts = f"z{letters[axis]},{letters}->{new}"
    return net.gate("einsum", name, net.node, layer=item, subscripts=subscripts)


def _constant(net: Builder, name: str, array: Any, made: str, item: Item) -> str:
    """Append an array that is made once."""
    if name not in net.graph:
        add_input(net.graph, name, array.shape, role="constant", span=item.span)
        net.graph.nodes[name].update(value=array.tolist(), made=made)
    return name
