"""A step as one of several ranks computes it, each on its part of the batch.

The loss of a batch is a mean, so it is the sum of the ranks' means, each times its
share of the examples; and so is its gradient. `with_share` puts that factor into the
graph, before the backward pass is made. Only batch normalisation needs more: its
means are taken over all ranks (`synchronise`).
"""

from __future__ import annotations

from dataclasses import replace

from gradtutor.codegen.ir.program import Program
from gradtutor.errors import TutorError
from gradtutor.gates import Shape, show_shape
from gradtutor.graph import (
    Graph,
    NodeData,
    add_gate,
    add_input,
    copied,
    inputs,
    operands,
)
from gradtutor.messages import tr

#: The input that holds a rank's share, and the number that a rank's step returns.
SHARE, LOSS_SHARE = "share", "loss_share"


class UnknownStatisticError(TutorError):
    """A value of the whole batch that ranks cannot put together."""


def with_share(graph: Graph) -> Graph:
    r"""Return the network with this rank's share of the loss as its output.

    >>> from gradtutor.language import parse_network
    >>> text = "Sequential([Input(4), Linear(2)])\nloss = MSELoss()"
    >>> graph = with_share(parse_network(text, 4, None))
    >>> operands(graph, graph.graph["output"])
    ['loss', 'share']
    """
    result = copied(graph)
    share = add_input(result, SHARE, role="share")
    loss = result.graph["output"]
    result.graph["output"] = add_gate(result, "mul", loss, share, name=LOSS_SHARE)
    return result


def synchronise(program: Program) -> Program:
    """Take the means that batch normalisation needs over the batches of all ranks.

    Raises
    ------
    UnknownStatisticError
        When a value that is no mean is of the whole batch and each example needs it.
    """
    if not inputs(program.graph, "share"):
        return program
    statistics, share = set(batch_statistics(program)), program.operand(SHARE)
    made = {op.node: op for op in program.ops if op.outputs}
    for node in statistics:
        if node not in made or made[node].kind != "mean":
            raise UnknownStatisticError(
                tr(
                    "the network takes {node} of the whole batch: leave out --parallel",
                    node=program.gate(node),
                )
            )
    return program.with_ops([
        replace(op, kind="mean_of_ranks", inputs=(*op.inputs, share))
        if op.node in statistics and made.get(op.node) is op
        else op
        for op in program.ops
    ])  # fmt: skip


def batch_statistics(program: Program) -> list[str]:
    """Return the nodes that are made of all examples and that every example needs."""
    graph, found, needed = program.graph, [], set[str]()
    for node in reversed(program.order):
        args = operands(graph, node)
        if _per_example(graph, node) or node in needed:
            needed.update(args)
        if node in needed and _is_reduction(graph, node, args):
            found.append(node)
    return found


def _is_reduction(graph: Graph, node: str, args: list[str]) -> bool:
    """Whether the batch's axis ends here; a count of examples is each rank's own."""
    if _per_example(graph, node) or graph.nodes[node]["gate"] == "size":
        return False
    return any(_per_example(graph, arg) for arg in args)


def _per_example(graph: Graph, node: str) -> bool:
    return any(isinstance(size, str) for size in graph.nodes[node]["shape"])


def mask_facts(graph: Graph) -> list[tuple[str, float, str, str]]:
    """Return of each mask its name, its rate, its shape and how to cut a rank's part.

    >>> _part(("N", 8)), _part((3, 4, 4, "N"))
    ('[own.rows]', '[..., own.rows]')
    """
    facts = []
    for name in inputs(graph, "mask"):
        data: NodeData = graph.nodes[name]
        shape = show_shape(data["shape"]).replace("N", "own.whole")
        facts.append((name, data["rate"], shape, _part(data["shape"])))
    return facts


def _part(shape: Shape) -> str:
    axis = shape.index("N")
    before = "..., " if axis and axis == len(shape) - 1 else ":, " * axis
    return f"[{before}own.rows]"
