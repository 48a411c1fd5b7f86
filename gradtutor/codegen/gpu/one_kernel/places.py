"""Where in memory an operand's element lies, as C.

>>> from gradtutor.codegen.ir.size import sizes_of
>>> flat(sizes_of(("N", 128)), ("row", "column"))
'row * 128 + column'
>>> split(sizes_of(("N", 5, 4)), "i")
('i / 20', 'i / 4 % 5', 'i % 4')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradtutor.codegen.gpu.c_text import c_text
from gradtutor.codegen.gpu.one_kernel.refusing import refuse
from gradtutor.codegen.ir.operands import (
    Array,
    Constant,
    Count,
    Formula,
    Input,
    Number,
    Operand,
    Value,
    View,
    known_number,
)
from gradtutor.codegen.ir.size import Sizes, product

#: A place in a tensor: the C text of its index along each axis.
Coordinates = tuple[str, ...]


def flat(shape: Sizes, at: Sequence[str]) -> str:
    """Return the index of a place in a tensor that lies row by row."""
    text = ""
    for size, one in zip(shape, at, strict=True):
        if size.is_one:
            continue
        head = f"({text})" if " + " in text else text
        text = one if text in ("", "0") else f"{head} * {size.text} + {one}"
    return text or "0"


def split(shape: Sizes, index: str) -> Coordinates:
    """Return the place whose index this is."""
    index = f"({index})" if " " in index else index
    places, below = list[str](), product(())
    first = True
    for size in reversed(shape):
        text = index if below.is_one else f"{index} / {_factor(below.text)}"
        places.append("0" if size.is_one else f"{text} % {_factor(size.text)}")
        below, first = product((below, size)), False
    leading = next((i for i, size in enumerate(shape) if not size.is_one), None)
    found = list(reversed(places))
    if leading is not None and not first:
        found[leading] = found[leading].rpartition(" % ")[0]
    return tuple(found)


def _factor(text: str) -> str:
    return f"({text})" if " " in text else text


def aligned(shape: Sizes, at: Sequence[str]) -> Coordinates:
    """Return the place in a smaller tensor that is spread over a larger one."""
    last = at[len(at) - len(shape) :]
    return tuple("0" if s.is_one else one for s, one in zip(shape, last, strict=True))


@dataclass(frozen=True)
class Here:
    """The element of a loop: its place in a tensor of the loop's shape, and its index.

    Attributes
    ----------
    name : str
        What the index is called.
    registers : mapping
        Arrays made in the loop: the C text of their element.
    """

    shape: Sizes
    at: Coordinates
    registers: Mapping[Array, str]
    name: str = "i"

    def index(self, shape: Sizes, at: Coordinates) -> str:
        """Return the index of a place; that of the loop's element has a name."""
        whole = shape == self.shape and at == self.at
        return self.name if whole and set(at) - {"0"} else flat(shape, at)


def element(arg: Operand, at: Coordinates, here: Here) -> str:
    """Return the C text of an operand's element at a place of its own shape."""
    if isinstance(arg, Value):
        own = here.registers.get(arg.array)
        return own or f"{arg.array.name}[{here.index(arg.shape, at)}]"
    if isinstance(arg, View):
        inner = arg.args[0]
        return element(inner, _behind(arg, inner, at), here)
    if isinstance(arg, Input):
        return _given(arg, at, here)
    return number(arg)


def _behind(view: View, inner: Operand, at: Coordinates) -> Coordinates:
    """Return which place of its argument a view shows at a place."""
    match view.kind:
        case "transpose":
            axes = view.options.get("axes") or tuple(reversed(range(len(at))))
            assert isinstance(axes, tuple)
            found = dict(zip(map(int, axes), at, strict=True))  # type: ignore[arg-type]
            return tuple(found[axis] for axis in range(len(at)))
        case "reshape":
            return split(inner.shape, flat(view.shape, at))
        case "broadcast":
            new = view.options.get("axis") or ()
            assert isinstance(new, tuple)
            kept = [one for axis, one in enumerate(at) if axis not in new]
            return aligned(inner.shape, kept)
    raise refuse(view.kind)


def _given(arg: Input, at: Coordinates, here: Here) -> str:
    """Return an element of a parameter, or of the example that `rows` names."""
    if arg.role == "parameter":
        return f"{arg.name}[{here.index(arg.shape, at)}]"
    if arg.role not in ("input", "label"):
        raise refuse(arg.role or arg.name)
    width = product(arg.shape[1:])
    row, rest = f"rows[{at[0]}]", flat(arg.shape[1:], at[1:])
    place = row if width.is_one else f"size_t({row}) * {width.text} + {rest}"
    return f"data[{place}]" if arg.role == "input" else f"T(targets[{place}])"


def number(arg: Number) -> str:
    """Return a number, or a formula of the batch's size, for `c_text`."""
    known = known_number(arg)
    if known is not None:
        return repr(known)
    match arg:
        case Count(size):
            return f"T({size.text})"
        case Formula(kind, args):
            parts = [number(one) for one in args if isinstance(one, Number)]
            if len(parts) == len(args):
                return f"T({c_text(kind, parts)})"
        case Constant(value):
            return repr(value)
    raise refuse(str(arg))
