"""What the script's templates say of the statistics of batch normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtutor.codegen.settings import Settings
from gradtutor.codegen.step import Step
from gradtutor.codegen.text.wrapping import wrapped
from gradtutor.gates.shapes import size_product
from gradtutor.graph import Graph, network_of, operands


def statistic_facts(graph: Graph, step: Step, settings: Settings) -> dict[str, Any]:
    """Return how a step moves the running statistics."""
    momentum = _momentum(network_of(graph))
    lines = _statistic_lines(graph, step)
    if settings.parallel:
        lines = [(x, text, by.replace("N", "own.whole")) for x, text, by in lines]
    own = isinstance(momentum, Mapping)
    return {
        "statistic_lines": lines,
        "tracking_lines": [line for one in lines for line in _tracking(*one, own=own)],
        "momentum_of": "MOMENTUM[name]" if own else "MOMENTUM",
        "momentum_lines": _momentum_lines(momentum),
    }


def _tracking(name: str, text: str, factor: str, *, own: bool) -> list[str]:
    """Write the launch that moves one statistic on a GPU."""
    weight = f'MOMENTUM["{name}"]' if own else "MOMENTUM"
    call = f'track({text}, {weight}, 1.0{factor}, statistics["{name}"])'
    return wrapped([call], 8)


def _momentum_lines(momentum: Any) -> str:
    words = "how far a running statistic moves towards a batch's"
    if not isinstance(momentum, Mapping):
        return f"MOMENTUM = {momentum}  # {words}"
    lines = [f'    "{name}": {weight},' for name, weight in momentum.items()]
    words = words.replace("a running", "each running")
    return "\n".join([f"MOMENTUM = {{  # {words}", *lines, "}"])


def _momentum(network: Mapping[str, Any]) -> Any:
    """Return the one weight of a new batch's statistics, or each layer's own."""
    weights = {k: round(v, 6) for k, v in network.get("momentum", {}).items()}
    return min(weights.values()) if len(set(weights.values())) == 1 else weights


def _statistic_lines(graph: Graph, step: Step) -> list[tuple[str, str, str]]:
    """Return name, text and factor of each statistic: a variance is unbiased.

    Keras's is biased where rows are normalised: BatchNormalization after Dense.
    """
    lines = []
    keras = network_of(graph).get("library") == "keras"
    for name, text in step.statistics:
        number = _numbers_a_channel(graph, name)
        size = "N" if number == 1 else f"{number} * N"
        unbiased = name.startswith("var") and not (keras and number == 1)
        factor = f" * {size} / ({size} - 1)" if unbiased else ""
        lines.append((name, text, factor))
    return lines


def _numbers_a_channel(graph: Graph, name: str) -> int:
    """Return of how many numbers of one example each statistic is taken."""
    (source,) = operands(graph, name)
    count = str(size_product(graph.nodes[source]["shape"])).split("*")
    channels = size_product(graph.nodes[name]["shape"])
    return int(count[0]) // int(channels) if count[0].isdigit() else 1


def needs_two_examples(graph: Graph) -> bool:
    """Whether a batch of one has no variance: where rows are normalised."""
    names = network_of(graph)["statistics"]
    return any(_numbers_a_channel(graph, name) == 1 for name in names)
