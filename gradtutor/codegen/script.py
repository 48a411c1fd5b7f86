"""The training script: one file of plain NumPy that never imports gradtutor."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gradtutor.codegen.layout import Layout
from gradtutor.codegen.optimisers import OPTIMISERS
from gradtutor.codegen.script_functions import printed_functions, printed_optimiser
from gradtutor.codegen.statements import Statement, statements
from gradtutor.codegen.step import Step, training_step
from gradtutor.codegen.wrapping import wrapped
from gradtutor.gates import show_shape
from gradtutor.gates.shapes import size_product
from gradtutor.graph import Graph, inputs, operands

if TYPE_CHECKING:
    import jinja2

WIDTH = 88


@dataclass(frozen=True)
class ScriptData:
    """What a training script must know of its data, as text.

    Attributes
    ----------
    title : str
        What the data are called in the script's first line.
    functions : str
        Source of the loader and of ``split``, with what they call.
    load_call : str
        The expression that returns X (rows, features) and y.
    features : int
        Length of one example.
    classes : int or None
        Number of labels; None for regression.
    notice : str
        Source and licence.
    needs : str
        What the script needs besides NumPy, in words.
    imports : tuple of str
        Import lines of the standard library.
    held_out : bool
        Whether the last rows are a test set of their own, not to be mixed in.
    """

    title: str
    functions: str
    load_call: str
    features: int
    classes: int | None
    notice: str
    needs: str = ""
    imports: tuple[str, ...] = ()
    test_fraction: float = 0.2
    held_out: bool = False


@dataclass(frozen=True)
class Settings:
    """The numbers at the top of a script, and what it can do.

    Attributes
    ----------
    optimiser : str
        A name of ``gradtutor.codegen.optimisers.OPTIMISERS``.
    optimiser_settings : mapping
        Its constants, such as ``momentum`` or ``weight_decay``.
    schedule : str
        ``constant``, ``step``, ``cosine`` or ``warmup``.
    clip : float
        Largest norm of the gradient; 0 for any.
    patience : int
        Epochs without a better validation loss before it stops; 0 for never.
    shift : int
        Pixels by which a training image may be moved.
    threads : int
        Shards of a batch that are worked on at once.
    backend : str
        ``numpy``, or ``numba`` for the same lines with compiled groups.
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    seed: int = 0
    optimiser: str = "adam"
    optimiser_settings: Mapping[str, Any] = field(default_factory=dict)
    schedule: str = "constant"
    schedule_settings: Mapping[str, Any] = field(default_factory=dict)
    clip: float = 0.0
    patience: int = 0
    shift: int = 0
    threads: int = 1
    backend: str = "numpy"


class NothingToTrainError(ValueError):
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
    network = graph.graph["network"]
    if not inputs(graph, "parameter"):
        raise NothingToTrainError("the network has no parameters: add a layer that has")
    step = training_step(
        graph,
        network["statistics"],
        min(settings.batch_size, 1024),
        settings.backend,
    )
    names = inputs(graph, "parameter")
    evaluation = prediction or graph
    answer = evaluation.graph["network"]["prediction"]
    data_loss = "data_loss" if "data_loss" in evaluation else "loss"
    predicting = statements(evaluation, [answer])
    judging = statements(evaluation, [data_loss], given=[answer])
    layout = Layout(graph.nodes["X"]["shape"])
    written = (*step.forward, *step.backward)
    plain = [line.text for line in (*predicting, *judging)]
    functions = printed_functions([*written, *plain], step.loops, settings)
    masks = inputs(graph, "mask")
    text = _template().render(
        title=_title(graph, data, layout),
        network_text=textwrap.indent(
            _without_blank_ends(graph.graph["source"]), "    "
        ),
        script_name=script_name,
        data=data,
        imports=_imports(data, settings),
        settings=settings,
        shapes=[(name, show_shape(graph.nodes[name]["shape"])) for name in names],
        fans=[(name, graph.nodes[name].get("fan_in", 1)) for name in names],
        scaled=any(name.startswith("gamma") for name in names),
        overflow=any("np.exp(" in line for line in written) or "np.exp(-" in functions,
        helpers=functions,
        parameters=names,
        gradient_names=[f"d{name}" for name in names],
        classes=data.classes,
        prediction=evaluation.nodes[answer]["name"],
        prediction_words=_prediction_words(network, data),
        predict_lines=[_line(line) for line in predicting],
        forward_lines=wrapped(step.forward),
        backward_lines=wrapped(step.backward),
        loss=step.loss,
        data_loss=data_loss,
        loss_lines=[_line(line) for line in judging],
        blocks=step.blocks,
        arrays=step.arrays,
        array_names=step.names,
        memory_words=_memory_words(step, settings.batch_size),
        masks=masks,
        mask_rates=[(name, graph.nodes[name]["rate"]) for name in masks],
        statistics=[
            (name, show_shape(evaluation.nodes[name]["shape"]))
            for name in evaluation.graph["network"]["statistics"]
        ],
        statistic_names=list(evaluation.graph["network"]["statistics"]),
        statistic_lines=_statistic_lines(graph, step),
        momentum=_momentum(network),
        optimiser=printed_optimiser(settings),
        optimiser_class=OPTIMISERS[settings.optimiser].__name__,
        unpack=_unpack,
        **layout.texts(evaluation, answer),
        **_accuracy(evaluation, answer, data),
    )
    return formatted(text)


def formatted(text: str) -> str:
    """Return Python text with its blank lines as a formatter leaves them."""
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip() + "\n"


def _momentum(network: Mapping[str, Any]) -> Any:
    """Return the one weight of a new batch's statistics, or each layer's own."""
    weights = {k: round(v, 6) for k, v in network.get("momentum", {}).items()}
    return min(weights.values()) if len(set(weights.values())) == 1 else weights


def _memory_words(step: Step, batch: int) -> str:
    """Say what sharing saves, in MB."""
    peak, without = step.peak_bytes(batch), step.unshared_bytes(batch)
    if peak == without:
        return ""
    return (
        f":\n    {peak / 1e6:.2f} MB for N = {batch} instead of {without / 1e6:.2f} MB"
    )


def _statistic_lines(graph: Graph, step: Step) -> list[tuple[str, str, str]]:
    """Return name, text and factor of each statistic: a variance is unbiased."""
    lines = []
    for name, text in step.statistics:
        (source,) = operands(graph, name)
        count = str(size_product(graph.nodes[source]["shape"])).split("*")
        channels = size_product(graph.nodes[name]["shape"])
        number = int(count[0]) // int(channels) if count[0].isdigit() else 1
        size = "N" if number == 1 else f"{number} * N"
        factor = f" * {size} / ({size} - 1)" if name.startswith("var") else ""
        lines.append((name, text, factor))
    return lines


def _accuracy(graph: Graph, answer: str, data: ScriptData) -> dict[str, str]:
    """Return how right answers are counted."""
    if data.classes is None:
        return {"accuracy": "", "accuracy_each": ""}
    name, shape = graph.nodes[answer]["name"], graph.nodes[answer]["shape"]
    right = f"{name}.argmax(axis=1) == y"
    if shape[-1] == 1:
        loss = graph.graph["network"]["loss"]
        threshold = "0" if loss in ("bce_with_logits", "hinge_loss") else "0.5"
        right = f"({name}[:, 0] > {threshold}) == y"
    return {"accuracy": f"np.mean({right})", "accuracy_each": right}


def _template() -> jinja2.Template:
    import jinja2  # only scripts need it

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("gradtutor.codegen"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # Python text, not HTML
    )
    return environment.get_template("train.py.j2")


def _title(graph: Graph, data: ScriptData, layout: Layout) -> str:
    names = inputs(graph, "parameter")
    if layout.kind == "rows" and all(name[0] in "Wb" for name in names):
        sizes = [graph.nodes["X"]["shape"][-1]]
        sizes += [graph.nodes[n]["shape"][-1] for n in names if n.startswith("W")]
        network = "-".join(map(str, sizes))
    else:
        network = {"images": "convolutional", "sequence": "recurrent"}.get(
            layout.kind, "neural"
        )
    return f"Train a {network} network on {data.title}, with NumPy."


def _without_blank_ends(text: str) -> str:
    """Return the person's text, safe inside a docstring."""
    safe = text.strip().replace("\\", "\\\\").replace('"""', "'''")
    return "\n".join(line.rstrip() for line in safe.splitlines())


def _prediction_words(network: dict[str, str], data: ScriptData) -> str:
    if data.classes is None:
        return "the prediction"
    return "the logits" if network["loss"] == "cross_entropy" else "the class scores"


def _imports(data: ScriptData, settings: Settings) -> list[str]:
    """Return the import lines of the standard library, sorted as isort does."""
    own = ["argparse", "functools", "json", "math", "os", "sys", "time"]
    plain = {f"import {name}" for name in own}
    lines = plain | {"from pathlib import Path"} | set(data.imports)
    if settings.threads > 1:
        lines.add("from concurrent.futures import ThreadPoolExecutor")
    lines.discard("import numpy as np")
    return sorted(lines, key=lambda line: (line.startswith("from "), line))


def _line(line: Statement) -> str:
    """Write ``z1 = X @ W1 + b1  # (N, 128)``."""
    code = f"{line.name} = {line.text}"
    comment = f"  # {line.shape}" if line.shape != "()" else ""
    if len(code + comment) <= WIDTH - 4:
        return code + comment
    return "\n    ".join(wrapped([code]))


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
