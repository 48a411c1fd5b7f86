"""Runs of pointwise calls as named CuPy kernels: each element is read and written once.

The C body is printed from the gates of the graph, whose backward half are sympy's
partials. What only the run itself reads stays in a register.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gradtutor.codegen.gpu.c_text import c_text
from gradtutor.codegen.gpu.dropout import place_in_batch
from gradtutor.codegen.gpu.half_storage import is_half
from gradtutor.codegen.gpu.kernel_text import (
    LETTERS,
    Kernel,
    kernel_text,
    pattern_of,
)
from gradtutor.codegen.gpu.parts import written_in_place
from gradtutor.codegen.gpu.scheduling import Facts, scheduled
from gradtutor.codegen.gpu.sums import einsum_launch
from gradtutor.codegen.ir.launches import Launch
from gradtutor.codegen.ir.operands import (
    Array,
    Input,
    Operand,
    input_under,
    is_cut,
    is_tensor,
    known_number,
    name_under,
)
from gradtutor.codegen.ir.ops import Op, array_behind
from gradtutor.codegen.ir.program import Program
from gradtutor.gates import COMPARISONS
from gradtutor.graph import inputs, node_data


def device_kernels(program: Program) -> Program:
    """Replace pointwise operations by launches of kernels."""
    ops: list[Op] = []
    launches: list[Launch] = []
    facts = Facts.of(program, program.loss)
    for run in scheduled(facts):
        if not run[0].elementwise and run[0].kind != "einsum":
            ops += run
            continue
        if run[0].kind == "einsum":
            launch, more = einsum_launch(program, run[0])
        else:
            launch, more = _fused(facts, run), []
        options = {**launch.op.options, "kernel": len(launches)}
        launches.append(launch)
        ops += [replace(launch.op, options=options), *more]
    return written_in_place(replace(program, ops=ops, launches=launches))


def _fused(facts: Facts, run: Sequence[Op]) -> Launch:
    """Return the kernel of a run and the operation that launches it."""
    kernel, stored = Kernel(), facts.stored(run)
    for op in run:
        _add_line(facts.program, kernel, op, stored)
    outs = [op.out for op in run if op.written[0] in stored]
    more = ("clock", *kernel.part.values()) if kernel.masks else ()
    launch = Op(
        "loop",
        tuple(kernel.reads.values()),
        tuple(outs),
        {"more": more},
        node=run[-1].node,
        inside=tuple(op.node for op in run if op.written[0] not in stored),
        elementwise=True,
    )
    arrays = launch.written
    text = kernel_text(kernel, [(kernel.outs[array], array) for array in arrays])
    return Launch("fused", text, pattern_of(kernel, text), launch)


def _add_line(program: Program, kernel: Kernel, op: Op, stored: set[Array]) -> None:
    """Append one gate to a kernel's body."""
    parts = [_element(program, kernel, arg, op) for arg in op.inputs]
    text, array = c_text(op.kind, parts), op.written[0]
    name = _unused(array.name or "v1", kernel.taken())
    kept = array in stored
    kernel.names[array] = f"T({name})" if kept and array.dtype == "half" else name
    if kept:
        kernel.outs[array] = name
    else:
        kernel.locals.append(name)
    kind = "bool" if op.kind in COMPARISONS else "T"
    head = "" if kept else f"const {kind} "
    kernel.lines.append(f"{head}{name} = {text};")


def _unused(name: str, taken: set[str]) -> str:
    stem, count = name.rstrip("0123456789"), 1
    while name in taken or name in ("i", "n", "T", "Y", "H"):
        name, count = f"{stem}{count}", count + 1
    return name


# ---- what it reads ----


def _element(program: Program, kernel: Kernel, arg: Operand, op: Op) -> str:
    """Return the C text of an argument's element: a register, a parameter, a number."""
    array = array_behind(arg)
    if array in kernel.names:
        return kernel.names[array]
    if array is None and not is_tensor(arg) and not isinstance(arg, Input):
        return _number(kernel, arg)
    for name, other in kernel.reads.items():
        if other == arg:
            return kernel.casts.get(name, name)
    source = input_under(arg)
    if source is not None and source.role == "mask":
        return _drawn(program, kernel, source, op)
    taken = kernel.taken() | {one.name for one in op.written}
    name = _unused(_argument_name(program, arg, op), taken)
    kernel.reads[name] = arg
    kernel.types[name] = LETTERS[array.dtype] if array is not None else "T"
    if is_half(program, arg):
        kernel.types[name], kernel.casts[name] = "H", f"T({name})"
    if source is not None and source.name == "y":  # labels, or in the data's own type
        kernel.types[name], kernel.casts[name] = "Y", f"T({name})"
    if source is not None and source.role == "constant":  # float32 in --check, too
        kernel.types[name], kernel.casts[name] = "K", f"T({name})"
    return kernel.casts.get(name, name)


def _argument_name(program: Program, arg: Operand, op: Op) -> str:
    """Name an argument as its array, the slice of z1_2 that makes i1_2 as z_i1_2."""
    stem = name_under(arg) or "x"
    if not is_cut(arg):
        return stem
    made = _result_name(program, op.node)
    return f"{re.sub(r'[_0-9]+$', '', stem)}_{made}" if made else f"{stem}_part"


def _result_name(program: Program, node: str) -> str:
    """Return the name of what a node is, or goes into and nothing else."""
    while not program.name(node):
        readers = list(program.graph.succ[node])
        if len(readers) != 1:
            return ""
        (node,) = readers
    return program.name(node)


def _number(kernel: Kernel, arg: Operand) -> str:
    """Return a number: printed, or a parameter where the batch's size is in it."""
    value = known_number(arg)
    if value is not None:
        return repr(value).removesuffix(".0")
    for name, other in kernel.reads.items():
        if other == arg:
            return f"T({name})"
    name = _unused("number1", kernel.taken())
    kernel.reads[name], kernel.types[name] = arg, "float64"
    return f"T({name})"


def _drawn(program: Program, kernel: Kernel, mask: Input, op: Op) -> str:
    """Draw an element of dropout's mask: the same one in every kernel of a step."""
    name = mask.name
    assert mask.shape == op.out.shape
    if name not in kernel.masks:
        layer = kernel.masks[name] = inputs(program.graph, "mask").index(name)
        data, element = node_data(program.graph, name), "i"
        if inputs(program.graph, "share"):  # ranks have parts of the batch
            element, kernel.part = place_in_batch(data["shape"])
        rate = data["rate"]
        kernel.lines.append(
            f"const T {name} = dropout(clock[0], clock[2], {layer}, {element}, {rate});"
        )
    return name
