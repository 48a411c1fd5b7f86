"""Functions that reduce, normalise or compare: mean, max, layer_norm, distances."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import Item
from gradtutor.language.program.values import Tensor
from gradtutor.language.tracing.arithmetic import pointwise
from gradtutor.language.tracing.cutting import reshaped
from gradtutor.language.tracing.functions.reduced import (
    MEAN,
    SUM,
    Function,
    axes_of,
    clamp,
    larger,
    reduced,
    smaller,
    spread,
    square,
)
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


def _layer_norm(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """F.layer_norm(x, shape, weight, bias, eps)."""
    names = ("x", "normalized_shape", "weight", "bias", "eps")
    given = {**dict(zip(names, args, strict=False)), **keywords}
    t = tracer.tensor(given["x"], node)
    shape = given.get("normalized_shape", (1,))
    count = len(shape) if isinstance(shape, list | tuple) else 1
    rank, eps = len(t.order), given.get("eps", 1e-5)
    axes = tuple(range(rank - count, rank))
    at = Item("layer_norm", {}, tracer.run.span(node), "layer_norm")
    made = tracer.net.gate(
        "standardize", tracer.natural(t, node), layer=at, axis=axes, eps=float(eps)
    )
    x: Any = Tensor(made, tuple(range(rank)))
    for gate, word in (("mul", "weight"), ("add", "bias")):
        if given.get(word) is not None:
            x = pointwise(tracer, gate, x, given[word], node)
    return x


def _norm(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append x.norm(2, dim=1): a root of the sum of squares, a sum, a maximum."""
    given = {**dict(zip(("ord", "dim", "keepdim"), args[1:], strict=False)), **keywords}
    order = given.get("ord", given.get("p"))
    axis = given.get("dim", given.get("axis"))
    keep = bool(given.get("keepdim", given.get("keepdims", False)))
    _refuse_matrix_norm(tracer, args[0], order, axis, node)
    along = {"dim": axis, "keepdim": keep}
    if order in (None, 2, "fro", "euclidean"):
        squared = square(tracer, [args[0]], {}, node)
        total = SUM(tracer, [squared], along, node)
        return tracer.function("sqrt", [total], {}, node)
    size = tracer.function("abs", [args[0]], {}, node)
    if order == 1:
        return SUM(tracer, [size], along, node)
    if order == math.inf:
        most = reduced("maximum_over")(tracer, [size], along, node)
        return most[0] if isinstance(most, tuple) else most
    raise tracer.run.fail(
        tr("a norm of order {order} is not read", order=order), node, tr("1, 2 or inf")
    )


def _refuse_matrix_norm(
    tracer: Tracer, x: Any, order: Any, axis: Any, node: ast.AST
) -> None:
    """Refuse np.linalg.norm(A, 2), a singular value; torch.norm(A, 2) is not one."""
    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    pair = isinstance(axis, list | tuple) and len(axis) == 2
    ranked = "linalg" in called and "vector" not in called
    whole = axis is None and len(tracer.tensor(x, node).order) == 2
    if ranked and order not in (None, "fro", "euclidean") and (pair or whole):
        message = tr("of a matrix, the norm of order {order} is not read", order=order)
        raise tracer.run.fail(
            message, node, tr("norm(x) takes all numbers; or give dim")
        )


def _normalized(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append x / max(|x|, eps) over one axis: F.normalize, l2_normalize."""
    torch = tracer.run.library == "torch"
    axis = keywords.get("dim", keywords.get("axis", 1 if torch else -1))
    size = _norm(tracer, [args[0]], {"dim": axis, "keepdim": True}, node)
    floor = pointwise(tracer, "max", size, float(keywords.get("eps", 1e-12)), node)
    return pointwise(tracer, "div", args[0], floor, node)


def _distance(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append F.pairwise_distance(a, b): |a - b + 1e-6| over the last axis."""
    away = pointwise(tracer, "sub", args[0], args[1], node)
    away = pointwise(tracer, "add", away, float(keywords.get("eps", 1e-6)), node)
    keep = bool(keywords.get("keepdim", False))
    return _norm(tracer, [away], {"dim": -1, "keepdim": keep}, node)


def _cosine(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append a·b / (|a| |b|) over one axis."""
    axis = args[2] if len(args) > 2 else keywords.get("dim", keywords.get("axis", 1))
    units = [_normalized(tracer, [one], {"dim": axis}, node) for one in args[:2]]
    return SUM(
        tracer,
        [pointwise(tracer, "mul", units[0], units[1], node)],
        {"dim": axis},
        node,
    )


def _gated(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """F.glu(x): one half times the sigmoid of the other (Dauphin et al. 2017)."""
    axis = args[1] if len(args) > 1 else keywords.get("dim", -1)
    a, b = tracer.function("chunk", [args[0], 2, axis], {}, node)
    return pointwise(tracer, "mul", a, tracer.function("sigmoid", [b], {}, node), node)


def _total(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append logsumexp over one axis."""
    t, axis = tracer.tensor(args[0], node), axes_of(args, keywords)
    keep = bool(keywords.get("keepdim", keywords.get("keepdims", False)))
    made = tracer.net.gate(
        "logsumexp",
        tracer.natural(t, node),
        layer=tracer.at(node, "logsumexp"),
        axis=-1 if axis is None else axis % len(t.order),
        keepdims=keep,
    )
    return Tensor(made, tuple(range(len(t.order) - (not keep))))


def _cumulated(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    t, axis = tracer.tensor(args[0], node), axes_of(args, keywords)
    at = tracer.at(node, "cumsum")
    made = tracer.net.gate("cumsum", t.node, layer=at, axis=t.order[axis or 0])
    return Tensor(made, t.order)


def _inverse(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return pointwise(tracer, "div", 1.0, args[0], node)


def _inverse_root(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    root = tracer.function("sqrt", [args[0]], {}, node)
    return pointwise(tracer, "div", 1.0, root, node)


def _one_hot(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append one_hot(x, classes): a 1 where the whole number says, else 0."""
    given = [keywords.get(k) for k in ("num_classes", "depth")]
    count = args[1] if len(args) > 1 else given[0] or given[1]
    if type(count) is not int:
        raise tracer.run.fail(
            tr("how many classes one_hot has is not in the text"), node
        )
    net, at = tracer.net, tracer.at(node, "one_hot")
    t = tracer.tensor(args[0], node, "words")
    sizes = tracer.sizes(t)
    flat = reshaped(tracer, t, [-1], node) if len(sizes) != 1 else t
    zeros = net.gate("mul", tracer.natural(flat, node), net.number(0.0), layer=at)
    column = net.reshape(zeros, (*net.graph.nodes[zeros]["shape"], 1), at)
    like = net.gate("pad", column, layer=at, widths=((0, 0), (0, count - 1)))
    made = net.gate("one_hot", tracer.natural(flat, node), like, layer=at)
    rows = Tensor(made, (0, 1))
    return reshaped(tracer, rows, [*sizes, count], node) if len(sizes) != 1 else rows


REDUCING: dict[str, Function] = {
    **dict.fromkeys(("mean", "reduce_mean"), MEAN),
    **dict.fromkeys(("sum", "reduce_sum"), SUM),
    **dict.fromkeys(("max", "amax", "reduce_max"), larger),
    **dict.fromkeys(("min", "amin", "reduce_min"), smaller),
    **dict.fromkeys(("var", "reduce_variance", "variance"), spread(root=False)),
    **dict.fromkeys(("std", "reduce_std"), spread(root=True)),
    **dict.fromkeys(("clamp", "clip", "clip_by_value", "clamp_"), clamp),
    "clamp_min": clamp,
    "square": square,
    **dict.fromkeys(("norm", "vector_norm"), _norm),
    **dict.fromkeys(("normalize", "l2_normalize"), _normalized),
    "pairwise_distance": _distance,
    "cosine_similarity": _cosine,
    "layer_norm": _layer_norm,
    "glu": _gated,
    **dict.fromkeys(("logsumexp", "reduce_logsumexp"), _total),
    "cumsum": _cumulated,
    "reciprocal": _inverse,
    "rsqrt": _inverse_root,
    "one_hot": _one_hot,
}
