"""One HTML file that trains a network, or goes down a formula, before one's eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.codegen.text.javascript import runtime
from gradtutor.gates import show_shape
from gradtutor.graph import inputs
from gradtutor.messages import language, tr
from gradtutor.render.drawing import PictureError
from gradtutor.render.page.html_file import ASSETS as PAGE_ASSETS
from gradtutor.render.page.html_file import json_text, policy_hash
from gradtutor.render.page.training.circuit_picture import circuit_picture
from gradtutor.render.page.training.layer_picture import neuron_layers
from gradtutor.render.page.training.page_data import (
    Training,
    formula_data,
    network_data,
    settings_data,
    trained_names,
)
from gradtutor.render.page.training.starts import (
    given_or_drawn,
    reach,
    start_values,
)
from gradtutor.render.page.training.training_program import program_text
from gradtutor.render.page.training.words import page_words, script_words
from gradtutor.render.style import Style

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = ("core", "charts", "points", "circuit", "wires", "main")
#: More weights than these make an update too slow to look at.
MAX_WEIGHTS = 60_000
HEADING_WIDTH = 60


def training_page(training: Training, ties: str, style: Style, seed: int) -> bytes:
    """Return the page.

    Raises
    ------
    PictureError
        When the network is none that a page can train.
    """
    check_trainable(training)
    network = training.answer is not None
    made, programs = (
        network_data(training, ties) if network else formula_data(training, ties)
    )
    names = [one["name"] for one in made["parameters"]]
    starts = (
        start_values(training.graph, names, seed)
        if network
        else given_or_drawn(training.graph, dict(training.given))
    )
    for one in made["parameters"]:
        one["start"] = np.ravel(starts[one["name"]]).tolist()
        one["reach"] = reach(training.graph, one["name"]) if network else 0
    picture = None if network else circuit_picture(training.graph, ties, style)
    data = made | settings_data(training, network) | {"words": script_words()}
    data["circuit"] = picture and picture.data
    code = program_text(programs)
    if picture:
        code += f"\nconst CIRCUIT = {picture.code};"
    return _html(training, data, code, style, picture.svg if picture else "")


def check_trainable(training: Training) -> None:
    """Refuse what a page has no controls for, and what is too large for it."""
    graph, names = training.graph, trained_names(training)
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


# ---- the file ----


def _html(
    training: Training, data: dict[str, Any], program: str, style: Style, circuit: str
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
        circuit=Markup(circuit),
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
