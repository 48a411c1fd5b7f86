"""Find the misconception that gives the person's very numbers, at every point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gradtutor.audit.diagnosis.graph import Array, Forward
from gradtutor.audit.diagnosis.hypothesis import Hypothesis, Rule, Scene, same
from gradtutor.audit.diagnosis.links import links
from gradtutor.audit.diagnosis.rules import (
    flow,
    local,
    other,
    product,
    result,
    shape,
    softmax,
    table,
)

RULES: tuple[Rule, ...] = (
    result.swapped,
    shape.transposes,
    shape.matrix_factors,
    softmax.softmax,
    shape.broadcasts,
    flow.mean,
    local.branches,
    local.reduced_max,
    flow.sign,
    flow.upstream_left_out,
    local.left_out,
    product.powers,
    product.quotients,
    product.products,
    flow.overwritten_elements,
    flow.lost_paths,
    table.wrong_table,
    other.another_variable,
    local.distorted,
    result.truncated,
    result.shapes,
    result.constant_factor,
)

#: Where several misconceptions give the same numbers, the first of these is named.
LIKELIEST = (
    "swapped-results",
    "missing-transpose",
    "softmax-cross-terms",
    "missing-target",
    "bias-not-summed",
    "softmax-axis",
    "wrong-axis",
    "mean-forgotten",
    "wrong-branch",
    "power-rule",
    "overwritten-gradient",
    "forgotten-path",
    "sign",
    "upstream-left-out",
    "wrong-point",
    "wrong-table-entry",
    "affine-left-out",
    "dropped-inner-derivative",
    "quotient-rule",
    "product-of-derivatives",
    "own-operand",
    "wrong-mask",
    "another-variable",
    "applied-twice",
    "reciprocal",
    "truncated-dtype",
    "wrong-shape",
    "constant-factor",
    "mutated-input",
)


#: Named only where nothing else explains a gradient.
LAST = {"constant-factor", "wrong-shape"}


@dataclass(frozen=True)
class Diagnosis:
    """The likeliest hypothesis and the other labels that give the same numbers."""

    best: Hypothesis
    others: tuple[str, ...]
    explained: tuple[str, ...]


def diagnose(
    forward: Forward,
    theirs: Mapping[str, tuple[Array, ...]],
    whole: frozenset[str] = frozenset(),
    *,
    casts: bool = False,
) -> Diagnosis | None:
    """Find the misconception that reproduces the wrong gradients.

    Parameters
    ----------
    theirs : mapping
        The person's gradients by argument, one array a point.
    whole : set of str
        The arguments whose gradients came back as integers.

    casts : bool
        Whether numbers can have been cut to whole ones: the code has a cast, or //.

    Returns
    -------
    Diagnosis or None
        None where no hypothesis gives the numbers of any wrong gradient.
    """
    wrong = [name for name in theirs if not _right(forward, theirs, name)]
    seen = Scene(forward, tuple(links(forward)), theirs, whole)
    scored: list[tuple[tuple[int, ...], Hypothesis, tuple[str, ...]]] = []
    with np.errstate(all="ignore"):
        for hypothesis in _hypotheses(seen):
            if hypothesis.label == "truncated-dtype" and not casts:
                continue
            explained = tuple(
                n for n in wrong if _gives(forward, hypothesis, theirs, n)
            )
            if explained:
                scored.append(
                    (
                        _score(forward, hypothesis, theirs, explained),
                        hypothesis,
                        explained,
                    )
                )
    if not scored:
        return None
    scored.sort(key=lambda row: row[0])
    score, best, explained = scored[0]
    others = [
        h.label for s, h, _ in scored if s[:3] == score[:3] and h.label != best.label
    ]
    return Diagnosis(best, tuple(dict.fromkeys(others)), explained)


def _hypotheses(seen: Scene) -> Iterator[Hypothesis]:
    """Yield every rule's, and one for all rounds of a loop where there are several."""
    for rule in RULES:
        groups: dict[tuple[str, str, int, int, str], list[Hypothesis]] = {}
        for made in rule(seen):
            yield made
            cause = made.cause.site if made.cause else 0
            key = (made.label, made.said, made.node.site, cause, made.key)
            groups.setdefault(key, []).append(made)
        for group in groups.values():
            places = {(h.node.index, h.cause.index if h.cause else 0) for h in group}
            if 1 < len(group) == len(places) and not group[0].results:
                yield _joined(group)


def _joined(group: list[Hypothesis]) -> Hypothesis:
    """Make the same mistake at several nodes at once."""
    changes: list[dict[int, Array]] = [{} for _ in group[0].changes]
    for hypothesis in group:
        for total, change in zip(changes, hypothesis.changes, strict=True):
            for node, array in change.items():
                total[node] = total.get(node, np.zeros(array.shape)) + array
    return replace(group[0], changes=tuple(changes), local=())


def _score(
    forward: Forward,
    hypothesis: Hypothesis,
    theirs: Mapping[str, tuple[Array, ...]],
    explained: tuple[str, ...],
) -> tuple[int, ...]:
    """Rank: explains much, accuses no right gradient, likely, near."""
    right = [name for name in theirs if _right(forward, theirs, name)]
    accused = sum(not _gives(forward, hypothesis, theirs, name) for name in right)
    rank = LIKELIEST.index(hypothesis.label)
    return (
        -len(explained),
        int(hypothesis.label in LAST),
        accused,
        rank + len(LIKELIEST) * hypothesis.unlikely,
        hypothesis.span,
        -hypothesis.node.index,
    )


def _right(
    forward: Forward, theirs: Mapping[str, tuple[Array, ...]], name: str
) -> bool:
    node = forward.arguments[name]
    return all(same(theirs[name][p], forward.gradient(node, p)) for p in forward.points)


def _gives(
    forward: Forward,
    hypothesis: Hypothesis,
    theirs: Mapping[str, tuple[Array, ...]],
    name: str,
) -> bool:
    """Whether a hypothesis gives the person's numbers for one argument, everywhere."""
    node = forward.arguments[name]
    return all(
        same(theirs[name][p], hypothesis.predicted(forward, node, p))
        for p in forward.points
    )
