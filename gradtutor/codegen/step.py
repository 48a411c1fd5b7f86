"""The text of one training step: its arrays, its forward and its backward lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gradtutor.calculus import backward_graph
from gradtutor.codegen.backends import backend_of
from gradtutor.codegen.gpu.half_storage import with_scale
from gradtutor.codegen.ir.check import check_blocks, run_passes
from gradtutor.codegen.ir.lines import array_texts, group_lines, groups_of
from gradtutor.codegen.ir.loop import everywhere, programs, with_functions
from gradtutor.codegen.ir.memory import Block, plan_memory
from gradtutor.codegen.ir.operands import Array
from gradtutor.codegen.ir.program import Program
from gradtutor.codegen.ir.size import product, sizes_of
from gradtutor.codegen.parallel import LOSS_SHARE, SHARE
from gradtutor.codegen.rewrite.passes import (
    FORWARD_PASSES,
    NOT_OF_RANKS,
)
from gradtutor.codegen.rewrite.rules import apply_passes
from gradtutor.codegen.settings import Settings
from gradtutor.graph import Graph, add_gate, add_number, inputs
from gradtutor.messages import tr

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
    space : str
        What the arrays are attributes of, where they are too many for a line of names.
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
    space: str = ""
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


#: Characters of array names that a line has room for: ``h1, z2 = arrays(N, X.dtype)``.
MOST_NAMED = 63

#: A step that another text does.
NO_CALLS = Step((), (), (), (), "loss", (), (), ())


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
    backend = backend_of(settings)
    names = inputs(graph, "parameter")
    wanted = [graph.graph["output"], *statistics]
    graph, (loss, *extra) = apply_passes(graph, wanted, FORWARD_PASSES)
    graph.graph["output"] = loss
    graph = with_scale(graph) if settings.scaled else graph
    backward = backward_graph(graph, wrt=names, ties=settings.ties)
    order = [name for name in reversed(names) if name in backward.of_node]
    _need_gradients(names, order)
    gradients = [backward.of_node[name] for name in order]
    without = NOT_OF_RANKS if inputs(graph, "share") else ()
    passes = backend.passes(settings, without)
    lowest, found = apply_passes(backward.graph, [loss, *extra, *gradients], passes)
    found = _each_its_own(lowest, found)
    targets = {found[0]: ""} | dict.fromkeys(found[1 : 1 + len(extra)], "")
    targets |= {
        node: f"d{name}"
        for node, name in zip(found[1 + len(extra) :], order, strict=True)
    }
    assert len(targets) == len(found), "every target is a node of its own"
    program = backend.program(lowest, targets, settings)
    program = replace(program, loss=found[0])
    program = everywhere(program, lambda one: replace(one, half=settings.half))
    return backward.graph, run_passes(program, backend.after_lowering), found[0]


def _need_gradients(names: Sequence[str], reached: Sequence[str]) -> None:
    """Refuse a parameter that is only compared or rounded: nothing would train it."""
    for name in names:
        if name not in reached:
            raise ValueError(
                tr(
                    "no gradient reaches the parameter {name}: it is only compared, "
                    "rounded or stopped; give it a value, as in {name} = 1",
                    name=name,
                )
            )


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
    backend = backend_of(settings)
    if not backend.prints_calls:
        return NO_CALLS
    reference, program, loss = step_program(graph, settings, statistics)
    program = run_passes(program, backend.before_printing)
    program = with_functions(program, backend.function_word)
    every = list(programs(program))
    blocks = [block for one in every for block in _blocks(one)]
    kept = _kept(every, graph, masks=backend.draws_masks)
    arrays = tuple(array_texts(blocks, kept, backend.memory))
    space = _space(program, [name for name, _ in arrays]) if backend.on_gpu else ""
    if space:
        places = {name: f"{space}.{name}" for name, _ in arrays}
        program = everywhere(program, lambda one: _placed(one, places))
    groups = list(groups_of(program, reference))
    last = max(
        i for i, (ops, _) in enumerate(groups)
        if any(op.node == loss for op in ops)
    )  # fmt: skip
    forward, backward = groups[: last + 1], groups[last + 1 :]
    above, below = (
        list(group_lines(program, forward)),
        list(group_lines(program, backward)),
    )
    above = _told_once(above, below) if inputs(graph, "share") else above
    return Step(
        tuple(above),
        tuple(below),
        arrays,
        tuple((block.text, block.dtype) for block in blocks),
        program.text(program.operand(loss)),
        tuple(_found(program, graph, statistics)),
        tuple(blocks),
        tuple(kept),
        tuple(program.functions),
        space,
        "X" in program.half_inputs,
    )


def _space(program: Program, names: Sequence[str]) -> str:
    """Return what arrays become attributes of, where a line cannot name them all."""
    if len(", ".join(names)) <= MOST_NAMED:
        return ""
    known = {*names, *program.taken, *inputs(program.graph)}
    return next(name for name in ("at", "at_", "at__") if name not in known)


def _placed(program: Program, places: Mapping[str, str]) -> Program:
    return replace(program, printer=replace(program.printer, places=places))


def _kept(every: Sequence[Program], graph: Graph, *, masks: bool) -> list[Array]:
    """Return the arrays that are filled once, and those of dropout's masks."""
    drawn = inputs(graph, "mask")
    kept = [
        array
        for one in every
        for array in one.constants
        if array.name not in drawn and array in one.arrays_used()
    ]
    shapes = {name: sizes_of(graph.nodes[name]["shape"]) for name in drawn * masks}
    return kept + [Array(shape, name=name) for name, shape in shapes.items()]


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


def _told_once(forward: Sequence[str], backward: Sequence[str]) -> list[str]:
    """Leave out what is said of a rank's share in the backward lines, too."""
    later = {f"# {LOSS_SHARE} = loss*{SHARE}", *backward}
    return [line for line in forward if not (line[:1] == "#" and line in later)]
