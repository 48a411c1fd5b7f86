"""What is known of a formula's training: its answer, sizes, settings and notes."""

from __future__ import annotations

import ast
from typing import Any

from gradtutor.gates import show_shape
from gradtutor.graph import (
    Graph,
)
from gradtutor.language.errors import SourceShapeError
from gradtutor.language.layers.builder import Builder
from gradtutor.language.network.answer import find_answer
from gradtutor.language.network.facts import network_facts
from gradtutor.language.network.formulas.examples import Data, size_of
from gradtutor.language.network.statements import TrainingText
from gradtutor.language.syntax import Source
from gradtutor.messages import tr


def formula_facts(
    graph: Graph, plain: Graph, data: Data, text: str, classes: int | None
) -> dict[str, Any]:
    """Return what training needs to know: loss, answer, sizes of the data, settings.

    Raises
    ------
    SourceShapeError
        When the data have more classes than the formula has logits.
    """
    net = Builder(Source(" " * len(text)), training=True)
    net.source.text = text
    net.graph = graph
    said, counts = _settings(text, plain.graph.get("settings", ""))
    facts = network_facts(net, "", said.optimiser, said.schedule)
    answer, kind, width = find_answer(graph, bool(data.target), text)
    if classes is not None and width and classes > width:
        message = tr(
            "the formula has {width} logits, the data {classes} classes",
            width=width,
            classes=classes,
        )
        raise SourceShapeError(message, text, graph.nodes[answer]["span"] or (0, 1))
    target = graph.nodes["y"]["shape"][1:] if data.target else ()
    return facts | {
        "prediction": answer,
        "loss": kind,
        "classes": classes if width else None,
        "formula": True,
        "inputs": list(data.names),
        "input_sizes": [size_of(plain.nodes[name]["shape"]) for name in data.names],
        "target": data.target,
        "target_sizes": [int(size) for size in target],
        "notes": _notes(graph, plain, data, answer),
    } | counts  # fmt: skip


def _notes(graph: Graph, plain: Graph, data: Data, answer: str) -> list[str]:
    """Say what was taken as data, as target and as answer."""
    reading = plain.graph.get("reading") or {"text": "", "notes": []}
    shown = show_shape(graph.nodes[answer]["shape"])
    called = graph.nodes[answer]["name"]
    said = {"names": ", ".join(data.names), "answer": f"{called} {shown}"}
    words = tr("data {names}; no target; predict answers {answer}", **said)
    if data.target:
        words = tr(
            "data {names}; target {target}; predict answers {answer}",
            target=data.target,
            **said,
        )
    read = [tr("reads as: {text}", text=reading["text"])] if reading["text"] else []
    return [*read, *reading["notes"], words]


def _settings(text: str, settings: str) -> tuple[TrainingText, dict[str, int]]:
    """Read the lines of optimiser, schedule and counts."""
    source = Source(settings)
    source.text = text
    said = TrainingText(source)
    counts: dict[str, int] = {}
    for statement in source.tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(name)], value=ast.Constant(int() as count)
            ):
                counts[name] = count
            case ast.Assign(targets=[ast.Name(name)], value=value):
                said.setting(name, value)
    return said, counts
