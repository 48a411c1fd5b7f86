"""ONNX's operators on images: convolution, pooling; normalisation."""

from __future__ import annotations

from typing import Any

from gradtutor.exports.onnx.operators.call import Call, Read
from gradtutor.exports.onnx.reader import OnnxError, Reader, Value
from gradtutor.gates import Shape
from gradtutor.messages import tr


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


IMAGES: dict[str, Read] = {
    "Conv": _conv,
    "MaxPool": _pool("max_pool"),
    "AveragePool": _pool("avg_pool"),
    "GlobalMaxPool": _global_pool("maximum_over"),
    "GlobalAveragePool": _global_pool("mean"),
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
}
