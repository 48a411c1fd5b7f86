"""What a page trains, as the data that its script reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradtutor.gates import COPY
from gradtutor.graph import Graph, inputs, network_of, operands
from gradtutor.render.page.page_program import page_program
from gradtutor.render.page.training.activations import (
    ACTIVATIONS,
    activation_of,
    with_activation,
)
from gradtutor.render.page.training.layer_picture import (
    image_sides,
    last_layer,
    neuron_layers,
)
from gradtutor.render.page.training.lessons import Lesson
from gradtutor.render.page.training.point_sets import PointSet
from gradtutor.render.page.training.starts import reach, start_data, start_values
from gradtutor.render.page.training.training_program import (
    OFFERED,
    forward_program,
    methods_text,
    step_program,
)

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
    lessons : sequence of (Lesson, Training)
        What the page has to look at besides; equal networks are one object.
    """

    graph: Graph
    answer: Graph | None = None
    sets: Sequence[PointSet] = ()
    classes: int | None = None
    given: Mapping[str, np.ndarray] = field(default_factory=dict)
    title: str = ""
    lessons: Sequence[tuple[Lesson, Training]] = ()


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


def network_data(training: Training, ties: str, seed: int, key: str) -> Made:
    """Return what the page knows of a network, and its programs by their names.

    Each activation has programs of its own; the parameters are the same for all.
    """
    graph = training.graph
    own = activation_of(graph)
    variants: dict[str, Any] = {}
    programs: dict[str, str] = {}
    for name in ACTIVATIONS if own else [own]:
        made, code = _variant(training, name if name != own else "", ties)
        variants[name] = made | {"program": f"{key}:{name}"}
        programs[f"{key}:{name}"] = code
    names = trained_names(training)
    starts = start_values(graph, names, seed)
    parameters = [
        _parameter(graph, name)
        | {"start": start_data(starts[name]), "reach": reach(graph, name)}
        for name in names
    ]
    data = {
        "parameters": parameters,
        "variants": variants,
        "activation": own,
        "fixed": {},
        "classes": training.classes,
        "layers": neuron_layers(graph),
        "last": last_layer(graph),
    }
    return data | _answering(training) | settings_data(training), programs


def _variant(
    training: Training, activation: str, ties: str
) -> tuple[dict[str, Any], str]:
    """Return one activation's slots and its program, as it is where it says nothing."""
    graph, answer = training.graph, training.answer
    assert answer is not None
    if activation:
        graph = with_activation(graph, activation)
        answer = with_activation(answer, activation)
    made, methods = programs_of(graph, trained_names(training), ties)
    node = _prediction(answer)
    answering, slots = forward_program(answer, node)
    made |= {"answer": slots | {"out": slots[node]}}
    return made, methods_text(methods | {"answer": answering}) + made.pop("code")


def _answering(training: Training) -> dict[str, Any]:
    """Return what goes into a network, and what can be drawn of its answers."""
    graph, answer = training.graph, training.answer
    assert answer is not None
    width = graph.nodes["X"]["shape"][1]
    loss = network_of(graph)["loss"]
    return {
        "features": width,
        "image": image_sides(width) if training.classes else [],
        "targetShape": list(graph.nodes["y"]["shape"][1:]),
        "kind": _kind(training, width, answer.nodes[_prediction(answer)]["shape"]),
        "threshold": 0 if loss in ("bce_with_logits", "hinge_loss") else 0.5,
    }


def _prediction(answer: Graph) -> str:
    node = network_of(answer)["prediction"]
    while answer.nodes[node]["gate"] == COPY:
        (node,) = operands(answer, node)
    return str(node)


def _kind(training: Training, width: int, answered: tuple[Any, ...]) -> str:
    """Return what can be drawn: classes on a plane, a curve, or neither."""
    if width == 2 and training.classes:
        return "classes"
    return "curve" if width == 1 and not training.classes and answered[-1] == 1 else ""


def formula_data(
    training: Training, ties: str, starts: Mapping[str, np.ndarray]
) -> Made:
    """Return what the page knows of a formula, and its program."""
    names = trained_names(training)
    made, methods = programs_of(training.graph, names, ties)
    code = methods_text(methods) + made.pop("code")
    nothing: dict[str, Any] = {"kind": "formula", "features": 0, "targetShape": []}
    nothing |= {"classes": None, "threshold": 0, "layers": [], "last": None}
    nothing |= {"image": [], "activation": ""}
    fixed = {
        name: {"shape": list(value.shape), "data": value.ravel().tolist()}
        for name, value in _fixed(training).items()
    }
    parameters = [
        _parameter(training.graph, name)
        | {"start": np.ravel(starts[name]).tolist(), "reach": 0}
        for name in names
    ]
    variants = {"": made | {"answer": None, "program": "own:"}}
    data = {"parameters": parameters, "variants": variants, "fixed": fixed}
    return data | nothing | settings_data(training), {"own:": code}


def _parameter(graph: Graph, name: str) -> dict[str, Any]:
    return {"name": name, "shape": list(graph.nodes[name]["shape"] or ())}


def programs_of(graph: Graph, names: list[str], ties: str) -> Made:
    """Return the slots of loss, step and lines, and their methods.

    The lines (``trace``) say what each gate computes and sends back; their program is
    ``code``.
    """
    output = graph.graph["output"]
    step, step_slots, gradients = step_program(graph, names, ties)
    loss, loss_slots = forward_program(graph, output)
    lines = page_program(graph, ties, numbers=True)
    made = {
        "step": step_slots | {"out": step_slots[output]},
        "loss": loss_slots | {"out": loss_slots[output]},
        "gradients": gradients,
        "trace": lines.data,
        "code": f"trace: {lines.code},",
    }
    return made, {"step": step, "loss": loss}


def settings_data(training: Training) -> dict[str, Any]:
    """Return where the controls stand at the start."""
    said = network_of(training.graph) if training.answer is not None else None
    asked = said["optimiser"] if said else ""
    name = {"gd": "sgd", "adamw": "adam"}.get(asked, asked)
    optimiser = name if name in OFFERED else "sgd"
    usual = 0.01 if optimiser in ("adam", "rmsprop") else 0.1
    full = said is None or asked == "gd"
    return {
        "optimiser": optimiser,
        "rate": (said and said["learning_rate"]) or usual,
        "batch": 0 if said is None or full else said.get("batch_size") or 32,
    }
