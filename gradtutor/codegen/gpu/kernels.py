"""Runs of pointwise calls as named CuPy kernels: each element is read and written once.

The C body is printed from the gates of the graph, whose backward half are sympy's
partials. What only the run itself reads stays in a register.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradtutor.codegen.calls import Array, Call
from gradtutor.codegen.gpu.c_text import c_text
from gradtutor.codegen.gpu.half_storage import is_half
from gradtutor.codegen.gpu.sums import einsum_kernel
from gradtutor.codegen.program import Program
from gradtutor.gates import COMPARISONS
from gradtutor.graph import inputs

#: What a kernel calls the type of an array's elements; a body computes in T.
LETTERS = {"float32": "T", "half": "H", "bool": "bool"}
#: What T is where all arrays of a kernel have 16 bits.
WIDE = "typedef decltype(0.0f + H()) T;  // float; double in --check"
#: Arrays that one kernel may take: a launch has 4 KB for its arguments.
MOST_ARRAYS = 20


def device_kernels(program: Program, loss: str) -> list[str]:
    """Replace pointwise calls by launches of kernels; return the kernels' texts.

    Parameters
    ----------
    loss : str
        The node where the forward half ends: no kernel reaches over it.
    """
    texts: list[str] = []
    calls: list[Call] = []
    for run in _scheduled(program, loss):
        if run[0].ufunc == "einsum":
            name = _free_name("sum_of_products", texts)
            text, call = einsum_kernel(program, run[0], name)
        elif run[0].ufunc:
            text, call = _fused(program, run, texts)
        else:
            calls += run
            continue
        texts.append(text)
        calls.append(call)
    program.calls = calls
    return texts


# ---- which calls go together ----


def _scheduled(program: Program, loss: str) -> Iterator[list[Call]]:
    """Yield the calls in an order that keeps their meaning, fusable ones together."""
    waiting = list(program.calls)
    while waiting:
        run = [waiting.pop(0)]
        if run[0].ufunc not in ("", "einsum"):
            skipped: list[Call] = []
            for call in list(waiting):
                if run[-1].node == loss or (skipped and skipped[-1].node == loss):
                    break
                if _joins(program, run, skipped, call):
                    run.append(call)
                    waiting.remove(call)
                else:
                    skipped.append(call)
        yield run


def _joins(
    program: Program, run: Sequence[Call], skipped: Sequence[Call], call: Call
) -> bool:
    """Whether a later pointwise call can be made by the same kernel."""
    assert run[0].out is not None
    if call.ufunc in ("", "einsum") or call.out is None:
        return False
    if call.out.shape != run[0].out.shape:
        return False
    late = {id(value.array) for one in skipped for value in one.outs}
    made = {id(value.array) for one in run for value in one.outs}
    for arg in call.args:
        read = {id(array) for array in program.arrays_read(arg)}
        if read & late:
            return False  # it is made between
        in_place = program.value_of(arg) is not None
        if read & made and not (in_place and program.shape_of(arg) == call.out.shape):
            return False  # another element of it
    touched = {id(a) for one in (*run, call) for arg in one.args
               for a in program.arrays_read(arg)}  # fmt: skip
    return len(touched | made) < MOST_ARRAYS


# ---- one kernel ----


@dataclass
class Kernel:
    """What a kernel reads and writes, and the lines of its body.

    Attributes
    ----------
    reads : dict
        C name of each argument, and the operand that it is.
    types : dict
        C type of each argument.
    names : dict
        Array made inside, by identity, and the C text of its element.
    outs : dict
        Those that are written to memory, and their C name.
    """

    reads: dict[str, Any] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    outs: dict[int, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    casts: dict[str, str] = field(default_factory=dict)
    masks: dict[str, int] = field(default_factory=dict)

    def taken(self) -> set[str]:
        """Return all names that the body has."""
        return {*self.reads, *self.names.values(), *self.outs.values()}


def _fused(
    program: Program, run: Sequence[Call], made: Sequence[str]
) -> tuple[str, Call]:
    """Return the kernel of a run as text, and the call that launches it."""
    stored = _stored(program, run)
    kernel = Kernel()
    for call in run:
        _add_line(program, kernel, call, stored)
    outs = [call.out for call in run if call.out and id(call.out.array) in stored]
    name = _free_name("fused_" + "_".join(out.array.name for out in outs[-2:]), made)
    letters = [f"a{i}" for i in range(len(kernel.reads))]
    targets = [f"o{i}" for i in range(len(outs))]
    clock = ["clock"] if kernel.masks else []
    call = Call(
        f"{name}({', '.join([*letters, *clock, *targets])})",
        list(kernel.reads.values()),
        outs[0],
        ufunc="loop",
        node=run[-1].node,
        others=outs[1:],
        inside=tuple(one.node for one in run if id(one.out.array) not in stored),  # type: ignore[union-attr]
    )
    writes = [(kernel.outs[id(out.array)], out.array) for out in outs]
    return _text(kernel, name, writes), call


def _stored(program: Program, run: Sequence[Call]) -> set[int]:
    """Return the arrays of a run that something outside it needs."""
    inside = {id(call) for call in run}
    read = {
        id(array)
        for call in program.calls
        if id(call) not in inside
        for arg in call.args
        for array in program.arrays_read(arg)
    }
    kept = program.kept_arrays()
    arrays = [call.out.array for call in run if call.out is not None]
    return {id(a) for a in arrays if id(a) in read or a.external or id(a) in kept}


def _add_line(program: Program, kernel: Kernel, call: Call, stored: set[int]) -> None:
    """Append one gate to a kernel's body."""
    assert call.out is not None
    parts = [_element(program, kernel, arg, call) for arg in call.args]
    text = c_text(call.ufunc, parts, program.data(call.node)["attrs"])
    array = call.out.array
    name = _element_name(kernel, array)
    kept = id(array) in stored
    kernel.names[id(array)] = f"T({name})" if kept and array.dtype == "half" else name
    if kept:
        kernel.outs[id(array)] = name
    kind = "bool" if call.ufunc in COMPARISONS else "T"
    head = "" if kept else f"const {kind} "
    kernel.lines.append(f"{head}{name} = {text};")


def _element_name(kernel: Kernel, array: Array) -> str:
    """Name an element after its array, where that is a name of its own."""
    return _unused(array.name or "v1", kernel.taken())


def _unused(name: str, taken: set[str]) -> str:
    stem, count = name.rstrip("0123456789"), 1
    while name in taken or name in ("i", "n", "T", "Y", "H"):
        name, count = f"{stem}{count}", count + 1
    return name


def _element(program: Program, kernel: Kernel, arg: Any, call: Call) -> str:
    """Return the C text of an argument's element: a register, a parameter, a number."""
    value = program.value_of(arg)
    if value is not None and id(value.array) in kernel.names:
        return kernel.names[id(value.array)]
    text = program.text(arg)
    if value is None and not program.is_tensor(arg):
        return _number(program, kernel, arg, text)
    for name, other in kernel.reads.items():
        if program.text(other) == text:
            return kernel.casts.get(name, name)
    if _draws(program, arg, call):
        return _drawn(program, kernel, text)
    base = re.match(r"[A-Za-z_]\w*", text)
    taken = kernel.taken() | _names_made(program, call)
    name = _unused(base.group() if base else "x", taken)
    kernel.reads[name] = arg
    kernel.types[name] = LETTERS[value.array.dtype] if value is not None else "T"
    if is_half(program, arg):
        kernel.types[name], kernel.casts[name] = "H", f"T({name})"
    if text.startswith("y") and _is_target(program, arg):
        kernel.types[name] = "Y"  # labels, or numbers in the data's own type
        kernel.casts[name] = f"T({name})"
    return kernel.casts.get(name, name)


def _names_made(program: Program, call: Call) -> set[str]:
    """Return the names that the arrays of the calls after this one will take."""
    return {value.array.name for value in call.outs}


def _is_target(program: Program, arg: Any) -> bool:
    return any(name == "y" for name in _inputs_under(program, arg))


def _inputs_under(program: Program, arg: Any) -> list[str]:
    name = program.input_under(arg)
    return [name] if name else []


def _number(program: Program, kernel: Kernel, arg: Any, text: str) -> str:
    """Return a number: printed, or a parameter where the batch's size is in it."""
    try:
        return repr(float(text)).removesuffix(".0")
    except ValueError:
        pass
    for name, other in kernel.reads.items():
        if not program.is_tensor(other) and program.text(other) == text:
            return f"T({name})"
    name = _unused("number1", kernel.taken())
    kernel.reads[name], kernel.types[name] = arg, "float64"
    return f"T({name})"


# ---- dropout ----


def _draws(program: Program, arg: Any, call: Call) -> bool:
    """Whether an argument is a dropout mask that the kernel can draw itself."""
    name = program.input_under(arg)
    if not name or program.data(name).get("role") != "mask":
        return False
    assert call.out is not None
    return name == arg and program.shape_of(arg) == call.out.shape


def _drawn(program: Program, kernel: Kernel, name: str) -> str:
    """Draw a mask's element: the same one in every kernel of a step."""
    if name not in kernel.masks:
        layer = inputs(program.graph, "mask").index(name)
        kernel.masks[name] = layer
        rate = program.data(name)["rate"]
        kernel.lines.append(
            f"const T {name} = dropout(clock[0], clock[2], {layer}, i, {rate});"
        )
    return name


# ---- text ----


def _text(kernel: Kernel, name: str, writes: Sequence[tuple[str, Array]]) -> str:
    """Write a kernel as the assignment of a `cp.ElementwiseKernel`."""
    reads = [f"{kernel.types[key]} {key}" for key in kernel.reads]
    if kernel.masks:
        reads.append("raw uint64 clock")
    outs = [f"{LETTERS[a.dtype]} {key}" for key, a in writes]
    types = {text.split()[0] for text in (*reads, *outs)}
    if "H" in types and "T" not in types:
        kernel.lines.insert(0, WIDE)
    body = (
        f'    "{kernel.lines[0]}",'
        if len(kernel.lines) == 1 and len(kernel.lines[0]) < 76
        else '    """\n'
        + "\n".join(f"    {line}" for line in kernel.lines)
        + '\n    """,'
    )
    lines = [f"{name} = cp.ElementwiseKernel("]
    lines += _parameter_lines(reads) + _parameter_lines(outs) + [body, f'    "{name}",']
    if kernel.masks:
        lines.append("    preamble=PHILOX,")
    return "\n".join([*lines, ")"])


def _parameter_lines(parameters: Sequence[str]) -> list[str]:
    """Write the parameters as one string, over several lines where it is long."""
    whole = ", ".join(parameters)
    if len(whole) <= 81:
        return [f'    "{whole}",']
    rows, row = [], ""
    for parameter in parameters:
        wider = f"{row}, {parameter}" if row else parameter
        if len(wider) > 76:
            rows.append(row + ", ")
            wider = parameter
        row = wider
    rows.append(row)
    return [f'    "{row}"' for row in rows[:-1]] + [f'    "{rows[-1]}",']


def _free_name(stem: str, made: Sequence[str]) -> str:
    """Return a name that no kernel has yet."""
    taken = {text.partition(" ")[0] for text in made}
    name, count = stem, 2
    while name in taken:
        name, count = f"{stem}_{count}", count + 1
    return name
