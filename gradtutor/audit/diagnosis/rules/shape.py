"""Matrix products and broadcasting: what has a shape, and loses it on the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from gradtutor.audit.diagnosis.graph import Array, Forward, Node
from gradtutor.audit.diagnosis.hypothesis import Hypothesis, Scene, instead
from gradtutor.audit.diagnosis.links import Link, repeated_axes, unbroadcast
from gradtutor.messages import mark, tr

PRODUCTS = {"MatMult", "dot", "matmul", "mm", "inner", "vdot", "einsum"}
Form = Callable[[Array, Array], Array]


# ---- matrix products ----


def _t(array: Array) -> Array:
    return array.swapaxes(-1, -2)


#: Products of a gradient G and the other factor O; two of them are right somewhere.
FORMS: tuple[Form, ...] = (
    lambda g, o: g @ o,
    lambda g, o: o @ g,
    lambda g, o: g @ _t(o),
    lambda g, o: _t(o) @ g,
    lambda g, o: _t(g @ o),
    lambda g, o: _t(o @ g),
    lambda g, o: _t(g @ _t(o)),
    lambda g, o: _t(_t(o) @ g),
)


NOT_SUMMED = mark("the gradient of {name} is not summed over the axes that repeat it")
AVERAGED = mark("the gradient of {name} is averaged, where it must be summed")
OVER_ALL = mark("the gradient of {name} is summed over all axes")
WRONG_AXIS = mark("the gradient of {name} is summed over the wrong axis")
NO_KEEPDIMS = mark("the gradient of {name} is summed without keepdims")
ONE_ROW = mark("the gradient of {name} is that of one row, not the sum over all")


def transposes(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a factor was not transposed, or stood on the wrong side."""
    forward = scene.forward
    for m in forward.nodes:
        operands = forward.children[m.index]
        if m.op in PRODUCTS and len(operands) == 2:
            a, b = operands
            yield from _wrong_products(forward, m, a, b)
            yield from _wrong_products(forward, m, b, a)
    for n in forward.nodes:
        if len(n.shape) == 2 and n.shape[0] == n.shape[1] > 1:
            flows = [forward.gradient(n, p) for p in forward.points]
            changes = tuple({n.index: g.T - g} for g in flows)
            said = tr("the gradient of {n} is transposed", n=n.label)
            yield Hypothesis("missing-transpose", n, said, changes, span=2)
    yield from _transposed_results(forward)


def _wrong_products(
    forward: Forward, m: Node, n: Node, other: Node
) -> Iterator[Hypothesis]:
    if min(len(m.shape), len(n.shape), len(other.shape)) < 2:
        return
    said = tr(
        "in the gradient of {n} a factor of {m} is not transposed, "
        "or on the wrong side",
        n=n.label,
        m=m.label,
    )
    for number, form in enumerate(FORMS):
        made = [
            tried(form, forward.gradient(m, p), forward.value(other, p))
            for p in forward.points
        ]
        fitting = [g for g in made if g is not None and g.shape == n.shape]
        if len(fitting) == len(made):
            key = str(number)
            yield instead(forward, n, m, "missing-transpose", said, fitting, key=key)


def tried(form: Form, gradient: Array, other: Array) -> Array | None:
    """Return a product; None where the shapes do not fit."""
    try:
        return np.asarray(form(gradient, other))
    except ValueError:
        return None


def _transposed_results(forward: Forward) -> Iterator[Hypothesis]:
    for name, node in forward.arguments.items():
        if len(node.shape) == 2 and node.shape[0] != node.shape[1]:
            results = {name: tuple(forward.gradient(node, p).T for p in forward.points)}
            said = tr(
                "the gradient of {name} is transposed: it must have {name}'s shape",
                name=name,
            )
            yield Hypothesis("missing-transpose", node, said, results=results)


def matrix_factors(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a matrix product's other factor was left out, or its own taken."""
    forward = scene.forward
    for n, m in forward.edges:
        if scene.link(n, m) or m.op not in PRODUCTS:
            continue
        slopes = [forward.slope(m, n, p) for p in forward.points]
        flows = [forward.gradient(m, p).ravel() for p in forward.points]
        pairs = list(zip(slopes, flows, strict=True))
        ones = [np.reshape((s != 0).T.astype(float) @ g, n.shape) for s, g in pairs]
        said = tr(
            "in the gradient of {n} the other factor of {m} is left out",
            n=n.label,
            m=m.label,
        )
        yield instead(forward, n, m, "dropped-inner-derivative", said, ones)
        if m.size == 1:
            own = [g[0] * forward.value(n, p) for p, g in enumerate(flows)]
            said = tr("the gradient of {n} is multiplied by {n} itself", n=n.label)
            yield instead(forward, n, m, "own-operand", said, own)


# ---- broadcasting ----


def broadcasts(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose the gradient of a repeated value was not summed, or summed otherwise."""
    forward = scene.forward
    for link in scene.links:
        axes = repeated_axes(link.n.shape, link.m.shape)
        if not axes or link.m.op == "output":
            continue
        full = [
            np.asarray(link.local[p] * forward.gradient(link.m, p))
            for p in forward.points
        ]
        for name, node in forward.arguments.items():
            if _alone(forward, node, link, full):
                yield from _in_another_shape(name, node, full, axes)
        yield from _in_the_same_shape(forward, link, full, axes)


def _alone(forward: Forward, node: Node, link: Link, full: list[Array]) -> bool:
    """Whether an argument has its whole gradient through this link."""
    return node.shape == link.n.shape and all(
        np.allclose(
            unbroadcast(full[p], node.shape), forward.gradient(node, p), 1e-6, 1e-9
        )
        for p in forward.points
    )


def _in_another_shape(
    name: str, node: Node, full: list[Array], axes: tuple[int, ...]
) -> Iterator[Hypothesis]:
    means = [f.mean(axis=axes) for f in full]
    sums = [np.asarray(f.sum()) for f in full]
    made: list[tuple[str, str, list[Array]]] = [
        ("bias-not-summed", NOT_SUMMED, full),
        ("bias-not-summed", AVERAGED, means),
        ("wrong-axis", OVER_ALL, sums),
    ]
    for other in _other_axes(full, axes):
        for keep in (False, True):
            summed = [np.asarray(f.sum(axis=other, keepdims=keep)) for f in full]
            made.append(("wrong-axis", WRONG_AXIS, summed))
    flat = [np.asarray(f.sum(axis=axes)) for f in full]
    made.append(("wrong-shape", NO_KEEPDIMS, flat))
    for label, said, wrong in made:
        yield Hypothesis(label, node, tr(said, name=name), results={name: tuple(wrong)})


def _other_axes(full: list[Array], axes: tuple[int, ...]) -> list[tuple[int, ...]]:
    choices = combinations(range(full[0].ndim), len(axes))
    return [other for other in choices if other != axes]


def _in_the_same_shape(
    forward: Forward, link: Link, full: list[Array], axes: tuple[int, ...]
) -> Iterator[Hypothesis]:
    n, m = link.n, link.m
    count = m.size / n.size
    means = [np.asarray(unbroadcast(f, n.shape) / count) for f in full]
    made: list[tuple[str, str, list[Array]]] = []
    made.append(("bias-not-summed", AVERAGED, means))
    for place in (0, -1) if len(axes) == 1 else ():
        rows = [np.asarray(f.take(place, axis=axes[0])) for f in full]
        made.append(("bias-not-summed", ONE_ROW, rows))
    for other in _other_axes(full, axes):
        summed = [np.asarray(f.sum(axis=other)) for f in full]
        made.append(("wrong-axis", WRONG_AXIS, summed))
    for label, said, wrong in made:
        if all(w.size == n.size for w in wrong):
            fitted = [w.reshape(n.shape) for w in wrong]
            yield instead(forward, n, m, label, tr(said, name=n.label), fitted)
