"""Runs of pointwise operations fused into loops: each element is read and written once.

What only the run itself reads becomes a number inside the loop and needs no array.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gradtutor.codegen.ir.operands import (
    Array,
    Operand,
    Value,
    arrays_read,
    is_tensor,
    known_number,
)
from gradtutor.codegen.ir.ops import Op, array_behind
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes

#: What an element of each call is, in C's and in compiled Python's operators.
SCALAR = {
    "add": "{} + {}",
    "subtract": "{} - {}",
    "multiply": "{} * {}",
    "divide": "{} / {}",
    "negative": "-{}",
    "square": "{0} * {0}",
    "reciprocal": "1 / {}",
    "maximum": "max({}, {})",
    "minimum": "min({}, {})",
    "greater": "{} > {}",
    "greater_equal": "{} >= {}",
    "less": "{} < {}",
    "less_equal": "{} <= {}",
    "equal": "{} == {}",
    "not_equal": "{} != {}",
    "where": "{1} if {0} else {2}",
    "sqrt": "math.sqrt({})",
    "absolute": "abs({})",
}


#: A product with a mask as a choice; the 0 has the arrays' type.
CHOICE, ZERO = "{} if {} else {}", "zero"


@dataclass(frozen=True)
class Line:
    """``name = …``: an element, by what operator, and of which elements and numbers."""

    name: str
    template: str
    parts: tuple[str, ...]


@dataclass
class Fused:
    """One loop: what it reads and writes, and the lines of its body.

    Attributes
    ----------
    reads : list of Operand
        What comes from outside.
    numbers : list of Operand
        Single numbers that are known only when the script runs.
    writes : list of Value
        Results that are needed outside.
    body : list of Line
        Each element, in order.
    constants : dict
        Names of numbers that have the arrays' type, and what they are.
    """

    shape: Sizes
    reads: list[Operand] = field(default_factory=list)
    writes: list[Value] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    stored: dict[str, int] = field(default_factory=dict)
    numbers: list[Operand] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)


def fused_runs(ops: Sequence[Op]) -> Iterator[list[Op]]:
    """Yield the operations in order; pointwise ones in a row of one shape as a list."""
    run: list[Op] = []
    for op in ops:
        fits = op.elementwise and op.kind in SCALAR
        if run and not (fits and run[-1].out.shape == op.out.shape):
            yield run
            run = []
        if fits:
            run.append(op)
        else:
            yield [op]
    if run:
        yield run


def worth_a_loop(run: Sequence[Op]) -> bool:
    """Whether a run can be a loop: several that read only elements in place.

    A turned or cut view of what the run itself writes would be read before it is
    written.
    """
    if len(run) < 2:
        return False
    written = {array for op in run for array in op.written}
    moved = [arg for op in run for arg in op.inputs if not isinstance(arg, Value)]
    return written.isdisjoint(array for arg in moved for array in arrays_read(arg))


def fuse(program: Program, run: Sequence[Op]) -> Fused:
    """Write a run as one loop over the elements."""
    fused = Fused(run[0].out.shape)
    known: dict[Array, str] = {}  # array to the name of its element
    for op in run:
        parts = [_element(program, fused, known, arg) for arg in op.inputs]
        name = f"value{len(fused.body)}"
        fused.body.append(_masked(run, op, name, parts))
        known[op.written[0]] = name
    _store(program, fused, run, known)
    return fused


def _element(
    program: Program, fused: Fused, known: dict[Array, str], arg: Operand
) -> str:
    """Return the text of an argument's element: a number made here, read, or fixed."""
    array = array_behind(arg)
    if array and array.filling == 0.0 and array.name.startswith("zeros"):
        return _constant(fused, "0")
    if array in known:
        return known[array]
    if not isinstance(arg, Value) and not is_tensor(arg):
        return _number(program, fused, arg)
    if arg not in fused.reads:
        fused.reads.append(arg)
    return f"element{fused.reads.index(arg)}"


def _number(program: Program, fused: Fused, arg: Operand) -> str:
    """Return a single number: fixed in the loop, or handed to it if it has names."""
    if known_number(arg) is not None:
        return _constant(fused, program.text(arg))
    if arg not in fused.numbers:
        fused.numbers.append(arg)
    return _constant(fused, f"number{fused.numbers.index(arg)}")


def _constant(fused: Fused, text: str) -> str:
    """Name a number; it takes the arrays' type, so that float32 stays float32."""
    for name, known in fused.constants.items():
        if known == text:
            return name
    name = f"constant{len(fused.constants)}"
    fused.constants[name] = text
    return name


def _masked(run: Sequence[Op], op: Op, name: str, parts: list[str]) -> Line:
    """Return an operation's line: a product with a mask is a choice."""
    line = Line(name, SCALAR[op.kind], tuple(parts))
    if op.kind != "multiply":
        return line
    masks = {f"value{i}" for i, one in enumerate(run) if one.written[0].dtype == "bool"}
    for part, arg in zip(parts, op.inputs, strict=True):  # those read from memory
        array = array_behind(arg)
        masks |= {part} if array is not None and array.dtype == "bool" else set()
    a, b = parts
    if b in masks:
        return Line(name, CHOICE, (a, b, ZERO))
    return Line(name, CHOICE, (b, a, ZERO)) if a in masks else line


def _store(
    program: Program, fused: Fused, run: Sequence[Op], known: dict[Array, str]
) -> None:
    """Decide which elements are written: those that a later one reads, or a target."""
    last = program.ops.index(run[-1])
    later = {array for op in program.ops[last + 1 :] for array in op.read}
    kept = program.kept_arrays()
    outs = [out for op in run for out in op.outputs if isinstance(out, Value)]
    for array, out in {out.array: out for out in outs}.items():
        if array in later or array.external or array in kept:
            fused.stored[known[array]] = len(fused.writes)
            fused.writes.append(out)
