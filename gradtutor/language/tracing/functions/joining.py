"""Functions of several tensors: cat, stack, split, products, attention."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Filled
from gradtutor.language.program.values import Tensor
from gradtutor.language.tracing.arithmetic import contracted, pointwise, product
from gradtutor.language.tracing.cutting import concatenated, indexed, unsqueezed
from gradtutor.language.tracing.functions.axes import _transpose as transposed
from gradtutor.language.tracing.masks import masked
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer


def _cat(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    axis = args[1] if len(args) > 1 else keywords.get("dim", keywords.get("axis"))
    usual = -1 if tracer.run.library == "keras" else 0
    return concatenated(tracer, list(args[0]), usual if axis is None else axis, node)


def _stack(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    axis = args[1] if len(args) > 1 else keywords.get("dim", keywords.get("axis", 0))
    grown = [unsqueezed(tracer, tracer.tensor(x, node), axis, node) for x in args[0]]
    return concatenated(tracer, grown, axis, node)


def _split(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """x.split(size, dim): parts of this size."""
    x, size = args[0], args[1]
    sizes = tracer.sizes(x)
    axis = args[2] if len(args) > 2 else keywords.get("dim", keywords.get("axis", 0))
    whole = _known(tracer, sizes, axis)
    if tracer.run.library != "torch" and type(size) is int:  # into so many parts
        size = whole // size
    given = list(size) if isinstance(size, list | tuple) else _even(whole, size)
    return _parts(tracer, x, given, axis % len(sizes), node)


def _chunk(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    x, count = args[0], args[1]
    axis = args[2] if len(args) > 2 else keywords.get("dim", 0)
    sizes = tracer.sizes(x)
    whole = _known(tracer, sizes, axis)
    each = -(-whole // count)
    return _parts(tracer, x, _even(whole, each), axis % len(sizes), node)


def _known(tracer: Tracer, sizes: Sequence[Any], axis: int) -> Any:
    """Return an axis's size; of an input that is not known yet, ask for it."""
    if sizes[axis] is None:
        raise tracer.inputs.need_axes(axis + 1 if axis > 0 else 3)
    return sizes[axis]


def _even(whole: int, size: int) -> list[int]:
    """Return parts of one size, the last what is left."""
    return [min(size, whole - start) for start in range(0, whole, size)]


def _parts(
    tracer: Tracer, x: Any, given: list[int], axis: int, node: ast.AST
) -> tuple[Any, ...]:
    parts, start = [], 0
    for size in given:
        cut = (slice(None),) * axis + (slice(start, start + size),)
        parts.append(indexed(tracer, x, cut, node))
        start += size
    return tuple(parts)


def _matmul(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return product(tracer, args[0], args[1], node)


def _linear(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """F.linear(x, W, b): x Wᵀ + b; without a weight, what changes nothing."""
    if len(args) < 2:
        return args[0]
    made = product(tracer, args[0], tracer.transposed(args[1]), node)
    bias = args[2] if len(args) > 2 else keywords.get("bias")
    return made if bias is None else pointwise(tracer, "add", made, bias, node)


def _attention(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """F.scaled_dot_product_attention(q, k, v), heads before steps."""
    q, k, v = args[:3]
    sizes = tracer.sizes(q)
    fit = product(tracer, q, transposed(tracer, [k], {}, node), node)
    scale = keywords.get("scale")
    if isinstance(scale, int | float):
        fit = pointwise(tracer, "mul", fit, float(scale), node)
    else:
        fit = pointwise(tracer, "div", fit, math.sqrt(sizes[-1]), node)
    mask = args[3] if len(args) > 3 else keywords.get("attn_mask")
    if keywords.get("is_causal") is True:
        triangle = Filled((sizes[-2], sizes[-2]), -1.0, lower=True)
        fit = masked(tracer, fit, triangle, -math.inf, node)
    elif isinstance(mask, Filled) and mask.lower and mask.value == 1.0:  # what is kept
        triangle = Filled(mask.shape, -1.0, lower=True)
        fit = masked(tracer, fit, triangle, -math.inf, node)
    elif mask is not None:
        raise tracer.run.fail(
            tr("a mask of attention is here below the diagonal"), node, "is_causal=True"
        )
    share = tracer.function("softmax", [fit], {"dim": -1}, node)
    return product(tracer, share, v, node)


def _einsum(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append einsum("bij,bjk->bik", a, b)."""
    text, *values = args
    if not isinstance(text, str) or "." in text or "->" not in text:
        raise tracer.run.fail(tr("einsum is read with letters and ->"), node)
    ins, out = text.replace(" ", "").split("->")
    letters, tensors = ins.split(","), [tracer.tensor(one, node) for one in values]
    while len(tensors) > 2:  # the first two, all their letters that are needed later
        later = set("".join(letters[2:]) + out)
        kept = "".join(dict.fromkeys(c for c in letters[0] + letters[1] if c in later))
        made = contracted(
            tracer, tensors[0], letters[0], tensors[1], letters[1], kept, node
        )
        tensors, letters = [made, *tensors[2:]], [kept, *letters[2:]]
    if len(tensors) == 1:
        (t,), (word,) = tensors, letters
        written = "".join(word[t.order.index(i)] for i in range(len(t.order)))
        at = tracer.at(node, "einsum")
        made_node = tracer.net.gate(
            "einsum", t.node, layer=at, subscripts=f"{written}->{out}"
        )
        return Tensor(made_node, tuple(range(len(out))))
    return contracted(tracer, tensors[0], letters[0], tensors[1], letters[1], out, node)


def _where(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Append where(c, a, b): a where the condition holds."""
    inside = tracer.tensor(args[0], node)
    given = [tracer.natural(inside, node)]
    for one in args[1:3]:
        if isinstance(one, bool | int | float):
            given.append(tracer.net.number(float(one)))
        else:
            given.append(tracer.natural(tracer.tensor(one, node), node))
    made = tracer.net.gate("where", *given, layer=tracer.at(node, "where"))
    return Tensor(made, tuple(range(len(inside.order))))


def _unbind(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    axis = args[1] if len(args) > 1 else keywords.get("dim", keywords.get("axis", 0))
    sizes = tracer.sizes(args[0])
    front = (slice(None),) * (axis % len(sizes))
    count = sizes[axis]
    if type(count) is not int:
        raise tracer.run.fail(tr("the examples of a batch do not come apart"), node)
    return tuple(indexed(tracer, args[0], (*front, i), node) for i in range(count))


def _sequential(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """x.sequential([f, g]): tinygrad's way to apply one after the other."""
    x = args[0]
    for one in args[1]:
        x = tracer.run.call(one, [x], {}, node)
    return x


def _outer_add(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """addmm(b, x, W): b + x W."""
    made = product(tracer, args[1], args[2], node)
    return pointwise(tracer, "add", made, args[0], node)


def _tensordot(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """tensordot(a, b, 2): the sum of all products; with 1, a matrix product."""
    axes = args[2] if len(args) > 2 else keywords.get("axes", keywords.get("dims", 2))
    ranks = [len(tracer.sizes(one)) for one in args[:2]]
    if axes == 1 and ranks[1] <= 2:
        return product(tracer, args[0], args[1], node)
    if type(axes) is not int or ranks != [axes, axes]:
        raise tracer.run.fail(tr("tensordot over these axes is not here"), node)
    both = pointwise(tracer, "mul", args[0], args[1], node)
    return tracer.function("sum", [both], {}, node)


def _bias_add(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return pointwise(tracer, "add", args[0], args[1], node)


JOINING = {
    **dict.fromkeys(("cat", "concat", "concatenate"), _cat),
    "stack": _stack,
    "split": _split,
    "chunk": _chunk,
    **dict.fromkeys(("unbind", "unstack"), _unbind),
    **dict.fromkeys(("matmul", "mm", "bmm", "dot", "mv", "batch_dot"), _matmul),
    "linear": _linear,
    "einsum": _einsum,
    "where": _where,
    "sequential": _sequential,
    "addmm": _outer_add,
    "bias_add": _bias_add,
    "tensordot": _tensordot,
    "scaled_dot_product_attention": _attention,
}
