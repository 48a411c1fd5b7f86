"""What a page trains, as the data that its script reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtutor.gates import COPY
from gradtutor.graph import Graph, inputs, operands
from gradtutor.render.page.training.layer_picture import neuron_layers
from gradtutor.render.page.training.point_sets import PointSet
from gradtutor.render.page.training.training_program import (
    OFFERED,
    forward_program,
    optimiser_data,
    step_program,
)

#: Numbers of data that a page of less than a megabyte holds.
MAX_NUMBERS = 100_000
#: Inputs of a formula that stay as they are, if they are given as arrays.
FIXED = ("x", "X", "y", "t")


@dataclass(frozen=True)
class Training:
    """What a page trains.

    Attributes
    ----------
    graph : Graph
        With the loss as its output; of a network's, ``X`` and ``y`` are the data.
    answer : Graph or None
        The network as it answers, without dropout; None for a formula.
    sets : sequence of PointSet
        The data to choose from, the first at the start; none for a formula.
    classes : int or None
        How many classes the data have; None for numbers.
    given : mapping
        A formula's values to start from.
    """

    graph: Graph
    answer: Graph | None = None
    sets: Sequence[PointSet] = ()
    classes: int | None = None
    given: Mapping[str, np.ndarray] = field(default_factory=dict)
    title: str = ""


def trained_names(training: Training) -> list[str]:
    """Return the parameters: of a formula all inputs that are no data."""
    if training.answer is not None:
        return inputs(training.graph, "parameter")
    fixed = _fixed(training)
    return [name for name in inputs(training.graph) if name not in fixed]


def _fixed(training: Training) -> dict[str, np.ndarray]:
    """Return the data of a formula: x and y, where they are given as arrays."""
    return {
        name: np.asarray(value, np.float64)
        for name, value in training.given.items()
        if name in FIXED and np.ndim(value)
    }


Made = tuple[dict[str, Any], dict[str, str]]


def network_data(training: Training, ties: str) -> Made:
    """Return what the page knows of a network, and its programs."""
    graph, answer = training.graph, training.answer
    assert answer is not None
    names = trained_names(training)
    node = _prediction(answer)
    answering, answer_slots = forward_program(answer, node)
    made, programs = _common(graph, names, ties)
    width = graph.nodes["X"]["shape"][1]
    target = graph.nodes["y"]["shape"][1:]
    kind = _kind(training, width, answer.nodes[node]["shape"])
    loss = graph.graph["network"]["loss"]
    made |= {
        "answer": answer_slots | {"out": answer_slots[node]},
        "features": width,
        "targetShape": list(target),
        "kind": kind,
        "threshold": 0 if loss in ("bce_with_logits", "hinge_loss") else 0.5,
        "classes": training.classes,
        "layers": neuron_layers(graph),
        "fixed": {},
    }
    return made, programs | {"answer": answering}


def _prediction(answer: Graph) -> str:
    node = answer.graph["network"]["prediction"]
    while answer.nodes[node]["gate"] == COPY:
        (node,) = operands(answer, node)
    return str(node)


def _kind(training: Training, width: int, answered: tuple[Any, ...]) -> str:
    """Return what can be drawn: classes on a plane, a curve, or neither."""
    if width == 2 and training.classes:
        return "classes"
    return "curve" if width == 1 and not training.classes and answered[-1] == 1 else ""


def formula_data(training: Training, ties: str) -> Made:
    """Return what the page knows of a formula, and its programs."""
    made, programs = _common(training.graph, trained_names(training), ties)
    nothing: dict[str, Any] = {"kind": "formula", "features": 0, "targetShape": []}
    nothing |= {"classes": None, "threshold": 0, "layers": [], "answer": None}
    fixed = {
        name: {"shape": list(value.shape), "data": value.ravel().tolist()}
        for name, value in _fixed(training).items()
    }
    return made | nothing | {"fixed": fixed}, programs


def _common(graph: Graph, names: list[str], ties: str) -> Made:
    output = graph.graph["output"]
    step, step_slots, gradients = step_program(graph, names, ties)
    loss, loss_slots = forward_program(graph, output)
    fixed = [name for name in inputs(graph) if name not in names]
    parameters = [
        {"name": name, "shape": list(graph.nodes[name]["shape"] or ())}
        for name in names
    ]
    made = {
        "schema": 1,
        "parameters": parameters,
        "step": step_slots | {"out": step_slots[output]},
        "loss": loss_slots | {"out": loss_slots[output]},
        "gradients": gradients,
        "inputs": fixed,
    }
    return made, {"step": step, "loss": loss}


def settings_data(training: Training, network: bool) -> dict[str, Any]:
    """Return where the controls stand at the start, and the data to choose from."""
    said = training.graph.graph.get("network", {}) if network else {}
    asked = str(said.get("optimiser"))
    name = {"gd": "sgd", "adamw": "adam"}.get(asked, asked)
    optimiser = name if name in OFFERED else "sgd"
    usual = 0.01 if optimiser in ("adam", "rmsprop") else 0.1
    full = not network or said.get("optimiser") == "gd"
    return {
        "optimisers": optimiser_data(),
        "optimiser": optimiser,
        "rate": said.get("learning_rate") or usual,
        "batch": 0 if full else int(said.get("batch_size") or 32),
        "sets": [_set_data(one) for one in training.sets],
    }


def _set_data(one: PointSet) -> dict[str, Any]:
    """Return a set's numbers; of a large one as many rows as the file holds."""
    X, y, kept = one.X, one.y, max(1, MAX_NUMBERS // max(1, one.X.shape[1]))
    if kept < len(X):
        chosen = np.sort(np.random.default_rng(0).permutation(len(X))[:kept])
        X, y = np.round(X[chosen], 3), y[chosen]
    return {"name": one.name, "X": X.tolist(), "y": y.tolist()}
