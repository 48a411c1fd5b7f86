"""One HTML file that trains a network, or goes down a formula, before one's eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.codegen.text.javascript import runtime
from gradtutor.gates import show_shape
from gradtutor.graph import has_network, inputs, network_of
from gradtutor.messages import language, tr
from gradtutor.render.drawing import PictureError
from gradtutor.render.page.html_file import ASSETS as PAGE_ASSETS
from gradtutor.render.page.html_file import json_text, policy_hash
from gradtutor.render.page.sentences import line_words, page_sentences
from gradtutor.render.page.training.activations import ACTIVATIONS
from gradtutor.render.page.training.circuit_picture import (
    CircuitPicture,
    circuit_picture,
)
from gradtutor.render.page.training.layer_picture import neuron_layers
from gradtutor.render.page.training.page_data import (
    Training,
    formula_data,
    network_data,
    trained_names,
)
from gradtutor.render.page.training.point_sets import PointSet, set_data
from gradtutor.render.page.training.starts import given_or_drawn
from gradtutor.render.page.training.training_program import (
    optimiser_data,
    program_text,
)
from gradtutor.render.page.training.words import page_words, script_words
from gradtutor.render.style import Style

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = (
    *("core", "updates", "charts", "points", "circuit", "wires", "matrices", "table"),
    *("layers", "gates", "digits", "wishes", "settings", "lessons", "main"),
)
#: Of the page that steps through a circuit: what writes a gate's lines.
LINES = ("numbers", "lines")
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
    picture = None
    if training.answer is None:
        starts = given_or_drawn(training.graph, dict(training.given))
        made, programs = formula_data(training, ties, starts)
        picture = circuit_picture(training.graph, ties, style)
        data: dict[str, Any] = {"networks": {"own": made | {"sets": []}}, "sets": []}
    else:
        data, programs = _networks(training, ties, seed)
    data |= {
        "schema": 2,
        "ties": ties,
        "digits": style.digits,
        "optimisers": optimiser_data(),
        "lessons": [lesson.told() for lesson, _ in training.lessons],
        "words": script_words(),
        "lineWords": line_words(),
        "sentences": page_sentences(),
        "circuit": picture and picture.data,
    }
    for told, (_, other) in zip(data["lessons"], training.lessons, strict=True):
        told["network"] = _key(training, other)
    return _html(training, data, program_text(programs), style, picture)


def _key(training: Training, other: Training) -> str:
    """Return what a network is called in the page: own, or the first lesson's name."""
    if other is training:
        return "own"
    return next(lesson.name for lesson, one in training.lessons if one is other)


def _networks(
    training: Training, ties: str, seed: int
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return every network's data and programs, and the sets, equal ones once."""
    networks: dict[str, Any] = {}
    programs: dict[str, str] = {}
    sets = _Sets()
    for one in {
        id(one): one for one in (training, *(o for _, o in training.lessons))
    }.values():
        key = _key(training, one)
        made, code = network_data(one, ties, seed, key)
        networks[key] = made | {"sets": [sets.place(points) for points in one.sets]}
        programs |= code
    return {"networks": networks, "sets": sets.told}, programs


class _Sets:
    """The sets of points of a page: those that are equal stand there once."""

    def __init__(self) -> None:
        self.known: list[PointSet] = []
        self.told: list[dict[str, Any]] = []

    def place(self, one: PointSet) -> int:
        for at, other in enumerate(self.known):
            if np.array_equal(one.X, other.X) and np.array_equal(one.y, other.y):
                return at
        self.known.append(one)
        self.told.append(set_data(one))
        return len(self.known) - 1


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
    statistics = has_network(graph) and network_of(graph)["statistics"]
    if roles & {"mask", "constant", "frozen"} or statistics:
        raise PictureError(
            tr(
                "a page trains no dropout, no batch normalisation, no constant arrays "
                "and no weights that keep their values: use `gradtutor train`"
            )
        )
    if training.answer is not None and len(graph.nodes["X"]["shape"]) != 2:
        raise PictureError(
            tr("a page trains networks on rows of numbers, such as Input(2)")
        )


# ---- the file ----


def _html(
    training: Training,
    data: dict[str, Any],
    programs: str,
    style: Style,
    circuit: CircuitPicture | None,
) -> bytes:
    from jinja2 import Environment
    from markupsafe import Markup

    css = "".join(
        path.read_text("utf-8")
        for path in (PAGE_ASSETS / "page.css", ASSETS / "training.css")
    )
    script = _script(programs)
    source = training.graph.graph["source"].strip()
    template = Environment(autoescape=True).from_string(
        (ASSETS / "training.html.j2").read_text("utf-8")
    )
    own = data["networks"]["own"]
    text = template.render(
        heading=_heading(training, source),
        source=source,
        style=Markup(css),
        script=Markup(script),
        style_hash=policy_hash(css),
        script_hash=policy_hash(script),
        data=Markup(json_text(data)),
        made=own,
        network=training.answer is not None,
        lessons=data["lessons"],
        optimisers=data["optimisers"],
        activations=ACTIVATIONS,
        tr=tr,
        notes=_notes(training, data),
        theme=style.theme,
        circuit=Markup(circuit.svg) if circuit else "",
        language=language(),
        words=page_words(),
    )
    return text.encode()


def _script(programs: str) -> str:
    """Return all of the page's code; what writes lines keeps its names to itself."""
    read = [(PAGE_ASSETS / f"{name}.js").read_text("utf-8") for name in LINES]
    given = "return { forwardLine, backwardLines, chainLines, raised, short, told };"
    lines = ["const LINES = (() => {", *read, given, "})();"]
    own = [(ASSETS / f"{name}.js").read_text("utf-8") for name in SCRIPTS]
    parts = ['"use strict";', "(() => {", runtime(), programs, *lines, *own]
    return "\n".join([*parts, "})();", ""])


def _notes(training: Training, data: dict[str, Any]) -> list[str]:
    """Say what the page does not show, and what it leaves out."""
    notes = []
    if not data["networks"]["own"]["kind"] and not data["networks"]["own"]["image"]:
        notes.append(
            tr(
                "This network has no picture of its answers: they need one or two "
                "features."
            )
        )
    for one, place in zip(training.sets, data["networks"]["own"]["sets"], strict=True):
        kept = data["sets"][place]
        if kept["count"] < len(one.X):
            notes.append(
                tr(
                    "Of {all} examples {kept}, drawn at random, are in this file.",
                    all=len(one.X),
                    kept=kept["count"],
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
