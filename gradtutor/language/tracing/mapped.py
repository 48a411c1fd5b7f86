"""Functions of one example that ``vmap`` maps over a batch: axes are the example's."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.program.array_values import Batch
from gradtutor.language.program.values import Tensor, Weight
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

#: Functions with an axis; without one, they are of all numbers of an example.
ALONG = frozenset((
    "sum", "mean", "max", "min", "amax", "amin", "prod", "var", "std", "logsumexp",
    "softmax", "log_softmax", "norm", "argmax",
))  # fmt: skip
SAME_AXES = ("softmax", "log_softmax")
PRODUCTS = ("dot", "matmul")
#: Functions that change axes: they are not read there.
MOVING = frozenset((
    "reshape", "transpose", "concatenate", "stack", "hstack", "vstack", "einsum",
    "expand_dims", "squeeze", "swapaxes", "moveaxis", "split", "ravel", "flatten",
    "outer", "tensordot", "T",
))  # fmt: skip


def of_example(
    tracer: Tracer,
    name: str,
    args: list[Any],
    keywords: Mapping[str, Any],
    node: ast.AST,
) -> tuple[list[Any], dict[str, Any]]:
    """Return a function's arguments with the batch's axis counted in."""
    words = dict(keywords)
    ranks = [rank_of_example(tracer, one) for one in args]
    if name in PRODUCTS and len(args) == 2 and not ranks[0]:
        _ask_width(tracer, args[0], args[1], node)
    if name in PRODUCTS and len(args) == 2 and ranks[1] and not ranks[0]:
        if ranks[1] == 1 and len(tracer.sizes(args[0])) == 2:
            return [args[1], tracer.transposed(args[0])], words  # W x, for each x
        raise _not_read(tracer, name, node)
    if not any(ranks):
        return args, words
    if name in ("ravel", "flatten"):
        return [args[0]], {"start_dim": 1}
    if name in MOVING:
        raise _not_read(tracer, name, node)
    if name in ALONG:
        return _along(tracer, name, args, words, node)
    return args, words


def place_of_example(tracer: Tracer, value: Any, index: Any) -> Any:
    """Return an index of an example as one of the batch: y[0] is y[:, 0].

    One number an example is a column, as it is of a sum.
    """
    rank = rank_of_example(tracer, value)
    parts = list(index) if isinstance(index, tuple) else [index]
    if not rank or parts[0] is Ellipsis:
        return index
    if rank == 1 and type(parts[0]) is int:
        parts[0] = [parts[0]]
    return (slice(None), *parts)


def _ask_width(tracer: Tracer, w: Any, x: Any, node: ast.AST) -> None:
    """Find the input's width by the weights that it meets first."""
    number = tracer.inputs.number(x) if isinstance(x, Tensor) else None
    if number is not None and isinstance(w, Weight) and len(w.shape) == 2:
        item = Item("linear", {"in_features": w.shape[1]}, tracer.run.span(node), "dot")
        tracer.check_known(item, number)


def _along(
    tracer: Tracer, name: str, args: list[Any], words: dict[str, Any], node: ast.AST
) -> tuple[list[Any], dict[str, Any]]:
    """Count an axis of an example in the batch's array."""
    axis = words.pop("axis", words.pop("dim", args[1] if len(args) > 1 else None))
    if name in SAME_AXES and axis is None:
        axis = -1
    if axis is None and rank_of_example(tracer, args[0]) == 1:
        axis = 0
    if name not in SAME_AXES and rank_of_example(tracer, args[0]) == 1:
        words["keepdims"] = True  # one number an example is a column
    if type(axis) is not int:
        raise _not_read(tracer, name, node)
    return [args[0]], {**words, "axis": axis + 1 if axis >= 0 else axis}


def rank_of_example(tracer: Tracer, value: Any) -> int:
    """Return how many axes an example has; 0 of what no example is part of."""
    if not isinstance(value, Tensor | Weight):
        return 0
    sizes = tracer.sizes(value)
    return len(sizes) - 1 if sizes and isinstance(sizes[0], Batch) else 0


def _not_read(tracer: Tracer, name: str, node: ast.AST) -> Exception:
    message = tr("{name} of one example, under vmap, is not read", name=name)
    return tracer.run.fail(message, node, tr("write the function for a batch"))
