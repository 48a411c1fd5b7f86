"""Gates of images and signals, whose batch lies last, as ONNX operators."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtutor.exports.onnx.tensors import Use, Write
from gradtutor.exports.onnx.writer import Writer
from gradtutor.gates.structural.convolution import padding_pairs, spatial_attrs
from gradtutor.gates.structural.pooling import pool_attrs
from gradtutor.gates.structural.windows import per_axis


def batch_first(to: Writer, x: str, rank: int) -> str:
    """Return (N, C, H, W) of (C, H, W, N)."""
    return to.op("Transpose", x, perm=[rank - 1, *range(rank - 1)])


def batch_last(to: Writer, x: str, rank: int) -> str:
    """Return (C, H, W, N) of (N, C, H, W)."""
    return to.op("Transpose", x, perm=[*range(1, rank), 0])


def _spatial(full: dict[str, Any]) -> dict[str, Any]:
    pairs = padding_pairs(full)
    return {
        "kernel_shape": list(full["kernel"]),
        "strides": list(full["stride"]),
        "dilations": list(full["dilation"]),
        "pads": [one[0] for one in pairs] + [one[1] for one in pairs],
    }


def _with_batch(to: Writer, use: Use, rank: int) -> tuple[str, bool]:
    """Return x batch first; one image alone is a batch of one."""
    if len(use.shapes[0]) == rank + 2:
        return batch_first(to, use.args[0], rank + 2), True
    return to.op("Unsqueeze", use.args[0], to.whole(0)), False


def _without(to: Writer, x: str, rank: int, batched: bool) -> str:
    return batch_last(to, x, rank + 2) if batched else to.op("Squeeze", x, to.whole(0))


def _conv(to: Writer, use: Use) -> str:
    kernel = tuple(int(size) for size in use.shapes[1][2:])
    given = {key: use.attrs[key] for key in ("stride", "padding", "dilation")}
    full = spatial_attrs(given, kernel)
    x, batched = _with_batch(to, use, len(kernel))
    made = to.op("Conv", x, use.args[1], group=use.attrs["groups"], **_spatial(full))
    return _without(to, made, len(kernel), batched)


def _pool(kind: str, **more: Any) -> Write:
    def write(to: Writer, use: Use) -> str:
        rank = len(use.attrs["kernel"])
        x, batched = _with_batch(to, use, rank)
        made = to.op(kind, x, **_spatial(pool_attrs(use.attrs)), **more)
        return _without(to, made, rank, batched)

    return write


# ---- windows: what gradients of convolutions are made of ----


def _numbers(attrs: dict[str, Any]) -> list[tuple[int, int, int]]:
    rank = len(attrs["kernel"])
    three = (
        per_axis(key, attrs[key], rank) for key in ("kernel", "stride", "dilation")
    )
    return list(zip(*three, strict=True))


def _windows(to: Writer, use: Use) -> str:
    """(C, H, W, N) to (C, kh, kw, H', W', N), by indices along each axis."""
    rank, x = len(use.attrs["kernel"]), use.args[0]
    for axis, (kernel, stride, dilation) in enumerate(_numbers(use.attrs)):
        count = int(use.shape[1 + rank + axis])
        places = np.arange(kernel)[:, None] * dilation + np.arange(count) * stride
        x = to.op("Gather", x, to.constant(places), axis=1 + 2 * axis)
    axes = [0, *range(1, 2 * rank, 2), *range(2, 2 * rank + 1, 2)]
    axes += range(2 * rank + 1, len(use.shape))
    return to.op("Transpose", x, perm=axes)


def _fold(to: Writer, use: Use) -> str:
    """Add windows up where they lay: a product with 0 and 1 for each axis."""
    rank = len(use.attrs["kernel"])
    kernels, places, out, batch = "ij"[:rank], "hw"[:rank], "pq"[:rank], ""
    batch = "n" * (len(use.shape) - 1 - rank)
    chosen = []
    for axis, (kernel, stride, dilation) in enumerate(_numbers(use.attrs)):
        size, count = int(use.shape[1 + axis]), int(use.shapes[0][1 + rank + axis])
        at = np.arange(kernel)[:, None] * dilation + np.arange(count) * stride
        table = (at[:, :, None] == np.arange(size)).astype(np.float32)
        chosen.append(to.constant(table))
    letters = [f"{k}{h}{p}" for k, h, p in zip(kernels, places, out, strict=True)]
    equation = f"c{kernels}{places}{batch},{','.join(letters)}->c{out}{batch}"
    return to.op("Einsum", use.args[0], *chosen, equation=equation)


#: What writes each gate of images.
IMAGES: dict[str, Write] = {
    "conv": _conv,
    "max_pool": _pool("MaxPool"),
    "avg_pool": _pool("AveragePool", count_include_pad=1),
    "windows": _windows,
    "fold": _fold,
}
