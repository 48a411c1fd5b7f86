"""Functions of libraries and methods of tensors, by the last part of their name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.layers.items import read_item
from gradtutor.language.layers.more import ALL_LAYERS
from gradtutor.language.program.fitting import call_node
from gradtutor.language.program.values import Data, Layer, Tensor
from gradtutor.language.tracing.arithmetic import pointwise, product
from gradtutor.language.tracing.cutting import (
    concatenated,
    flattened,
    indexed,
    reshaped,
    squeezed,
    unsqueezed,
)
from gradtutor.language.tracing.masks import masked

if TYPE_CHECKING:
    from gradtutor.language.tracing.tracer import Tracer

Keywords = Mapping[str, Any]
Function = Callable[["Tracer", list[Any], dict[str, Any], ast.AST], Any]

#: Functions that are a layer without weights, by the layer's name.
AS_LAYERS = {
    "relu": "ReLU", "relu_": "ReLU", "leaky_relu": "LeakyReLU", "sigmoid": "Sigmoid",
    "tanh": "Tanh", "softplus": "Softplus", "silu": "SiLU", "swish": "SiLU",
    "gelu": "GELU", "softmax": "Softmax", "log_softmax": "LogSoftmax", "elu": "ELU",
    "selu": "SELU", "mish": "Mish", "hardswish": "Hardswish", "hardtanh": "Hardtanh",
    "hardsigmoid": "Hardsigmoid", "hard_sigmoid": "Hardsigmoid", "relu6": "ReLU6",
    "softsign": "Softsign", "logsigmoid": "LogSigmoid", "log_sigmoid": "LogSigmoid",
    "exponential": "Exponential",
    **{f"max_pool{n}d": f"MaxPool{n}d" for n in (1, 2)},
    **{f"avg_pool{n}d": f"AvgPool{n}d" for n in (1, 2)},
    **{f"adaptive_avg_pool{n}d": f"AdaptiveAvgPool{n}d" for n in (1, 2)},
    **{f"adaptive_max_pool{n}d": f"AdaptiveMaxPool{n}d" for n in (1, 2)},
    "dropout": "Dropout", "dropout1d": "Dropout1d", "dropout2d": "Dropout2d",
    "alpha_dropout": "AlphaDropout", "interpolate": "Upsample", "upsample": "Upsample",
    "concatenate_layer": "Concatenate",
}  # fmt: skip
#: Gates of one tensor, and of two.
ONE = {"exp": "exp", "log": "log", "sqrt": "sqrt", "abs": "abs", "sin": "sin",
       "cos": "cos", "erf": "erf", "neg": "neg", "log1p": "log1p", "absolute": "abs",
       "expm1": "expm1", "negative": "neg", "sign": "sign"}  # fmt: skip
TWO = {"add": "add", "sub": "sub", "subtract": "sub", "mul": "mul", "multiply": "mul",
       "div": "div", "divide": "div", "true_divide": "div", "pow": "pow",
       "maximum": "max", "minimum": "min", "add_": "add"}  # fmt: skip
#: The same of lists, as Keras has them.
MERGING = {"add": "add", "multiply": "mul", "subtract": "sub", "maximum": "max",
           "minimum": "min", "add_n": "add"}  # fmt: skip
#: What gives back the tensor it is called on.
SAME = frozenset(
    ("to", "cuda", "cpu", "float", "double", "contiguous", "detach", "clone", "half",
     "type", "requires_grad_", "cast", "identity", "linear", "long", "int",
     "stop_gradient", "convert_to_tensor", "type_as", "as_tensor", "checkpoint",
     "numpy", "None", "float_power_")
)  # fmt: skip


def apply_function(
    tracer: Tracer, name: str, args: list[Any], keywords: Keywords, node: ast.AST
) -> Any:
    """Append what a function or a method does."""
    name, given = name.rpartition(".")[2], dict(keywords)
    if args and not _is_tensorlike(args[0]) and "input" in given:
        args = [given.pop("input"), *args]
    elif not args and given:
        args = [given.pop(next(iter(given)))]
    if name in FUNCTIONS:
        return FUNCTIONS[name](tracer, args, given, node)
    if name in AS_LAYERS:
        return _as_layer(tracer, AS_LAYERS[name], args, given, node)
    if name in ONE:
        t = tracer.tensor(args[0], node)
        made = tracer.net.gate(ONE[name], t.node, layer=tracer.at(node, name))
        return Tensor(made, t.order)
    if name in MERGING and args and isinstance(args[0], list | tuple):
        return _merged(tracer, MERGING[name], list(args[0]), node)
    if name in TWO and len(args) >= 2:
        return pointwise(tracer, TWO[name], args[0], args[1], node)
    if name in SAME:
        return args[0]
    message = f"{name}() of a tensor is not here"
    raise tracer.run.fail(message, node, "what it does is not known to this program")


def _merged(tracer: Tracer, gate: str, values: list[Any], node: ast.AST) -> Any:
    """Append layers.add([a, b]) and the like."""
    total = values[0]
    for value in values[1:]:
        total = pointwise(tracer, gate, total, value, node)
    return total


def _is_tensorlike(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_is_tensorlike, value))
    return isinstance(value, Tensor) or type(value).__name__ == "Weight"


def _as_layer(
    tracer: Tracer, name: str, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Apply the layer that a function is: F.max_pool2d(x, 2) is MaxPool2d(2)."""
    from gradtutor.language.program.building import extras

    x, *rest = args
    keywords.pop("training", None)
    if name == "Dropout" and len(rest) > 1:
        rest = rest[:1]
    if name in ("Softmax", "LogSoftmax") and tracer.run.library == "keras":
        keywords.setdefault("axis", rest.pop(0) if rest else -1)
    kept, more = extras(name, keywords)
    rest = [_plain_size(one) for one in rest]
    item = read_item(tracer.run.source, call_node(node, name, rest, kept), ALL_LAYERS)
    item = type(item)(
        item.kind, {**item.arguments, **more}, tracer.run.span(node), name
    )
    return tracer.apply(Layer(item), [x], {}, node)


def _plain_size(value: Any) -> Any:
    """Return sizes worked out of a tensor's own: avg_pool2d(x, x.size()[2:])."""
    return tuple(value) if isinstance(value, list) else value


# ---- axes ----


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


# ---- several tensors ----


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
    whole = sizes[axis]
    given = list(size) if isinstance(size, list | tuple) else [size] * (whole // size)
    return _parts(tracer, x, given, axis % len(sizes), node)


def _chunk(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    x, count = args[0], args[1]
    axis = args[2] if len(args) > 2 else keywords.get("dim", 0)
    sizes = tracer.sizes(x)
    return _parts(tracer, x, [sizes[axis] // count] * count, axis % len(sizes), node)


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


# ---- reductions ----


def _reduced(gate: str) -> Function:
    def apply(
        tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> Any:
        t = tracer.tensor(args[0], node)
        axis = args[1] if len(args) > 1 else keywords.get("dim", keywords.get("axis"))
        keep = bool(keywords.get("keepdim", keywords.get("keepdims", False)))
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
        made = tracer.net.gate(gate, t.node, layer=at, axis=tuple(gone), keepdims=keep)
        if keep:
            return Tensor(made, t.order)
        kept = [p for p in t.order if p not in gone]
        order = tuple(p - sum(g < p for g in gone) for p in kept)
        both = (
            gate == "maximum_over"
            and type(axis) is int
            and tracer.run.library != "keras"
        )
        return (Tensor(made, order), Data()) if both else Tensor(made, order)

    return apply


def _fill(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    filling = args[2] if len(args) > 2 else keywords.get("value")
    return masked(tracer, args[0], args[1], filling, node)


def _zeros(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return Data(zero=True)


def _noise(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """Take noise as its mean, 0, and say so."""
    note = "warning: random numbers inside the model are taken as 0, their mean"
    tracer.net.notes += [note] * (note not in tracer.net.notes)
    return 0.0


def _pad(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """F.pad(x, (left, right, top, bottom)): zeros, the last axis first."""
    given = args[1] if len(args) > 1 else keywords.get("pad", ())
    mode = args[2] if len(args) > 2 else keywords.get("mode", "constant")
    if mode != "constant" or not all(type(one) is int for one in given):
        raise tracer.run.fail("padding is here with zeros and plain numbers", node)
    t = tracer.tensor(args[0], node)
    rank = len(t.order)
    widths: list[Any] = [(0, 0)] * rank
    for i in range(len(given) // 2):
        widths[t.order[rank - 1 - i]] = (given[2 * i], given[2 * i + 1])
    if not any(map(any, widths)):
        return t
    at = tracer.at(node, "pad")
    return Tensor(
        tracer.net.gate("pad", t.node, layer=at, widths=tuple(widths)), t.order
    )


def _arange(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return Data(count=True)


def _clamp(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    x = args[0]
    low = args[1] if len(args) > 1 else keywords.get("min")
    high = args[2] if len(args) > 2 else keywords.get("max")
    if low is not None:
        x = pointwise(tracer, "max", x, low, node)
    return x if high is None else pointwise(tracer, "min", x, high, node)


def _square(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    return pointwise(tracer, "pow", args[0], 2.0, node)


def _max(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    if len(args) > 1 and _is_tensorlike(args[1]):
        return pointwise(tracer, "max", args[0], args[1], node)
    return _reduced("maximum_over")(tracer, args, keywords, node)


def _attention(
    tracer: Tracer, args: list[Any], keywords: dict[str, Any], node: ast.AST
) -> Any:
    """F.scaled_dot_product_attention(q, k, v), heads before steps."""
    import math

    from gradtutor.language.program.values import Filled

    q, k, v = args[:3]
    sizes = tracer.sizes(q)
    fit = product(tracer, q, _transpose(tracer, [k], {}, node), node)
    fit = pointwise(tracer, "div", fit, math.sqrt(sizes[-1]), node)
    if keywords.get("is_causal") is True:
        triangle = Filled((sizes[-2], sizes[-2]), -1.0, lower=True)
        fit = masked(tracer, fit, triangle, -math.inf, node)
    share = tracer.function("softmax", [fit], {"dim": -1}, node)
    return product(tracer, share, v, node)


FUNCTIONS: dict[str, Function] = {
    **dict.fromkeys(("view", "reshape", "Reshape"), _view),
    "flatten": _flatten,
    "permute": _permute,
    **dict.fromkeys(("transpose", "t", "swapaxes"), _transpose),
    "squeeze": _squeeze,
    **dict.fromkeys(("unsqueeze", "expand_dims"), _unsqueeze),
    **dict.fromkeys(("size", "shape"), _size),
    **dict.fromkeys(("dim", "ndimension"), _rank),
    **dict.fromkeys(("cat", "concat", "concatenate"), _cat),
    "stack": _stack,
    "split": _split,
    "chunk": _chunk,
    **dict.fromkeys(("matmul", "mm", "bmm", "dot"), _matmul),
    "linear": _linear,
    **dict.fromkeys(("mean", "reduce_mean"), _reduced("mean")),
    **dict.fromkeys(("sum", "reduce_sum"), _reduced("sum")),
    **dict.fromkeys(("max", "amax", "reduce_max"), _max),
    "masked_fill": _fill,
    **dict.fromkeys(("zeros", "zeros_like"), _zeros),
    "arange": _arange,
    **dict.fromkeys(("randn_like", "rand_like", "normal", "randn"), _noise),
    "pad": _pad,
    **dict.fromkeys(("clamp", "clip", "clip_by_value"), _clamp),
    "square": _square,
    "scaled_dot_product_attention": _attention,
}
