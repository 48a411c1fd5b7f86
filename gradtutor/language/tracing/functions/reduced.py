"""Reductions over axes, and what is made of them: squares, clamps, spreads."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data, Filled
from gradtutor.language.program.values import Tensor
from gradtutor.language.tracing.arithmetic import pointwise
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

Function = Callable[["Tracer", list[Any], dict[str, Any], ast.AST], Any]


def reduced(gate: str) -> Function:
    """Return what makes a reduction by one gate."""

    def apply(
        tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> Any:
        t = tracer.tensor(args[0], node)
        axis = args[1] if len(args) > 1 else keywords.get("dim", keywords.get("axis"))
        keep = bool(keywords.get("keepdim", keywords.get("keepdims", False)))
        keep = keep or (len(args) > 2 and args[2] is True)
        rank = len(t.order)
        axes = (
            range(rank)
            if axis is None
            else axis
            if isinstance(axis, list | tuple)
            else [axis]
        )
        gone = sorted(t.order[one] for one in axes)
        at = tracer.at(node, gate)
        over = None if tracer.plain and len(gone) == rank else tuple(gone)
        made = tracer.net.gate(gate, t.node, layer=at, axis=over, keepdims=keep)
        both = (
            gate == "maximum_over"
            and type(axis) is int
            and tracer.run.library != "keras"
        )
        if keep:
            whole = Tensor(made, t.order)
            return (whole, Data()) if both and not _is_amax(node) else whole
        kept = [p for p in t.order if p not in gone]
        order = tuple(p - sum(g < p for g in gone) for p in kept)
        both = both and not _is_amax(node)
        return (Tensor(made, order), Data()) if both else Tensor(made, order)

    return apply


MEAN, SUM = reduced("mean"), reduced("sum")


def _is_amax(node: ast.AST) -> bool:
    """Whether a call gives the largest values alone, without their places."""
    called = getattr(node, "func", None)
    return getattr(called, "attr", getattr(called, "id", "")) == "amax"


def clamp(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append a value held between two bounds."""
    x = args[0]
    low = args[1] if len(args) > 1 else keywords.get("min")
    high = args[2] if len(args) > 2 else keywords.get("max")
    if low is not None:
        x = pointwise(tracer, "max", x, low, node)
    return x if high is None else pointwise(tracer, "min", x, high, node)


def square(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append a square."""
    return pointwise(tracer, "pow", args[0], 2.0, node)


def larger(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append the larger of two values, or the largest over axes."""
    if len(args) > 1 and isinstance(args[1], Tensor | Data | Filled | float):
        return pointwise(tracer, "max", args[0], args[1], node)
    return reduced("maximum_over")(tracer, args, keywords, node)


def smaller(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append the smaller of two values, or the smallest over axes."""
    if len(args) > 1 and isinstance(args[1], Tensor):
        return pointwise(tracer, "min", args[0], args[1], node)
    less = tracer.function("neg", [args[0]], {}, node)
    most = reduced("maximum_over")(tracer, [less, *args[1:]], keywords, node)
    largest = most[0] if isinstance(most, tuple) else most
    made = tracer.function("neg", [largest], {}, node)
    return (made, Data()) if isinstance(most, tuple) else made


def axes_of(args: list[Any], keywords: dict[str, Any]) -> Any:
    """Return the axes that a call names."""
    return args[1] if len(args) > 1 else keywords.get("dim", keywords.get("axis"))


def spread(root: bool) -> Function:
    """Return var or std: divided by n - 1 in PyTorch, by n elsewhere."""

    def apply(
        tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> Any:
        x, axis = args[0], axes_of(args, keywords)
        keep = bool(keywords.get("keepdim", keywords.get("keepdims", False)))
        mean = MEAN(tracer, [x], {"dim": axis, "keepdim": True}, node)
        away = square(tracer, [pointwise(tracer, "sub", x, mean, node)], {}, node)
        made = MEAN(tracer, [away], {"dim": axis, "keepdim": keep}, node)
        biased = keywords.get("unbiased") is False or keywords.get("correction") == 0
        sizes = tracer.sizes(x)
        listed = axis if isinstance(axis, list | tuple) else [axis]
        counts = [sizes[i] for i in listed if type(i) is int]
        if tracer.run.library == "torch" and not biased:
            many = 1
            for count in counts:
                many *= count if type(count) is int else 0
            if many > 1:
                made = pointwise(tracer, "mul", made, many / (many - 1), node)
            else:
                note = tr(
                    "warning: var and std over the batch are divided by n, not n - 1"
                )
                tracer.net.notes += [note] * (note not in tracer.net.notes)
        return tracer.function("sqrt", [made], {}, node) if root else made

    return apply
