"""How BLAS gets a product: in slices that stay in the cache, where one side is long."""

from __future__ import annotations

from gradtutor.codegen.calls import Array, Value
from gradtutor.codegen.numpy_text import compose, numpy_text
from gradtutor.codegen.program import Program
from gradtutor.gates import Dimension
from gradtutor.graph import operands

#: Numbers of a slice of windows: about 300 kB, a share of the second-level cache.
WINDOWS = 75_000
#: Multiplications of a slice of a wide product: OpenBLAS has kernels of its own up to
#: about 10⁶, which pay for a small side of up to WIDE numbers. Measured on 2 cores.
SLICE, WIDE = 8e5, 256
NARROW = 8


# ---- windows times weights: a convolution ----


def append_columns(program: Program, node: str) -> None:
    """Give the matrix of windows an array.

    Where products alone read it, the first of them fills it slice by slice; for other
    readers the windows are copied at once.
    """
    (source,) = operands(program.graph, node)
    if not _products_only(program, node):
        _copy_windows(program, node, source)
        return
    data = program.data(source)
    rows, columns = program.data(node)["shape"]
    places = int(data["shape"][1 + len(data["attrs"]["kernel"])])
    length = int(str(columns).split("*")[0])
    count = smallest_divisor(places, int(rows) * length * program.batch / WINDOWS)
    shape = (count, rows, f"{length // count}*N")
    program.values[node] = Value(shape, Array(shape), node)
    program.windows.add(node)


def _products_only(program: Program, node: str) -> bool:
    """Whether only products read a matrix of windows, weights from the left first."""
    first = True
    for reader in program.order:
        args = operands(program.graph, reader)
        if node not in args:
            continue
        gate = program.data(reader)["gate"]
        if first and not (gate == "matmul" and args[1] == node):
            return False
        if gate not in ("matmul", "transpose"):
            return False
        first = False
    return is_long(program.data(node)["shape"][-1])


def _copy_windows(program: Program, node: str, source: str) -> None:
    sizes = program.data(source)["shape"]
    shape = ", ".join("-1" if isinstance(size, str) else str(size) for size in sizes)
    program.add_call(node, f"np.copyto(out.reshape({shape}), a)", [source])


def product_call(
    program: Program, usual: str, args: list[str]
) -> tuple[str, list[str], list[Value]]:
    """Return the template of a matrix product, its operands, and what else it fills.

    Parameters
    ----------
    usual : str
        The template of a plain product.
    """
    a, b = args
    if b in program.windows and b not in program.done:
        program.done.add(b)
        (source,) = operands(program.graph, b)
        view = program.data(source)
        cut = compose(numpy_text(view["gate"], view["attrs"]), ["b"])
        inner = operands(program.graph, source)
        columns = program.values[b]
        return f"convolve(a, {cut}, o1, out)", [a, *inner], [columns]
    if program.data(b)["gate"] == "transpose":
        (source,) = operands(program.graph, b)
        if source in program.windows:
            return "sliced_dot(a, b, out)", [a, source], []
    return *_wide(program, usual, args), []


def _wide(program: Program, usual: str, args: list[str]) -> tuple[str, list[str]]:
    """Cut (a, b) @ (b, places) into slices where that is faster."""
    shapes = [program.data(arg)["shape"] for arg in args]
    if len(shapes[0]) != 2 or len(shapes[1]) != 2:
        return usual, args
    (rows, inner), (_, columns) = shapes
    numbers = isinstance(rows, int) and isinstance(inner, int)
    if not numbers or not is_long(columns) or min(rows, inner) < NARROW:
        return usual, args
    places = int(str(columns).split("*")[0])
    small = rows * inner
    slices = smallest_divisor(places, small * places * program.batch / SLICE)
    if small > WIDE or slices == 1:
        return usual, args
    return f"wide_dot(a, b, {slices}, out)", args


def is_long(size: Dimension) -> bool:
    """Whether a size is places times the batch, such as 576*N."""
    return isinstance(size, str) and "*" in size


def smallest_divisor(number: int, least: float) -> int:
    """Return the smallest divisor of a number that is not below ``least``.

    >>> smallest_divisor(24, 5), smallest_divisor(24, 0.3), smallest_divisor(7, 100)
    (6, 1, 7)
    """
    for divisor in range(1, number + 1):
        if number % divisor == 0 and divisor >= least:
            return divisor
    return number
