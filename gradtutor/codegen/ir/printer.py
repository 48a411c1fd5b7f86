"""Operations as lines of Python: the one place where a step's text is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gradtutor.codegen.ir.operands import (
    Constant,
    Count,
    Formula,
    Input,
    Named,
    Operand,
    Value,
    View,
)
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.size import reshape_text
from gradtutor.codegen.text.numpy_text import compose, fill, number_text, numpy_text
from gradtutor.gates import GATES

#: Functions of each element that are operators.
OPERATORS = {
    "add": "a + b",
    "subtract": "a - b",
    "multiply": "a * b",
    "divide": "a / b",
    "power": "a ** b",
    "greater": "a > b",
    "greater_equal": "a >= b",
    "less": "a < b",
    "less_equal": "a <= b",
    "equal": "a == b",
    "not_equal": "a != b",
    "negative": "-a",
}
#: What may stand on the left of ``+=``: a name, or a part of one.
PLACE = re.compile(r"[\w.]+(\[[^()]*\])*")
IN_PLACE = {"add": "+=", "subtract": "-=", "multiply": "*=", "divide": "/="}

#: Writes what an operation does in a, b, c (or a0, a1, …) and out (or o0, o1, …).
Write = Callable[[Op], str]


@dataclass(frozen=True)
class Printer:
    """Writes operations for one target.

    Attributes
    ----------
    writers : mapping
        For each kind how it is written into an array that is there; all others are
        written as ``out[...] = …``.
    names : mapping
        What stands for an array or an input instead of its name: a row in a loop.
    places : mapping
        Where arrays lie that are found by no name of their own: ``at.z`` for z.
    copy : callable
        Writes an assignment into a place, given the target's and the source's text.
    """

    writers: Mapping[str, Write]
    names: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    copy: Callable[[Op, str, str], str] = lambda _op, place, text: f"{place} = {text}"

    def text(self, operand: Operand) -> str:
        """Return an operand as the script writes it.

        >>> from gradtutor.codegen.ir.operands import Array
        >>> from gradtutor.codegen.ir.size import sizes_of
        >>> made = Array(sizes_of((8, "N")), name="z")
        >>> Printer({}).text(Value(sizes_of(("N", 8)), made))
        'z.reshape(-1, 8)'
        """
        match operand:
            case Value(shape, array):
                name = self.name(array.name)
                same = array.shape == shape
                return name if same else f"{name}.reshape({reshape_text(shape)})"
            case Input(name):
                return self.name(name)
            case Named(name):
                return name
            case Constant(value):
                return number_text(value)
            case Count(size):
                return size.text
            case View(kind, args):
                template = numpy_text(kind, operand.options)
            case Formula(kind, args, settings):
                template = expression_text(kind, dict(settings), len(args))
        return compose(template, [self.text(arg) for arg in args])

    def name(self, name: str) -> str:
        """Return what stands for an array or an input of this name."""
        return self.names.get(name) or self.places.get(name, name)

    def statement(self, op: Op) -> str:
        """Write one operation as a line of the script."""
        args = [self.text(arg) for arg in op.inputs]
        if not op.outputs:
            text = expression_text(op.kind, op.options, len(args))
            return f"{op.number} = {compose(text, args)}"
        outs = [self.text(out) for out in op.outputs]
        short = _in_place(op, args, outs[0])
        if short:
            return short
        write = self.writers.get(op.kind)
        if write is None and op.elementwise and op.kind != "where":
            write = _with_out
        if write is None:
            text = compose(expression_text(op.kind, op.options, len(args)), args)
            return self.copy(op, f"{outs[0]}[...]", text)
        names = dict(zip("abcd", args, strict=False)) | {"out": outs[0]}
        names |= {f"a{i}": text for i, text in enumerate(args)}
        names |= {f"o{i}": text for i, text in enumerate(outs)}
        line = fill(write(op), names)
        return f"{op.number} = {line}" if op.number else line


def expression_text(kind: str, options: Mapping[str, object], count: int) -> str:
    """Return a gate or a function of so many arguments a, b, c as an expression."""
    if kind in OPERATORS:
        return OPERATORS[kind]
    if kind == "copy":
        return "a"
    return numpy_text(kind, options) if kind in GATES else _called(kind, count)


def _called(function: str, count: int, more: str = "") -> str:
    return f"np.{function}({', '.join('abc'[:count])}{more})"


def _with_out(op: Op) -> str:
    """Write a function of NumPy that takes the array it writes into."""
    return _called(op.kind, len(op.inputs), ", out=out")


def loop_text(op: Op) -> str:
    """Write the call of a loop or kernel: what it reads, what it needs, its results."""
    reads = [f"a{i}" for i in range(len(op.inputs))]
    more = op.options.get("more", ())
    assert isinstance(more, tuple)
    outs = [f"o{i}" for i in range(len(op.outputs))]
    return f"{op.options['function']}({', '.join([*reads, *map(str, more), *outs])})"


def _in_place(op: Op, args: list[str], out: str) -> str:
    """Write ``z += b`` where a result takes its argument's place, else nothing."""
    if not op.elementwise or op.kind not in IN_PLACE:
        return ""
    if not PLACE.fullmatch(out) or out not in args:
        return ""
    if args[0] == out:
        return f"{out} {IN_PLACE[op.kind]} {args[1]}"
    turns = op.kind in ("add", "multiply")
    return f"{out} {IN_PLACE[op.kind]} {args[0]}" if turns else ""
