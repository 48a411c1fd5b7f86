"""A step as one of several ranks computes it, each on its part of the batch.

The loss of a batch is a mean, so it is the sum of the ranks' means, each times its
share of the examples; and so is its gradient. `with_share` puts that factor into the
graph, before the backward pass is made. Only batch normalisation needs more: its
means are taken over all ranks (`synchronise`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradtutor.codegen.ir.program import Program
from gradtutor.gates import Shape, show_shape
from gradtutor.gates.shapes import size_product
from gradtutor.graph import Graph, add_gate, add_input, copied, inputs, operands

if TYPE_CHECKING:
    from gradtutor.codegen.step import Step

#: The input that holds a rank's share, and the number that a rank's step returns.
SHARE, LOSS_SHARE = "share", "loss_share"
#: How a call that takes a mean begins: NumPy's, and the GPU's.
MEANS = ("a.mean(", "mean_over(a, ")


class UnknownStatisticError(ValueError):
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


def synchronise(program: Program) -> None:
    """Take the means that batch normalisation needs over the batches of all ranks.

    Raises
    ------
    UnknownStatisticError
        When a value that is no mean is of the whole batch and each example needs it.
    """
    if not inputs(program.graph, "share"):
        return
    calls = {call.node: call for call in program.calls if call.out is not None}
    for node in batch_statistics(program):
        call = calls.get(node)
        mean = next((text for text in MEANS if call and text in call.template), None)
        if call is None or mean is None:
            gate = program.data(node)["gate"]
            raise UnknownStatisticError(
                f"the network takes {gate} of the whole batch: leave out --parallel"
            )
        call.template = call.template.replace(mean, "mean_of_ranks(a, share, ")


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


def told_once(step: Step) -> Step:
    """Leave out what the forward lines say of the share, which is said further down."""
    later = {f"# {LOSS_SHARE} = loss*{SHARE}", *step.backward}
    forward = [line for line in step.forward if not (line[:1] == "#" and line in later)]
    return replace(step, forward=tuple(forward))


def mask_facts(graph: Graph) -> list[tuple[str, float, str, str]]:
    """Return of each mask its name, its rate, its shape and how to cut a rank's part.

    >>> _part(("N", 8)), _part((3, 4, 4, "N"))
    ('[own.rows]', '[..., own.rows]')
    """
    facts = []
    for name in inputs(graph, "mask"):
        data: dict[str, Any] = graph.nodes[name]
        shape = show_shape(data["shape"]).replace("N", "own.whole")
        facts.append((name, data["rate"], shape, _part(data["shape"])))
    return facts


def place_in_batch(shape: Shape) -> tuple[str, dict[str, str]]:
    """Return in C where element i of a rank's part is in the array of all examples.

    Also the kernel's parameters, and the argument of each: N of all `whole` examples
    are here, the first of them is number `first`.

    >>> place_in_batch(("N", 8))
    ('i + 8 * first', {'int32 first': 'own.rows.start'})
    >>> place_in_batch((3, 4, 4, "N"))[0]
    'i + first + i / N * (whole - N)'
    """
    axis, first = shape.index("N"), {"int32 first": "own.rows.start"}
    inner = size_product(shape[axis + 1 :])
    if axis == 0:
        return f"i + {inner} * first", first
    numbers = {"int32 N": "N"} | first | {"int32 whole": "own.whole"}
    if inner == 1:
        return "i + first + i / N * (whole - N)", numbers
    return f"i + {inner} * (first + i / (N * {inner}) * (whole - N))", numbers


def _part(shape: Shape) -> str:
    axis = shape.index("N")
    before = "..., " if axis and axis == len(shape) - 1 else ":, " * axis
    return f"[{before}own.rows]"
