"""A known function's derivative taken at the wrong value, or misremembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from gradtutor.audit.diagnosis.graph import Array
from gradtutor.audit.diagnosis.hypothesis import Hypothesis, Scene
from gradtutor.audit.diagnosis.links import Link
from gradtutor.audit.diagnosis.rules.relinking import applied, relinked
from gradtutor.messages import tr

Function = Callable[[Array], Array]


@dataclass(frozen=True)
class Entry:
    """A function, its derivative in the input x, and in the output y.

    Attributes
    ----------
    misremembered : dict
        What people write instead, of x and y, by how it is written.
    """

    apply: Function
    by_input: Function
    by_output: Function
    misremembered: dict[str, Callable[[Array, Array], Array]] = field(
        default_factory=dict
    )


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _other_leg(y: Array) -> Array:
    """Return √(1 - y²): cos where y is sin."""
    return np.asarray(np.sqrt(np.maximum(0.0, 1 - y**2)))


TABLE = {
    "tanh": Entry(
        np.tanh,
        lambda x: 1 - np.tanh(x) ** 2,
        lambda y: 1 - y**2,
        {
            "1 - y": lambda _, y: 1 - y,
            "1 + y²": lambda _, y: 1 + y**2,
            "(1 - y)²": lambda _, y: (1 - y) ** 2,
            "y²": lambda _, y: y**2,
        },
    ),
    "sigmoid": Entry(
        _sigmoid,
        lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
        lambda y: y * (1 - y),
        {
            "1 - y": lambda _, y: 1 - y,
            "y": lambda _, y: y,
            "y (1 + y)": lambda _, y: y * (1 + y),
            "y²": lambda _, y: y**2,
            "(1 - y)²": lambda _, y: (1 - y) ** 2,
        },
    ),
    "exp": Entry(
        np.exp,
        np.exp,
        lambda y: y,
        {
            "x exp(x - 1)": lambda x, _: x * np.exp(x - 1),
            "exp(x - 1)": lambda x, _: np.exp(x - 1),
        },
    ),
    "log": Entry(
        np.log, lambda x: 1 / x, lambda y: np.exp(-y), {"log x": lambda _, y: y}
    ),
    "sin": Entry(np.sin, np.cos, _other_leg, {"sin x": lambda _, y: y}),
    "cos": Entry(
        np.cos,
        lambda x: -np.sin(x),
        lambda y: -_other_leg(y),
        {"cos x": lambda _, y: y},
    ),
    "sqrt": Entry(np.sqrt, lambda x: 0.5 / np.sqrt(x), lambda y: 0.5 / y),
}


def wrong_table(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a known function had another derivative."""
    for link in scene.links:
        for name, entry in TABLE.items():
            if link.n.shape == link.m.shape and is_function(scene, link, entry.apply):
                yield from _wrong_points(scene, link, name, entry)
                yield from _misremembered(scene, link, name, entry)
                yield from _of_others(scene, link, name)


def is_function(scene: Scene, link: Link, function: Function) -> bool:
    """Whether a link is this function, at all points."""
    forward = scene.forward
    with np.errstate(all="ignore"):
        return all(
            np.allclose(
                function(forward.value(link.n, p)), forward.value(link.m, p), 1e-9
            )
            for p in forward.points
        )


def _wrong_points(
    scene: Scene, link: Link, name: str, entry: Entry
) -> Iterator[Hypothesis]:
    x, y, n, m = *_ends(scene, link), link.n.label, link.m.label
    wrong = {
        tr(
            "the derivative of {name} is taken at its output {m}, not at its input {n}",
            name=name,
            m=m,
            n=n,
        ): (applied(entry.by_input, y)),
        tr(
            "the formula for the output of {name} is used with its input {n}",
            name=name,
            n=n,
        ): (applied(entry.by_output, x)),
    }
    yield from relinked(scene, "wrong-point", link, wrong)


def _ends(scene: Scene, link: Link) -> tuple[list[Array], list[Array]]:
    """Return the values at both ends of a link, at each point."""
    forward = scene.forward
    x = [forward.value(link.n, p) for p in forward.points]
    return x, [forward.value(link.m, p) for p in forward.points]


def _misremembered(
    scene: Scene, link: Link, name: str, entry: Entry
) -> Iterator[Hypothesis]:
    for text, function in entry.misremembered.items():
        said = tr(
            "the derivative of {name}, y = {name}(x), is taken as {text}",
            name=name,
            text=text,
        )
        local = applied(function, *_ends(scene, link))
        yield from relinked(scene, "wrong-table-entry", link, {said: local})


def _of_others(scene: Scene, link: Link, name: str) -> Iterator[Hypothesis]:
    """Suppose the derivative of another function was taken; likely only if alone."""
    x, y = _ends(scene, link)
    for other, entry in TABLE.items():
        said = tr(
            "the derivative of {other} stands where that of {name} is due",
            other=other,
            name=name,
        )
        for local in (applied(entry.by_input, x), applied(entry.by_output, y)):
            for made in relinked(scene, "wrong-table-entry", link, {said: local}):
                if other != name:
                    yield replace(made, unlikely=True)
