"""Operations as calls of the GPU's helpers, which write into given arrays.

A helper has the name and the arguments of its NumPy twin wherever there is one.
"""

from __future__ import annotations

from collections.abc import Sequence

from gradtutor.codegen.cpu.writers import pad_place
from gradtutor.codegen.gpu.convolutions import CONVOLVERS
from gradtutor.codegen.ir.operands import Options
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.printer import Printer, Write, loop_text
from gradtutor.codegen.ir.size import Sizes
from gradtutor.gates import normal_axes
from gradtutor.gates.structural.cutting import slice_text
from gradtutor.gates.structural.pooling import pool_text
from gradtutor.gates.structural.windows import window_text


def reduced_axes(options: Options, shape: Sizes) -> tuple[int, ...]:
    """Return the axes that a reduction goes over, sorted."""
    axis = options.get("axis")
    chosen = tuple(range(len(shape))) if axis is None else axis
    return tuple(sorted(normal_axes(chosen, len(shape))))  # type: ignore[arg-type]


def follow(axes: Sequence[int]) -> bool:
    """Whether axes follow each other without a gap."""
    return list(axes) == list(range(axes[0], axes[0] + len(axes))) if axes else True


def _axes(op: Op) -> tuple[int, ...]:
    return reduced_axes(op.options, op.inputs[0].shape)


def _over(name: str) -> Write:
    """Return the text of a reduction: ``sum_over(a, (1, 2), out=out)``."""
    return lambda op: f"{name}(a, {_axes(op)}, out=out)"


def _pool(name: str, arguments: str) -> Write:
    return lambda op: f"{name}({arguments}, {pool_text(op.options)}, out=out)"


def _assign(op: Op, place: str, text: str) -> str:
    """Write a copy; where types differ it is a function's."""
    if not op.options.get("convert"):
        return f"{place} = {text}"
    return f"convert({text}, {place.removesuffix('[...]')})"


def _pad(op: Op) -> str:
    """Copy into the middle; the border keeps the zeros it was made with."""
    return _assign(op, f"out{slice_text(pad_place(op))}", "a")


def _copy_windows(op: Op) -> str:
    """Copy windows of an image, with zeros around it, into a matrix: im2col."""
    pairs = op.options.get("padding")
    padding = f", padding={pairs}" if pairs else ""
    return f"copy_windows(a, {window_text(op.options)}{padding}, out=out)"


def _product(op: Op) -> str:
    """Multiply, add a bias, cut off at 0, and sum up a bias's gradient."""
    parts = ["a", "b"]
    parts += ["bias=c"] * bool(op.options.get("bias"))
    parts += ["relu=True"] * bool(op.options.get("relu"))
    parts += ["bias_gradient=o1"] * (len(op.outputs) > 1)
    return f"matmul({', '.join(parts)}, out=out)"


def _convolution(name: str) -> Write:
    """Return the call of a convolution; a signal is an image one row high."""

    def write(op: Op) -> str:
        parts = [f"{key}={value}" for key, value in op.options.items()]
        return f"{name}({', '.join(['a', 'b', *parts])}, out=out)"

    return write


#: The functions that copy into cuDNN's order of memory and out of it.
CHANNEL_COPIES = ("channels_last", "channels_first", "weights_last", "weights_first")
#: Gates that reduce some axes: those axes must follow each other.
REDUCTIONS: dict[str, Write] = {
    "sum": _over("sum_over"),
    "mean": _over("mean_over"),
    "maximum_over": _over("max_over"),
    "amax": _over("max_over"),
    "amin": _over("min_over"),
    "softmax": _over("softmax"),
    "logsumexp": lambda op: f"logsumexp(a, axis={_axes(op)}, out=out)",
    "first_winner": _over("first_winner"),
}
WRITERS: dict[str, Write] = {
    **REDUCTIONS,
    "mean_of_ranks": lambda op: f"mean_of_ranks(a, b, {_axes(op)}, out=out)",
    "matmul": _product,
    "matmul_relu": lambda _op: "matmul_relu(a, b, bias=c, mask=o1, out=out)",
    "matmul_where": lambda _op: "matmul_where(a, b, mask=c, out=out)",
    "pad": _pad,
    "copy_windows": _copy_windows,
    "concat": lambda op: f"concat(a, b, {op.options['axis']}, out=out)",
    "one_hot": lambda op: f"one_hot(a, {op.inputs[1].shape[-1].text}, out=out)",
    "fold": lambda op: f"fold(a, {window_text(op.options)}, out=out)",
    "max_pool": _pool("max_pool", "a"),
    "max_unpool": _pool("max_unpool", "a, b, c"),
    "avg_pool": _pool("avg_pool", "a"),
    "mean_unpool": _pool("mean_unpool", "a, b"),
    "softmax_cross_entropy": lambda _op: "softmax_cross_entropy(a, b, o1, out)",
    **{call: _convolution(call) for one in CONVOLVERS.values() for call in one.calls},
    **dict.fromkeys(CHANNEL_COPIES, lambda op: f"{op.kind}(a, out=out)"),
    "gather": lambda _op: "gather(a, b, out=out)",
    "scatter_add": lambda _op: "scatter_add(a, b, out=out)",
    "outer": lambda _op: "cp.multiply(a.reshape(-1, 1), b.reshape(1, -1), out=out)",
    "loop": loop_text,
}
CUPY = Printer(WRITERS, copy=_assign)

#: Gates whose arguments may be turned or cut views: CuPy's own copy, or cuBLASLt.
TAKE_VIEWS = {"matmul", "pad", "concat"}
