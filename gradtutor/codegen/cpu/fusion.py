"""Runs of pointwise calls fused into loops: each element is read once, written once.

What only the run itself reads becomes a number inside the loop and needs no array.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradtutor.codegen.ir.calls import Call, Value
from gradtutor.codegen.ir.program import Program
from gradtutor.gates import Shape

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


@dataclass
class Fused:
    """One loop: what it reads and writes, and the lines of its body.

    Attributes
    ----------
    reads : list
        Operands of the calls that come from outside.
    numbers : list
        Operands that are single numbers, known only when the script runs.
    writes : list of Value
        Results that are needed outside.
    body : list of (str, str)
        Name and expression of each element, in order.
    """

    shape: Shape
    reads: list[Any] = field(default_factory=list)
    writes: list[Value] = field(default_factory=list)
    body: list[tuple[str, str]] = field(default_factory=list)
    stored: dict[str, int] = field(default_factory=dict)
    numbers: list[Any] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


def fused_runs(program: Program) -> Iterator[list[Call]]:
    """Yield the calls in order; pointwise ones that follow each other as one list."""
    run: list[Call] = []
    for call in program.calls:
        fits = call.ufunc in SCALAR and call.out is not None
        if run and not (fits and _same_size(run[-1], call)):
            yield run
            run = []
        if fits:
            run.append(call)
        else:
            yield [call]
    if run:
        yield run


def _same_size(one: Call, other: Call) -> bool:
    assert one.out is not None and other.out is not None
    return one.out.shape == other.out.shape


def worth_a_loop(program: Program, run: Sequence[Call]) -> bool:
    """Whether a run can be a loop: several calls that read only elements in place.

    A turned or cut view of what the run itself writes would be read before it is
    written.
    """
    if len(run) < 2 or not all(call.ufunc for call in run):
        return False
    written = [value.array for call in run for value in call.outs]
    views = [
        array
        for call in run
        for arg in call.args
        if program.value_of(arg) is None
        for array in program.arrays_read(arg)
    ]
    return not any(view is array for view in views for array in written)


def fuse(program: Program, run: Sequence[Call]) -> Fused:
    """Write a run of calls as one loop over the elements."""
    assert run[0].out is not None
    fused = Fused(run[0].out.shape)
    known: dict[int, str] = {}  # array to the name of its element
    for call in run:
        assert call.out is not None
        parts = [_element(program, fused, known, arg) for arg in call.args]
        name = f"value{len(fused.body)}"
        text = _masked(run, call, parts) or SCALAR[call.ufunc].format(*parts)
        fused.body.append((name, text))
        known[id(call.out.array)] = name
    _store(program, fused, run, known)
    return fused


def _element(program: Program, fused: Fused, known: dict[int, str], arg: Any) -> str:
    """Return the text of an argument's element: a number made here, read, or fixed."""
    value = program.value_of(arg)
    if (
        value is not None
        and value.array.filling == "0.0"
        and value.array.name.startswith("zeros")
    ):
        return _constant(fused, "0")
    if value is not None and id(value.array) in known:
        return known[id(value.array)]
    if value is None and not program.is_tensor(arg):
        return _number(program, fused, arg)
    text = program.text(arg)
    for i, other in enumerate(fused.reads):
        if program.text(other) == text:
            return f"element{i}"
    fused.reads.append(arg)
    return f"element{len(fused.reads) - 1}"


def _number(program: Program, fused: Fused, arg: Any) -> str:
    """Return a single number: fixed in the loop, or handed to it if it has names."""
    text = program.text(arg)
    words = [part for part in ast.walk(ast.parse(text)) if isinstance(part, ast.Name)]
    if all(word.id == "math" for word in words):
        return _constant(fused, text)
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


def _masked(run: Sequence[Call], call: Call, parts: list[str]) -> str:
    """Write a product with a mask as a choice; empty for any other call."""
    if call.ufunc != "multiply":
        return ""
    masks = {
        f"value{i}" for i, one in enumerate(run)
        if one.out is not None and one.out.array.dtype == "bool"
    }  # fmt: skip
    a, b = parts
    if b in masks:
        return f"{a} if {b} else zero"
    return f"{b} if {a} else zero" if a in masks else ""


def _store(
    program: Program, fused: Fused, run: Sequence[Call], known: dict[int, str]
) -> None:
    """Decide which elements are written: those that a later call reads, or a target."""
    last = program.calls.index(run[-1])
    later = {
        id(array)
        for call in program.calls[last + 1 :]
        for arg in call.args
        for array in program.arrays_read(arg)
    }
    outs: dict[int, Call] = {}
    for call in run:
        assert call.out is not None
        outs[id(call.out.array)] = call
    kept = program.kept_arrays()
    for key, call in outs.items():
        assert call.out is not None
        if key in later or call.out.array.external or key in kept:
            fused.stored[known[key]] = len(fused.writes)
            fused.writes.append(call.out)
