"""Another local derivative at a link, and what it would have given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from gradtutor.audit.diagnosis.graph import Array
from gradtutor.audit.diagnosis.hypothesis import Hypothesis, Scene
from gradtutor.audit.diagnosis.links import Link

#: Operations that choose between their operands.
CHOOSING = {"maximum", "minimum", "fmax", "fmin", "where", "clip", "IfExp"}
CHOOSING |= {"max", "min", "abs", "absolute", "fabs", "relu", "leaky_relu"}
#: A wrong local derivative by what is wrong with it, one array a point.
Wrong = dict[str, list[Array]]


def relinked(
    scene: Scene, label: str, link: Link, wrong: Wrong
) -> Iterator[Hypothesis]:
    """Yield a hypothesis for each wrong local derivative that is finite.

    Parameters
    ----------
    label : str
        The misconception.
    wrong : dict
        Local derivatives at each point, by the sentence that says what is wrong.
    """
    for said, local in wrong.items():
        given = tuple(np.broadcast_to(one, link.m.shape) for one in local)
        if not all(np.isfinite(array).all() for array in given):
            continue
        changes = tuple(
            {link.n.index: link.change(scene.forward, p, given[p])}
            for p in scene.forward.points
        )
        span = abs(link.m.index - link.n.index)
        yield Hypothesis(
            label, link.n, said, changes, local=given, span=span, cause=link.m
        )


def applied(function: Callable[..., Array], *values: Sequence[Array]) -> list[Array]:
    """Return a function of values at each point; infinities are sorted out later."""
    with np.errstate(all="ignore"):
        return [np.asarray(function(*at)) for at in zip(*values, strict=True)]


def distinct(arrays: Sequence[Array]) -> set[float]:
    """Return the different values in arrays, to seven digits."""
    values = np.unique(np.round(np.concatenate([a.ravel() for a in arrays]), 7))
    return {float(value) for value in values}
