"""Functions that change a tensor's axes: view, permute, squeeze, expand, flip."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Batch
from gradtutor.language.program.values import Tensor
from gradtutor.language.tracing.cutting import (
    concatenated,
    flattened,
    reshaped,
    squeezed,
    unsqueezed,
)

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


def _listed(args: list[Any]) -> list[Any]:
    """Return view(2, 3) and view((2, 3)) as one list."""
    if len(args) == 1 and isinstance(args[0], list | tuple):
        return list(args[0])
    return list(args)


def _view(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    x, *sizes = args
    given = sizes or [keywords.get("shape", keywords.get("target_shape", ()))]
    if len(sizes) == 1 and isinstance(sizes[0], Tensor):  # view_as
        given = list(tracer.sizes(sizes[0]))
    return reshaped(tracer, x, _listed(given), node)


def _flatten(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    x, *rest = args
    start = rest[0] if rest else keywords.get("start_dim", 0)
    start = start % len(tracer.sizes(x))
    end = rest[1] if len(rest) > 1 else keywords.get("end_dim", -1)
    sizes = tracer.sizes(x)
    if end not in (-1, len(sizes) - 1):
        last = end % len(sizes)
        new = [*sizes[:start], -1, *sizes[last + 1 :]]
        return reshaped(tracer, x, new, node)
    return flattened(tracer, x, int(start), node)


def _flatten_batch(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return flattened(tracer, args[0], 1, node)


def _permute(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    t = tracer.tensor(args[0], node)
    given = args[1:] or [keywords.get("dims", keywords.get("perm", ()))]
    axes = _listed(given) or list(range(len(t.order)))[::-1]
    return Tensor(t.node, tuple(t.order[axis] for axis in axes))


def _transpose(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    t = tracer.tensor(args[0], node)
    axes = [one for one in args[1:] if type(one) is int]
    if (len(args) == 2 and isinstance(args[1], list | tuple)) or "perm" in keywords:
        return _permute(tracer, args, keywords, node)
    if len(axes) != 2:
        axes = [-2, -1] if len(t.order) > 1 else [0, 0]
    order = list(t.order)
    a, b = axes
    order[a], order[b] = order[b], order[a]
    return Tensor(t.node, tuple(order))


def _squeeze(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    t = tracer.tensor(args[0], node)
    axis = args[1] if len(args) > 1 else keywords.get("dim", keywords.get("axis"))
    sizes = tracer.sizes(t)
    wanted = range(len(sizes)) if axis is None else [axis % len(sizes)]
    return squeezed(tracer, t, [i for i in wanted if sizes[i] == 1], node)


def _unsqueeze(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    axis = args[1] if len(args) > 1 else keywords.get("dim", keywords.get("axis", -1))
    return unsqueezed(tracer, tracer.tensor(args[0], node), int(axis), node)


def _size(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    sizes = tracer.sizes(args[0])
    axis = args[1] if len(args) > 1 else keywords.get("dim")
    return sizes if axis is None else sizes[axis]


def _rank(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return len(tracer.sizes(args[0]))


def _expand(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append x.expand(N, 4, -1): what has size 1 is repeated, for the batch too."""
    sizes = _listed(args[1:] or [keywords.get("size", keywords.get("shape", ()))])
    t = tracer.tensor(args[0], node)
    have = tracer.sizes(t)
    for _ in range(len(sizes) - len(have)):
        t = unsqueezed(tracer, t, 0, node)
    have = tracer.sizes(t)
    for axis, (size, before) in enumerate(zip(sizes, have, strict=True)):
        if before == 1 and size not in (1, -1):
            t = _stretched(tracer, t, axis, size, node)
    return t


def _stretched(
    tracer: Tracer, t: Tensor, axis: int, size: Any, node: ast.AST
) -> Tensor:
    """Repeat an axis of size 1: so many times, or once for each example."""
    if type(size) is int:
        return concatenated(tracer, [t] * size, axis, node)
    net, at = tracer.net, tracer.at(node, "expand")
    first = tracer.natural(tracer.inputs.any_placed(), node)
    rest = tuple(range(1, len(net.graph.nodes[first]["shape"])))
    alone = net.gate("sum", first, layer=at, axis=rest, keepdims=False)
    zeros = net.gate("mul", alone, net.number(0.0), layer=at)
    shape = tuple("N" if i == axis else 1 for i in range(len(t.order)))
    column = Tensor(net.reshape(zeros, shape, at), tuple(range(len(shape))))
    return tracer.binary(ast.Add(), t, column, node)  # type: ignore[no-any-return]


def _expand_as(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Return x as it is: the arithmetic after it repeats what is of size 1."""
    return args[0]


def _repeat(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append x.repeat(1, 3, 1) and tile: the whole so many times along an axis."""
    times = _listed(
        args[1:] or [keywords.get("multiples", keywords.get("repeats", ()))]
    )
    t = tracer.tensor(args[0], node)
    for _ in range(len(times) - len(t.order)):
        t = unsqueezed(tracer, t, 0, node)
    for axis, count in enumerate(times):
        if isinstance(count, Batch):
            t = _stretched(tracer, t, axis, count, node)
        elif type(count) is int and count > 1:
            t = concatenated(tracer, [t] * count, axis, node)
    return t


def _flip(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    t = tracer.tensor(args[0], node)
    given = args[1:] or [keywords.get("dims", keywords.get("axis", -1))]
    made = t.node
    for axis in _listed(given):
        at = tracer.at(node, "flip")
        made = tracer.net.gate("flip", made, layer=at, axis=t.order[axis])
    return Tensor(made, t.order)


def _moved(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Move an axis: movedim(x, 1, -1)."""
    t = tracer.tensor(args[0], node)
    order = list(t.order)
    order.insert(args[2] % len(order), order.pop(args[1]))
    return Tensor(t.node, tuple(order))


def _patches(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append extract_patches of squares side by side: (N, H/p, W/p, p p C)."""
    given = args[1] if len(args) > 1 else keywords.get("size", keywords.get("sizes", 1))
    listed = given if isinstance(given, list | tuple) else (given,)
    side = max(one for one in listed if type(one) is int)
    n, high, wide, channels = tracer.sizes(args[0])
    rows, columns = high // side, wide // side
    cut = tracer.indexed(
        args[0],
        (slice(None), slice(0, rows * side), slice(0, columns * side)),
        node,
    )
    split = reshaped(tracer, cut, [n, rows, side, columns, side, channels], node)
    turned = Tensor(split.node, tuple(split.order[i] for i in (0, 1, 3, 2, 4, 5)))
    return reshaped(tracer, turned, [n, rows, columns, side * side * channels], node)


AXES = {
    **dict.fromkeys(("view", "reshape", "Reshape", "view_as"), _view),
    **dict.fromkeys(("flatten", "ravel"), _flatten),
    "batch_flatten": _flatten_batch,
    **dict.fromkeys(("permute", "permute_dimensions"), _permute),
    **dict.fromkeys(("transpose", "t", "swapaxes"), _transpose),
    "squeeze": _squeeze,
    **dict.fromkeys(("unsqueeze", "expand_dims"), _unsqueeze),
    **dict.fromkeys(("size", "shape", "int_shape"), _size),
    **dict.fromkeys(("dim", "ndimension", "rank"), _rank),
    **dict.fromkeys(("expand", "broadcast_to"), _expand),
    "expand_as": _expand_as,
    **dict.fromkeys(("repeat", "tile"), _repeat),
    **dict.fromkeys(("flip", "reverse"), _flip),
    **dict.fromkeys(("movedim", "moveaxis"), _moved),
    "extract_patches": _patches,
}
