"""Kernels as text: each a `cp.ElementwiseKernel`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gradtutor.codegen.ir.launches import NAME
from gradtutor.codegen.ir.operands import Array, Operand

#: What a kernel calls the type of an array's elements; a body computes in T.
LETTERS = {"float32": "T", "half": "H", "bool": "bool"}
#: What T is where all arrays of a kernel have 16 bits.
WIDE = "typedef decltype(0.0f + H()) T;  // float; double in --check"
#: What T is where a kernel has conditions alone, of labels or given numbers.
SINGLE = "typedef float T;"


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
        Array made inside, and the C text of its element.
    outs : dict
        Those that are written to memory, and their C name.
    locals : list of str
        C names of those that are not.
    part : dict
        What says which part of the batch a rank has, and the argument of each.
    """

    reads: dict[str, Operand] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    names: dict[Array, str] = field(default_factory=dict)
    outs: dict[Array, str] = field(default_factory=dict)
    locals: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    casts: dict[str, str] = field(default_factory=dict)
    masks: dict[str, int] = field(default_factory=dict)
    part: dict[str, str] = field(default_factory=dict)

    def taken(self) -> set[str]:
        """Return all names that the body has."""
        return {*self.reads, *self.outs.values(), *self.locals, *self.masks}


# ---- one kernel ----


def kernel_text(kernel: Kernel, writes: Sequence[tuple[str, Array]]) -> str:
    """Write a kernel as the assignment of a `cp.ElementwiseKernel`."""
    reads = [f"{kernel.types[key]} {key}" for key in kernel.reads]
    if kernel.masks:
        reads += ["raw uint64 clock", *kernel.part]
    outs = [f"{LETTERS[a.dtype]} {key}" for key, a in writes]
    types = {text.split()[0] for text in (*reads, *outs)}
    body = kernel.lines
    if "T" not in types and any(re.search(r"\bT\b", line) for line in body):
        body = [WIDE if "H" in types else SINGLE, *body]
    lines = [f"{NAME} = cp.ElementwiseKernel("]
    lines += [*_parameter_lines(reads), *_parameter_lines(outs), _body_text(body)]
    lines += [f'    "{NAME}",', *(["    preamble=PHILOX,"] if kernel.masks else [])]
    return "\n".join([*lines, ")"])


def _body_text(lines: Sequence[str]) -> str:
    if len(lines) == 1 and len(lines[0]) < 76:
        return f'    "{lines[0]}",'
    return "\n".join(['    """', *(f"    {line}" for line in lines), '    """,'])


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


def pattern_of(kernel: Kernel, text: str) -> str:
    """Return a kernel's text with its own names numbered as they come."""
    own, numbers = kernel.taken(), dict[str, str]()

    def neutral(found: re.Match[str]) -> str:
        name = found.group()
        return numbers.setdefault(name, f"v{len(numbers)}") if name in own else name

    return re.sub(r"[A-Za-z_]\w*", neutral, text)
