"""The training script: one file of plain NumPy that never imports gradtutor."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gradtutor.codegen.gpu.half_storage import HALVES
from gradtutor.codegen.layout import Layout
from gradtutor.codegen.optimisers import optimiser_text
from gradtutor.codegen.parallel import mask_facts, with_share
from gradtutor.codegen.script_facts import (
    evaluation_facts,
    parameter_facts,
    prediction_words,
    step_facts,
)
from gradtutor.codegen.script_threads import thread_facts
from gradtutor.codegen.step import training_step
from gradtutor.codegen.text.wrapping import wrapped
from gradtutor.graph import Graph, inputs
from gradtutor.optimisers import OPTIMISERS

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
    test_fraction : float
        The part that is tested on; 0 to test on the examples that are learned from.
    held_out : bool
        Whether the last rows are a test set of their own, not to be mixed in.
    prepares : bool
        Whether columns are filled or scaled as the training examples say.
    fill, scale : str
        How: ``mean``, ``median`` or a number; ``standard``; nothing for neither.
    new_call, new_suffix : str
        The expression that returns X of new examples in the file ``path``, and what
        such a file ends with; a script without one answers no new examples.
    class_names : str
        The classes by number, as a list.
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
    prepares: bool = False
    fill: str = ""
    scale: str = ""
    new_call: str = ""
    new_suffix: str = ".npz"
    class_names: str = ""


@dataclass(frozen=True)
class Settings:
    """The numbers at the top of a script, and what it can do.

    Attributes
    ----------
    optimiser : str
        A name of ``gradtutor.optimisers.OPTIMISERS``.
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
        Shards of a batch that are worked on at once, each by one thread; 1 for the
        whole batch by one thread, 0 for as many as its largest product is worth.
    backend : str
        ``numpy``, or ``numba`` for the same lines with compiled groups.
    parallel : str
        ``mpi`` for a script that several ranks run on parts of each batch.
    precision : str
        Of products on a GPU: ``float32``, ``tf32``, ``bfloat16`` or ``float16``.
    ties : str
        The rule at kinks, one of ``gradtutor.gates.TIE_RULES``.
    products : str
        Who calls the library of products on a GPU: ``ctypes`` or ``nvmath``.
    conv : str
        Who convolves on a GPU: ``windows`` and a product, or ``cudnn``.
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
    threads: int = 0
    backend: str = "numpy"
    parallel: str = ""
    precision: str = "float32"
    ties: str = "torch"
    products: str = "ctypes"
    conv: str = "windows"

    @property
    def sharded(self) -> bool:
        """Whether each batch is cut into shards."""
        return self.threads > 1

    @property
    def half(self) -> bool:
        """Whether factors of products are kept in 16 bits."""
        return self.backend == "cupy" and self.precision in HALVES

    @property
    def scaled(self) -> bool:
        """Whether the loss is scaled: float16 has few exponents, bfloat16 enough."""
        return self.half and self.precision == "float16"


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
    batch = min(settings.batch_size, 1024)
    trained = with_share(graph) if settings.parallel else graph
    step = training_step(
        trained,
        network["statistics"],
        batch,
        settings.backend,
        settings.precision if settings.half else "",
        settings.ties,
        settings.conv,
    )
    evaluation = prediction or graph
    text = _template().render(
        title=_title(graph, data, Layout(graph.nodes["X"]["shape"]), settings),
        network_text=textwrap.indent(
            _without_blank_ends(graph.graph["source"]), "    "
        ),
        script_name=script_name,
        data=data,
        classes=data.classes,
        imports=_imports(data, settings),
        settings=settings,
        prediction_words=prediction_words(network, data),
        optimiser=optimiser_text(settings),
        optimiser_class=OPTIMISERS[settings.optimiser].title,
        unpack=_unpack,
        wrapped=wrapped,
        mask_facts=mask_facts(graph) if settings.parallel else [],
        **thread_facts(graph, batch),
        **parameter_facts(graph),
        labels=f", {data.classes}" if data.classes else "",
        **step_facts(graph, step, settings),
        **evaluation_facts(graph, evaluation, step, data, settings),
    )
    return formatted(text)


def formatted(text: str) -> str:
    """Return Python text with its blank lines as a formatter leaves them."""
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip() + "\n"


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


def _title(graph: Graph, data: ScriptData, layout: Layout, settings: Settings) -> str:
    names = inputs(graph, "parameter")
    if layout.kind == "rows" and all(name[0] in "Wb" for name in names):
        sizes = [graph.nodes["X"]["shape"][-1]]
        sizes += [graph.nodes[n]["shape"][-1] for n in names if n.startswith("W")]
        network = "-".join(map(str, sizes))
    else:
        network = {"images": "convolutional", "sequence": "recurrent"}.get(
            layout.kind, "neural"
        )
    library = {"cupy": "CuPy", "numba": "NumPy and numba"}.get(
        settings.backend, "NumPy"
    )
    return f"Train a {network} network on {data.title}, with {library}."


def _without_blank_ends(text: str) -> str:
    """Return the person's text, safe inside a docstring."""
    safe = text.strip().replace("\\", "\\\\").replace('"""', "'''")
    return "\n".join(line.rstrip() for line in safe.splitlines())


def _imports(data: ScriptData, settings: Settings) -> list[str]:
    """Return the import lines of the standard library, sorted as isort does."""
    own = ["argparse", "functools", "json", "math", "os", "sys", "time"]
    plain = {f"import {name}" for name in own}
    lines = plain | {"from pathlib import Path"} | set(data.imports)
    if settings.sharded:
        lines.add("from concurrent.futures import ThreadPoolExecutor")
    if settings.parallel:
        lines |= {"import io", "import traceback", "from typing import NamedTuple"}
    if settings.backend == "cupy" and settings.products == "ctypes":
        lines.add("import ctypes")
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
