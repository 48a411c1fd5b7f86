"""A kernel's parameters and body as a `cp.ElementwiseKernel`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradtutor.codegen.ir.launches import NAME

#: What a kernel calls the type of an array's elements; a body computes in T.
LETTERS = {"float32": "T", "half": "H", "bool": "bool"}
#: What T is where all arrays of a kernel have 16 bits.
WIDE = "typedef decltype(0.0f + H()) T;  // float; double in --check"
#: What T is where a kernel has conditions alone, of labels or given numbers.
SINGLE = "typedef float T;"


def kernel_text(
    reads: Sequence[str], outs: Sequence[str], body: Sequence[str], *, draws: bool
) -> str:
    """Write a kernel as the assignment of a `cp.ElementwiseKernel`.

    Parameters
    ----------
    reads, outs : sequence of str
        Type and name of each parameter.
    draws : bool
        Whether the body draws random numbers.
    """
    types = {text.split()[0] for text in (*reads, *outs)}
    if "T" not in types and any(re.search(r"\bT\b", line) for line in body):
        body = [WIDE if "H" in types else SINGLE, *body]
    lines = [f"{NAME} = cp.ElementwiseKernel("]
    lines += [*_parameter_lines(reads), *_parameter_lines(outs), _body_text(body)]
    lines += [f'    "{NAME}",', *(["    preamble=PHILOX,"] if draws else [])]
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
