"""Gates that a target has no operator for, opened into those that it has."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from gradtutor.calculus.tape import GraphTape
from gradtutor.codegen.rewrite.rules import apply_passes
from gradtutor.gates import GATES, Attributes, Call, Pointwise
from gradtutor.gates.structural.convolution import padding_pairs
from gradtutor.gates.structural.pooling import pool_attrs
from gradtutor.graph import Graph, NodeData

#: Passes until nothing is left to open: a loss opens into a convolution's, say.
DEPTH = 4


def opened(
    graph: Graph, targets: Sequence[str], known: Collection[str]
) -> tuple[Graph, list[str]]:
    """Return a graph of the gates that are known, and where the targets are in it.

    A gate that cannot be opened stays: what writes the graph names it.
    """

    def rule(tape: GraphTape, data: NodeData, args: list[str]) -> str | None:
        gate, attrs = data["gate"], data["attrs"]
        if gate in known:
            return None
        if gate in OPENED:
            return OPENED[gate](tape, attrs, args)
        entry = GATES[gate]
        if isinstance(entry, Pointwise) or entry.opened is None:
            return None
        return entry.opened(tape, Call(tuple(args), "", dict(attrs)))

    return apply_passes(graph, targets, (rule,) * DEPTH)


def _max_unpool(tape: GraphTape, attrs: Attributes, args: list[str]) -> str:
    """Send each window's gradient to its first largest element."""
    x, _, u = args
    cut = _windows(tape, x, attrs, -math.inf)
    axes = tuple(range(1, 1 + len(attrs["kernel"])))
    won = tape.gate("first_winner", cut, axis=axes)
    return _folded(tape, x, attrs, tape.gate("mul", won, _spread(tape, u, attrs)))


def _mean_unpool(tape: GraphTape, attrs: Attributes, args: list[str]) -> str:
    """Give every element of a window the same share."""
    x, u = args
    cut = _windows(tape, x, attrs, 0.0)
    share = tape.gate("div", u, tape.number(float(math.prod(attrs["kernel"]))))
    zeros = tape.gate("mul", cut, tape.number(0.0))
    spread = tape.gate("add", zeros, _spread(tape, share, attrs))
    return _folded(tape, x, attrs, spread)


def _padded(tape: GraphTape, x: str, attrs: Attributes, filling: float) -> str:
    pairs = padding_pairs(pool_attrs(attrs))
    if all(pair == (0, 0) for pair in pairs):
        return x
    return tape.gate("pad", x, widths=((0, 0), *pairs), value=filling)


def _windows(tape: GraphTape, x: str, attrs: Attributes, filling: float) -> str:
    return tape.gate("windows", _padded(tape, x, attrs, filling), **_numbers(attrs))


def _numbers(attrs: Attributes) -> dict[str, Any]:
    full = pool_attrs(attrs)
    return {key: full[key] for key in ("kernel", "stride", "dilation")}


def _spread(tape: GraphTape, u: str, attrs: Attributes) -> str:
    """Give the places of windows the axes of their kernel, of size 1."""
    shape = tape.shape(u)
    ones = (1,) * len(attrs["kernel"])
    wide = tuple(size if isinstance(size, int) else -1 for size in shape[1:])
    return tape.gate("reshape", u, shape=(int(shape[0]), *ones, *wide))


def _folded(tape: GraphTape, x: str, attrs: Attributes, windows: str) -> str:
    """Add windows up where they were cut, and leave the padding out."""
    padded = _padded(tape, x, attrs, 0.0)
    made = tape.gate("fold", windows, padded, **_numbers(attrs))
    if padded == x:
        return made
    pairs = padding_pairs(pool_attrs(attrs))
    sizes = tape.shape(x)[1:]
    cuts = [
        (before, before + int(size), 1)
        for (before, _), size in zip(pairs, sizes, strict=False)
    ]
    return tape.gate("slice", made, cuts=((0, None, 1), *cuts))


# ---- sums that take the largest out first ----


def _softmax(tape: GraphTape, attrs: Attributes, args: list[str]) -> str:
    raised = tape.gate("exp", tape.gate("sub", args[0], _top(tape, attrs, args[0])))
    total = tape.gate("sum", raised, axis=attrs["axis"], keepdims=True)
    return tape.gate("div", raised, total)


def _log_sum_exp(tape: GraphTape, attrs: Attributes, args: list[str]) -> str:
    axis, keep = attrs["axis"], attrs["keepdims"]
    raised = tape.gate("exp", tape.gate("sub", args[0], _top(tape, attrs, args[0])))
    total = tape.gate("sum", raised, axis=axis, keepdims=keep)
    top = tape.gate("amax", args[0], axis=axis, keepdims=keep)
    return tape.gate("add", tape.gate("log", total), top)


def _top(tape: GraphTape, attrs: Attributes, x: str) -> str:
    return tape.gate("amax", x, axis=attrs["axis"], keepdims=True)


def _variance(tape: GraphTape, attrs: Attributes, args: list[str]) -> str:
    axis, keep = attrs["axis"], attrs["keepdims"]
    away = _away(tape, axis, args[0])
    return tape.gate("mean", tape.gate("mul", away, away), axis=axis, keepdims=keep)


def _away(tape: GraphTape, axis: Any, x: str) -> str:
    return tape.gate("sub", x, tape.gate("mean", x, axis=axis, keepdims=True))


def _standardize(tape: GraphTape, attrs: Attributes, args: list[str]) -> str:
    away = _away(tape, attrs["axis"], args[0])
    square = tape.gate("mul", away, away)
    spread = tape.gate("mean", square, axis=attrs["axis"], keepdims=True)
    wide = tape.gate("add", spread, tape.number(float(attrs["eps"])))
    return tape.gate("div", away, tape.gate("sqrt", wide))


#: What opens each gate that has no formula of its own in gates.
OPENED = {
    "max_unpool": _max_unpool,
    "mean_unpool": _mean_unpool,
    "softmax": _softmax,
    "logsumexp": _log_sum_exp,
    "variance": _variance,
    "standardize": _standardize,
}
