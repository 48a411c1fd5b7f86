"""The training script: one file of plain NumPy that never imports gradtutor."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradtutor.calculus import backward_graph
from gradtutor.codegen import helpers
from gradtutor.codegen.statements import Statement, statements
from gradtutor.gates import show_shape
from gradtutor.graph import Graph, inputs

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


@dataclass(frozen=True)
class Settings:
    """The numbers at the top of a script.

    Attributes
    ----------
    optimiser : str
        ``adam`` or ``sgd``.
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    seed: int = 0
    optimiser: str = "adam"


def training_script(
    graph: Graph, data: ScriptData, settings: Settings, script_name: str = "train.py"
) -> str:
    """Return the text of a script that trains this network on this data.

    Parameters
    ----------
    graph : Graph
        A network, as ``gradtutor.language.parse_network`` makes it.
    data : ScriptData
        The data set's loader, as text.
    """
    backward = backward_graph(graph, wrt=inputs(graph, "parameter"))
    network = graph.graph["network"]
    loss, prediction = graph.graph["output"], network["prediction"]
    names = inputs(graph, "parameter")
    gradients = [backward.of_node[name] for name in reversed(names)]
    whole = statements(backward.graph, [loss, *gradients])
    split = [line.node for line in whole].index(loss) + 1
    lines = dict(zip(gradients, reversed(names), strict=True))
    forward, back = whole[:split], whole[split:]
    predicting = statements(graph, [prediction])
    judging = statements(graph, [loss], given=[prediction])
    calls = _helpers(line.text for line in (*whole, *judging))
    text = _template().render(
        title=_title(graph, data),
        network_text=textwrap.indent(
            _without_blank_ends(graph.graph["source"]), "    "
        ),
        script_name=script_name,
        data=data,
        imports=_imports(data, calls),
        settings=settings,
        shapes=[(name, show_shape(graph.nodes[name]["shape"])) for name in names],
        overflow=any("np.exp(-" in line.text for line in whole),
        helpers="\n\n\n".join(inspect.getsource(call).rstrip() for call in calls),
        parameters=names,
        gradient_names=[f"d{name}" for name in names],
        features=graph.nodes["X"]["shape"][-1],
        classes=data.classes,
        prediction=graph.nodes[prediction]["name"],
        prediction_words=_prediction_words(network, data),
        predict_lines=[_line(line) for line in predicting],
        forward_lines=[_line(line) for line in forward],
        backward_lines=[_line(line, lines.get(line.node)) for line in back],
        loss_lines=[_line(line) for line in judging],
        loss=graph.nodes[loss]["name"],
        unpack=_unpack,
    )
    return text.rstrip() + "\n"


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


def _title(graph: Graph, data: ScriptData) -> str:
    sizes = [graph.nodes["X"]["shape"][-1]]
    sizes += [
        graph.nodes[name]["shape"][-1]
        for name in inputs(graph, "parameter")
        if len(graph.nodes[name]["shape"]) == 2
    ]
    return f"Train a {'-'.join(map(str, sizes))} network on {data.title}, with NumPy."


def _without_blank_ends(text: str) -> str:
    """Return the person's text, safe inside a docstring."""
    safe = text.strip().replace("\\", "\\\\").replace('"""', "'''")
    return "\n".join(line.rstrip() for line in safe.splitlines())


def _prediction_words(network: dict[str, str], data: ScriptData) -> str:
    if data.classes is None:
        return "the prediction"
    return "the logits" if network["loss"] == "cross_entropy" else "the class scores"


def _helpers(texts: Iterable[str]) -> list[Callable[..., Any]]:
    """Return the helpers that these expressions call, in the module's order."""
    called = {
        node.func.id
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return [
        item
        for name, item in vars(helpers).items()
        if name in called and callable(item)
    ]


def _imports(data: ScriptData, calls: list[Callable[..., Any]]) -> list[str]:
    """Return the import lines of the standard library, sorted as isort does."""
    own = ["argparse", "json", "math", "sys", "time"]
    plain = {f"import {name}" for name in own}
    lines = plain | {"from pathlib import Path"} | set(data.imports)
    lines.discard("import numpy as np")
    return sorted(lines, key=lambda line: (line.startswith("from "), line))


def _line(line: Statement, parameter: str | None = None) -> str:
    """Write ``z1 = X @ W1 + b1  # (N, 128)``; a gradient goes into its view."""
    target = f"d{parameter}[...]" if parameter else line.name
    code = f"{target} = {line.text}"
    comment = f"  # {line.shape}" if line.shape != "()" else ""
    return code + comment if len(code + comment) <= WIDTH - 4 else code


def _unpack(source: str, names: list[str]) -> str:
    """Write ``W1, b1 = parameters``, over several lines when it is long."""
    line = (
        f"{', '.join(names)} = {source}"
        if len(names) > 1
        else f"({names[0]},) = {source}"
    )
    if len(line) <= WIDTH - 4:
        return line
    inner = "".join(f"        {name},\n" for name in names)
    return f"(\n{inner}    ) = {source}"
