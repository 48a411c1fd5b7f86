"""Shapes of examples in rows, in columns, and of a single one."""

from __future__ import annotations

from dataclasses import replace

from gradtutor.audit.program.arguments import Argument
from gradtutor.audit.program.naming import TARGET
from gradtutor.audit.program.shapes.names import (
    BIAS,
    HIDDEN,
    POSITIVE,
    RECURRENT,
    SCALE,
    SCORES,
    WEIGHT,
    C,
    D,
    H,
    N,
    Names,
    T,
    bias_of,
    is_target,
    labels,
    last_part,
    plain,
    weight_of,
)
from gradtutor.audit.program.usage import Usage


def as_rows(
    name: str,
    usage: Usage,
    names: Names,
    *,
    flat: bool = True,
    classes: int = C,
    gates: int = 1,
) -> Argument:
    """Examples in rows."""
    bare, hidden = last_part(name), gates * H
    if usage.indexes:
        return labels(N, T) if usage.axes > 1 else labels(N)
    if is_target(bare, usage):
        return Argument((N, classes), kind="binary" if classes == 1 else "onehot")
    if names.has(RECURRENT) and HIDDEN.fullmatch(bare):
        return plain(N, H)
    weight = weight_of(bare, names, hidden)
    if weight:
        return plain(weight[0], classes if weight[1] == C else weight[1])
    bias = bias_of(bare, names, hidden)
    if bias:
        bias = classes if bias == C else bias
        return plain(bias) if flat else plain(1, bias)
    if SCALE.fullmatch(bare):
        return plain(D) if flat else plain(1, D)
    alone = not names.has(WEIGHT)
    alone |= names.has(TARGET) and bool(POSITIVE.fullmatch(bare))
    if alone and (SCORES.fullmatch(bare) or names.has(TARGET)):
        kind = "prob" if POSITIVE.fullmatch(bare) else "real"
        return Argument((N, classes), kind=kind)
    return plain(N, D)


def as_tied(name: str, usage: Usage, names: Names, *, visible: str = "c") -> Argument:
    """Examples in rows through one weight and back: a bias for either side."""
    own = {last_part(n) for n in names.usages}
    if last_part(name) == visible and {"b", "c"} <= own and names.layers() == 1:
        return plain(D)
    return as_rows(name, usage, names)


def as_small(argument: Argument) -> Argument:
    """Make a layer with four gates smaller: every value of it is looked at."""
    sizes = {N: 3, D: 4, H: 2, 4 * H: 8}
    return replace(argument, shape=tuple(sizes.get(s, s) for s in argument.shape))


def as_columns(
    name: str, usage: Usage, names: Names, *, classes: int = 1, units: bool = False
) -> Argument:
    """Examples in columns; with units, a bias is a plain number."""
    bare = last_part(name)
    if usage.indexes:
        return labels(N)
    if is_target(bare, usage):
        return Argument((classes, N), kind="binary" if classes == 1 else "onehot0")
    weight = weight_of(bare, names, H)
    if weight:
        if names.layers() == 1 and bare == "w":
            return plain(weight[0], classes)
        return plain(classes if weight[1] == C else weight[1], weight[0])
    bias = bias_of(bare, names, H)
    if bias:
        return plain() if units else plain(classes if bias == C else bias, 1)
    if SCALE.fullmatch(bare):
        return plain(D, 1)
    if names.has(RECURRENT) and HIDDEN.fullmatch(bare):
        return plain(H, N)
    if not names.has(WEIGHT) and names.has(TARGET):
        kind = "prob" if POSITIVE.fullmatch(bare) else "real"
        return Argument((classes, N), kind=kind)
    return plain(D, N)


def as_vector(name: str, usage: Usage, names: Names, *, tall: bool = False) -> Argument:
    """One example."""
    bare, tail = last_part(name), (1,) if tall else ()
    if usage.indexes:
        return labels()
    if is_target(bare, usage):
        return Argument((C, *tail), kind="onehot0")
    weight = weight_of(bare, names, H)
    if weight:
        return plain(weight[1], weight[0])
    bias = bias_of(bare, names, H)
    if bias:
        return plain(bias, *tail)
    if names.has(RECURRENT) and HIDDEN.fullmatch(bare):
        return plain(H, *tail)
    if not names.has(WEIGHT) and names.has(TARGET):
        return Argument((C, *tail), kind="prob" if POSITIVE.fullmatch(bare) else "real")
    return plain(D, *tail)


def as_scores(name: str, usage: Usage, names: Names) -> Argument:
    """Examples in rows, layers with one output; a number for each target."""
    if is_target(last_part(name), usage):
        return Argument((N,), kind="binary")
    return as_rows(name, usage, names, classes=1)


def as_neuron(name: str, usage: Usage, names: Names) -> Argument:
    """One unit: a vector of weights, a number for the rest."""
    bare = last_part(name)
    if usage.indexes:
        return labels()
    if is_target(bare, usage):
        return Argument((), kind="binary")
    if BIAS.fullmatch(bare):
        return plain()
    return plain(D)


def as_regression(name: str, usage: Usage, names: Names) -> Argument:
    """Examples in rows, one number for each."""
    bare = last_part(name)
    if is_target(bare, usage) or (
        not names.has(WEIGHT) and names.has(TARGET) and SCORES.fullmatch(bare)
    ):
        kind = (
            "binary"
            if is_target(bare, usage)
            else "prob"
            if POSITIVE.fullmatch(bare)
            else "real"
        )
        return Argument((N,), kind=kind)
    if WEIGHT.fullmatch(bare):
        return plain(D)
    if BIAS.fullmatch(bare):
        return plain()
    return plain(N, D)
