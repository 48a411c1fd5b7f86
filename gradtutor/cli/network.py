"""gen, train and data: from a network's text to a trained model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.session import (
    DONE,
    ExpressionCommand,
    Session,
    common_options,
    read_text,
    session,
)

if TYPE_CHECKING:
    from gradtutor.codegen import Settings
    from gradtutor.graph import Graph

positive = click.FloatRange(min=0, min_open=True)


OPTIMISERS = ("gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
#: Learning rates that usually work, by optimiser.
USUAL_RATES = {"adam": 1e-3, "adamw": 1e-3, "rmsprop": 1e-3, "adagrad": 1e-2}
#: All examples at once, for plain gradient descent.
WHOLE = 1_000_000


def training_options(command: Any) -> Any:
    """Add the options that gen and train share."""
    whole = click.IntRange(min=0)
    for option in (
        click.option("--threads", type=click.IntRange(min=1), default=1,
                     help="Cut each batch into shards worked on at once."),
        click.option("--shift", type=whole, default=0,
                     help="Move training images by up to so many pixels."),
        click.option("--clip", type=positive, help="Largest norm of the gradient."),
        click.option("--patience", type=whole, default=0,
                     help="Stop after so many epochs without a better validation loss."),
        click.option("--schedule",
                     type=click.Choice(["constant", "step", "cosine", "warmup"])),
        click.option("--optimizer", type=click.Choice(OPTIMISERS)),
        click.option("--learning-rate", type=positive,
                     help="Default: 0.001 for Adam, 0.1 for SGD."),
        click.option("--batch-size", type=click.IntRange(min=1), default=32),
        click.option("--epochs", type=click.IntRange(min=1), default=10),
        click.option("--data", "dataset", required=True, metavar="NAME",
                     help="A name that `data list` shows, or an .npz/.csv file."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command(cls=ExpressionCommand)
@click.argument("network")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The script's file."
)
@training_options
@common_options
@click.pass_context
def gen(context: click.Context, /, network: str, **options: Any) -> int:
    """Write a standalone NumPy script that trains NETWORK.

    NETWORK is a file with Sequential([...]) and loss = ..., or - for standard input.
    """
    from gradtutor.train import write_text

    run = session(context)
    path: Path | None = options["output"]
    name = path.name if path else "train.py"
    script, notes = script_text(read_text(network), options, run, name)
    for note in notes:
        run.say(f"gradtutor: {note}")
    if path is None:
        run.result({"script": script}, script.rstrip("\n"))
        return DONE
    write_text(path, script)
    run.say(f"wrote {path}: run it with  python {path}")
    if run.json:
        run.result({"path": str(path), "lines": script.count("\n")}, "")
    return DONE


def script_text(
    text: str, options: dict[str, Any], run: Session, name: str
) -> tuple[str, list[str]]:
    """Return the training script of a network on a data set, and what to know of it."""
    from gradtutor.codegen import training_script
    from gradtutor.language import parse_network
    from gradtutor.train import data_source

    data = data_source(options["dataset"])
    graph = parse_network(text, data.features, data.classes)
    evaluation = parse_network(text, data.features, data.classes, training=False)
    settings = script_settings(graph.graph["network"], options, run)
    check_settings(graph, settings)
    script = training_script(graph, data, settings, name, evaluation)
    return script, graph.graph["network"]["notes"]


def check_settings(graph: Graph, settings: Settings) -> None:
    """Refuse what does not go together, before anything is written."""
    shape = graph.nodes["X"]["shape"]
    if settings.shift and len(shape) != 4:
        raise click.UsageError("--shift moves images: the network takes none")
    if settings.threads > 1 and graph.graph["network"]["statistics"]:
        raise click.UsageError(
            "--threads cuts the batch, whose statistics BatchNorm takes whole: leave one"
        )
    masks = [name for name in graph if graph.nodes[name].get("role") == "mask"]
    if settings.threads > 1 and masks:
        raise click.UsageError("--threads and Dropout do not go together: leave one")


def script_settings(
    network: dict[str, Any], options: dict[str, Any], run: Session
) -> Settings:
    """Take each setting from the command line, else from the network's text."""
    from gradtutor.codegen import Settings

    optimiser, constants = _optimiser(network, options["optimizer"])
    rate = options["learning_rate"] or network["learning_rate"]
    schedule = options["schedule"] or network["schedule"]
    return Settings(
        epochs=options["epochs"],
        batch_size=WHOLE if optimiser == "gd" else options["batch_size"],
        learning_rate=rate or USUAL_RATES.get(optimiser, 0.1),
        seed=run.seed or 0,
        optimiser=optimiser,
        optimiser_settings=constants,
        schedule=schedule,
        schedule_settings=network["schedule_settings"],
        clip=options["clip"] or 0.0,
        patience=options["patience"],
        shift=options["shift"],
        threads=options["threads"],
    )


def _optimiser(network: dict[str, Any], given: str | None) -> tuple[str, dict[str, Any]]:
    """Return the optimiser and its constants: SGD(momentum=0.9) is momentum."""
    name, constants = network["optimiser"], network["optimiser_settings"]
    if given is not None and given != name:
        return given, {}
    if name == "sgd" and constants.get("momentum"):
        name = "nesterov" if constants.get("nesterov") else "momentum"
    return name, constants


@click.command(cls=ExpressionCommand)
@click.argument("network")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for script, weights and curve.  [default: NETWORK-run]",
)
@click.option("--resume", is_flag=True, help="Go on from the last epoch that ended.")
@click.option("--safetensors", is_flag=True, help="Save the weights in that form too.")
@training_options
@common_options
@click.pass_context
def train(context: click.Context, /, network: str, **options: Any) -> int:
    """Train NETWORK: the script of gen, with progress, a curve and saved weights."""
    from gradtutor.train import (
        Progress,
        data_source,
        train_script,
        write_curve,
        write_text,
    )

    from gradtutor.train.after import as_safetensors, write_pictures

    run = session(context)
    stem = "network" if network == "-" else Path(network).stem
    folder = options["folder"] or Path(f"{stem}-run")
    text = read_text(network)
    script, notes = script_text(text, options, run, "train.py")
    for note in notes:
        run.say(f"gradtutor: {note}")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "train.py", script)
    weights = folder / "weights.npz"
    history = read_history(folder) if options["resume"] else []
    with Progress(options["epochs"], quiet=run.quiet) as progress:

        def on_epoch(result: Any) -> None:
            history.append(result)
            write_text(folder / "history.json", json.dumps(history))
            progress.update(result)

        arguments = ["--weights", str(weights)]
        arguments += ["--predictions", str(folder / "predictions.npz")]
        arguments += ["--resume"] * options["resume"]
        summary = train_script(folder / "train.py", arguments, on_epoch)
    run.say(_write_curve(write_curve, history, folder / "curve.png", stem))
    classes = data_source(options["dataset"]).classes
    for line in write_pictures(folder, text, classes):
        run.say(line)
    if options["safetensors"]:
        run.say(f"weights: {as_safetensors(weights)}")
    accuracy = summary["test_accuracy"]
    shown = "" if accuracy is None else f"test accuracy {accuracy:.4f}, "
    said = (
        f"{shown}test loss {summary['test_loss']:.4g} after {summary['epochs']} epochs"
        f" in {summary['seconds']:.1f} s\nweights: {weights}"
    )
    run.result({**summary, "weights": str(weights)}, said)
    return DONE


def read_history(folder: Path) -> list[dict[str, Any]]:
    """Return the epochs that an unfinished training has reported."""
    path = folder / "history.json"
    if not path.exists():
        return []
    history: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return history


def _write_curve(write_curve: Any, history: list[Any], path: Path, title: str) -> str:
    """Draw the curve; without matplotlib say so, for the training itself is done."""
    from gradtutor.train import MissingPackageError

    if not history:
        return "gradtutor: no curve: there was no epoch left to train"
    try:
        write_curve(history, path, title)
    except MissingPackageError as error:
        return f"gradtutor: no curve: {error}"
    return f"curve: {path}"


# ---- data ----


@click.group()
def data() -> None:
    """List the data sets, or write one to a file."""


@data.command("list")
@common_options
@click.pass_context
def list_data(context: click.Context, /, **_options: object) -> int:
    """List the data sets with size, source and licence."""
    from gradtutor.train import DATASETS, is_installed

    run = session(context)
    rows = [
        {
            "name": one.name,
            "description": one.description,
            "rows": one.rows,
            "features": one.features,
            "classes": one.classes,
            "package": one.package,
            "installed": is_installed(one),
            "licence": one.licence,
            "sha256": one.sha256,
        }
        for one in DATASETS.values()
    ]
    run.result({"datasets": rows}, "\n\n".join(map(_dataset_text, rows)))
    return DONE


def _dataset_text(row: dict[str, Any]) -> str:
    kind = f"{row['classes']} classes" if row["classes"] else "regression"
    here = "" if row["installed"] else '  (pip install "gradtutor[data]")'
    return (
        f"{row['name']}: {row['description']}{here}\n"
        f"  {row['rows']} x {row['features']}, {kind}, in package {row['package']}\n"
        f"  {row['licence']}"
    )


@data.command("fetch")
@click.argument("name")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="[default: NAME.npz]"
)
@common_options
@click.pass_context
def fetch_data(
    context: click.Context, /, name: str, output: Path | None, **_options: object
) -> int:
    """Write the data set NAME to an .npz file, split into train and test."""
    from gradtutor.train import fetch

    run = session(context)
    path = output or Path(f"{name}.npz")
    found = fetch(name, path, run.seed or 0)
    run.say(found.licence)
    result = {"path": str(path), "name": found.name, "licence": found.licence}
    run.result(result, str(path))
    return DONE
