"""Shapes of recurrent cells whose gates have weights of their own: GRU, LSTM."""

from __future__ import annotations

import re

from gradtutor.audit.program.arguments import Argument
from gradtutor.audit.program.shapes.names import (
    HIDDEN,
    OUTWARD,
    C,
    D,
    Names,
    is_target,
    last_part,
    plain,
)
from gradtutor.audit.program.shapes.rows import as_rows
from gradtutor.audit.program.usage import Usage

GATE = r"_?[zrhfiogcnuas]"
#: ``Wz`` beside ``Uz``; ``Wxz`` beside ``Whz``; ``Wf`` for both, laid side by side.
BESIDE_U = re.compile(rf"U{GATE}")
BESIDE_H = re.compile(rf"[Ww]_?h{GATE}")
FROM_X, OF_GATE = re.compile(rf"[Ww]_?[xi]{GATE}"), re.compile(rf"[WwV]{GATE}")
OF_BIAS = re.compile(rf"[bB](_?[xhi])?{GATE}")


def as_gates(
    name: str, usage: Usage, names: Names, *, columns: bool = False, alone: bool = False
) -> Argument:
    """Examples in rows, in columns, or a single one; small, for all values matter.

    What is read element by element beside a single state is a sequence of inputs.
    """
    n, d, h = 2, D, 2
    if not (names.has(BESIDE_U) or names.has(BESIDE_H) or names.has(OF_GATE)):
        return as_rows(name, usage, names)
    bare = last_part(name)
    if usage.indexes or is_target(bare, usage):
        return as_rows(name, usage, names)
    weight = _weight(bare, names, d, h)
    if weight:
        return plain(*(reversed(weight) if columns or alone else weight))
    if OF_BIAS.fullmatch(bare) or re.fullmatch(r"b(ias|_?y)?", bare):
        width = C if re.fullmatch(r"b_?y", bare) else h
        return plain(width, 1) if columns else plain(width)
    width = h if HIDDEN.fullmatch(bare) else d
    steps = width == d and (usage.axes == 1 or usage.walked)
    many = () if alone and not steps else (n,)
    return plain(width, *many) if columns else plain(*many, width)


def _weight(bare: str, names: Names, d: int, h: int) -> tuple[int, int] | None:
    """Return how many numbers a gate's weights take in and give out."""
    if OUTWARD.fullmatch(bare):
        return h, C
    if BESIDE_U.fullmatch(bare) or BESIDE_H.fullmatch(bare):
        return h, h
    if FROM_X.fullmatch(bare) and names.has(BESIDE_H):
        return d, h
    if OF_GATE.fullmatch(bare):
        return (d, h) if names.has(BESIDE_U) or names.has(BESIDE_H) else (d + h, h)
    return None
