"""The training script: one file of plain NumPy that never imports gradtutor."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import replace

from gradtutor.codegen.backends import backend_of, optimiser_text
from gradtutor.codegen.comments.made import comment
from gradtutor.codegen.layout import Layout
from gradtutor.codegen.parallel import mask_facts, with_share
from gradtutor.codegen.script.binding import names_made, names_used
from gradtutor.codegen.script.context import frame_facts
from gradtutor.codegen.script.evaluation import evaluation_facts, prediction_words
from gradtutor.codegen.script.facts import parameter_facts, step_facts
from gradtutor.codegen.script.one_kernel import one_kernel_facts
from gradtutor.codegen.script.places import Facts, environment
from gradtutor.codegen.script.threads import thread_facts
from gradtutor.codegen.settings import ScriptData, Settings
from gradtutor.codegen.step import Step, training_step
from gradtutor.codegen.text.wrapping import wrapped
from gradtutor.errors import TutorError
from gradtutor.graph import Graph, inputs, network_of, outline
from gradtutor.messages import tr
from gradtutor.optimisers import OPTIMISERS

WIDTH = 88
#: The file that any network on a GPU shares, and what it may import.
KIT = "gpu_kit.py"
KIT_IMPORTS = (
    *("import argparse", "import csv", "import ctypes", "import functools"),
    *("import json", "import math", "import os", "import sys", "import zipfile"),
    "from pathlib import Path",
)


class NothingToTrainError(TutorError):
    """A network without parameters."""


def training_script(
    graph: Graph,
    data: ScriptData,
    settings: Settings,
    script_name: str = "train.py",
    prediction: Graph | None = None,
) -> str:
    """Return the text of a script that trains this network on this data.

    Parameters
    ----------
    graph : Graph
        A network, as ``gradtutor.language.parse_network`` makes it.
    data : ScriptData
        The data set's loader, as text.
    prediction : Graph, optional
        The network as it is at evaluation, where dropout is off; by default the same.

    Raises
    ------
    NothingToTrainError
        When the network has no parameters.
    """
    return _rendered(
        "train.py.j2", _facts(graph, data, settings, script_name, prediction)
    )


def training_files(
    graph: Graph,
    data: ScriptData,
    settings: Settings,
    script_name: str = "net.py",
    prediction: Graph | None = None,
) -> dict[str, str]:
    """Return the text of a script and, for a GPU, of `KIT` beside it, by name."""
    if not backend_of(settings).kit(settings):
        text = training_script(graph, data, settings, script_name, prediction)
        return {script_name: text}
    facts = _facts(graph, data, replace(settings, kit=True), script_name, prediction)
    facts |= {"kit": backend_of(settings).kit(settings), "kit_imports": ()}
    called = names_used(_rendered("gpu_kit.py.j2", facts))
    facts["kit_imports"] = [one for one in KIT_IMPORTS if _imports_used(one, called)]
    kit = _rendered("gpu_kit.py.j2", facts)
    alone = _rendered("train.py.j2", facts | {"from_kit": ""})
    called = names_used(alone)
    names = sorted((called & names_made(kit)) - names_made(alone), key=_sorted_by)
    facts["imports"] = [one for one in facts["imports"] if _imports_used(one, called)]
    facts["from_kit"] = _import_line(names)
    return {script_name: _rendered("train.py.j2", facts), KIT: kit}


def _imports_used(line: str, used: Collection[str]) -> bool:
    """Whether what an import line makes is read: ``import importlib.util`` makes one.

    >>> _imports_used("import importlib.util", {"importlib"})
    True
    """
    return line.split()[-1].partition(".")[0] in used


def _sorted_by(name: str) -> tuple[int, str]:
    """Put constants before classes, and functions last, as isort does."""
    kind = 0 if name.isupper() else 1 if name[:1].isupper() else 2
    return kind, name


def _import_line(names: Sequence[str]) -> str:
    line = f"from gpu_kit import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join(["from gpu_kit import (", *(f"    {x}," for x in names), ")"])


def _rendered(template: str, facts: Facts) -> str:
    return formatted(environment().get_template(template).render(facts))


def _facts(
    graph: Graph,
    data: ScriptData,
    settings: Settings,
    script_name: str,
    prediction: Graph | None,
) -> Facts:
    """Return all that the templates say."""
    network = network_of(graph)
    if not inputs(graph, "parameter"):
        raise NothingToTrainError(
            tr("the network has no parameters: add a layer that has")
        )
    trained = with_share(graph) if settings.parallel else graph
    step = training_step(trained, settings, network["statistics"])
    evaluation = prediction or graph
    facts: Facts = {
        "title": _title(graph, data, Layout(graph.nodes["X"]["shape"]), settings),
        "network_text": textwrap.indent(
            _without_blank_ends(graph.graph["source"]), "    "
        ),
        "outline": _text_lines(
            "NETWORK", outline(evaluation, network_of(evaluation)["prediction"])
        ),
        "script_name": script_name,
        "data": data,
        "imports": _imports(data, settings, step),
        "settings": settings,
        "predicts": prediction_words(network, data),
        "optimiser": optimiser_text(settings),
        "optimiser_class": OPTIMISERS[settings.optimiser].title,
        "unpack": _unpack,
        "wrapped": wrapped,
        "mask_facts": mask_facts(graph) if settings.parallel else [],
        **thread_facts(graph, settings),
        **parameter_facts(graph, settings),
        **step_facts(graph, step, settings),
        **one_kernel_facts(graph, settings),
        **evaluation_facts(graph, evaluation, step, data, settings),
    }
    facts |= frame_facts(settings, data, facts)
    return facts


def _text_lines(name: str, text: str) -> list[str]:
    """Write a text as a constant, in brackets where it takes several lines."""
    whole = f'{name} = "{text}"'
    if len(whole) <= WIDTH:
        return [whole]
    if len(text) <= WIDTH - 6:
        return [f"{name} = (", f'    "{text}"', ")"]
    cut = textwrap.wrap(text, WIDTH - 8, drop_whitespace=False, break_on_hyphens=False)
    return [f"{name} = (", *(f'    "{part}"' for part in cut), ")"]


def formatted(text: str) -> str:
    """Return Python text with its blank lines as a formatter leaves them."""
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip() + "\n"


def _title(graph: Graph, data: ScriptData, layout: Layout, settings: Settings) -> str:
    names = inputs(graph, "parameter", "frozen")
    if network_of(graph).get("formula"):
        network = "formula"
    elif layout.kind == "rows" and all(name[0] in "Wb" for name in names):
        sizes = [graph.nodes["X"]["shape"][-1]]
        sizes += [graph.nodes[n]["shape"][-1] for n in names if n.startswith("W")]
        network = comment("{sizes} network", sizes="-".join(map(str, sizes)))
    else:
        kinds = {"images": "convolutional", "sequence": "recurrent"}
        network = f"{kinds.get(layout.kind, 'neural')} network"
    library = backend_of(settings).library
    return comment(
        "Train a {network} on {data}, with {libraries}.",
        network=network,
        data=data.title,
        libraries=library,
    )


def _without_blank_ends(text: str) -> str:
    """Return the person's text, safe inside a docstring."""
    safe = text.strip().replace("\\", "\\\\").replace('"""', "'''")
    return "\n".join(line.rstrip() for line in safe.splitlines())


def _imports(data: ScriptData, settings: Settings, step: Step) -> list[str]:
    """Return the import lines of the standard library, sorted as isort does."""
    own = ["argparse", "functools", "json", "math", "os", "sys", "time", "zipfile"]
    plain = {f"import {name}" for name in own}
    lines = plain | {"from pathlib import Path"} | set(data.imports)
    if settings.sharded:
        lines.add("from concurrent.futures import ThreadPoolExecutor")
    if settings.parallel:
        lines |= {"import io", "import traceback", "from typing import NamedTuple"}
    if step.space:
        lines.add("from types import SimpleNamespace")
    lines |= backend_of(settings).imports(settings)
    lines.discard("import numpy as np")
    return sorted(lines, key=lambda line: (line.startswith("from "), line))


def _unpack(source: str, names: Sequence[str], used: Sequence[str] = ()) -> str:
    """Write ``W1, b1 = parameters``, over several lines when it is long."""
    if used:  # only some of them
        names = [name if name in used else "_" for name in names]
    line = (
        f"{', '.join(names)} = {source}"
        if len(names) > 1
        else f"({names[0]},) = {source}"
    )
    if len(line) <= WIDTH - 4:
        return line
    inner = "".join(f"        {name},\n" for name in names)
    return f"(\n{inner}    ) = {source}"
