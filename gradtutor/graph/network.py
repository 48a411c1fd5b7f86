"""What a graph says of the network that it is, and of its training."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from gradtutor.graph.build import Graph


class NetworkFacts(TypedDict):
    """A network's answer, its loss, and how it is to be trained.

    Attributes
    ----------
    prediction : str
        The node of the answer.
    loss : str
        The kind of the loss: ``cross_entropy``, ``mse``, ``own``, ...
    classes : int, optional
        Those of the data, where there are some.
    optimiser, schedule : str
        Their kinds; ``optimiser_settings``, ``schedule_settings``: by name.
    learning_rate : float, optional
        None where the text gives none.
    statistics, momentum : list, dict
        Nodes of running statistics, and the share that each keeps.
    notes : list of str
        What a person is told of the reading.
    library : str
        Whose spelling it is: ``keras``, ``torch``, or empty.
    channels_last : bool
        Whether the text gives images and sequences with their channels last.
    epochs, batch_size, patience, steps, whole : number, optional
        What a program says of its training.
    guesses, asked, joined
        Sizes of a program that were guessed, and what it asks and joins.
    own_loss : bool
        Whether the loss is the program's own.
    formula : bool
        Whether it is a formula with parameters; then ``inputs``, ``input_sizes``,
        ``target`` and ``target_sizes`` say what its data are.
    """

    prediction: str
    loss: str
    classes: int | None
    optimiser: str
    learning_rate: float | None
    optimiser_settings: dict[str, Any]
    schedule: str
    schedule_settings: dict[str, Any]
    statistics: list[str]
    momentum: dict[str, float]
    notes: list[str]
    library: NotRequired[str]
    channels_last: NotRequired[bool]
    epochs: NotRequired[int | None]
    batch_size: NotRequired[int | None]
    patience: NotRequired[int | None]
    steps: NotRequired[int | None]
    whole: NotRequired[bool]
    guesses: NotRequired[dict[str, Any]]
    asked: NotRequired[dict[str, Any]]
    joined: NotRequired[Any]
    own_loss: NotRequired[bool]
    formula: NotRequired[bool]
    inputs: NotRequired[list[str]]
    input_sizes: NotRequired[list[int]]
    target: NotRequired[str]
    target_sizes: NotRequired[list[int]]


def has_network(graph: Graph) -> bool:
    """Whether a graph is a network, or a formula that is trained as one."""
    return "network" in graph.graph


def network_of(graph: Graph) -> NetworkFacts:
    """Return a network's facts: the graph's own, to be read.

    Raises
    ------
    KeyError
        When the graph is no network.
    """
    facts: NetworkFacts = graph.graph["network"]
    return facts
