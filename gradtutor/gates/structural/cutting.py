"""Gates that cut: slice and index, whose adjoint pads with zeros."""

from __future__ import annotations

from gradtutor.gates.gate import (
    Attributes,
    Call,
    Dimension,
    Shape,
    ShapeMismatchError,
    Structural,
    Tape,
)
from gradtutor.gates.shapes import (
    show_shape,
)
from gradtutor.gates.structural.movement import reshaped
from gradtutor.messages import tr

Gradients = tuple[str | None, ...]


# ---- slice ----


def normal_cut(cut: tuple[int | None, ...]) -> tuple[int, int | None, int]:
    """Return (start, stop, step) of a cut that may leave out its step or its start."""
    start, stop, step = (*cut, None)[:3]
    return start or 0, stop, 1 if step is None else step


def full_cuts(
    attrs: Attributes, shape: Shape
) -> tuple[tuple[int, int | None, int], ...]:
    """Return (start, stop, step) for every axis, counted from the front."""
    cuts = [*attrs["cuts"], *[(0, None, 1)] * (len(shape) - len(attrs["cuts"]))]
    if len(cuts) > len(shape):
        raise ShapeMismatchError(
            tr(
                "{count} cuts are too many for a tensor {shape}",
                count=len(cuts),
                shape=show_shape(shape),
            )
        )
    full: list[tuple[int, int | None, int]] = []
    for size, cut in zip(shape, cuts, strict=True):
        start, stop, step = normal_cut(cut)
        if (start, stop, step) == (0, None, 1):
            full.append((0, None, 1))
            continue
        end = size if stop is None else stop
        if not isinstance(size, int) or not isinstance(end, int):
            raise ShapeMismatchError(
                tr("an unknown size {size} cannot be cut", size=size)
            )
        if step < 1 or not 0 <= start < end <= size:
            raise ShapeMismatchError(
                tr(
                    "the cut {start}:{end}:{step} does not lie in a size of {size}",
                    start=start,
                    end=end,
                    step=step,
                    size=size,
                )
            )
        full.append((start, end, step))
    return tuple(full)


def _slice_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    (shape,) = shapes
    return tuple(
        size if stop is None else (stop - start + step - 1) // step
        for size, (start, stop, step) in zip(
            shape, full_cuts(attrs, shape), strict=True
        )
    )


def _slice_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Put the gradient back to its place among zeros."""
    shape = tape.shape(call.args[0])
    widths = []
    for size, (start, stop, step) in zip(
        shape, full_cuts(call.attrs, shape), strict=True
    ):
        if stop is None:
            widths.append((0, 0, 0))
            continue
        last = start + (stop - start - 1) // step * step
        widths.append((start, int(size) - 1 - last, step - 1))
    return (tape.gate("pad", u, widths=tuple(widths)),)


def slice_text(cuts: tuple[tuple[int | None, ...], ...]) -> str:
    """Write cuts as NumPy does: ``[:, 2:7, ::2]``."""
    parts = []
    for start, stop, step in map(normal_cut, cuts):
        text = f"{start or ''}:{'' if stop is None else stop}"
        parts.append(text if step == 1 else f"{text}:{step}")
    while len(parts) > 1 and parts[-1] == ":":
        parts.pop()
    return f"[{', '.join(parts)}]"


# ---- index: x[0], x[:, 1], x[-2:] ----


def _entries(
    shape: Shape, attrs: Attributes
) -> list[tuple[Dimension, int | None, tuple[int, int, int]]]:
    """Return for every axis its size, the one position or None, and the cut."""
    at = attrs["at"]
    if len(at) > len(shape):
        raise ShapeMismatchError(
            tr(
                "{shape} has {count} axes, the index {given}",
                shape=show_shape(shape),
                count=len(shape),
                given=len(at),
            )
        )
    full = [*at, *[(None, None, None)] * (len(shape) - len(at))]
    return [(size, *_entry(size, one)) for size, one in zip(shape, full, strict=True)]


def _entry(
    size: Dimension, one: int | tuple[int | None, ...]
) -> tuple[int | None, tuple[int, int, int]]:
    """Return the position, counted from the front, or the cut of one axis."""
    if one == (None, None, None):
        return None, (0, 0, 1)
    if not isinstance(size, int):
        raise ShapeMismatchError(
            tr(
                "an unknown size {size} cannot be indexed: give the shape in numbers, "
                "as in x: (3,), or values",
                size=size,
            )
        )
    if isinstance(one, int):
        if not -size <= one < size:
            raise ShapeMismatchError(
                tr("the index {one} is outside of {size} numbers", one=one, size=size)
            )
        return one % size, (one % size, one % size + 1, 1)
    cut = slice(*one).indices(size)
    if cut[2] < 1 or cut[0] >= cut[1]:
        raise ShapeMismatchError(
            tr(
                "the part {part} of {size} is empty",
                part=index_text((one,)),
                size=size,
            )
        )
    return None, cut


def _index_shape(shapes: tuple[Shape, ...], attrs: Attributes) -> Shape:
    return tuple(
        size if cut == (0, 0, 1) else len(range(*cut))
        for size, position, cut in _entries(shapes[0], attrs)
        if position is None
    )


def _index_adjoint(tape: Tape, call: Call, u: str) -> Gradients:
    """Put the gradient back to its place among zeros, with the axes that it lost."""
    shape = tape.shape(call.args[0])
    entries = _entries(shape, call.attrs)
    wide = tuple(
        size if cut == (0, 0, 1) else len(range(*cut)) for size, _, cut in entries
    )
    widths = tuple(
        (0, 0, 0) if cut == (0, 0, 1) else _around(int(size), range(*cut))
        for size, _, cut in entries
    )
    return (tape.gate("pad", reshaped(tape, u, wide), widths=widths),)


def _index_opened(tape: Tape, call: Call) -> str:
    """Cut the part out, then drop the axes of single positions."""
    (x,) = call.args
    entries = _entries(tape.shape(x), call.attrs)
    cuts = tuple((0, None, 1) if cut == (0, 0, 1) else cut for _, _, cut in entries)
    part = tape.gate("slice", x, cuts=cuts)
    return reshaped(tape, part, _index_shape((tape.shape(x),), call.attrs))


def _around(size: int, kept: range) -> tuple[int, int, int]:
    """Return how many zeros stand before, after and between what was kept."""
    return kept[0], size - 1 - kept[-1], kept.step - 1


def index_text(at: tuple[int | tuple[int | None, ...], ...]) -> str:
    """Write an index as it is written: ``[0]``, ``[:, 1]``, ``[-2:]``."""
    return f"[{', '.join(map(_index_part, at))}]"


def _index_part(one: int | tuple[int | None, ...]) -> str:
    if isinstance(one, int):
        return str(one)
    start, stop, step = ("" if part is None else str(part) for part in one)
    return f"{start}:{stop}" + (f":{step}" if step else "")


CUTTING = (
    Structural(
        "slice",
        _slice_shape,
        lambda attrs: f"a{slice_text(attrs['cuts'])}",
        _slice_adjoint,
        sign="slice",
        keywords={"cuts": ((0, None, 1),)},
        suffix=lambda attrs: slice_text(attrs["cuts"]),
        role="puts the gradient back among zeros",
        routes=True,
    ),
    Structural(
        "index",
        _index_shape,
        lambda attrs: f"a{index_text(attrs['at'])}",
        _index_adjoint,
        sign="x[i]",
        opened=_index_opened,
        routes=True,
        keywords={"at": (0,)},
        role="puts the gradient back among zeros",
        suffix=lambda attrs: index_text(attrs["at"]),
    ),
)
