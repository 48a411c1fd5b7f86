"""How BLAS gets a product: in slices where one side is very long."""

from __future__ import annotations

from gradtutor.codegen.ir.operands import Operand, Options, View
from gradtutor.codegen.ir.size import Size

#: Multiplications of one slice: OpenBLAS has kernels of its own up to about 10⁶.
SLICE = 8e5
#: Numbers on the small side up to which slices pay, for products that end in one
#: (a, places) @ (places, b), and for wide ones (a, b) @ (b, places). Measured, 2 cores.
LONG, WIDE = 900, 256
NARROW = 8


def product_parts(
    batch: int, a: Operand, b: Operand
) -> tuple[str, list[Operand], Options]:
    """Return a matrix product as the call that is fastest for so many examples."""
    options, b = _way(batch, a, b)
    return "matmul", [a, b], options


def _way(batch: int, a: Operand, b: Operand) -> tuple[Options, Operand]:
    """Choose the function of a product, and whether its second factor is turned."""
    if len(a.shape) != 2 or len(b.shape) != 2 or not a.shape[0].fixed:
        return {}, b
    (rows, inner), (_, columns) = a.shape, b.shape
    turned = isinstance(b, View) and b.kind == "transpose"
    if inner.is_long and turned and columns.fixed:
        assert isinstance(b, View)
        largest = 0 if min(rows.count, columns.count) < NARROW else LONG
        slices = slice_count(rows.count * columns.count, inner, batch, largest)
        return {"by": "long_dot", "slices": slices}, b.args[0]
    if inner.is_long:
        return {"by": "np.matmul"}, b
    if columns.is_long and inner.fixed:
        largest = 0 if min(rows.count, inner.count) < NARROW else WIDE
        slices = slice_count(rows.count * inner.count, columns, batch, largest)
        if slices > 1:
            return {"by": "wide_dot", "slices": slices}, b
        return {"by": "np.matmul"}, b  # np.dot would copy spaced rows
    return {}, b


def slice_count(small: int, long: Size, batch: int, largest: int) -> int:
    """Return into how many slices a long product is cut, 1 for none.

    >>> slice_count(200, Size.of("576*N"), 64, 900)
    12
    >>> slice_count(3200, Size.of("64*N"), 64, 900)
    1
    """
    if small > largest:
        return 1
    places = long.count
    for count in range(1, places + 1):
        if places % count == 0 and small * places * batch / count <= SLICE:
            return count
    return 1
