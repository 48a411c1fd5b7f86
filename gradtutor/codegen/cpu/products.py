"""How BLAS gets a product: in slices where one side is very long."""

from __future__ import annotations

from gradtutor.codegen.ir.program import Program
from gradtutor.gates import Dimension
from gradtutor.graph import operands

#: Multiplications of one slice: OpenBLAS has kernels of its own up to about 10⁶.
SLICE = 8e5
#: Numbers on the small side up to which slices pay, for products that end in one
#: (a, places) @ (places, b), and for wide ones (a, b) @ (b, places). Measured, 2 cores.
LONG, WIDE = 900, 256
NARROW = 8


def product_call(
    program: Program, usual: str, args: list[str]
) -> tuple[str, list[str]]:
    """Return the template and the operands of a matrix product.

    Parameters
    ----------
    usual : str
        The template of a plain product.
    """
    a, b = args
    shapes = [program.data(arg)["shape"] for arg in args]
    if len(shapes[0]) != 2 or len(shapes[1]) != 2 or isinstance(shapes[0][0], str):
        return usual, args
    (rows, inner), (_, columns) = shapes
    turned = program.data(b)["gate"] == "transpose" and b not in program.values
    if is_long(inner) and turned and isinstance(columns, int):
        largest = 0 if min(rows, columns) < NARROW else LONG
        slices = slice_count(rows * columns, inner, program.batch, largest)
        source = operands(program.graph, b)[0]
        return f"long_dot(a, b, {slices}, out)", [a, source]
    if is_long(inner):
        return "np.matmul(a, b, out=out)", args
    if is_long(columns) and isinstance(inner, int):
        largest = 0 if min(rows, inner) < NARROW else WIDE
        slices = slice_count(rows * inner, columns, program.batch, largest)
        if slices > 1:
            return f"wide_dot(a, b, {slices}, out)", args
        return "np.matmul(a, b, out=out)", args  # np.dot would copy spaced rows
    return usual, args


def is_long(size: Dimension) -> bool:
    """Whether a size is places times the batch, such as 576*N."""
    return isinstance(size, str) and "*" in size


def slice_count(small: int, long: Dimension, batch: int, largest: int) -> int:
    """Return into how many slices a long product is cut, 1 for none.

    >>> slice_count(200, "576*N", 64, 900), slice_count(3200, "64*N", 64, 900)
    (12, 1)
    """
    if small > largest:
        return 1
    places = int(str(long).split("*")[0])
    for count in range(1, places + 1):
        if places % count == 0 and small * places * batch / count <= SLICE:
            return count
    return 1
