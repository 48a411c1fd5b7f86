"""Fused loops as small compiled functions, and the step that calls them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gradtutor.codegen.cpu.fusion import Fused, fuse, fused_runs, worth_a_loop
from gradtutor.codegen.ir.operands import Options
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Sizes

#: The loop variables of tensors with so many axes, outermost first.
INDICES = {1: "i", 2: "ni", 3: "cin", 4: "cijn", 5: "cijkn", 6: "cijhwn"}


def compile_loops(program: Program) -> Program:
    """Replace runs of pointwise operations by calls of compiled loops."""
    functions: list[str] = []
    ops: list[Op] = []
    for run in fused_runs(program.ops):
        if worth_a_loop(run):
            fused = fuse(program, run)
            name = _function_name(fused, functions)
            functions.append(_function(program, fused, name))
            ops.append(_call(fused, name, run))
        else:
            ops += run
    return replace(program, ops=ops, functions=functions)


def _call(fused: Fused, name: str, run: Sequence[Op]) -> Op:
    """Return the call of a loop: its arguments, then what it writes."""
    reads = (*fused.reads, *fused.numbers)
    options: Options = {"function": name}
    op = Op("loop", reads, tuple(fused.writes), options, node=run[-1].node)
    return replace(op, elementwise=True)


def _function_name(fused: Fused, made: Sequence[str]) -> str:
    """Name a loop after what it writes: fused_h1, fused_dz1."""
    names = [value.array.name for value in fused.writes]
    stem = "fused_" + "_".join(names[-2:])
    taken = {re.search(r"def (\w+)", text).group(1) for text in made}  # type: ignore[union-attr]
    return stem if stem not in taken else f"{stem}_{len(made)}"


def _function(program: Program, fused: Fused, name: str) -> str:
    """Write the compiled function of one loop."""
    rank = len(fused.shape)
    indices = INDICES[rank]
    outs = [
        f"out{i}" if len(fused.writes) > 1 else "out" for i in range(len(fused.writes))
    ]
    inputs: list[str] = []
    for i, arg in enumerate(fused.reads):
        name_of = _parameter(program.text(arg), i)
        inputs.append(f"in{i}" if name_of in inputs else name_of)
    numbers = [f"number{i}" for i in range(len(fused.numbers))]
    lines = ['@njit(nogil=True, error_model="numpy", cache=True)']
    lines.append(f"def {name}({', '.join([*inputs, *numbers, *outs])}):")
    lines.append(f'    """{_docstring(fused, inputs, outs)}"""')
    kind = f"{outs[0]}.dtype.type"
    constants = dict(fused.constants)
    if any("zero" in text for _, text in fused.body):
        constants["zero"] = "0"
    lines += [f"    {key} = {kind}({text})" for key, text in constants.items()]
    for depth, index in enumerate(indices):
        lines.append(
            "    " * (depth + 1) + f"for {index} in range({outs[0]}.shape[{depth}]):"
        )
    inner = "    " * (rank + 1)
    for i, arg in enumerate(fused.reads):  # read before any choice: so it vectorises
        index = _index(arg.shape, fused.shape, indices)
        lines.append(f"{inner}element{i} = {inputs[i]}[{index}]")
    lines += [f"{inner}{key} = {text}" for key, text in fused.body]
    # all that is read is read before anything is written: arrays may share memory
    for key, at in fused.stored.items():
        lines.append(f"{inner}{outs[at]}[{', '.join(indices)}] = {key}")
    return "\n".join(lines)


def _parameter(text: str, position: int) -> str:
    """Name a parameter after the argument: z1, or in0 for an expression."""
    match = re.match(r"[A-Za-z_]\w*$", text)
    base = re.match(r"([A-Za-z_]\w*)\.", text)
    if match:
        return text
    return base.group(1) if base else f"in{position}"


def _docstring(fused: Fused, inputs: Sequence[str], outs: Sequence[str]) -> str:
    """Say what the loop computes, by nesting its lines."""
    texts: dict[str, str] = {}
    constants = fused.constants | {"zero": "0"}

    def filled(text: str) -> str:
        def one(found: re.Match[str]) -> str:
            key = found.group()
            if key in texts:
                return f"({texts[key]})" if " " in texts[key] else texts[key]
            if key in constants:
                return constants[key]
            number = key.removeprefix("element")
            return inputs[int(number)] if number.isdigit() else key

        return re.sub(r"\b(?:(?:element|value|constant)\d+|zero)\b", one, text)

    for key, text in fused.body:
        texts[key] = filled(text)
    said = [f"{outs[at]} = {texts[key]}" for key, at in fused.stored.items()]
    line = "; ".join(said)
    return f"{line}." if len(line) <= 76 else f"Fused loop over {outs[0]}."


def _index(shape: Sizes, whole: Sizes, indices: str) -> str:
    """Index an argument that may be broadcast: axes of size 1 at 0."""
    missing = len(whole) - len(shape)
    return ", ".join(
        "0"
        if size.is_one and not whole[missing + axis].is_one
        else indices[missing + axis]
        for axis, size in enumerate(shape)
    )
