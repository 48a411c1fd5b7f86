"""The options of a training: what gen and train accept, and what goes together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.session import Session
from gradtutor.messages import tr
from gradtutor.optimisers import OPTIMISERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradtutor.codegen import Settings
    from gradtutor.graph import Graph, NetworkFacts
    from gradtutor.train import Choices, Data


#: All examples at once, for plain gradient descent.
WHOLE = 1_000_000


def data_choices(options: Mapping[str, Any]) -> Choices:
    """Return what was said of the data's columns."""
    from gradtutor.train import Choices

    return Choices(
        x=_names(options.get("x")),
        y=_names(options.get("y")),
        drop=_names(options.get("drop")),
        fill=options.get("fill") or "",
        scale=options.get("scale") or "",
    )


def _names(given: str | None) -> tuple[str, ...]:
    """Split ``a,b`` at its commas."""
    return tuple(name.strip() for name in (given or "").split(",") if name.strip())


def check_settings(graph: Graph, settings: Settings) -> None:
    """Refuse what does not go together, before anything is written."""
    from gradtutor.codegen.backends import backend_of
    from gradtutor.codegen.script.statistics import needs_two_examples
    from gradtutor.graph import network_of

    shape = graph.nodes["X"]["shape"]
    on_gpu = backend_of(settings).on_gpu
    if settings.precision != "float32" and not on_gpu:
        raise click.UsageError(tr("--precision is for a GPU: add --backend cupy"))
    if settings.products != "ctypes" and not on_gpu:
        raise click.UsageError(tr("--products is for a GPU: add --backend cupy"))
    if settings.conv != "windows":
        _check_convolver(graph, settings)
    if settings.sharded and on_gpu:
        raise click.UsageError(tr("--threads is for the CPU: leave it out on a GPU"))
    if settings.shift and len(shape) != 4:
        raise click.UsageError(tr("--shift moves images: the network takes none"))
    if settings.shift and settings.shift >= min(shape[1:3]):
        raise click.UsageError(
            tr(
                "--shift {shift} would move images of {height}x{width} away",
                shift=settings.shift,
                height=shape[1],
                width=shape[2],
            )
        )
    if settings.batch_size == 1 and needs_two_examples(graph):
        raise click.UsageError(
            tr("--batch-size 1: batch normalisation of rows needs two examples or more")
        )
    if settings.sharded and network_of(graph)["statistics"]:
        raise click.UsageError(
            tr("--threads cuts the batch, whose statistics BatchNorm takes whole")
        )
    if settings.sharded and settings.parallel:
        raise click.UsageError(
            tr("--threads and --parallel do not go together: leave one")
        )
    masks = [name for name in graph if graph.nodes[name].get("role") == "mask"]
    if settings.sharded and masks:
        raise click.UsageError(
            tr("--threads and Dropout do not go together: leave one")
        )


def rate_notes(settings: Settings) -> list[str]:
    """Warn of a learning rate that hardly any training survives."""
    usual = OPTIMISERS[settings.optimiser].rate
    if settings.learning_rate <= 100 * usual:
        return []
    return [
        tr(
            "warning: a learning rate of {rate:g} is "
            "{times:.0g} times {optimiser}'s usual {usual:g}: the "
            "training may diverge or stay at chance",
            rate=settings.learning_rate,
            times=settings.learning_rate / usual,
            optimiser=settings.optimiser,
            usual=usual,
        )
    ]


def _check_convolver(graph: Graph, settings: Settings) -> None:
    from gradtutor.codegen.backends import backend_of

    conv = settings.conv
    if not backend_of(settings).on_gpu:
        raise click.UsageError(
            tr("--conv {name} is for a GPU: add --backend cupy", name=conv)
        )
    if not convolves(graph):
        raise click.UsageError(
            tr("--conv {name}: the network has no convolution", name=conv)
        )
    if conv == "implicit" and settings.precision != "float32":
        raise click.UsageError(
            tr("--conv implicit computes in float32: leave out --precision, or --conv")
        )


def convolves(graph: Graph) -> bool:
    """Whether a network has a convolution."""
    return any(data["gate"] == "conv" for _, data in graph.nodes(data=True))


def script_settings(
    network: NetworkFacts, options: dict[str, Any], run: Session
) -> Settings:
    """Take each setting from the command line, else from the network's text."""
    from gradtutor.codegen import Settings

    optimiser, constants = _optimiser(network, options["optimizer"])
    batch_size, rate = options["batch_size"], options["learning_rate"]
    size = batch_size or network.get("batch_size") or 32
    whole = network.get("whole") and not batch_size
    if optimiser == "gd" and batch_size:
        raise click.UsageError(
            tr("GD takes all examples at once: leave out --batch-size")
        )
    if rate is None and optimiser == _optimiser(network, None)[0]:
        rate = network["learning_rate"]  # it belongs to its optimiser
    schedule = options["schedule"] or network["schedule"]
    own = schedule == network["schedule"]
    return Settings(
        epochs=options["epochs"] or usual_epochs(network),
        batch_size=WHOLE if optimiser == "gd" or whole else size,
        learning_rate=OPTIMISERS[optimiser].rate if rate is None else rate,
        seed=options.get("seed") or run.seed or 0,
        optimiser=optimiser,
        optimiser_settings=constants,
        schedule=schedule,
        schedule_settings=network["schedule_settings"] if own else {},
        clip=float(_chosen(network, options, "clip")),
        patience=options["patience"] or network.get("patience") or 0,
        shift=int(_chosen(network, options, "shift")),
        threads=options.get("threads") or 0,
        backend=options["backend"],
        precision=options["precision"],
        conv=options["conv"],
        ties=options["ties"],
        products=options["products"],
        one_kernel=bool(options.get("one_kernel")),
        parallel=options.get("parallel") or "",
    )


def steps_notes(
    network: NetworkFacts, options: dict[str, Any], data: Data
) -> list[str]:
    """Set the epochs of a program that counts steps; say what a step takes."""
    if network.get("whole") and not options["batch_size"]:
        return [tr("every step takes all examples, as in the program: --batch-size N "
                   "for less")]  # fmt: skip
    steps = network.get("steps")
    if not steps or options["epochs"]:
        return []
    size = options["batch_size"] or network.get("batch_size") or 32
    each = max(1, math.ceil(data.raw.rows * (1 - data.test_fraction) / size))
    options["epochs"] = max(1, round(steps / each))
    return [
        tr(
            "the program counts steps, {steps} of {size} examples: --epochs {epochs} "
            "of about {each} steps is taken for it",
            steps=steps,
            size=size,
            epochs=options["epochs"],
            each=each,
        )
    ]


def _chosen(network: NetworkFacts, options: dict[str, Any], name: str) -> Any:
    """Return an option's value, else what the network's text does, else 0."""
    if options[name] is not None:
        return options[name]
    return network.get("asked", {}).get(name, 0)


def usual_epochs(network: NetworkFacts) -> int:
    """Return the number of epochs that a network's text has, else 10."""
    return int(network.get("epochs") or 10)


def _optimiser(network: NetworkFacts, given: str | None) -> tuple[str, dict[str, Any]]:
    """Return the optimiser and its constants: SGD(momentum=0.9) is momentum."""
    name, constants = network["optimiser"], network["optimiser_settings"]
    if given is not None and given != name:
        return given, {}
    if name == "sgd" and constants.get("momentum"):
        name = "nesterov" if constants.get("nesterov") else "momentum"
    return name, constants
