"""Are two expressions equal on a domain? Points first, then digits, then proof.

Random points tell a wrong answer at once; fifty digits decide where float64 cannot;
what agrees everywhere is proved by sympy, piece by piece, in a child process.

>>> compare("2*x", "x + x", {"x": (-3, 3)}, prove=False).same
True
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradtutor.equality.digits import at_point
from gradtutor.equality.evaluation import Expression, evaluate, read_related
from gradtutor.equality.pieces import find_pieces, has_unseen_branch
from gradtutor.equality.proving import prove_equal
from gradtutor.equality.sampling import Domain, draw, near, one_point
from gradtutor.evaluate.values import Array
from gradtutor.gates import Shape
from gradtutor.language import expression_text

POINTS = 24  # points that must agree, where both expressions have a value
ROUNDS = 8  # draws of so many points, until there are enough
FEW = 3
FAR = 1e-6  # a relative difference that rounding cannot make


@dataclass(frozen=True)
class Outcome:
    """What a comparison found.

    Attributes
    ----------
    same : bool or None
        None where it cannot be decided.
    method : str
        ``text``, ``points`` or ``proof``.
    points : mapping
        The points at which the reference has a value.
    given, wanted : array
        Both values there, in float64.
    """

    same: bool | None
    method: str
    points: Mapping[str, Array]
    given: Array
    wanted: Array


def compare(
    answer: str,
    reference: str,
    domain: Domain,
    shapes: Mapping[str, Shape] | None = None,
    *,
    where: Mapping[str, str] | None = None,
    prove: bool = True,
) -> Outcome:
    """Compare an answer with the reference.

    Parameters
    ----------
    domain : mapping
        Each variable's interval.
    where : mapping, optional
        Variables that are formulas of others, as in ``read_related``.
    prove : bool
        Whether what agrees at all points is to be proved as well.

    Raises
    ------
    gradtutor.SourceError
        When one of them cannot be read.
    """
    own = {name: shape for name, shape in (shapes or {}).items() if shape}
    given = read_related(answer, domain, where, own)
    wanted = read_related(reference, domain, where, own)
    domain = {name: domain[name] for name in domain if name not in (where or {})}
    if not (given.scalar and wanted.scalar):
        return _tensors(given, wanted, domain, own)
    points, a, b = _usable(given, wanted, domain)
    if len(b) < FEW:
        return Outcome(None, "points", points, a, b)
    if _text(given) == _text(wanted):
        return Outcome(True, "text", points, a, b)
    same = _agree(given, wanted, points, a, b)
    if not same or not prove:
        return Outcome(same, "points", points, a, b)
    return _proved(given, wanted, domain, Outcome(True, "points", points, a, b))


def _text(expression: Expression) -> str:
    graph = expression.graph
    return expression_text(graph, graph.graph["output"], stops=())


def _usable(
    given: Expression, wanted: Expression, domain: Domain
) -> tuple[dict[str, Array], Array, Array]:
    """Draw points until enough have a reference value."""
    kept: list[tuple[dict[str, Array], Array, Array]] = []
    for seed in range(ROUNDS):
        points = draw(domain, POINTS, seed)
        b = evaluate(wanted, points)
        for n in np.flatnonzero(~np.isfinite(b)):  # perhaps float64 overflows only
            value, _ = at_point(wanted.graph, one_point(points, int(n)))
            b = np.array(b)
            b[n] = np.nan if value is None else float(value)
        usable = ~np.isnan(b)
        cut = {name: values[usable] for name, values in points.items()}
        a = evaluate(given, points)[usable]
        kept.append((cut, a, b[usable]))
        if not domain or sum(len(b) for _, _, b in kept) >= POINTS:
            break
    names = list(domain)
    joined = {name: np.concatenate([cut[name] for cut, _, _ in kept]) for name in names}
    a, b = (np.concatenate([row[k] for row in kept]) for k in (1, 2))
    if not domain:  # a constant: the same at every point
        return {}, np.repeat(a, FEW), np.repeat(b, FEW)
    return joined, a, b


def different(a: Array, b: Array) -> Any:
    """Return at which points two values differ by more than rounding can."""
    with np.errstate(all="ignore"):
        return ~(np.abs(a - b) <= FAR * np.maximum(np.abs(a), np.abs(b)))


def _agree(
    given: Expression,
    wanted: Expression,
    points: Mapping[str, Array],
    a: Array,
    b: Array,
) -> bool | None:
    """Decide with fifty digits, the most doubtful points first."""
    decided = False
    for n in np.argsort(~different(a, b), kind="stable"):
        point = one_point(points, int(n))
        one, _ = at_point(given.graph, point)
        two, _ = at_point(wanted.graph, point)
        if two is None:  # an infinity of float64 that is none
            continue
        if one is None or not near(one, two):
            return False
        decided = True
    return decided or None


def _tensors(
    given: Expression, wanted: Expression, domain: Domain, shapes: Mapping[str, Shape]
) -> Outcome:
    """Compare tensors at random points, element by element."""
    points = draw(domain, POINTS, 0, shapes)
    a, b = evaluate(given, points), evaluate(wanted, points)
    if a.shape != b.shape:
        return Outcome(False, "points", points, a, b)
    with np.errstate(all="ignore"):
        scale = np.max(np.abs(b), initial=1e-300)
        same = bool((np.abs(a - b) <= 1e-9 * scale).all())
    return Outcome(same, "points", points, a, b)


# ---- proof ----


def _proved(
    given: Expression, wanted: Expression, domain: Domain, outcome: Outcome
) -> Outcome:
    """Prove equality on each piece between kinks; look for pieces first."""
    places, apart = find_pieces(given, wanted, domain)
    if apart is not None:  # a piece that the first points had missed
        return _refuted(given, wanted, outcome, apart)
    if has_unseen_branch(
        given, places
    ):  # a branch that no point has entered says nothing
        return replace(outcome, same=None)
    positive = [name for name, (low, _) in domain.items() if low >= 0]
    if prove_equal(given.text, wanted.text, list(places.values()), positive):
        return replace(outcome, method="proof")
    # Analytic functions that agree at so many points to so many digits are equal.
    return outcome


def _refuted(
    given: Expression, wanted: Expression, outcome: Outcome, apart: Mapping[str, float]
) -> Outcome:
    """Add a point at which the two differ to those at which they agree."""
    point = {name: np.array([value]) for name, value in apart.items()}
    points = {n: np.append(v, apart[n]) for n, v in outcome.points.items()}
    a = np.append(outcome.given, evaluate(given, point))
    b = np.append(outcome.wanted, evaluate(wanted, point))
    return Outcome(False, "points", points, a, b)
