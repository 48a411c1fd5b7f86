"""The text of one training step: its arrays, its forward and its backward lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gradtutor.calculus import backward_graph
from gradtutor.codegen.cpu.direct import direct_loops, direct_passes
from gradtutor.codegen.cpu.lowering import lowered
from gradtutor.codegen.cpu.numba_text import compile_loops
from gradtutor.codegen.gpu.convolutions import copy_channels_last, cudnn_passes
from gradtutor.codegen.gpu.half_storage import halve, with_scale
from gradtutor.codegen.gpu.kernels import device_kernels
from gradtutor.codegen.gpu.lowering import device_program
from gradtutor.codegen.gpu.parts import parts_in_place
from gradtutor.codegen.gpu.products import with_epilogues
from gradtutor.codegen.ir.check import check_blocks, run_passes
from gradtutor.codegen.ir.loop import Loop, Row, everywhere, programs, with_functions
from gradtutor.codegen.ir.memory import Block, plan_memory
from gradtutor.codegen.ir.names import name_arrays
from gradtutor.codegen.ir.operands import Array, Value
from gradtutor.codegen.ir.ops import Op
from gradtutor.codegen.ir.program import Pass, Program
from gradtutor.codegen.ir.side_by_side import side_by_side
from gradtutor.codegen.ir.size import product, sizes_of
from gradtutor.codegen.parallel import LOSS_SHARE, SHARE, synchronise
from gradtutor.codegen.rewrite.passes import (
    DEVICE_PASSES,
    FORWARD_PASSES,
    NOT_OF_RANKS,
    PASSES,
)
from gradtutor.codegen.rewrite.rules import apply_passes
from gradtutor.codegen.settings import Settings
from gradtutor.codegen.text.numpy_text import compose
from gradtutor.gates import show_shape
from gradtutor.graph import Graph, add_gate, add_number, copied, inputs
from gradtutor.language.formula.unparse import expression_text

#: What happens to a program as soon as it is made, and before it is printed, in order.
AFTER_LOWERING: dict[str, tuple[Pass, ...]] = {
    "numpy": (name_arrays,),
    "numba": (direct_loops, name_arrays),
    "cupy": (parts_in_place, with_epilogues, name_arrays),
}
PROGRAM_PASSES: dict[str, tuple[Pass, ...]] = {
    "numpy": (synchronise, side_by_side),
    "numba": (synchronise, compile_loops, side_by_side),
    "cupy": (synchronise, halve, copy_channels_last, device_kernels, side_by_side),
}


#: What a step is made for where nothing else is said.
USUAL = Settings(batch_size=64)


@dataclass(frozen=True)
class Step:
    """A step as text.

    Attributes
    ----------
    forward, backward : tuple of str
        Lines; an empty one parts the groups.
    arrays : tuple of tuple
        Name and expression of each array that a step on N examples uses.
    blocks : tuple of str
        Sizes and types of the memory that they share.
    names : tuple of str
        Names of the arrays, in order.
    half_batch : bool
        Whether the batch X is gathered in 16 bits.
    """

    forward: tuple[str, ...]
    backward: tuple[str, ...]
    arrays: tuple[tuple[str, str], ...]
    blocks: tuple[tuple[str, str], ...]
    loss: str
    statistics: tuple[tuple[str, str], ...]
    planned: tuple[Block, ...]
    kept: tuple[Array, ...]
    loops: tuple[str, ...] = ()
    half_batch: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the arrays, in order."""
        return tuple(name for name, _ in self.arrays)

    def peak_bytes(self, batch: int) -> int:
        """Return the memory of all arrays for a batch, in float32."""
        return sum(block.bytes(batch) for block in self.planned) + sum(
            _bytes(array, batch) for array in self.kept
        )

    def unshared_bytes(self, batch: int) -> int:
        """Return what they would take without sharing."""
        own = [array for block in self.planned for array in block.arrays]
        return sum(_bytes(array, batch) for array in (*own, *self.kept))


def _bytes(array: Array, batch: int) -> int:
    return Block(array.dtype, product(array.shape)).bytes(batch)


def step_program(
    graph: Graph, settings: Settings = USUAL, statistics: Sequence[str] = ()
) -> tuple[Graph, Program, str]:
    """Lower a network's graph to operations; return the graph before and the loss.

    Parameters
    ----------
    settings : Settings
        Of them the backend, the precision, the convolutions, the rule at kinks, and
        the usual number of examples, for which products are cut into slices.
    statistics : sequence of str
        More nodes to compute, such as a batch's mean.
    """
    backend, conv, batch = settings.backend, settings.conv, settings.step_batch
    names = inputs(graph, "parameter")
    wanted = [graph.graph["output"], *statistics]
    graph, (loss, *extra) = apply_passes(graph, wanted, FORWARD_PASSES)
    graph.graph["output"] = loss
    graph = with_scale(graph) if settings.scaled else graph
    backward = backward_graph(graph, wrt=names, ties=settings.ties)
    order = [name for name in reversed(names) if name in backward.of_node]
    gradients = [backward.of_node[name] for name in order]
    passes = DEVICE_PASSES if backend == "cupy" else PASSES
    if inputs(graph, "share"):
        passes = tuple(rule for rule in passes if rule not in NOT_OF_RANKS)
    passes = cudnn_passes(passes) if conv == "cudnn" else passes
    passes = direct_passes(passes, batch) if backend == "numba" else passes
    lowest, found = apply_passes(backward.graph, [loss, *extra, *gradients], passes)
    found = _each_its_own(lowest, found)
    targets = {found[0]: ""} | dict.fromkeys(found[1 : 1 + len(extra)], "")
    targets |= {
        node: f"d{name}"
        for node, name in zip(found[1 + len(extra) :], order, strict=True)
    }
    assert len(order) == len(names), "every parameter has a gradient"
    assert len(targets) == len(found), "every target is a node of its own"
    if backend == "cupy":
        program = device_program(lowest, targets, batch, conv)
    else:
        program = lowered(lowest, targets, batch, backend)
    program = replace(program, loss=found[0])
    program = everywhere(program, lambda one: replace(one, half=settings.half))
    return backward.graph, run_passes(program, AFTER_LOWERING[backend]), found[0]


def _each_its_own(graph: Graph, targets: Sequence[str]) -> list[str]:
    """Copy what is wanted twice, as the one gradient of two biases that are added.

    A padded array keeps its border, and a parameter's gradient lies in a vector of all.
    """
    own: list[str] = []
    for node in targets:
        padded = graph.nodes[node]["gate"] == "pad"
        if padded:
            graph.nodes[node]["name"] = None  # it goes to the copy
        if node in own or padded:
            node = add_gate(graph, "mul", node, add_number(graph, 1.0))
        own.append(node)
    return own


def training_step(
    graph: Graph, settings: Settings = USUAL, statistics: Sequence[str] = ()
) -> Step:
    """Return the text of a step that computes the loss and every gradient.

    Parameters
    ----------
    graph : Graph
        A network, as ``gradtutor.language.parse_network`` makes it.
    settings, statistics
        As in `step_program`.
    """
    reference, program, loss = step_program(graph, settings, statistics)
    backend = settings.backend
    program = run_passes(program, PROGRAM_PASSES[backend])
    program = with_functions(program, "launched" if backend == "cupy" else "called")
    every = list(programs(program))
    blocks = [block for one in every for block in _blocks(one)]
    groups = list(_groups(program, reference))
    last = max(
        i for i, (ops, _) in enumerate(groups)
        if any(op.node == loss for op in ops)
    )  # fmt: skip
    forward, backward = groups[: last + 1], groups[last + 1 :]
    masks = inputs(graph, "mask")
    kept = [
        array
        for one in every
        for array in one.constants
        if array.name not in masks and array in one.arrays_used()
    ]
    if backend != "cupy":  # whose kernels draw them where they are needed
        shapes = {name: sizes_of(graph.nodes[name]["shape"]) for name in masks}
        kept += [Array(shape, name=name) for name, shape in shapes.items()]
    above, below = list(_lines(program, forward)), list(_lines(program, backward))
    above = _told_once(above, below) if inputs(graph, "share") else above
    return Step(
        tuple(above),
        tuple(below),
        tuple(_array_texts(blocks, kept)),
        tuple((block.text, block.dtype) for block in blocks),
        program.text(program.operand(loss)),
        tuple(_found(program, graph, statistics)),
        tuple(blocks),
        tuple(kept),
        tuple(program.functions),
        "X" in program.half_inputs,
    )


def _blocks(program: Program) -> list[Block]:
    """Plan a program's memory, and check it."""
    blocks = plan_memory(program)
    check_blocks(program, blocks)
    return blocks


def _found(
    program: Program, graph: Graph, statistics: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield each statistic's name and its text in the step."""
    targets = list(program.targets)
    for name, node in zip(statistics, targets[1:], strict=False):
        yield str(graph.nodes[name]["name"]), program.text(program.operand(node))


# ---- lines ----

Group = tuple[list[Op], tuple[str, ...]]


def _groups(program: Program, reference: Graph) -> Iterator[Group]:
    """Yield the operations that make one array, with the formula that they are."""
    names = [(data["name"], node) for node, data in reference.nodes(data=True)]
    named = {name: node for name, node in reversed(names) if name}  # the first of each
    reference = _said(reference, program.printer.names)
    ops: list[Op] = []
    for op, following in zip(program.ops, [*program.ops[1:], None], strict=True):
        ops.append(op)
        if following is None or not _same_array(op, following):
            formula = _formula(program, reference, named, ops)
            if formula or following is None:  # what has no name belongs to the next
                yield ops, formula
                ops = []


def _said(reference: Graph, names: Mapping[str, str]) -> Graph:
    """Return a graph whose nodes are called as the script calls them: h[t]."""
    if not names:
        return reference
    result = copied(reference)
    for _, data in result.nodes(data=True):
        data["name"] = names.get(data["name"], data["name"])
    return result


def _same_array(op: Op, following: Op) -> bool:
    if not op.outputs or not following.outputs or op.number:
        return False
    if "loop" in (op.kind, following.kind):
        return False
    whole = isinstance(op.out, Value) and isinstance(following.out, Value)
    return op.written[0] is following.written[0] and (whole or op.out == following.out)


def _formula(
    program: Program, reference: Graph, named: Mapping[str, str], ops: list[Op]
) -> tuple[str, ...]:
    """Write what a group computes, in the language of formulas."""
    op = ops[-1]
    texts: list[str] = []
    inside = [program.name(node) for node in op.inside]
    whole = [out.array.name for out in op.outputs if isinstance(out, Value)]
    for name in (*inside, op.number, *whole):
        node = named.get(name)
        if node is not None and reference.nodes[node]["gate"] != "input":
            shape = show_shape(reference.nodes[node]["shape"] or ())
            name = reference.nodes[node]["name"]
            text = f"{name} = {expression_text(reference, node, limit=140)}"
            text = name if "…" in text else text
            texts.append(text if shape == "()" else f"{text}  {shape}")
    return tuple(texts)


def _lines(program: Program, groups: Sequence[Group]) -> Iterator[str]:
    said = set()
    for ops, formulas in groups:
        for formula in formulas:
            if formula not in said:
                yield f"# {formula}"
                said.add(formula)
        for op in ops:
            if isinstance(op, Loop):
                yield from _loop_lines(program, op)
            else:
                yield program.statement(op)


def _loop_lines(program: Program, loop: Loop) -> Iterator[str]:
    """Write a loop: inside, each name of a row stands for its text outside."""
    names = {
        one.name: compose(f"a[{one.index}]", [program.text(one.operand)])
        if isinstance(one, Row)
        else program.text(one.operand)
        for one in (*loop.reads, *loop.writes)
    }
    body = replace(loop.body, printer=replace(loop.body.printer, names=names))
    yield loop.head
    for line in _lines(body, list(_groups(body, loop.reference))):
        yield f"    {line}"


def _told_once(forward: Sequence[str], backward: Sequence[str]) -> list[str]:
    """Leave out what is said of a rank's share in the backward lines, too."""
    later = {f"# {LOSS_SHARE} = loss*{SHARE}", *backward}
    return [line for line in forward if not (line[:1] == "#" and line in later)]


# ---- arrays ----

#: What makes an array that is filled once.
MADE: dict[float | None, str] = {None: "np.ones", 0.0: "np.zeros", 1.0: "np.ones"}


def _array_texts(
    blocks: Sequence[Block], kept: Sequence[Array]
) -> Iterator[tuple[str, str]]:
    """Yield each array's name and the expression that makes it."""
    for position, block in enumerate(blocks):
        for array in block.arrays:
            cut = "spaced" if array.spaced else "part"
            sizes = ", ".join([f"blocks[{position}]", *_sizes(array)])
            yield array.name, f"{cut}({sizes})"
    for array in kept:
        kind = "narrow(dtype)" if array.dtype == "half" else "dtype"
        yield array.name, f"{_made(array)}, {kind})"


def _made(array: Array) -> str:
    """Write what makes an array that is filled once, up to its type."""
    size = ", ".join(_sizes(array))
    shape = size if len(array.shape) == 1 else f"({size})"
    if array.filling in MADE:
        return f"{MADE[array.filling]}({shape}"
    filling = repr(array.filling).replace("inf", "np.inf")
    return f"np.full({shape}, {filling}"


def _sizes(array: Array) -> list[str]:
    return [size.text for size in array.shape]
