"""Which element of a batch's mask a kernel draws, where ranks have parts of it."""

from __future__ import annotations

from gradtutor.codegen.ir.size import product, sizes_of
from gradtutor.gates import Shape


def place_in_batch(shape: Shape) -> tuple[str, dict[str, str]]:
    """Return in C where element i of a rank's part is in the array of all examples.

    Also the kernel's parameters, and the argument of each: N of all `whole` examples
    are here, the first of them is number `first`.

    >>> place_in_batch(("N", 8))
    ('i + 8 * first', {'int32 first': 'own.rows.start'})
    >>> place_in_batch((3, 4, 4, "N"))[0]
    'i + first + i / N * (whole - N)'
    """
    axis, first = shape.index("N"), {"int32 first": "own.rows.start"}
    inner = product(sizes_of(shape[axis + 1 :])).text
    if axis == 0:
        return f"i + {inner} * first", first
    numbers = {"int32 N": "N"} | first | {"int32 whole": "own.whole"}
    if inner == "1":
        return "i + first + i / N * (whole - N)", numbers
    return f"i + {inner} * (first + i / (N * {inner}) * (whole - N))", numbers
