"""export: a trained network's weights, or the network with them, for other programs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.arguments import read_text
from gradtutor.cli.options import taken
from gradtutor.cli.session import DONE, Session, common_options, session
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.graph import Graph
    from gradtutor.train.weights.layout import Arrays

#: What OUTPUT can end with, and what is written then.
KINDS = ".safetensors, .npz, .weights.h5, .onnx or .c"


@dataclass(frozen=True)
class ExportOptions:
    """What the command line says, as ``gradtutor export --help`` has it.

    Attributes
    ----------
    step : bool
        --train: the step of the training in C, too.
    """

    gradient: bool
    step: bool
    examples: int


@click.command()
@click.argument("run", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--network",
    metavar="NETWORK",
    help="The network's text, for a file of weights without a training's folder.",
)
@click.option(
    "--gradient", is_flag=True, help="ONNX: the loss and its gradients by all weights."
)
@click.option("--train", "step", is_flag=True, help="C: the training step, too.")
@click.option(
    "--examples",
    type=click.IntRange(1, 100_000),
    default=32,
    show_default=True,
    help="C: how many examples a training step takes.",
)
@common_options
@click.pass_context
def export(
    context: click.Context,
    /,
    run: Path,
    output: Path,
    network: str | None,
    **parameters: Any,
) -> int:
    """Write what a training left in RUN as OUTPUT, for other programs.

    RUN is the folder of a training, or a file of weights. OUTPUT is a .safetensors or
    an .npz file, the weights by PyTorch's names, which load_state_dict takes with
    strict=True; a .weights.h5 file, which Keras's load_weights takes; an .onnx file,
    the network with its weights inside; or a .c file, the same in C99.
    """
    from gradtutor.train.answering import find_weights
    from gradtutor.train.weights import read_weights

    at, options = session(context), taken(ExportOptions, parameters)
    suffix = output.suffix.lower()
    write = WRITERS.get(suffix)
    if write is None:
        raise click.UsageError(
            tr("{output}: end it with {kinds}", output=output, kinds=KINDS)
        )
    _check_options(suffix, options)
    weights = find_weights(run)
    saved = read_weights(weights)
    write(at, _Source(weights, saved, network), output, options)
    return DONE


class _Source:
    """The weights, and the network that they are of."""

    def __init__(self, path: Path, saved: Arrays, network: str | None) -> None:
        self.path, self.saved = path, saved
        self.text = None if network is None else read_text(network)

    def graph(self, *, training: bool = False) -> Graph:
        """Return the network, as it answers or as it is trained."""
        from gradtutor.train.run_folder import network_of, network_with
        from gradtutor.train.weights import check_network

        if self.text is None:
            return network_of(self.path.parent, training=training)
        found = network_with(self.text, self.saved, training=training)
        if not training:
            check_network(self.path, found)
        return found

    def arrays(self) -> Arrays:
        """Return the weights by this program's names."""
        from gradtutor.train.weights import own_arrays

        return own_arrays(self.graph(), self.saved)

    def with_pixels(self, at: Session) -> Arrays:
        """Return the arrays with what the training did to pixels, and say it."""
        from gradtutor.train.fitting.pixels import inside

        arrays, pixels = self.arrays(), self.pixels
        if not pixels:
            return arrays
        at.say(
            tr(
                "gradtutor: X is scaled inside, as in the training (pixels / {by:g}): "
                "give it pixels as the data have them",
                by=pixels[0],
            )
        )
        sizes = self.graph().nodes["X"]["shape"]
        width = math.prod(size for size in sizes if isinstance(size, int))
        return inside(arrays, pixels, width)

    def say_pixels(self, at: Session) -> None:
        """Say that what the training did to pixels is not in what is written."""
        if self.pixels:
            at.say(
                tr(
                    "gradtutor: X is as the training scaled it: divide pixels by "
                    "{by:g} yourself",
                    by=self.pixels[0],
                )
            )

    @property
    def pixels(self) -> list[Any]:
        """What the training did to pixels; nothing without a training's folder."""
        from gradtutor.train.run_folder import settings_of

        if self.text is not None:
            return []
        return list(settings_of(self.path.parent).get("pixels") or ())


def _check_options(suffix: str, options: ExportOptions) -> None:
    if options.gradient and suffix != ".onnx":
        raise click.UsageError(tr("--gradient is for an .onnx file"))
    if options.step and suffix != ".c":
        raise click.UsageError(tr("--train is for a .c file"))


def _weights(
    at: Session, source: _Source, output: Path, _options: ExportOptions
) -> None:
    """Write the weights by PyTorch's names and layouts, or by Keras's."""
    from gradtutor.train.weights import as_keras, as_pytorch, write_weights

    saved = source.saved
    called = as_keras if output.suffix.lower() == ".h5" else as_pytorch
    arrays = called(source.graph(), source.arrays())
    write_weights(output, arrays)
    shapes = {name: list(array.shape) for name, array in arrays.items()}
    text = "\n".join(f"{name}  {tuple(shape)}" for name, shape in shapes.items())
    at.wrote(output)
    if "X_mean" in saved or "X_fill" in saved:
        at.say(tr("gradtutor: what fills and scales columns stays in weights.npz"))
    at.result({"path": str(output), "arrays": shapes}, text)


def _onnx(at: Session, source: _Source, output: Path, options: ExportOptions) -> None:
    """Write the network, or its gradients, as an ONNX model with the weights inside."""
    from gradtutor.exports.onnx import gradient_model, need_onnx, prediction_model
    from gradtutor.train.writing import write_bytes_with

    need_onnx()
    make = gradient_model if options.gradient else prediction_model
    if options.gradient:
        source.say_pixels(at)
        arrays = source.arrays()
    else:
        arrays = source.with_pixels(at)
    model = make(source.graph(training=options.gradient), arrays)
    write_bytes_with(output, lambda file: file.write(model.SerializeToString()))
    inputs, outputs = (
        {one.name: _sizes(one) for one in group}
        for group in (model.graph.input, model.graph.output)
    )
    shown = [f"{name}  {tuple(s)}" for name, s in (inputs | outputs).items()]
    at.wrote(output)
    at.result(
        {"path": str(output), "inputs": inputs, "outputs": outputs,
         "operators": len(model.graph.node)},
        "\n".join(shown),
    )  # fmt: skip


def _c(at: Session, source: _Source, output: Path, options: ExportOptions) -> None:
    """Write the network in C99, and with --train the step of its training."""
    from gradtutor.exports.c99 import prediction_program, training_program
    from gradtutor.train.writing import write_text

    graph, name = source.graph(), output.stem
    if options.step:
        source.say_pixels(at)
        arrays = source.arrays()
        trained, examples = source.graph(training=True), options.examples
        text = training_program(trained, graph, arrays, name, examples)
    else:
        text = prediction_program(graph, source.with_pixels(at), name)
    write_text(output, text)
    at.wrote(output)
    start = f"cc -std=c99 -O2 -DMAIN {output} -lm -o {name}"
    at.result({"path": str(output), "lines": text.count("\n")}, start)


def _sizes(value: Any) -> list[int | str]:
    return [one.dim_param or one.dim_value for one in value.type.tensor_type.shape.dim]


Write = Callable[..., None]
WRITERS: dict[str, Write] = {
    ".safetensors": _weights,
    ".npz": _weights,
    ".h5": _weights,
    ".onnx": _onnx,
    ".c": _c,
}
