"""What a network wants of its data: sizes of an example, outputs, and the loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gradtutor.gates import COPY, Shape, show_shape
from gradtutor.graph import Graph, network_of, operands, readers
from gradtutor.language import parse_network
from gradtutor.messages import tr
from gradtutor.train.model import DataError

#: The loss of a formula that compares with nothing.
NO_TARGET = "no target"
#: Losses that take every label as a class.
PLAIN = ("cross_entropy", "nll_loss", "svm_loss")


@dataclass(frozen=True)
class Needs:
    """What is known of a network before its data are.

    Attributes
    ----------
    sizes : tuple of int
        Of one example in memory: (features,), (C, H, W), (C, L) or (T, features).
    outputs : tuple of int
        Of one answer in memory.
    kind : str
        ``rows``, ``images`` (signals too) or ``sequence``.
    channels_last : bool
        Whether the text is in Keras's order, (H, W, C).
    loss : str
        The loss's gate.
    tokens : int
        How many tokens an embedding of X knows; 0 where X is numbers.
    stepped : bool
        Whether an example has a class at every step.
    ends : bool
        Whether a class below 0 stands for none, which a formula must see to itself.
    itself : bool
        Whether y may be X: False of a formula that compares with a target.
    """

    sizes: tuple[int, ...]
    outputs: tuple[int, ...]
    kind: str
    channels_last: bool
    loss: str
    tokens: int = 0
    stepped: bool = False
    ends: bool = True
    itself: bool = True

    @property
    def width(self) -> int:
        """How many numbers one answer has."""
        return _product(self.outputs)


def needs_of(network: str, example: tuple[int, ...]) -> Needs:
    """Read a network's text beside the sizes of one example of the data.

    Raises
    ------
    gradtutor.language.SourceError
        When the text has a mistake, or takes other sizes.
    DataError
        When a program's sizes, which stand fast, are not those of the data.
    """
    graph = parse_network(network, example)
    facts = network_of(graph)
    shape: Shape = graph.nodes["X"]["shape"]
    _check_width(_without_batch(shape), example)
    kind = "rows" if len(shape) == 2 else "images" if shape[-1] == "N" else "sequence"
    if facts.get("formula"):
        return _of_formula(graph, facts)
    own = facts.get("own_loss")
    answer = _shape(graph, "y" if own and "y" in graph else facts["prediction"])
    stepped = "y" in graph and len(_shape(graph, "y")) == 2 and answer[:1] != ("N",)
    return Needs(
        sizes=_without_batch(shape),
        outputs=_without_batch(answer[-1:] if stepped else answer),
        kind=kind,
        channels_last=facts["channels_last"],
        loss=facts["loss"] if "y" in graph else NO_TARGET,
        tokens=_tokens(graph),
        stepped=stepped,
        ends=not stepped,
    )


def _of_formula(graph: Graph, facts: Mapping[str, Any]) -> Needs:
    """Return what a formula wants: its target's sizes, or the classes of its logits."""
    target = tuple(facts["target_sizes"])
    loss = facts["loss"] if facts["target"] else NO_TARGET
    width = _shape(graph, facts["prediction"])[-1:] if loss == "cross_entropy" else ()
    return Needs(
        sizes=_without_batch(graph.nodes["X"]["shape"]),
        outputs=tuple(int(size) for size in width) or target,
        kind="rows",
        channels_last=False,
        loss=loss,
        tokens=_tokens(graph),
        stepped=loss == "cross_entropy" and bool(target),
        ends=not any(data["gate"] in PLAIN for _, data in graph.nodes(data=True)),
        itself=False,
    )


def _check_width(sizes: tuple[int, ...], example: tuple[int, ...]) -> None:
    """Compare what the network takes with what the data have."""
    if _product(sizes) != _product(example):
        takes, have = (
            str(one[0]) if len(one) == 1 else f"{_product(one)} {one}"
            for one in (sizes, example)
        )
        raise DataError(
            tr(
                "the network takes {takes} inputs, the data have {have}",
                takes=takes,
                have=have,
            )
        )


def _tokens(graph: Graph) -> int:
    """Return how many rows a table has that X looks up; 0 where X is computed with."""
    found = {_table(graph, reader) for reader in _readers(graph, "X")}
    return max(found) if found and 0 not in found else 0


def _readers(graph: Graph, node: str) -> Iterator[tuple[str, int]]:
    """Yield the gates that read a node, or a part of it, and at which place."""
    for _, reader, position in readers(graph, node):
        if graph.nodes[reader]["gate"] in (COPY, "reshape", "slice"):
            yield from _readers(graph, reader)
        elif graph.nodes[reader]["gate"] != "size":
            yield reader, position


def _table(graph: Graph, reader: tuple[str, int]) -> int:
    node, position = reader
    if graph.nodes[node]["gate"] != "gather" or position != 1:
        return 0
    size = _shape(graph, operands(graph, node)[0])[0]
    return int(size) if isinstance(size, int) else 0


def _shape(graph: Graph, node: str) -> Shape:
    shape: Shape = graph.nodes[node]["shape"]
    return shape


def _without_batch(shape: Shape) -> tuple[int, ...]:
    if any(isinstance(size, str) and size != "N" for size in shape):
        raise DataError(
            tr(
                "the network answers {shape}: training is here with one answer, "
                "or a class at every step, an example",
                shape=show_shape(shape),
            )
        )
    return tuple(int(size) for size in shape if size != "N")


def _product(sizes: tuple[int, ...]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total
