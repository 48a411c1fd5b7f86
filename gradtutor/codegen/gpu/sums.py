"""A sum of products that is no matrix product, as a kernel: one thread an element.

Grouped convolutions need it; each thread adds up its own products.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradtutor.codegen.calls import Call
from gradtutor.codegen.program import Program
from gradtutor.gates import Dimension
from gradtutor.gates.einsum import split_subscripts


def einsum_kernel(program: Program, call: Call, name: str) -> tuple[str, Call]:
    """Return a kernel's text and the call that launches it.

    Parameters
    ----------
    call : Call
        Its template holds the subscripts, such as ``gocij,gcijhwn->gohwn``.
    """
    operands, result = split_subscripts(_renamed(call.template))
    sizes: dict[str, Dimension] = {}
    for letters, arg in zip(operands, call.args, strict=True):
        sizes |= dict(zip(letters, program.shape_of(arg), strict=True))
    summed = [
        letter for letter in dict.fromkeys("".join(operands)) if letter not in result
    ]
    names = "ab"[: len(operands)]
    lines = _own_index(result, sizes)
    lines.append("T total = 0;")
    for depth, letter in enumerate(summed):
        size = _size(sizes[letter])
        lines.append(
            "    " * depth + f"for (int {letter} = 0; {letter} < {size}; ++{letter})"
        )
    factors = [
        f"{x}[{_place(letters, sizes)}]"
        for x, letters in zip(names, operands, strict=True)
    ]
    lines.append("    " * len(summed) + f"total += {' * '.join(factors)};")
    lines.append("out = total;")
    body = "\n".join(f"    {line}" for line in lines)
    formula = " ".join(
        f"{x}[{', '.join(letters)}]" for x, letters in zip(names, operands, strict=True)
    )
    said = (
        f"    // out[{', '.join(result)}] = sum over {', '.join(summed)} of {formula}"
    )
    reads = ", ".join(f"raw T {x}" for x in names)
    text = (
        f"{name} = cp.ElementwiseKernel(\n"
        f'    "{reads}, int32 N",\n    "T out",\n    """\n{said}\n{body}\n    """,\n'
        f'    "{name}",\n)'
    )
    letters = ", ".join(f"a{i}" for i in range(len(operands)))
    launch = Call(
        f"{name}({letters}, N, o0)", call.args, call.out, ufunc="loop", node=call.node
    )
    return text, launch


def _renamed(subscripts: str) -> str:
    """Take capitals for letters that name something else in a kernel: i, n, a, b."""
    return subscripts.translate(str.maketrans("inab", "IMAB"))


def _size(size: Dimension) -> str:
    return str(size).replace("*", " * ")


def _own_index(result: str, sizes: Mapping[str, Dimension]) -> list[str]:
    """Take the thread's number apart into the indices of its element."""
    lines, rest = ["int rest = i;"], list(result)
    for letter in reversed(rest[1:]):
        size = _size(sizes[letter])
        divisor = f"({size})" if " " in size else size
        lines.append(f"const int {letter} = rest % {divisor};")
        lines.append(f"rest /= {size};")
    return [*lines, f"const int {rest[0]} = rest;"] if rest else []


def _place(letters: Sequence[str], sizes: Mapping[str, Dimension]) -> str:
    """Write where an element lies, by Horner's rule: ((c * H) + h) * W + w."""
    text = letters[0]
    for letter in letters[1:]:
        size = _size(sizes[letter])
        factor = f"({size})" if " " in size else size
        text = (
            f"({text}) * {factor} + {letter}"
            if " " in text
            else f"{text} * {factor} + {letter}"
        )
    return text
