"""One HTML file that trains a network, or goes down a formula, before one's eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.codegen.text.javascript import runtime
from gradtutor.gates import COPY, show_shape
from gradtutor.graph import Graph, inputs, operands
from gradtutor.messages import language, tr
from gradtutor.render.drawing import PictureError
from gradtutor.render.page.html_file import ASSETS as PAGE_ASSETS
from gradtutor.render.page.html_file import json_text, policy_hash
from gradtutor.render.page.training.layer_picture import neuron_layers
from gradtutor.render.page.training.point_sets import PointSet
from gradtutor.render.page.training.starts import (
    given_or_drawn,
    reach,
    start_values,
)
from gradtutor.render.page.training.training_program import (
    OFFERED,
    forward_program,
    optimiser_data,
    program_text,
    step_program,
)
from gradtutor.render.page.training.words import page_words, script_words
from gradtutor.render.style import Style

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = ("core", "charts", "points", "wires", "main")
#: More weights than these make an update too slow to look at.
MAX_WEIGHTS = 60_000
#: Numbers of data that a page of less than a megabyte holds.
MAX_NUMBERS = 100_000
#: Inputs of a formula that stay as they are, if they are given as arrays.
FIXED = ("x", "X", "y", "t")
HEADING_WIDTH = 60


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


def training_page(training: Training, ties: str, style: Style, seed: int) -> bytes:
    """Return the page.

    Raises
    ------
    PictureError
        When the network is none that a page can train.
    """
    check_trainable(training)
    network = training.answer is not None
    made, programs = _network(training, ties) if network else _formula(training, ties)
    names = [one["name"] for one in made["parameters"]]
    starts = (
        start_values(training.graph, names, seed)
        if network
        else given_or_drawn(training.graph, dict(training.given))
    )
    for one in made["parameters"]:
        one["start"] = np.ravel(starts[one["name"]]).tolist()
        one["reach"] = reach(training.graph, one["name"]) if network else 0
    data = made | _settings(training, network) | {"words": script_words()}
    return _html(training, data, program_text(programs), style)


def check_trainable(training: Training) -> None:
    """Refuse what a page has no controls for, and what is too large for it."""
    graph, names = training.graph, _parameters(training)
    count = sum(int(np.prod(graph.nodes[name]["shape"] or ())) for name in names)
    roles = {graph.nodes[name]["role"] for name in inputs(graph)}
    if not names:
        raise PictureError(tr("there is nothing to train: no parameter"))
    if count > MAX_WEIGHTS:
        raise PictureError(
            tr(
                "{count:,} weights are too many for a page that trains (the limit is "
                "{limit:,}): use `gradtutor train`",
                count=count,
                limit=MAX_WEIGHTS,
            )
        )
    statistics = graph.graph.get("network", {}).get("statistics")
    if "mask" in roles or statistics or "constant" in roles:
        raise PictureError(
            tr(
                "a page trains no dropout, no batch normalisation and no constant "
                "arrays: use `gradtutor train`"
            )
        )
    if training.answer is not None and len(graph.nodes["X"]["shape"]) != 2:
        raise PictureError(
            tr("a page trains networks on rows of numbers, such as Input(2)")
        )


def _parameters(training: Training) -> list[str]:
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


# ---- what the page computes ----

Made = tuple[dict[str, Any], dict[str, str]]


def _network(training: Training, ties: str) -> Made:
    graph, answer = training.graph, training.answer
    assert answer is not None
    names = _parameters(training)
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


def _formula(training: Training, ties: str) -> Made:
    made, programs = _common(training.graph, _parameters(training), ties)
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


def _settings(training: Training, network: bool) -> dict[str, Any]:
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


# ---- the file ----


def _html(
    training: Training, data: dict[str, Any], program: str, style: Style
) -> bytes:
    from jinja2 import Environment
    from markupsafe import Markup

    css = "".join(
        path.read_text("utf-8")
        for path in (PAGE_ASSETS / "page.css", ASSETS / "training.css")
    )
    own = [(ASSETS / f"{name}.js").read_text("utf-8") for name in SCRIPTS]
    parts = ['"use strict";', "(() => {", runtime(), program, *own, "})();", ""]
    script = "\n".join(parts)
    source = training.graph.graph["source"].strip()
    template = Environment(autoescape=True).from_string(
        (ASSETS / "training.html.j2").read_text("utf-8")
    )
    text = template.render(
        heading=_heading(training, source),
        source=source,
        style=Markup(css),
        script=Markup(script),
        style_hash=policy_hash(css),
        script_hash=policy_hash(script),
        data=Markup(json_text(data)),
        made=data,
        sets=training.sets,
        optimisers=data["optimisers"],
        two=sum(len(one["start"]) for one in data["parameters"]) == 2,
        notes=_notes(training, data),
        theme=style.theme,
        language=language(),
        words=page_words(),
    )
    return text.encode()


def _notes(training: Training, data: dict[str, Any]) -> list[str]:
    """Say what the page does not show, and what it leaves out."""
    notes = []
    if not data["kind"]:
        notes.append(
            tr(
                "This network has no picture of its answers: they need one or two "
                "features."
            )
        )
    for one, kept in zip(training.sets, data["sets"], strict=True):
        if len(kept["X"]) < len(one.X):
            notes.append(
                tr(
                    "Of {all} examples {kept}, drawn at random, are in this file.",
                    all=len(one.X),
                    kept=len(kept["X"]),
                )
            )
    return notes


def _heading(training: Training, source: str) -> str:
    if training.title:
        return training.title
    if training.answer is None:
        short = "\n" not in source and len(source) <= HEADING_WIDTH
        return tr("Descent on {formula}", formula=source) if short else tr("Descent")
    layers = neuron_layers(training.graph)
    sizes = [training.graph.nodes[str(one["weight"])]["shape"] for one in layers]
    if sizes:
        shown = "–".join(map(str, [sizes[0][0], *(size[1] for size in sizes)]))
        return tr("A network learns: {sizes}", sizes=shown)
    shape = show_shape(training.graph.nodes["X"]["shape"])
    return tr("A network learns from X {shape}", shape=shape)
