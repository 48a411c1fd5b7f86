"""The networks of the step benchmarks as plain data.

Each peer builds a network from the same layers, with the weights and batches of
`drawing`, and times single training steps with `timing`.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Layer = tuple[Any, ...]

#: Cells of sequences, and how many gates each has.
CELLS = {"lstm": 4, "gru": 3}
LEARNING_RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Network:
    """A network, its batch and its loss.

    Attributes
    ----------
    batch : int
        Examples in a step.
    input_shape : tuple of int
        One example, channels first.
    layers : tuple of tuple
        ("linear", in, out), ("conv1d" or "conv2d", in, out, kernel, padding),
        ("plain_conv2d", in, out, kernel, padding, stride) without a bias,
        ("batchnorm2d", channels), ("relu",), ("maxpool2d", size), ("flatten",),
        ("globalavgpool2d",) or ("residual", layer, ...); ("lstm" or "gru", in, out),
        whose result is the last state of a sequence (steps, features).
    loss : str
        "cross_entropy" (from logits, 10 classes) or "mse".
    """

    batch: int
    input_shape: tuple[int, ...]
    layers: tuple[Layer, ...]
    loss: str = "cross_entropy"

    @property
    def recurrent(self) -> bool:
        """Whether examples are sequences, rather than channels of places."""
        return self.layers[0][0] in CELLS

    @property
    def text(self) -> str:
        """The same network in gradtutor's language."""
        calls = [f"Input({', '.join(map(str, self.input_shape))})"]
        calls += [call(layer) for layer in self.layers]
        loss = {"cross_entropy": "CrossEntropyLoss()", "mse": "MSELoss()"}[self.loss]
        optimizer = f"Adam(lr={LEARNING_RATE})"
        return f"Sequential([{', '.join(calls)}])\n{loss = !s}\n{optimizer = !s}\n"


SPELLINGS = {
    "linear": "Linear",
    "conv1d": "Conv1d",
    "conv2d": "Conv2d",
    "batchnorm2d": "BatchNorm2d",
    "relu": "ReLU",
    "maxpool2d": "MaxPool2d",
    "flatten": "Flatten",
}


def call(layer: Layer) -> str:
    """Spell a layer as PyTorch does.

    >>> call(("conv1d", 1, 16, 9, "same"))
    'Conv1d(1, 16, 9, padding="same")'
    """
    match layer:
        case ("residual", *inner):
            return f"Residual({', '.join(map(call, inner))})"
        case ("plain_conv2d", fan_in, out, kernel, padding, stride):
            sizes = f"{fan_in}, {out}, {kernel}"
            return f"Conv2d({sizes}, {stride=!s}, {padding=!s}, bias=False)"
        case ("globalavgpool2d",):
            return "AdaptiveAvgPool2d(1)"
        case ("lstm" | "gru" as cell, _, out):
            return f"{cell.upper()}({out})"
    kind, *arguments = layer
    words = [str(argument) for argument in arguments]
    if str(kind).startswith("conv"):
        padding = words.pop()
        words += [f'padding="{padding}"'] if padding != "0" else []
    return f"{SPELLINGS[str(kind)]}({', '.join(words)})"


def mlp(*widths: int) -> tuple[Layer, ...]:
    """Return linear layers of these widths with ReLU between."""
    layers: list[Layer] = []
    for fan_in, fan_out in itertools.pairwise(widths):
        layers += [("linear", fan_in, fan_out), ("relu",)]
    return tuple(layers[:-1])


def conv_norm(fan_in: int, out: int, stride: int = 1) -> tuple[Layer, ...]:
    """Return a convolution of 3 x 3 with batch normalisation."""
    return ("plain_conv2d", fan_in, out, 3, 1, stride), ("batchnorm2d", out)


def basic_block(width: int) -> tuple[Layer, ...]:
    """Return a residual block (He et al. 2016, figure 2): two convolutions and x."""
    inner = (*conv_norm(width, width), ("relu",), *conv_norm(width, width))
    return ("residual", *inner), ("relu",)


NETWORKS = {
    "mlp-400-25-15-10": Network(32, (400,), mlp(400, 25, 15, 10)),
    "mlp-784-16-16-10": Network(32, (784,), mlp(784, 16, 16, 10)),
    "mlp-784-256-128-10": Network(128, (784,), mlp(784, 256, 128, 10)),
    "mlp-784-1024-1024-10": Network(256, (784,), mlp(784, 1024, 1024, 10)),
    "lenet": Network(
        64,
        (1, 28, 28),
        (
            ("conv2d", 1, 8, 5, 0),
            ("relu",),
            ("maxpool2d", 2),
            ("conv2d", 8, 16, 5, 0),
            ("relu",),
            ("maxpool2d", 2),
            ("flatten",),
            ("linear", 256, 10),
        ),
    ),
    "eeg-denoiser": Network(
        64,
        (1, 512),
        (
            ("conv1d", 1, 16, 9, "same"),
            ("relu",),
            ("conv1d", 16, 16, 9, "same"),
            ("relu",),
            ("conv1d", 16, 1, 9, "same"),
        ),
        loss="mse",
    ),
    "cnn-32x32x3": Network(
        64,
        (3, 32, 32),
        (
            ("conv2d", 3, 32, 3, "same"),
            ("relu",),
            ("maxpool2d", 2),
            ("conv2d", 32, 64, 3, "same"),
            ("relu",),
            ("maxpool2d", 2),
            ("conv2d", 64, 64, 3, "same"),
            ("relu",),
            ("maxpool2d", 2),
            ("flatten",),
            ("linear", 64 * 4 * 4, 10),
        ),
    ),
    "cnn-batchnorm-32x32x3": Network(
        64,
        (3, 32, 32),
        (
            *conv_norm(3, 16),
            ("relu",),
            ("maxpool2d", 2),
            *conv_norm(16, 32),
            ("relu",),
            ("maxpool2d", 2),
            ("flatten",),
            ("linear", 32 * 8 * 8, 10),
        ),
    ),
    "lstm-28x28": Network(64, (28, 28), (("lstm", 28, 64), ("linear", 64, 10))),
    "gru-28x28": Network(64, (28, 28), (("gru", 28, 64), ("linear", 64, 10))),
    "resnet-32x32x3": Network(
        256,
        (3, 32, 32),
        (
            *conv_norm(3, 32),
            ("relu",),
            *basic_block(32),
            *conv_norm(32, 64, stride=2),
            ("relu",),
            *basic_block(64),
            *conv_norm(64, 128, stride=2),
            ("relu",),
            *basic_block(128),
            ("globalavgpool2d",),
            ("flatten",),
            ("linear", 128, 10),
        ),
    ),
}


def resized(network: Network, batch: int | None) -> Network:
    """Return the network with another batch, if one is asked for."""
    return dataclasses.replace(network, batch=batch or network.batch)


# ---- shapes ----


def walk(network: Network) -> Iterator[tuple[Layer, tuple[int, ...], tuple[int, ...]]]:
    """Yield each layer with the shapes before and after it, without the batch."""
    before = network.input_shape
    for layer in flat(network.layers):
        after = shape_after(layer, before)
        yield layer, before, after
        before = after


def flat(layers: tuple[Layer, ...]) -> Iterator[Layer]:
    """Yield the layers, those inside a residual block too, whose shape stays."""
    for layer in layers:
        if layer[0] == "residual":
            yield from flat(layer[1:])
        else:
            yield layer


def shape_after(layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that a layer makes of one example.

    >>> shape_after(("conv2d", 1, 8, 5, 0), (1, 28, 28))
    (8, 24, 24)
    """
    match layer:
        case ("linear" | "lstm" | "gru", _, int(out)):
            return (out,)
        case ("conv1d" | "conv2d", _, int(out), _, "same"):
            return (out, *shape[1:])
        case ("conv1d" | "conv2d", _, int(out), int(kernel), 0):
            return (out, *(size - kernel + 1 for size in shape[1:]))
        case ("plain_conv2d", _, int(out), int(kernel), int(padding), int(stride)):
            reach = 2 * padding - kernel
            return (out, *((size + reach) // stride + 1 for size in shape[1:]))
        case ("globalavgpool2d",):
            return (shape[0], 1, 1)
        case ("maxpool2d", int(size)):
            return (shape[0], *(side // size for side in shape[1:]))
        case ("flatten",):
            return (math.prod(shape),)
        case ("relu",) | ("batchnorm2d", _):
            return shape
    raise ValueError(f"no such layer: {layer}")
