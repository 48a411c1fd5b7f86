"""Shape rules shared by the gates: broadcasting and reduction, with symbolic sizes."""

from __future__ import annotations

import math
from functools import reduce

from gradtutor.gates.gate import Attributes, Dimension, Shape, ShapeMismatchError
from gradtutor.messages import tr


def show_shape(shape: Shape) -> str:
    """Write a shape as a person would.

    >>> show_shape(("N", 784)), show_shape((10,)), show_shape(())
    ('(N, 784)', '(10,)', '()')
    """
    inner = ", ".join(str(size) for size in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def _broadcast_size(a: Dimension, b: Dimension, shapes: tuple[Shape, ...]) -> Dimension:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    raise ShapeMismatchError(
        tr("shapes {shapes} do not broadcast", shapes=show_shapes(shapes))
    )


def show_shapes(shapes: tuple[Shape, ...]) -> str:
    """Write several shapes: ``(3,) and (4,)``."""
    return reduce(
        lambda words, one: tr("{first} and {last}", first=words, last=one),
        map(show_shape, shapes),
    )


def broadcast_shapes(*shapes: Shape) -> Shape:
    """Return the common shape under NumPy's broadcasting rules.

    Raises
    ------
    ShapeMismatchError
        When two sizes differ and neither is 1.

    Examples
    --------
    >>> broadcast_shapes(("N", 10), (10,))
    ('N', 10)
    """
    if all(shape == shapes[0] for shape in shapes):
        return shapes[0] if shapes else ()
    rank = max(map(len, shapes))
    sizes: list[Dimension] = [1] * rank
    for shape in shapes:
        for offset, size in enumerate(shape, start=rank - len(shape)):
            sizes[offset] = _broadcast_size(sizes[offset], size, shapes)
    return tuple(sizes)


def normal_axes(axis: int | tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    """Return the reduced axes as sorted non-negative numbers; None means all of them.

    Raises
    ------
    ShapeMismatchError
        When an axis lies outside the rank or is named twice.
    """
    if axis is None:
        return tuple(range(rank))
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    for one in axes:
        if not -rank <= one < rank:
            raise ShapeMismatchError(
                tr(
                    "axis {one} is outside a tensor of {rank} dimension(s)",
                    one=one,
                    rank=rank,
                )
            )
    if len({one % rank for one in axes}) < len(axes):
        raise ShapeMismatchError(tr("the axes {axes} name one axis twice", axes=axes))
    return tuple(sorted(one % rank for one in axes))


def reduced_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    """Shape after a reduction over ``attrs["axis"]``, dimensions kept or not."""
    (shape,) = shapes
    axes = normal_axes(attrs.get("axis"), len(shape))
    if attrs.get("keepdims"):
        return tuple(1 if i in axes else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in axes)


def same_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    """Return the argument's shape, the axes having been checked."""
    normal_axes(attrs.get("axis"), len(shapes[0]))
    return shapes[0]


def scalar_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    """Return the shape of a single number, the axes having been checked."""
    normal_axes(attrs.get("axis"), len(shapes[0]))
    return ()


# ---- sizes that are products, such as 576*N ----


def _factors(size: Dimension) -> tuple[int, tuple[str, ...]]:
    """Split a size into its number and its names: ``"576*N"`` is (576, ("N",))."""
    if isinstance(size, int):
        return size, ()
    parts = str(size).split("*")
    names = tuple(part for part in parts if not part.isdigit())
    return math.prod(int(part) for part in parts if part.isdigit()), names


def size_product(shape: Shape) -> Dimension:
    """Return the number of elements, unknown sizes kept by name.

    >>> size_product((24, 24, "N")), size_product((2, 3))
    ('576*N', 6)
    """
    number = 1
    names: list[str] = []
    for size in shape:
        factor, some = _factors(size)
        number *= factor
        names += some
    if not names:
        return number
    return "*".join([str(number)] * (number != 1) + sorted(names))


def size_quotient(total: Dimension, part: Dimension) -> Dimension | None:
    """Return ``total / part``; None when it is no whole size.

    >>> size_quotient("576*N", 24), size_quotient(10, 4)
    ('24*N', None)
    """
    (number, names), (divisor, taken) = _factors(total), _factors(part)
    left = list(names)
    for name in taken:
        if name not in left:
            return None
        left.remove(name)
    if divisor == 0 or number % divisor:
        return None
    return size_product((number // divisor, *left))
