"""ONNX operators told to our gates: attributes and layouts, one function each.

ONNX's images are (N, C, H, W), ours (C, H, W, N).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

import numpy as np

from gradtutor.calculus.tape import GraphTape
from gradtutor.evaluate import node_values
from gradtutor.gates import GATES
from gradtutor.graph import add_input, check_graph, new_graph


@dataclass
class Bench:
    """A graph under construction and the values of its inputs."""

    attrs: dict
    inputs: list
    expected: np.ndarray
    tape: GraphTape = field(default_factory=lambda: GraphTape(new_graph()))
    given: dict = field(default_factory=dict)

    def feed(self, array):
        name = f"x{len(self.given)}"
        self.given[name] = np.asarray(array, float)
        return add_input(self.tape.graph, name, self.given[name].shape)

    def gate(self, name, *args, **attrs):
        usual = getattr(GATES[name], "keywords", {})
        return self.tape.gate(name, *args, **{**usual, **attrs})

    def number(self, value):
        return self.tape.number(float(value))

    def value(self, node):
        self.tape.graph.graph["output"] = node
        check_graph(self.tape.graph)
        return node_values(self.tape.graph, self.given, [node])[node]


def images(x):
    """(N, C, H, W) to (C, H, W, N)."""
    return np.moveaxis(x, 0, -1)


def batches(x):
    """(C, H, W, N) to (N, C, H, W)."""
    return np.moveaxis(x, -1, 0)


# ---- pointwise ----


def pointwise(name):
    return lambda bench: bench.value(bench.gate(name, *map(bench.feed, bench.inputs)))


def leaky_relu(bench):
    slope = bench.number(bench.attrs.get("alpha", 0.01))
    return bench.value(bench.gate("leaky_relu", bench.feed(bench.inputs[0]), slope))


# ---- convolution and pooling ----


def spatial(bench, kernel, sizes):
    """Return stride, padding and dilation, auto_pad worked out in numbers."""
    rank, attrs = len(kernel), bench.attrs
    stride = tuple(attrs.get("strides", (1,) * rank))
    dilation = tuple(attrs.get("dilations", (1,) * rank))
    pads = attrs.get("pads", (0,) * 2 * rank)
    pairs = tuple(zip(pads[:rank], pads[rank:], strict=True))
    side = attrs.get("auto_pad", b"NOTSET")
    if side.startswith(b"SAME"):
        pairs = ()
        for (n, outputs), k, s, d in zip(sizes, kernel, stride, dilation, strict=True):
            total = max((outputs - 1) * s + d * (k - 1) + 1 - n, 0)
            pair = (total // 2, total - total // 2)
            pairs += (pair if side == b"SAME_UPPER" else pair[::-1],)
    return {"stride": stride, "padding": pairs, "dilation": dilation}


def conv(bench):
    x, w, *_ = bench.inputs
    sizes = list(zip(x.shape[2:], bench.expected.shape[2:], strict=True))
    attrs = spatial(bench, w.shape[2:], sizes)
    groups = bench.attrs.get("group", 1)
    args = bench.feed(images(x)), bench.feed(w)
    return batches(bench.value(bench.gate("conv", *args, groups=groups, **attrs)))


def conv_transpose(bench):
    """ONNX's weights are (C in, C out / groups, k): a convolution's, backwards."""
    x, w = bench.inputs
    out = bench.expected.shape
    attrs = spatial(bench, w.shape[2:], list(zip(out[2:], x.shape[2:], strict=True)))
    groups = bench.attrs.get("group", 1)
    args = bench.feed(images(x)), bench.feed(w), bench.feed(images(np.zeros(out)))
    node = bench.gate("conv_transpose", *args, groups=groups, **attrs)
    return batches(bench.value(node))


def pool(name):
    def run(bench):
        (x,), kernel = bench.inputs, tuple(bench.attrs["kernel_shape"])
        sizes = list(zip(x.shape[2:], bench.expected.shape[2:], strict=True))
        attrs = spatial(bench, kernel, sizes)
        node = bench.gate(name, bench.feed(images(x)), kernel=kernel, **attrs)
        if name == "avg_pool" and not bench.attrs.get("count_include_pad", 0):
            ones = bench.feed(images(np.ones_like(x)))
            share = bench.gate(name, ones, kernel=kernel, **attrs)
            node = bench.gate("div", node, share)
        return batches(bench.value(node))

    return run


def global_pool(name):
    def run(bench):
        x = bench.feed(images(bench.inputs[0]))
        return batches(bench.value(bench.gate(name, x, axis=(1, 2), keepdims=True)))

    return run


def col2im(bench):
    """ONNX's columns are (N, C · kernel, places), its pads those of the image."""
    x, sizes, kernel = bench.inputs[0], *(tuple(map(int, i)) for i in bench.inputs[1:])
    attrs = spatial(bench, kernel, ())
    pairs = attrs.pop("padding")
    full = [n + b + a for n, (b, a) in zip(sizes, pairs, strict=True)]
    counts = [
        (n - d * (k - 1) - 1) // s + 1
        for n, k, s, d in zip(
            full, kernel, attrs["stride"], attrs["dilation"], strict=True
        )
    ]
    channels = x.shape[1] // prod(kernel)
    cut = bench.feed(images(x.reshape(-1, channels, *kernel, *counts)))
    like = bench.feed(np.zeros((channels, *full, len(x))))
    node = bench.gate("fold", cut, like, kernel=kernel, **attrs)
    cuts = ((0, None, 1), *((b, b + n) for n, (b, _) in zip(sizes, pairs, strict=True)))
    return batches(bench.value(bench.gate("slice", node, cuts=cuts)))


# ---- products ----


def gemm(bench):
    a, b, *c = map(bench.feed, bench.inputs)
    a, b = (
        bench.gate("transpose", one) if bench.attrs.get(f"trans{side}") else one
        for one, side in ((a, "A"), (b, "B"))
    )
    node = bench.gate("matmul", a, b)
    node = bench.gate("mul", bench.number(bench.attrs.get("alpha", 1)), node)
    if c:
        beta = bench.number(bench.attrs.get("beta", 1))
        node = bench.gate("add", node, bench.gate("mul", beta, c[0]))
    return bench.value(node)


def matmul(bench):
    a, b = map(bench.feed, bench.inputs)
    rank = bench.inputs[0].ndim
    if rank < 3:
        return bench.value(bench.gate("matmul", a, b))
    batch = "pq"[: rank - 2]
    subscripts = f"{batch}ij,{batch}jk->{batch}ik"
    return bench.value(bench.gate("einsum", a, b, subscripts=subscripts))


def einsum(bench):
    equation = bench.attrs["equation"].decode()
    text = equation if "->" in equation else f"{equation}->"
    args = map(bench.feed, bench.inputs)
    return bench.value(bench.gate("einsum", *args, subscripts=text))


# ---- normalisation ----


def scaled(bench, node, scale, shift, shape):
    """Append node · scale + shift, both reshaped to fit."""
    scale, shift = (
        bench.gate("reshape", bench.feed(one), shape=shape) for one in (scale, shift)
    )
    return bench.gate("add", bench.gate("mul", node, scale), shift)


def batch_norm(bench):
    x, scale, shift, *moments = bench.inputs
    node, shape = bench.feed(images(x)), (-1, *[1] * (x.ndim - 1))
    eps = bench.attrs.get("epsilon", 1e-5)
    if bench.attrs.get("training_mode"):
        axes = tuple(range(1, x.ndim))
        node = bench.gate("standardize", node, axis=axes, eps=eps)
    else:
        mean, variance = (
            bench.gate("reshape", bench.feed(one), shape=shape) for one in moments
        )
        spread = bench.gate("sqrt", bench.gate("add", variance, bench.number(eps)))
        node = bench.gate("div", bench.gate("sub", node, mean), spread)
    return batches(bench.value(scaled(bench, node, scale, shift, shape)))


def instance_norm(bench):
    x, scale, shift = bench.inputs
    axes, shape = tuple(range(1, x.ndim - 1)), (-1, *[1] * (x.ndim - 1))
    eps = bench.attrs.get("epsilon", 1e-5)
    node = bench.gate("standardize", bench.feed(images(x)), axis=axes, eps=eps)
    return batches(bench.value(scaled(bench, node, scale, shift, shape)))


def layer_norm(bench):
    x, scale, shift = bench.inputs
    axes = tuple(range(bench.attrs.get("axis", -1) % x.ndim, x.ndim))
    eps = bench.attrs.get("epsilon", 1e-5)
    node = bench.gate("standardize", bench.feed(x), axis=axes, eps=eps)
    return bench.value(scaled(bench, node, scale, shift, scale.shape))


# ---- classification and losses ----


def softmax(bench):
    axis = bench.attrs.get("axis", -1)
    return bench.value(bench.gate("softmax", bench.feed(bench.inputs[0]), axis=axis))


def log_softmax(bench):
    x, axis = bench.feed(bench.inputs[0]), bench.attrs.get("axis", -1)
    total = bench.gate("logsumexp", x, axis=axis, keepdims=True)
    return bench.value(bench.gate("sub", x, total))


def log_sum_exp(bench):
    x, axes = bench.inputs
    axis, keep = tuple(map(int, axes)) or None, bool(bench.attrs.get("keepdims", 1))
    node = bench.gate("logsumexp", bench.feed(x), axis=axis, keepdims=keep)
    return bench.value(node)


def row_loss(name):
    """Put the classes last, all else in rows; NLL is given log-probabilities."""

    def run(bench):
        scores, labels = bench.inputs
        rows = np.moveaxis(scores, 1, -1).reshape(-1, scores.shape[1])
        x, y = bench.feed(rows), bench.feed(labels.ravel())
        x = bench.gate("exp", x) if name == "nll_loss" else x
        node = bench.gate(name, x, y)
        if bench.attrs["reduction"] == b"sum":
            node = bench.gate("mul", node, bench.number(len(rows)))
        return bench.value(node)

    return run


# ---- moving numbers ----


def reshape(bench):
    """ONNX's 0 keeps a size; Flatten makes two axes of many."""
    x = bench.inputs[0]
    if len(bench.inputs) > 1:
        new = [
            x.shape[i] if size == 0 else int(size)
            for i, size in enumerate(bench.inputs[1])
        ]
    else:
        axis = bench.attrs.get("axis", 1) % x.ndim
        new = [prod(x.shape[:axis]), -1]
    return bench.value(bench.gate("reshape", bench.feed(x), shape=tuple(new)))


def transpose(bench):
    axes = tuple(bench.attrs["perm"]) if "perm" in bench.attrs else None
    return bench.value(bench.gate("transpose", bench.feed(bench.inputs[0]), axes=axes))


def concat(bench):
    args = map(bench.feed, bench.inputs)
    return bench.value(bench.gate("concat", *args, axis=bench.attrs["axis"]))


def gather(bench):
    """Our gather takes rows: another axis is turned to the front and back."""
    table, index = bench.inputs
    axis = bench.attrs["axis"]
    front = (axis, *[i for i in range(table.ndim) if i != axis])
    turned = bench.gate("transpose", bench.feed(table), axes=front)
    rows = bench.gate("gather", turned, bench.feed(index))
    back = tuple(range(index.ndim, index.ndim + axis))
    order = (
        *back,
        *range(index.ndim),
        *range(index.ndim + axis, rows_rank(index, table)),
    )
    return bench.value(bench.gate("transpose", rows, axes=order))


def rows_rank(index, table):
    return index.ndim + table.ndim - 1


def by_axis(bench, position, rank):
    """Return the axes that an optional input names, by default the first ones."""
    count = len(bench.inputs[1]) // (2 if position == 3 else 1)
    given = bench.inputs[position] if len(bench.inputs) > position else range(count)
    return [int(axis) % rank for axis in given]


def pad(bench):
    x, pads, value = bench.inputs[:3]
    axes = by_axis(bench, 3, x.ndim)
    widths = [(0, 0)] * x.ndim
    for i, axis in enumerate(axes):
        widths[axis] = (int(pads[i]), int(pads[i + len(axes)]))
    full = {"widths": tuple(widths), "value": float(value)}
    return bench.value(bench.gate("pad", bench.feed(x), **full))


def slices(bench):
    """Count starts and ends that are negative or too large as Python does."""
    x, starts, ends = bench.inputs[:3]
    axes = by_axis(bench, 3, x.ndim) if len(bench.inputs) > 3 else range(len(starts))
    steps = bench.inputs[4] if len(bench.inputs) > 4 else [1] * len(starts)
    cuts = [(0, None, 1)] * x.ndim
    for axis, *cut in zip(axes, starts, ends, steps, strict=True):
        cuts[axis] = slice(*map(int, cut)).indices(x.shape[axis])
    return bench.value(bench.gate("slice", bench.feed(x), cuts=tuple(cuts)))


READERS = {
    **{
        operator: pointwise(operator.lower())
        for operator in (
            "Abs", "Exp", "Log", "Sqrt", "Erf", "Sign", "Relu", "Sigmoid", "Tanh",
            "Softplus", "Gelu", "Swish", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan",
            "Sinh", "Cosh", "Neg",
        )
    },
    "PRelu": pointwise("leaky_relu"),
    "LeakyRelu": leaky_relu,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "MaxPool": pool("max_pool"),
    "AveragePool": pool("avg_pool"),
    "GlobalMaxPool": global_pool("maximum_over"),
    "GlobalAveragePool": global_pool("mean"),
    "Col2Im": col2im,
    "Gemm": gemm,
    "MatMul": matmul,
    "Einsum": einsum,
    "BatchNormalization": batch_norm,
    "InstanceNormalization": instance_norm,
    "LayerNormalization": layer_norm,
    "Softmax": softmax,
    "LogSoftmax": log_softmax,
    "ReduceLogSumExp": log_sum_exp,
    "SoftmaxCrossEntropyLoss": row_loss("cross_entropy"),
    "NegativeLogLikelihoodLoss": row_loss("nll_loss"),
    "Reshape": reshape,
    "Flatten": reshape,
    "Transpose": transpose,
    "Concat": concat,
    "Gather": gather,
    "Pad": pad,
    "Slice": slices,
    "OneHot": None,  # none applies: see NOT_OURS
}  # fmt: skip
