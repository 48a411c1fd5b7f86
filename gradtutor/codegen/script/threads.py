"""How many threads BLAS gets in a script: one, unless products are large."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtutor.codegen.comments.made import comment
from gradtutor.codegen.settings import Settings
from gradtutor.gates import Shape
from gradtutor.graph import Graph, operands

#: Multiplications from which a product is shared among idle cores. One core does so
#: many in about a millisecond; a scheduler's turns last several, and a thread of BLAS
#: that waits for its turn holds up all others, which spin meanwhile.
LARGE = 32_000_000


#: Why there are so many.
SHARDED = (
    "# A batch is cut into shards, worked on at once, so that BLAS needs one thread "
    "for each."
)
SPIN = (
    "# Several spin while they wait for each other, for long where other programs run."
)


def thread_facts(graph: Graph, settings: Settings) -> dict[str, Any]:
    """Return what the template says about threads."""
    largest = largest_product(graph, settings.step_batch)
    words = "The largest product of a step has {count} multiplications:"
    if not largest:
        words = "The largest product of a step is a convolution's:"
    known = {"count": _count_words(largest)}
    shared = largest >= LARGE and not settings.threads
    if settings.threads:
        lines = [SHARDED] * settings.sharded
        lines.append(f"THREADS = threads({settings.threads})")
    elif shared:
        lines = [
            _comment(f"{words} the idle cores share it.", known),
            "THREADS = threads(idle_cores())",
        ]
    else:
        lines = [
            _comment(f"{words} one thread is enough.", known),
            SPIN,
            "THREADS = threads(1)",
        ]
    return {
        "shared_products": shared,
        "threads_lines": "\n".join(lines),
        "blas_threads": '"1"' if settings.sharded else "str(THREADS)",
    }


def largest_product(graph: Graph, batch: int) -> int:
    """Return the multiplications of the largest matrix product of a step on N examples.

    Those of the backward pass have the same three sizes. Convolutions do not count:
    they are cut into slices that fit a cache (``gradtutor.codegen.products``).

    >>> from gradtutor.language import parse_network
    >>> text = "Sequential([Input(784), Linear(128), Linear(10)]); loss = 'mse'"
    >>> largest_product(parse_network(text, 784, None), 32) == 32 * 784 * 128
    True
    """
    nodes = graph.nodes(data=True)
    products = [node for node, data in nodes if data["gate"] == "matmul"]
    counts = [_multiplications(graph, node, batch) for node in products]
    for node, data in nodes:
        if data["gate"] == "recurrence":  # dU: all steps' states by all steps' slopes
            z, weights = (
                graph.nodes[one]["shape"] for one in operands(graph, node)[:2]
            )
            counts.append(_count(z[:2], batch) * _count(weights, batch))
    return max(counts, default=0)


def _multiplications(graph: Graph, node: str, batch: int) -> int:
    inner = graph.nodes[operands(graph, node)[0]]["shape"][-1:]
    return _count(graph.nodes[node]["shape"], batch) * _count(inner, batch)


def _count(shape: Shape, batch: int) -> int:
    """Multiply sizes, such as 24*N, out."""
    total = 1
    for size in shape:
        for factor in str(size).split("*"):
            total *= int(factor) if factor.isdigit() else batch
    return total


def _comment(words: str, known: Mapping[str, str]) -> str:
    return f"# {comment(words, **known)}"


def _count_words(count: int) -> str:
    """Write a number of multiplications as a person says it.

    >>> _count_words(3_211_264), _count_words(512)
    ('3.2 million', '512')
    """
    if count < 1e5:
        return f"{count:,}"
    return comment("{n} million", n=f"{count / 1e6:,.1f}")
