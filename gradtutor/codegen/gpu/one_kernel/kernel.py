"""The whole kernel: forward, backward and optimiser, many steps of them a launch."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradtutor.codegen.fusion.groups import Group
from gradtutor.codegen.gpu.one_kernel.loops import Loops
from gradtutor.codegen.gpu.one_kernel.memory import (
    parameter_lines,
    vector_length,
    work_lines,
)
from gradtutor.codegen.gpu.one_kernel.refusing import refuse
from gradtutor.codegen.gpu.one_kernel.text import WARP, WIDEST, LoopText
from gradtutor.codegen.ir.lines import formula_texts, named_nodes
from gradtutor.codegen.ir.operands import Array, Value
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import product
from gradtutor.graph import Graph, inputs

#: Threads of a block: so many slices of a warp each.
SLICES = 32
OVER_SLICES = """\
__device__ T over_slices(T part) {
    // Add up what the block's warps have found for the same 32 places, in one order:
    // the first warp gets the sums.
    __shared__ T parts[SLICES][32];
    const int lane = threadIdx.x % 32, slice = threadIdx.x / 32;
    parts[slice][lane] = part;
    __syncthreads();
    T sum = 0;
    if (slice == 0)
        for (int k = 0; k < SLICES; ++k) sum += parts[k][lane];
    __syncthreads();
    return sum;
}
"""
OVER_BLOCK = """\
__device__ T over_block(T part) {
    // Add up what all threads of a block have found: the first warp gets the sum.
    T sum = over_slices(part);
    for (int far = 16; far > 0; far /= 2) sum += __shfl_xor_sync(~0u, sum, far);
    return sum;
}
"""


@dataclass(frozen=True)
class OneKernel:
    """A step as one kernel.

    Attributes
    ----------
    text : str
        CUDA, without the lines that say what T, of numbers, and Y, of targets, are.
    per_example, fixed : int
        Numbers of memory that it works in: so many for each example, and these.
    blocks : int
        The most blocks that have something to do.
    """

    text: str
    per_example: int
    fixed: int
    blocks: int


@dataclass(frozen=True)
class Update:
    """How an optimiser moves a parameter, as lines of CUDA.

    Attributes
    ----------
    states : tuple of str
        What it keeps for each parameter.
    numbers, element : tuple of str
        Lines of a step, and of each parameter.
    """

    states: tuple[str, ...]
    numbers: tuple[str, ...]
    element: tuple[str, ...]


def one_kernel(
    program: Program, reference: Graph, update: Update, batch: int
) -> OneKernel:
    """Return a network's step, printed from its operations.

    Parameters
    ----------
    program : Program
        A step's operations, each writing an array of its own.
    reference : Graph
        The graph with its backward half, whose formulas stand as comments.
    update : Update
        What moves a parameter.
    batch : int
        The usual number of examples.

    Raises
    ------
    OneKernelError
        Where an operation is none that it has.
    """
    loss = program.operand(program.loss)
    if not isinstance(loss, Value):
        raise refuse(str(program.loss))
    if kept := inputs(reference, "frozen"):
        raise refuse(kept[0])
    loops = Loops.of(program)
    body = [*_steps(loops, reference), *_moved(update, program, loss)]
    work = [array for array in loops.stored() if not array.external]
    text = _text(program, update, work, body)
    sizes = [product(array.shape) for array in work]
    return OneKernel(
        text,
        sum(size.count for size in sizes if not size.fixed),
        sum(size.count for size in sizes if size.fixed),
        _blocks(loops, batch, vector_length(program)),
    )


# ---- what a step does ----


def _steps(loops: Loops, reference: Graph) -> Iterator[str]:
    """Yield the lines of all phases; the grid waits after each."""
    said, named = set[str](), named_nodes(reference)
    for phase in loops.phases():
        for loop in phase:
            for text in _formulas(reference, loop, named):
                if text not in said:
                    yield from _comment(text)
                    said.add(text)
            yield from LoopText(loops.facts, loop).lines()
        yield "grid.sync();"


def _formulas(reference: Graph, loop: Group, named: dict[str, str]) -> Iterator[str]:
    """Yield what a loop computes, in the language of formulas."""
    for op in loop.all():
        names = [out.array.name for out in op.outputs if isinstance(out, Value)]
        yield from formula_texts(reference, named, names)


def _moved(update: Update, program: Program, loss: Value) -> Iterator[str]:
    """Yield the lines that move every parameter, and count the loss."""
    yield "// the optimiser moves every parameter"
    yield "if (moves) {"
    for line in update.numbers:
        yield f"    {line}"
    states = "".join(f", &{one} = {one}s[i]" for one in update.states)
    yield f"    for (int i = first; i < {vector_length(program)}; i += threads) {{"
    yield f"        T &theta = thetas[i]{states};"
    yield "        const T gradient = gradients[i];"
    for line in update.element:
        yield f"        {line}"
    yield from ["    }", "}"]
    yield f"if (first == 0) total[0] += double({loss.array.name}[0]) * N;"
    yield "grid.sync();"


# ---- the kernel around it ----


def _text(
    program: Program, update: Update, work: Sequence[Array], body: list[str]
) -> str:
    words = set(re.findall(r"\w+", "\n".join(body)))
    helpers = [OVER_SLICES] * bool({"over_slices", "over_block"} & words)
    helpers += [OVER_BLOCK] * ("over_block" in words)
    states = "".join(f" T* {one}s," for one in update.states)
    lines = [
        "cooperative_groups::grid_group grid = cooperative_groups::this_grid();",
        *_threads(words),
        *parameter_lines(program, "thetas", "", words),
        *parameter_lines(program, "gradients", "d", words),
        *work_lines(work),
        "for (int step = 0; step < steps; ++step) {",
        "    const int* rows = order + size_t(step) * N;  // this step's examples",
        *(f"    {line}" for line in body),
        "}",
    ]
    above = "".join(f"{one}\n" for one in helpers)
    if "SLICES" in words or helpers:
        above = f"const int SLICES = {SLICES};  // warps of a block\n\n{above}"
    head = f"""\
#include <cooperative_groups.h>

{above}extern "C" __global__ void __launch_bounds__({32 * SLICES}) train(
    T* thetas, T* gradients,{states} const T* current_rate,
    const T* data, const Y* targets, const int* order, T* work, double* total,
    unsigned long long done, int N, int steps, int moves) {{
"""
    return head + "".join(f"    {line}\n" for line in lines) + "}\n"


def _threads(words: set[str]) -> list[str]:
    """Say which thread this is, in the grid and in its block."""
    own = ["thread = threadIdx.x"] * bool({"thread", "lane", "slice"} & words)
    own += ["lane = thread % 32"] * ("lane" in words)
    own += ["slice = thread / 32"] * ("slice" in words)
    lines = [f"const int {', '.join(own)};"] if own else []
    return [
        *lines,
        "const int first = blockIdx.x * blockDim.x + threadIdx.x;",
        "const int threads = gridDim.x * blockDim.x;  // of the whole grid",
    ]


def _comment(text: str) -> list[str]:
    return textwrap.wrap(f"// {text}", WIDEST, subsequent_indent="//     ")


def _blocks(loops: Loops, batch: int, count: int) -> int:
    """Return how many blocks have something to do in the largest loop."""
    most = -(-count // (32 * SLICES))
    for loop in loops.loops:
        size = product(loop.shape).at(batch)
        each = {"thread": 32 * SLICES, "slices": WARP, "block": 1}
        most = max(most, -(-size // each[LoopText(loops.facts, loop).way]))
    return most
