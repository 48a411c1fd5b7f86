"""Fused loops as small compiled functions, and the step that calls them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradtutor.codegen.cpu.fusion import ZERO, Fused, fuse, fused_runs, worth_a_loop
from gradtutor.codegen.ir.launches import NAME, Launch
from gradtutor.codegen.ir.operands import Options, is_cut, name_under
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes

#: The loop variables of tensors with so many axes, outermost first.
INDICES = {1: "i", 2: "ni", 3: "cin", 4: "cijn", 5: "cijkn", 6: "cijhwn"}


def compile_loops(program: Program) -> Program:
    """Replace runs of pointwise operations by calls of compiled loops."""
    launches = list(program.launches)
    ops: list[Op] = []
    for run in fused_runs(program.ops):
        if worth_a_loop(run):
            fused = fuse(program, run)
            op = _call(fused, len(launches), run)
            neutral = [f"in{i}" for i in range(len(fused.reads))]
            text, pattern = _function(fused, _names(fused)), _function(fused, neutral)
            launches.append(Launch("fused", text, pattern, op))
            ops.append(op)
        else:
            ops += run
    return replace(program, ops=ops, launches=launches)


def _call(fused: Fused, kernel: int, run: Sequence[Op]) -> Op:
    """Return the call of a loop: its arguments, then what it writes."""
    reads = (*fused.reads, *fused.numbers)
    options: Options = {"kernel": kernel}
    op = Op("loop", reads, tuple(fused.writes), options, node=run[-1].node)
    return replace(op, elementwise=True)


def _names(fused: Fused) -> list[str]:
    """Name a loop's arguments after the arrays that they are."""
    names: list[str] = []
    for i, arg in enumerate(fused.reads):
        name = "" if is_cut(arg) else name_under(arg)
        names.append(f"in{i}" if name in ("", *names) else name)
    return names


def _function(fused: Fused, inputs: Sequence[str]) -> str:
    """Write the compiled function of one loop, its own name left open."""
    rank = len(fused.shape)
    indices = INDICES[rank]
    outs = [
        f"out{i}" if len(fused.writes) > 1 else "out" for i in range(len(fused.writes))
    ]
    numbers = [f"number{i}" for i in range(len(fused.numbers))]
    lines = ['@njit(nogil=True, error_model="numpy", cache=True)']
    lines.append(f"def {NAME}({', '.join([*inputs, *numbers, *outs])}):")
    lines.append(f'    """{_docstring(fused, inputs, outs)}"""')
    kind = f"{outs[0]}.dtype.type"
    constants = dict(fused.constants)
    if any(ZERO in line.parts for line in fused.body):
        constants[ZERO] = "0"
    lines += [f"    {key} = {kind}({text})" for key, text in constants.items()]
    for depth, index in enumerate(indices):
        lines.append(
            "    " * (depth + 1) + f"for {index} in range({outs[0]}.shape[{depth}]):"
        )
    inner = "    " * (rank + 1)
    for i, arg in enumerate(fused.reads):  # read before any choice: so it vectorises
        index = _index(arg.shape, fused.shape, indices)
        lines.append(f"{inner}element{i} = {inputs[i]}[{index}]")
    for line in fused.body:
        lines.append(f"{inner}{line.name} = {line.template.format(*line.parts)}")
    # all that is read is read before anything is written: arrays may share memory
    for key, at in fused.stored.items():
        lines.append(f"{inner}{outs[at]}[{', '.join(indices)}] = {key}")
    return "\n".join(lines)


def _docstring(fused: Fused, inputs: Sequence[str], outs: Sequence[str]) -> str:
    """Say what the loop computes, by nesting its lines."""
    said = fused.constants | {ZERO: "0"}
    said |= {f"element{i}": name for i, name in enumerate(inputs)}
    for line in fused.body:
        parts = [said.get(part, part) for part in line.parts]
        inner = [
            f"({text})" if " " in text and part.startswith("value") else text
            for part, text in zip(line.parts, parts, strict=True)
        ]
        said[line.name] = line.template.format(*inner)
    told = "; ".join(f"{outs[at]} = {said[key]}" for key, at in fused.stored.items())
    return f"{told}." if len(told) <= 76 else f"Fused loop over {outs[0]}."


def _index(shape: Sizes, whole: Sizes, indices: str) -> str:
    """Index an argument that may be broadcast: axes of size 1 at 0."""
    missing = len(whole) - len(shape)
    return ", ".join(
        "0"
        if size.is_one and not whole[missing + axis].is_one
        else indices[missing + axis]
        for axis, size in enumerate(shape)
    )
