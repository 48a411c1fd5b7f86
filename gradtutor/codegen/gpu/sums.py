"""A sum of products that is no matrix product, as a kernel: one thread an element.

Grouped convolutions need it. A thread adds up its own products, in order; where few
elements are sums over all examples, each example's part has a thread of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gradtutor.codegen.fusion.facts import elements
from gradtutor.codegen.ir.launches import NAME, Launch
from gradtutor.codegen.ir.operands import Array, Value
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import Size
from gradtutor.gates.structural.einsum import split_subscripts

#: Threads that keep a device busy: an H100 runs 132 times 2,048 at a time.
MANY = 2**17


def sum_kernels(program: Program) -> Program:
    """Replace sums of products by launches of kernels."""
    ops, launches = list[Op](), list(program.launches)
    for op in program.ops:
        if op.kind != "einsum":
            ops.append(op)
            continue
        launch, more = _launch(program, op)
        options = {**launch.op.options, "kernel": len(launches)}
        launches.append(launch)
        ops += [replace(launch.op, options=options), *more]
    return replace(program, ops=ops, launches=launches)


def _launch(program: Program, op: Op) -> tuple[Launch, list[Op]]:
    """Return the launch of a sum's kernel, and what adds up its parts, if any."""
    subscripts = str(op.options["subscripts"])
    operands, result = split_subscripts(_renamed(subscripts))
    sizes: dict[str, Size] = {}
    for letters, arg in zip(operands, op.inputs, strict=True):
        sizes |= dict(zip(letters, arg.shape, strict=True))
    operands = tuple(_longer_than_one(letters, sizes) for letters in operands)
    result = "".join(letter for letter in result if letter in "".join(operands))
    apart = _apart(program, operands, result, sizes)
    text = _kernel_text(operands, result + apart, sizes)
    out = op.out
    if apart:
        shape = tuple(sizes[letter] for letter in result + apart)
        out = Value(shape, Array(shape, name=f"{op.written[0].name}_parts"), op.node)
    launch = Op("loop", op.inputs, (out,), {"more": ("N",)}, node=op.node)
    kernel = Launch("sum_of_products", text, text, launch, general=True)
    if not apart:
        return kernel, []
    options = {"axis": tuple(range(len(result), len(result + apart)))}
    return kernel, [Op("sum", (out,), op.outputs, options, node=op.node)]


def _apart(
    program: Program,
    operands: Sequence[str],
    result: str,
    sizes: Mapping[str, Size],
) -> str:
    """Return the last summed letters, whose parts get threads of their own.

    The last one is the batch, along which numbers lie side by side in memory.
    """
    summed = _summed(operands, result)
    apart = ""
    while summed[len(apart) + 1 :]:
        made = elements(program, tuple(sizes[letter] for letter in result + apart))
        if made >= MANY or not (apart or not sizes[summed[-1]].fixed):
            break
        apart = summed[-1 - len(apart)] + apart
    return apart


def _summed(operands: Sequence[str], result: str) -> str:
    letters = dict.fromkeys("".join(operands))
    return "".join(letter for letter in letters if letter not in result)


def _kernel_text(
    operands: Sequence[str], result: str, sizes: Mapping[str, Size]
) -> str:
    """Write the kernel: which element is the thread's, and its sum."""
    summed, names = _summed(operands, result), "ab"[: len(operands)]
    factors = list(zip(names, operands, strict=True))
    formula = " ".join(f"{x}[{', '.join(letters)}]" for x, letters in factors)
    product = " * ".join(f"{x}[{_place(letters, sizes)}]" for x, letters in factors)
    over = f"sum over {', '.join(summed)} of " if summed else ""
    lines = [
        f"// out[{', '.join(result)}] = {over}{formula}",
        *_own_index(result, sizes),
        *(_loops(summed, product, sizes) if summed else [f"out = {product};"]),
    ]
    body = "\n".join(f"    {line}" for line in lines)
    reads = ", ".join(f"raw T {x}" for x in names)
    return (
        f'{NAME} = cp.ElementwiseKernel(\n    "{reads}, int32 N",\n    "T out",\n'
        f'    """\n{body}\n    """,\n    "{NAME}",\n)'
    )


def _loops(summed: str, product: str, sizes: Mapping[str, Size]) -> Iterator[str]:
    """Write a loop for each summed letter, and what is added up."""
    yield "T total = 0;"
    for depth, x in enumerate(summed):
        yield "    " * depth + f"for (int {x} = 0; {x} < {sizes[x].text}; ++{x})"
    yield "    " * len(summed) + f"total += {product};"
    yield "out = total;"


def _renamed(subscripts: str) -> str:
    """Take capitals for letters that name something else in a kernel: i, n, a, b."""
    return subscripts.translate(str.maketrans("inab", "IMAB"))


def _longer_than_one(letters: str, sizes: Mapping[str, Size]) -> str:
    """Leave out letters that stand for one number."""
    return "".join(one for one in letters if not sizes[one].is_one) or letters[:1]


def _own_index(result: str, sizes: Mapping[str, Size]) -> list[str]:
    """Take the thread's number apart into the indices of its element."""
    lines, rest = ["int rest = i;"], list(result)
    for letter in reversed(rest[1:]):
        size = sizes[letter].text
        divisor = f"({size})" if " " in size else size
        lines.append(f"const int {letter} = rest % {divisor};")
        lines.append(f"rest /= {size};")
    return [*lines, f"const int {rest[0]} = rest;"] if rest else []


def _place(letters: Sequence[str], sizes: Mapping[str, Size]) -> str:
    """Write where an element lies, by Horner's rule: ((c * H) + h) * W + w."""
    text = letters[0]
    for letter in letters[1:]:
        size = sizes[letter].text
        factor = f"({size})" if " " in size else size
        text = (
            f"({text}) * {factor} + {letter}"
            if " " in text
            else f"{text} * {factor} + {letter}"
        )
    return text
