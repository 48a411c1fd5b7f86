"""Operations as NumPy's calls that write into an array that is there."""

from __future__ import annotations

from gradtutor.codegen.ir.operands import Operand, View, frozen
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.printer import Printer, Write, loop_text
from gradtutor.codegen.ir.size import reshape_text, sizes_of
from gradtutor.gates import GATES, Structural
from gradtutor.gates.structural.cutting import slice_text
from gradtutor.gates.structural.movement import full_widths
from gradtutor.gates.structural.pooling import pool_text
from gradtutor.gates.structural.reductions import axis_text
from gradtutor.gates.structural.windows import window_text


def _reduction(name: str) -> Write:
    def write(op: Op) -> str:
        parts = [part for part in (axis_text(op.options), "out=out") if part]
        return f"a.{name}({', '.join(parts)})"

    return write


def _mean_of_ranks(op: Op) -> str:
    parts = [part for part in (axis_text(op.options), "out=out") if part]
    return f"mean_of_ranks(a, b, {', '.join(parts)})"


def _product(op: Op) -> str:
    """Multiply by the function that a pass chose, some in slices.

    np.dot fills whole arrays alone; columns of a wider one are np.matmul's.
    """
    if _is_columns(op.out):
        return "np.matmul(a, b, out=out)"
    by, slices = op.options.get("by", "np.dot"), op.options.get("slices")
    return f"{by}(a, b, {slices}, out)" if slices else f"{by}(a, b, out=out)"


def _is_columns(out: Operand) -> bool:
    """Whether a result is a part of a wider array's rows."""
    if not isinstance(out, View) or out.kind != "slice":
        return False
    cuts = out.options["cuts"]
    return isinstance(cuts, tuple) and any(cut != (0, None, 1) for cut in cuts[1:])


def windows_of(op: Op) -> View:
    """Return the windows of an image that an operation copies."""
    (image,), options = op.inputs, op.options
    sizes = tuple(size.dimension for size in image.shape)
    rule = GATES["windows"]
    assert isinstance(rule, Structural)
    return View(
        "windows", (image,), sizes_of(rule.shape((sizes,), options)), frozen(options)
    )


def _copy_windows(op: Op) -> str:
    """Copy windows into a matrix: im2col."""
    shape = reshape_text(windows_of(op).shape)
    return f"np.copyto(out.reshape({shape}), windows(a, {window_text(op.options)}))"


def pad_place(op: Op) -> tuple[tuple[int, int | None, int], ...]:
    """Return where in its result a padded tensor lies: a cut for each axis."""
    cuts: list[tuple[int, int | None, int]] = []
    shape = op.inputs[0].shape
    widths = full_widths(op.options["widths"], len(shape))  # type: ignore[arg-type]
    for size, (before, after, between) in zip(shape, widths, strict=True):
        if not (before or after or between):
            cuts.append((0, None, 1))
        else:
            last = before + (size.count - 1) * (between + 1) + 1
            cuts.append((before, last, between + 1))
    return tuple(cuts)


def _pad(op: Op) -> str:
    """Copy into the middle; the border keeps the zeros it was made with."""
    return f"out{slice_text(pad_place(op))} = a"


WRITERS: dict[str, Write] = {
    "matmul": _product,
    "sum": _reduction("sum"),
    "mean": _reduction("mean"),
    "mean_of_ranks": _mean_of_ranks,
    "maximum_over": _reduction("max"),
    "amax": _reduction("max"),
    "amin": _reduction("min"),
    "pad": _pad,
    "copy_windows": _copy_windows,
    "concat": lambda op: f"np.concatenate((a, b), axis={op.options['axis']}, out=out)",
    "fold": lambda op: f"fold(a, {window_text(op.options)}, out=out)",
    "max_pool": lambda op: f"max_pool(a, {pool_text(op.options)}, out=out)",
    "max_unpool": lambda op: f"max_unpool(a, b, c, {pool_text(op.options)}, out=out)",
    "avg_pool": lambda op: f"avg_pool(a, {pool_text(op.options)}, out=out)",
    "mean_unpool": lambda op: f"mean_unpool(a, b, {pool_text(op.options)}, out=out)",
    "loop": loop_text,
    "row_dots": lambda _op: "row_dots(a, b, out)",
    "cross_entropy_slope": lambda _op: "softmax_cross_entropy(a, b, out)",
    "softmax_cross_entropy": lambda _op: "softmax_cross_entropy(a, b, out)",
}
NUMPY = Printer(WRITERS)
