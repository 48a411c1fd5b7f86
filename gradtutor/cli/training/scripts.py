"""The script of a network on a data set: one file, or a folder with two."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradtutor.cli.arguments import read_text
from gradtutor.cli.session import INVALID, Session, fail
from gradtutor.cli.training.training_settings import (
    check_settings,
    data_choices,
    rate_notes,
    script_settings,
    steps_notes,
    usual_epochs,
)
from gradtutor.cli.training.tuning import tuned_settings

if TYPE_CHECKING:
    from gradtutor.train import Data


def network_text(network: str, dataset: str) -> str:
    """Return a network's text; a model of ONNX gets the loss that it lacks.

    A program that counts the characters of its text gets their number from the data.
    """
    return trained_text(read_text(network), dataset)


def trained_text(text: str, dataset: str) -> str:
    """Return a network's text as it is trained on a data set."""
    from gradtutor.exports.onnx import trainable
    from gradtutor.train.sources.vocabulary import with_vocabulary

    return with_vocabulary(trainable(text), dataset)


def script_place(output: str | None) -> tuple[Path, str]:
    """Return where a script goes: its file and "", or a folder and its name there."""
    path = Path(output or "train.py")
    folder = bool(output) and (path.is_dir() or str(output).endswith("/"))
    return path, "net.py" if folder else ""


def script_text(
    text: str, options: dict[str, Any], run: Session, name: str
) -> tuple[str, list[str], Data]:
    """Return the training script of a network on a data set, and what to know of it."""
    single = options | {"single_file": True}
    texts, told, data = script_files(text, single, run, name)
    options |= {name: single.get(name) for name in ("epochs", "rows")}
    return texts[name], told, data


def script_files(
    text: str, options: dict[str, Any], run: Session, name: str
) -> tuple[dict[str, str], list[str], Data]:
    """Return the files of a network's training by name, and what to know of it."""
    from gradtutor.codegen import training_files, training_script
    from gradtutor.evaluate.trace import constant_fault
    from gradtutor.graph import network_of
    from gradtutor.language import parse_network
    from gradtutor.train import data_for, script_data

    data = data_for(options["dataset"], text, data_choices(options))
    example, classes = data.features.example, data.targets.count
    graph = parse_network(text, example, classes)
    evaluation = parse_network(text, example, classes, training=False)
    if fault := constant_fault(graph):
        fail(fault, INVALID, kind="constant")
    network = network_of(graph)
    told = steps_notes(network, options, data)
    options["epochs"] = options["epochs"] or usual_epochs(network)
    settings = script_settings(network, options, run)
    check_settings(graph, settings)
    settings, timed = tuned_settings(graph, settings, options)
    given = graph, script_data(data), settings, name, evaluation
    texts = (
        {name: training_script(*given)}
        if options["single_file"]
        else training_files(*given)
    )
    told += timed
    told += [*network_of(graph)["notes"], *data.notes, *rate_notes(settings)]
    return texts, told, data
