"""Mistakes in the rules of product, quotient and power."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradtutor.audit.diagnosis.graph import Forward, Node
from gradtutor.audit.diagnosis.hypothesis import Hypothesis, Scene
from gradtutor.audit.diagnosis.links import Link
from gradtutor.audit.diagnosis.rules.relinking import Wrong, applied, relinked
from gradtutor.messages import tr

MULTIPLY, DIVIDE = {"Mult", "multiply"}, {"Div", "divide"}
POWERS = {"Pow", "power", "square", "sqrt"}


def products(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose a product's rule was used wrongly."""
    for m in scene.forward.nodes:
        operands = scene.forward.children[m.index]
        if m.op not in MULTIPLY | DIVIDE or len(operands) != 2:
            continue
        a, b = (scene.link(n, m) for n in operands)
        if a is None or b is None:
            continue
        if m.op in MULTIPLY:
            yield from _own_operand(scene, a, b)
            yield from _square(scene, a, b)
        yield from _product_of_derivatives(scene, a, b)


def _own_operand(scene: Scene, a: Link, b: Link) -> Iterator[Hypothesis]:
    """Suppose each factor's gradient had its own value, not the other's."""
    forward, found = scene.forward, []
    for link in (a, b):
        n = link.n.label
        said = tr(
            "the gradient of {n} is multiplied by {n} itself, not by the other factor",
            n=n,
        )
        own = [forward.value(link.n, p) for p in forward.points]
        found += list(relinked(scene, "own-operand", link, {said: own}))
    yield from found
    if len(found) == 2:
        pairs = zip(found[0].changes, found[1].changes, strict=True)
        changes = tuple({**one, **other} for one, other in pairs)
        said = tr(
            "in {m} each factor's gradient has its own value, not the other's",
            m=a.m.label,
        )
        yield Hypothesis("own-operand", a.m, said, changes)


def _square(scene: Scene, a: Link, b: Link) -> Iterator[Hypothesis]:
    """Suppose the 2 in the derivative of x*x was forgotten."""
    forward = scene.forward
    if a.n.shape == b.n.shape and all(
        np.allclose(forward.value(a.n, p), forward.value(b.n, p))
        for p in forward.points
    ):
        said = tr("the factor 2 of the derivative of {m} is missing", m=a.m.label)
        nothing = [np.zeros(()) for _ in forward.points]
        yield from relinked(scene, "power-rule", a, {said: nothing})


def _product_of_derivatives(scene: Scene, a: Link, b: Link) -> Iterator[Hypothesis]:
    """Suppose (uv)' was taken as u'v', or (u/v)' as u'/v'."""
    m, division = a.m, a.m.op in DIVIDE
    said = (
        tr("the derivatives of the two parts of {m} are divided", m=m.label)
        if division
        else tr(
            "the derivatives of the two parts of {m} are multiplied with each other",
            m=m.label,
        )
    )
    for u, v, whole in _shared(scene, a, b):
        with np.errstate(all="ignore"):
            pairs = zip(u.local, v.local, strict=True)
            local = [x / y if division else x * y for x, y in pairs]
        yield from relinked(scene, "product-of-derivatives", whole, {said: local})
        if division:
            wrong = _whole_quotients(scene.forward, a, b, u, v)
            yield from relinked(scene, "quotient-rule", whole, wrong)


def _shared(scene: Scene, a: Link, b: Link) -> Iterator[tuple[Link, Link, Link]]:
    """Yield how both parts, and the whole, move with each value that is in both."""
    for k in scene.forward.nodes:
        u, v, whole = scene.link(k, a.n), scene.link(k, b.n), scene.link(k, a.m)
        u, v = u or _itself(a, k), v or _itself(b, k)
        if u and v and whole and k.shape == a.m.shape:
            yield u, v, whole


def _whole_quotients(forward: Forward, a: Link, b: Link, u: Link, v: Link) -> Wrong:
    """Return wrong derivatives of u/v where both move; right is (u'v - uv')/v²."""
    above = [forward.value(a.n, p) for p in forward.points]
    below = [forward.value(b.n, p) for p in forward.points]
    four = (above, below, u.local, v.local)
    m, under = a.m.label, b.n.label
    return {
        tr("the derivative of {m} lacks the square of {n}", m=m, n=under): applied(
            lambda u, v, du, dv: (du * v - u * dv) / v, *four
        ),
        tr("the derivative of {m} is not divided by the square of {n}", m=m, n=under): (
            applied(lambda u, v, du, dv: du * v - u * dv, *four)
        ),
        tr("in the derivative of {m} the two terms are added", m=m): applied(
            lambda u, v, du, dv: (du * v + u * dv) / v**2, *four
        ),
    }


def _itself(link: Link, k: Node) -> Link | None:
    """Return the link of a value with itself."""
    if link.n is not k:
        return None
    return Link(k, k, tuple(np.ones(k.shape) for _ in link.local))


# ---- quotient and power ----


def quotients(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose the square, the numerator or the division of a quotient was lost."""
    forward = scene.forward
    for link in scene.links:
        m, n = link.m, link.n
        below = [c for c in forward.children[m.index] if c.place == 1]
        if m.op not in DIVIDE or n.parent != m.index or not below:
            continue
        if forward.moves(below[0]):  # a division by a constant is only a factor
            wrong = _below(forward, link) if n.place == 1 else _above(link)
            yield from relinked(scene, "quotient-rule", link, wrong)


def _below(forward: Forward, link: Link) -> Wrong:
    """Return wrong derivatives of u/v by v; right is -u/v²."""
    m, n = link.m.label, link.n.label
    v = [forward.value(link.n, p) for p in forward.points]
    f = [forward.value(link.m, p) for p in forward.points]
    return {
        tr("∂({m})/∂({n}) lacks the square of {n}", m=m, n=n): applied(lambda f: -f, f),
        tr("∂({m})/∂({n}) lacks the numerator", m=m, n=n): applied(
            lambda v: -1 / v**2, v
        ),
        tr("∂({m})/∂({n}) is taken as 1/{n}", m=m, n=n): applied(lambda v: 1 / v, v),
        tr("∂({m})/∂({n}) is taken as -1/{n}", m=m, n=n): applied(lambda v: -1 / v, v),
    }


def _above(link: Link) -> Wrong:
    """Return wrong derivatives of u/v by u; right is 1/v."""
    m, n, local = link.m.label, link.n.label, link.local
    return {
        tr("∂({m})/∂({n}) multiplies where it must divide", m=m, n=n): applied(
            lambda a: 1 / a, local
        ),
        tr("∂({m})/∂({n}) has a square too many", m=m, n=n): applied(np.square, local),
    }


def powers(scene: Scene) -> Iterator[Hypothesis]:
    """Suppose the factor n of n xⁿ⁻¹ was forgotten, or the exponent not lowered."""
    for link in scene.links:
        if link.m.op in POWERS and link.n.parent == link.m.index and not link.n.place:
            wrong = _wrong_powers(scene.forward, link)
            yield from relinked(scene, "power-rule", link, wrong)


def _wrong_powers(forward: Forward, link: Link) -> Wrong:
    x = [forward.value(link.n, p) for p in forward.points]
    f = [forward.value(link.m, p) for p in forward.points]
    m = link.m.label
    return {
        tr("in the derivative of {m} the exponent's factor is missing", m=m): applied(
            np.divide, f, x
        ),
        tr("in the derivative of {m} the exponent is not lowered", m=m): applied(
            np.multiply, link.local, x
        ),
    }
