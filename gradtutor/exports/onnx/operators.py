"""ONNX's operators as our gates, a function each; arguments are the model's names."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradtutor.exports.onnx.reader import OnnxError, Reader, Value
from gradtutor.gates import Shape, normal_axes
from gradtutor.messages import tr


@dataclass(frozen=True)
class Call:
    """An operator in a model: its name, arguments and settings."""

    kind: str
    args: tuple[str, ...]
    settings: dict[str, Any]

    def get(self, key: str, usual: Any = None) -> Any:
        """Return a setting, bytes as text, lists as tuples."""
        value = self.settings.get(key, usual)
        if isinstance(value, bytes):
            return value.decode()
        return tuple(value) if isinstance(value, list) else value

    def arg(self, place: int) -> str:
        """Return an argument's name; nothing where it is left out."""
        return self.args[place] if place < len(self.args) else ""


Read = Callable[[Reader, Call], Value]

# ---- pointwise ----


def _pointwise(gate: str) -> Read:
    def read(to: Reader, call: Call) -> Value:
        one = to.values.get(call.args[0])
        if len(call.args) == 1 and one is not None:
            return Value(to.gate(gate, one.node), one.last)
        return Value(to.gate(gate, *map(to.node, call.args)))

    return read


def _several(gate: str) -> Read:
    def read(to: Reader, call: Call) -> Value:
        found, *rest = map(to.node, call.args)
        for other in rest:
            found = to.gate(gate, found, other)
        return Value(found)

    return read


def _mean_of(to: Reader, call: Call) -> Value:
    total = _several("add")(to, call).node
    return Value(to.gate("div", total, to.number(len(call.args))))


def _leaky_relu(to: Reader, call: Call) -> Value:
    slope = to.number(call.get("alpha", 0.01))
    one = to.values.get(call.args[0])
    if one is not None:
        return Value(to.gate("leaky_relu", one.node, slope), one.last)
    return Value(to.gate("leaky_relu", to.node(call.args[0]), slope))


def _elu(to: Reader, call: Call) -> Value:
    """Append x where it is positive, else α (exp(x) - 1)."""
    x = to.node(call.args[0])
    below = to.gate("expm1", to.gate("min", x, to.number(0.0)))
    below = to.gate("mul", to.number(call.get("alpha", 1.0)), below)
    return Value(to.gate("where", to.gate("greater", x, to.number(0.0)), x, below))


def _clip(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    for place, gate in ((1, "max"), (2, "min")):
        bound = call.get(("min", "max")[place - 1])
        if call.arg(place):
            bound = float(to.known(call.args[place], "Clip"))
        if bound is not None and math.isfinite(bound):
            x = to.gate(gate, x, to.number(bound))
    return Value(x)


def _gelu(to: Reader, call: Call) -> Value:
    if call.get("approximate", "none") != "none":
        raise OnnxError(tr("Gelu by tanh is not here: export it exactly"))
    return _pointwise("gelu")(to, call)


def _hard_sigmoid(to: Reader, call: Call) -> Value:
    x = to.gate("mul", to.node(call.args[0]), to.number(call.get("alpha", 0.2)))
    x = to.gate("add", x, to.number(call.get("beta", 0.5)))
    x = to.gate("max", x, to.number(0.0))
    return Value(to.gate("min", x, to.number(1.0)))


def _not(to: Reader, call: Call) -> Value:
    return Value(to.gate("equal", to.node(call.args[0]), to.number(0.0)))


def _reciprocal(to: Reader, call: Call) -> Value:
    return Value(to.gate("div", to.number(1.0), to.node(call.args[0])))


#: Types of ONNX by number: what holds real numbers, whole ones, truth.
REAL, WHOLE, TRUTH = (1, 10, 11, 16), (6, 7), (9,)


def _cast(to: Reader, call: Call) -> Value:
    """Read a cast: numbers are real here; tokens are whole already."""
    kind = call.get("to")
    value = _same(to, call)
    gate = to.tape.graph.nodes[value.node]["gate"]
    if kind in REAL or (kind in WHOLE and gate == "input"):
        return value
    if kind in TRUTH:
        return Value(to.gate("not_equal", value.node, to.number(0.0)), value.last)
    raise OnnxError(tr("Cast to type {kind} is not here: numbers are real", kind=kind))


def _same(to: Reader, call: Call) -> Value:
    to.node(call.args[0])
    return to.values[call.args[0]]


# ---- convolution and pooling ----


def _spatial(call: Call, kernel: Shape, sizes: Shape) -> dict[str, Any]:
    """Return stride, padding and dilation, auto_pad worked out in numbers."""
    rank = len(kernel)
    stride = call.get("strides") or (1,) * rank
    dilation = call.get("dilations") or (1,) * rank
    pads = call.get("pads") or (0,) * 2 * rank
    pairs = tuple(zip(pads[:rank], pads[rank:], strict=True))
    side = call.get("auto_pad", "NOTSET")
    if side.startswith("SAME"):
        pairs = ()
        for size, k, s, d in zip(sizes, kernel, stride, dilation, strict=True):
            outputs = -(-int(size) // s)
            total = max((outputs - 1) * s + d * (int(k) - 1) + 1 - int(size), 0)
            pair = (total // 2, total - total // 2)
            pairs += (pair if side == "SAME_UPPER" else pair[::-1],)
    found = {"stride": stride, "padding": pairs, "dilation": dilation}
    usual = {
        "stride": (1,) * rank,
        "padding": ((0, 0),) * rank,
        "dilation": (1,) * rank,
    }
    return {key: one for key, one in found.items() if one != usual[key]}


def _conv(to: Reader, call: Call) -> Value:
    x, w = to.last(call.args[0]), to.node(call.args[1])
    kernel = to.shape(w)[2:]
    attrs = _spatial(call, kernel, to.shape(x)[1:-1])
    made = to.gate("conv", x, w, groups=call.get("group", 1), **attrs)
    if call.arg(2):
        made = to.gate("add", made, _channels(to, call.args[2], len(to.shape(made))))
    return Value(made, last=True)


def _channels(to: Reader, name: str, rank: int) -> str:
    """Return numbers of channels beside images with the batch last."""
    return to.gate("reshape", to.node(name), shape=(-1, *[1] * (rank - 1)))


def _pool(gate: str) -> Read:
    def read(to: Reader, call: Call) -> Value:
        if call.get("ceil_mode", 0):
            raise OnnxError(tr("{kind}: ceil_mode is not here", kind=call.kind))
        x, kernel = to.last(call.args[0]), call.get("kernel_shape")
        attrs = {"stride": 1, **_spatial(call, kernel, to.shape(x)[1:-1])}
        padded = "padding" in attrs
        if gate == "avg_pool" and padded and not call.get("count_include_pad", 0):
            raise OnnxError(tr("AveragePool that leaves its padding out is not here"))
        return Value(to.gate(gate, x, kernel=kernel, **attrs), last=True)

    return read


def _global_pool(gate: str) -> Read:
    def read(to: Reader, call: Call) -> Value:
        x = to.last(call.args[0])
        axes = tuple(range(1, len(to.shape(x)) - 1))
        return Value(to.gate(gate, x, axis=axes, keepdims=True), last=True)

    return read


def _batch_norm(to: Reader, call: Call) -> Value:
    if call.get("training_mode", 0):
        raise OnnxError(tr("BatchNormalization in training mode is not here"))
    x = to.last(call.args[0])
    rank = len(to.shape(x))
    scale, shift, mean, variance = (_channels(to, one, rank) for one in call.args[1:5])
    eps = to.number(call.get("epsilon", 1e-5))
    spread = to.gate("sqrt", to.gate("add", variance, eps))
    made = to.gate("div", to.gate("sub", x, mean), spread)
    made = to.gate("add", to.gate("mul", made, scale), shift)
    return Value(made, last=True)


def _layer_norm(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    rank = len(to.shape(x))
    axes = tuple(range(call.get("axis", -1) % rank, rank))
    made = to.gate("standardize", x, axis=axes, eps=call.get("epsilon", 1e-5))
    made = to.gate("mul", made, to.node(call.args[1]))
    if call.arg(2):
        made = to.gate("add", made, to.node(call.args[2]))
    return Value(made)


# ---- products ----


def _gemm(to: Reader, call: Call) -> Value:
    a, b = map(to.node, call.args[:2])
    a = to.gate("transpose", a, axes=None) if call.get("transA", 0) else a
    b = to.gate("transpose", b, axes=None) if call.get("transB", 0) else b
    made = to.gate("matmul", a, b)
    if call.get("alpha", 1.0) != 1.0:
        made = to.gate("mul", to.number(call.get("alpha")), made)
    if call.arg(2):
        c = to.node(call.args[2])
        if call.get("beta", 1.0) != 1.0:
            c = to.gate("mul", to.number(call.get("beta")), c)
        made = to.gate("add", made, c)
    return Value(made)


def _matmul(to: Reader, call: Call) -> Value:
    a, b = map(to.node, call.args)
    ranks = len(to.shape(a)), len(to.shape(b))
    if max(ranks) <= 2:
        return Value(to.gate("matmul", a, b))
    if min(ranks) < 2:
        raise OnnxError(tr("MatMul of a vector and a stack of matrices is not here"))
    batch = "abcdefgh"[: max(ranks) - 2]
    left, right = (batch[len(batch) - (rank - 2) :] for rank in ranks)
    letters = f"{left}xk,{right}ky->{batch}xy"
    return Value(to.gate("einsum", a, b, subscripts=letters))


def _einsum(to: Reader, call: Call) -> Value:
    equation = call.get("equation").replace(" ", "")
    if "->" not in equation or "." in equation:
        raise OnnxError(
            tr("Einsum without its result, or with an ellipsis, is not here")
        )
    args = map(to.node, call.args)
    return Value(to.gate("einsum", *args, subscripts=equation))


# ---- reductions ----


def _reduced(gate: str) -> Read:
    def read(to: Reader, call: Call) -> Value:
        x = to.node(call.args[0])
        axes = call.get("axes")
        if call.arg(1):
            axes = tuple(map(int, to.known(call.args[1], call.kind)))
        keep = bool(call.get("keepdims", 1))
        if not axes and call.get("noop_with_empty_axes", 0):
            return Value(x)
        return Value(to.gate(gate, x, axis=axes or None, keepdims=keep))

    return read


def _cumsum(to: Reader, call: Call) -> Value:
    if call.get("exclusive", 0) or call.get("reverse", 0):
        raise OnnxError(tr("CumSum that is exclusive or reverse is not here"))
    axis = int(to.known(call.args[1], "CumSum"))
    return Value(to.gate("cumsum", to.node(call.args[0]), axis=axis))


def _softmax(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    return Value(to.gate("softmax", x, axis=call.get("axis", -1)))


def _log_softmax(to: Reader, call: Call) -> Value:
    x, axis = to.node(call.args[0]), call.get("axis", -1)
    total = to.gate("logsumexp", x, axis=axis, keepdims=True)
    return Value(to.gate("sub", x, total))


# ---- moves ----


def _reshape(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    given = [int(one) for one in to.known(call.args[1], "Reshape")]
    shape = to.shape(x)
    sizes = [shape[i] if one == 0 else one for i, one in enumerate(given)]
    if all(isinstance(one, int) for one in sizes):
        sizes = list(_one_unknown(shape, tuple(map(int, sizes))))
    return Value(_as(to, x, sizes))


def _as(to: Reader, x: str, sizes: list[Any]) -> str:
    """Append a reshape; N is written as -1, once."""
    new = tuple(-1 if isinstance(one, str) else int(one) for one in sizes)
    if new.count(-1) > 1:
        raise OnnxError(tr("Reshape to {new}: two sizes are not known", new=new))
    return to.gate("reshape", x, shape=new)


def _one_unknown(shape: Shape, new: tuple[int, ...]) -> tuple[int, ...]:
    """Write the examples' axis as -1 where the model was made for one example.

    Such a model has 1 in its place, and perhaps -1 for another axis.
    """
    if new[:1] == (1,) and "N" in shape and -1 in new[1:]:
        whole = math.prod(int(one) for one in shape if one != "N")
        rest = math.prod(one for one in new if one != -1)
        if whole == rest:  # what is not known is how many examples there are
            return new
        return (-1, *(whole // rest if one == -1 else one for one in new[1:]))
    return new


def _flatten(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    sizes = to.shape(x)
    axis = call.get("axis", 1)
    axis = axis + len(sizes) if axis < 0 else axis
    if axis < 1 and "N" in sizes:
        raise OnnxError(tr("Flatten of the examples is not here"))
    return Value(_as(to, x, [-1, math.prod(int(one) for one in sizes[axis:])]))


def _transpose(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    axes = call.get("perm") or tuple(range(len(to.shape(x))))[::-1]
    return Value(to.turned(x, axes))


def _concat(to: Reader, call: Call) -> Value:
    found, *rest = map(to.node, call.args)
    axis = normal_axes(call.get("axis"), len(to.shape(found)))[0]
    for other in rest:
        found = to.gate("concat", found, other, axis=axis)
    return Value(found)


def _gather(to: Reader, call: Call) -> Value:
    table, axis = to.node(call.args[0]), call.get("axis", 0)
    if call.args[1] in to.arrays and np.ndim(to.arrays[call.args[1]]) == 0:
        place = ((None, None, None),) * axis + (int(to.arrays[call.args[1]]),)
        return Value(to.gate("index", table, at=place))
    if axis:
        raise OnnxError(tr("Gather along another axis than the first is not here"))
    return Value(to.gate("gather", table, to.node(call.args[1])))


def _slice(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    rank, rest = len(to.shape(x)), [to.known(one, "Slice") for one in call.args[1:]]
    starts, ends = rest[0], rest[1]
    axes = rest[2] if len(rest) > 2 else range(len(starts))
    steps = rest[3] if len(rest) > 3 else [1] * len(starts)
    cuts: list[tuple[int, int | None, int]] = [(0, None, 1)] * rank
    for axis, *cut in zip(axes, starts, ends, steps, strict=True):
        size = to.shape(x)[int(axis) % rank]
        if not isinstance(size, int):
            raise OnnxError(tr("Slice along the examples is not here"))
        if int(cut[2]) < 0:
            raise OnnxError(tr("Slice backwards is not here"))
        cuts[int(axis) % rank] = slice(*map(int, cut)).indices(size)
    return Value(to.gate("slice", x, cuts=tuple(cuts)))


def _pad(to: Reader, call: Call) -> Value:
    if call.get("mode", "constant") != "constant":
        raise OnnxError(tr("Pad by {mode} is not here", mode=call.get("mode")))
    x = to.node(call.args[0])
    pads = to.known(call.args[1], "Pad") if call.arg(1) else call.get("pads")
    value = float(to.known(call.args[2], "Pad")) if call.arg(2) else 0.0
    rank = len(to.shape(x))
    axes = to.known(call.args[3], "Pad") if call.arg(3) else range(rank)
    widths = [(0, 0)] * rank
    for i, axis in enumerate(axes):
        widths[int(axis) % rank] = (int(pads[i]), int(pads[len(axes) + i]))
    return Value(to.gate("pad", x, widths=tuple(widths), value=value))


def _expand(to: Reader, call: Call) -> Value:
    """Read what gives a tensor another one's shape."""
    x, name = to.node(call.args[0]), call.args[1]
    if name not in to.shapes:
        raise OnnxError(tr("Expand to a shape that is no tensor's is not here"))
    like = to.node(to.shapes[name])
    missing = len(to.shape(like)) - len(to.shape(x))
    x = _as(to, x, [1] * missing + list(to.shape(x))) if missing else x
    return Value(to.gate("broadcast", x, like, axis=()))


def _squeeze(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    shape = to.shape(x)
    given = to.known(call.args[1], "Squeeze") if call.arg(1) else call.get("axes")
    ones = [i for i, one in enumerate(shape) if one == 1]
    axes = ones if given is None else [int(one) % len(shape) for one in given]
    return Value(_as(to, x, [s for i, s in enumerate(shape) if i not in axes]))


def _unsqueeze(to: Reader, call: Call) -> Value:
    x = to.node(call.args[0])
    given = to.known(call.args[1], "Unsqueeze") if call.arg(1) else call.get("axes")
    sizes = list(to.shape(x))
    rank = len(sizes) + len(given)
    for axis in sorted(int(one) % rank for one in given):
        sizes.insert(axis, 1)
    return Value(_as(to, x, sizes))


#: Operators of one argument that are a gate.
PLAIN = (
    *(
        "Abs",
        "Exp",
        "Log",
        "Sqrt",
        "Erf",
        "Sign",
        "Relu",
        "Sigmoid",
        "Tanh",
        "Softplus",
    ),
    *("Swish", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Neg"),
    *("Add", "Sub", "Mul", "Div", "Pow", "Floor", "Round"),
)
READERS: dict[str, Read] = {
    **{operator: _pointwise(operator.lower()) for operator in PLAIN},
    "PRelu": _pointwise("leaky_relu"),
    "Greater": _pointwise("greater"),
    "GreaterOrEqual": _pointwise("greater_equal"),
    "Less": _pointwise("less"),
    "LessOrEqual": _pointwise("less_equal"),
    "Equal": _pointwise("equal"),
    "Where": _pointwise("where"),
    "Not": _not,
    "Max": _several("max"),
    "Min": _several("min"),
    "Sum": _several("add"),
    "Mean": _mean_of,
    "Gelu": _gelu,
    "LeakyRelu": _leaky_relu,
    "Elu": _elu,
    "Clip": _clip,
    "HardSigmoid": _hard_sigmoid,
    "Reciprocal": _reciprocal,
    **dict.fromkeys(("Identity", "Dropout"), _same),
    "Cast": _cast,
    "Conv": _conv,
    "MaxPool": _pool("max_pool"),
    "AveragePool": _pool("avg_pool"),
    "GlobalMaxPool": _global_pool("maximum_over"),
    "GlobalAveragePool": _global_pool("mean"),
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Einsum": _einsum,
    "ReduceSum": _reduced("sum"),
    "ReduceMean": _reduced("mean"),
    "ReduceMax": _reduced("amax"),
    "ReduceMin": _reduced("amin"),
    "ReduceLogSumExp": _reduced("logsumexp"),
    "CumSum": _cumsum,
    "Softmax": _softmax,
    "LogSoftmax": _log_softmax,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Transpose": _transpose,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Pad": _pad,
    "Expand": _expand,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
}
