"""What a network wants of its data: sizes of an example, outputs, and the loss."""

from __future__ import annotations

from dataclasses import dataclass

from gradtutor.gates import Shape, show_shape
from gradtutor.graph import Graph, operands
from gradtutor.language import parse_network
from gradtutor.train.model import DataError


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
    """

    sizes: tuple[int, ...]
    outputs: tuple[int, ...]
    kind: str
    channels_last: bool
    loss: str
    tokens: int = 0

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
    facts = graph.graph["network"]
    shape: Shape = graph.nodes["X"]["shape"]
    _check_width(_without_batch(shape), example)
    kind = "rows" if len(shape) == 2 else "images" if shape[-1] == "N" else "sequence"
    return Needs(
        sizes=_without_batch(shape),
        outputs=_without_batch(_shape(graph, facts["prediction"])),
        kind=kind,
        channels_last=facts["channels_last"],
        loss=facts["loss"],
        tokens=_tokens(graph),
    )


def _check_width(sizes: tuple[int, ...], example: tuple[int, ...]) -> None:
    """Compare what the network takes with what the data have."""
    if _product(sizes) != _product(example):
        takes, have = (
            str(one[0]) if len(one) == 1 else f"{_product(one)} {one}"
            for one in (sizes, example)
        )
        raise DataError(f"the network takes {takes} inputs, the data have {have}")


def _tokens(graph: Graph) -> int:
    for reader in graph.successors("X"):
        if graph.nodes[reader]["gate"] == "gather":
            table = operands(graph, reader)[0]
            return int(_shape(graph, table)[0])
    return 0


def _shape(graph: Graph, node: str) -> Shape:
    shape: Shape = graph.nodes[node]["shape"]
    return shape


def _without_batch(shape: Shape) -> tuple[int, ...]:
    if any(isinstance(size, str) and size != "N" for size in shape):
        raise DataError(
            f"the network answers {show_shape(shape)}, a class at every step: it is "
            "drawn and checked, but training is here with one answer an example"
        )
    return tuple(int(size) for size in shape if size != "N")


def _product(sizes: tuple[int, ...]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total
