"""Runs of pointwise calls as named CuPy kernels: each element is read and written once.

The C body is printed from the gates of the graph, whose backward half are sympy's
partials. What only the run itself reads stays in a register.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gradtutor.codegen.gpu.c_text import c_text
from gradtutor.codegen.gpu.half_storage import is_half
from gradtutor.codegen.gpu.kernel_text import (
    LETTERS,
    NAME,
    Kernel,
    Launch,
    kernel_text,
    named,
    pattern_of,
)
from gradtutor.codegen.gpu.parts import written_in_place
from gradtutor.codegen.gpu.scheduling import Facts, scheduled
from gradtutor.codegen.gpu.sums import einsum_launch
from gradtutor.codegen.ir.calls import Call
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.parallel import place_in_batch
from gradtutor.gates import COMPARISONS
from gradtutor.graph import inputs


def device_kernels(program: Program, loss: str) -> list[str]:
    """Replace pointwise calls by launches of kernels; return the kernels' texts.

    Parameters
    ----------
    loss : str
        The node where the forward half ends: no kernel reaches over it.
    """
    calls: list[Call] = []
    launches: list[Launch] = []
    facts = Facts.of(program, loss)
    for run in scheduled(facts):
        if not run[0].ufunc:
            calls += run
            continue
        if run[0].ufunc == "einsum":
            launch, more = einsum_launch(program, run[0])
        else:
            launch, more = _fused(facts, run), []
        launches.append(launch)
        calls += [launch.call, *more]
    program.calls = calls
    written_in_place(program)
    return named(launches)


def _fused(facts: Facts, run: Sequence[Call]) -> Launch:
    """Return the kernel of a run and the call that launches it."""
    kernel, stored = Kernel(), facts.stored(run)
    for call in run:
        _add_line(facts.program, kernel, call, stored)
    outs = [call.out for call in run if call.out and id(call.out.array) in stored]
    arguments = [f"a{i}" for i in range(len(kernel.reads))]
    arguments += ["clock", *kernel.part.values()] if kernel.masks else []
    arguments += [f"o{i}" for i in range(len(outs))]
    call = Call(
        f"{NAME}({', '.join(arguments)})",
        list(kernel.reads.values()),
        outs[0],
        ufunc="loop",
        node=run[-1].node,
        others=outs[1:],
        inside=tuple(one.node for one in run if id(one.out.array) not in stored),  # type: ignore[union-attr]
    )
    text = kernel_text(kernel, [(kernel.outs[id(o.array)], o.array) for o in outs])
    return Launch("fused", text, pattern_of(kernel, text), call)


def _add_line(program: Program, kernel: Kernel, call: Call, stored: set[int]) -> None:
    """Append one gate to a kernel's body."""
    assert call.out is not None
    parts = [_element(program, kernel, arg, call) for arg in call.args]
    text = c_text(call.ufunc, parts, program.data(call.node)["attrs"])
    array = call.out.array
    name = _unused(array.name or "v1", kernel.taken())
    kept = id(array) in stored
    kernel.names[id(array)] = f"T({name})" if kept and array.dtype == "half" else name
    if kept:
        kernel.outs[id(array)] = name
    else:
        kernel.locals.append(name)
    kind = "bool" if call.ufunc in COMPARISONS else "T"
    head = "" if kept else f"const {kind} "
    kernel.lines.append(f"{head}{name} = {text};")


def _unused(name: str, taken: set[str]) -> str:
    stem, count = name.rstrip("0123456789"), 1
    while name in taken or name in ("i", "n", "T", "Y", "H"):
        name, count = f"{stem}{count}", count + 1
    return name


# ---- what it reads ----


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
    if program.data(program.input_under(arg) or call.node).get("role") == "mask":
        return _drawn(program, kernel, arg, call)
    taken = kernel.taken() | {value.array.name for value in call.outs}
    name = _unused(_argument_name(program, text, call), taken)
    kernel.reads[name] = arg
    kernel.types[name] = LETTERS[value.array.dtype] if value is not None else "T"
    if is_half(program, arg):
        kernel.types[name], kernel.casts[name] = "H", f"T({name})"
    if program.input_under(arg) == "y":  # labels, or numbers in the data's own type
        kernel.types[name], kernel.casts[name] = "Y", f"T({name})"
    return kernel.casts.get(name, name)


def _argument_name(program: Program, text: str, call: Call) -> str:
    """Name an argument as its array, the slice of z1_2 that makes i1_2 as z_i1_2."""
    base = re.match(r"[A-Za-z_]\w*", text)
    stem = base.group() if base else "x"
    if "[" not in text:
        return stem
    made = program.data(call.node)["name"]
    return f"{re.sub(r'[_0-9]+$', '', stem)}_{made}" if made else f"{stem}_part"


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


def _drawn(program: Program, kernel: Kernel, name: str, call: Call) -> str:
    """Draw an element of dropout's mask: the same one in every kernel of a step."""
    assert call.out is not None and program.shape_of(name) == call.out.shape
    if name not in kernel.masks:
        layer = kernel.masks[name] = inputs(program.graph, "mask").index(name)
        rate, element = program.data(name)["rate"], "i"
        if inputs(program.graph, "share"):  # ranks have parts of the batch
            element, kernel.part = place_in_batch(program.shape_of(name))
        kernel.lines.append(
            f"const T {name} = dropout(clock[0], clock[2], {layer}, {element}, {rate});"
        )
    return name
