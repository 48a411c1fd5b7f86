"""gen and train: from a network's text to a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gradtutor.cli.arguments import ExpressionCommand
from gradtutor.cli.drawing.notes import say_notes
from gradtutor.cli.session import DONE, common_options, session
from gradtutor.cli.training.asking import (
    as_objects,
    asked_rows,
    told_before_and_after,
)
from gradtutor.cli.training.options import training_options
from gradtutor.cli.training.run_steps import (
    after_training,
    check_packages,
    run_settings,
    summary_text,
    trained,
    weight_files,
)
from gradtutor.cli.training.scripts import network_text, script_files, script_place
from gradtutor.cli.training.starting import beginning
from gradtutor.messages import LANGUAGES, tr


@click.command(cls=ExpressionCommand)
@click.argument("network")
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="The script's file; or a folder (an existing one, or FOLDER/) for net.py and, "
    "with cupy, gpu_kit.py.",
)
@click.option("--single-file", is_flag=True, help="In a folder, too, net.py alone.")
@click.option(
    "--comments",
    type=click.Choice(LANGUAGES),
    default="en",
    help="Language of the script's comments and of its --help.",
)
@training_options
@common_options
@click.pass_context
def gen(context: click.Context, /, network: str, **options: Any) -> int:
    """Write a standalone NumPy script that trains NETWORK.

    NETWORK is a file with Sequential([...]) and loss = ..., or - for standard input.
    Some come along: autoencoder.net, digits-relu.net, digits-sigmoid.net, ecg.net,
    eeg.net, exam.net, gpt.net, lenet.net, line.net, mlp.net and sequence.net.
    """
    from gradtutor.codegen.comments import in_chinese
    from gradtutor.train import write_text

    run = session(context)
    path, name = script_place(options["output"])
    if not name:
        options["single_file"] = True
    texts, notes, _ = script_files(
        network_text(network, options["dataset"]), options, run, name or path.name
    )
    say_notes(run, notes)
    if options["comments"] == "zh":
        texts = {file: in_chinese(text) for file, text in texts.items()}
    if not options["output"]:
        (script,) = texts.values()
        run.result({"script": script}, script.rstrip("\n"))
        return DONE
    if name:
        path.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        write_text(path / file if name else path, text)
    path = path / name
    start = "mpiexec -n 2 " if options["parallel"] else ""
    run.say(
        tr("wrote {path}: run it with  {start}python {path}", path=path, start=start)
    )
    if run.json:
        lines = texts[name or path.name].count("\n")
        run.result({"path": str(path), "lines": lines, "files": list(texts)}, "")
    return DONE


@click.command(cls=ExpressionCommand)
@click.argument("network")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for script, weights and curve.  [default: NETWORK-run]",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the unfinished training in the folder; what is left out here "
    "is as it was.",
)
@click.option(
    "--ranks",
    type=click.IntRange(1, 65536),
    help="Processes of --parallel mpi.  [default: 2]",
)
@click.option("--no-pictures", is_flag=True, help="Draw none; it takes seconds.")
@click.option(
    "--safetensors",
    is_flag=True,
    help="Save the weights by PyTorch's names and layouts, too.",
)
@click.option(
    "--from",
    "start",
    metavar="WEIGHTS",
    help="Start from weights: .npz or .safetensors, PyTorch's names or these.",
)
@click.option(
    "--ask",
    multiple=True,
    metavar="NUMBERS",
    help="An example such as 4,5: what is answered before and after; may be repeated.",
)
@training_options
@common_options
@click.pass_context
def train(context: click.Context, /, network: str, **options: Any) -> int:
    """Train NETWORK: the script of gen, with progress, pictures and saved weights."""
    from gradtutor.train import RunFolder

    run = session(context)
    stem = "network" if network == "-" else Path(network).stem
    folder = RunFolder(options["folder"] or Path(f"{stem}-run"))
    text = network_text(network, options["dataset"])
    if Path(network).suffix.lower() == ".onnx":  # its weights are the beginning
        options["start"] = options["start"] or network
    given = run_settings(context, folder, text, options, run)
    check_packages(given.get("backend"), safetensors=options["safetensors"])
    begun = beginning(folder, text, given, run)
    say_notes(run, begun.notes)
    asked = asked_rows(begun.data, options["ask"])
    summary = trained(folder, begun, given["epochs"], run, resume=options["resume"])
    summary |= weight_files(folder, safetensors=options["safetensors"])
    title = "" if options["no_pictures"] else stem
    accuracy = summary["test_accuracy"]
    answers = told_before_and_after(folder, begun, asked, run)
    summary |= {"asked": as_objects(answers)} if answers else {}
    summary |= after_training(folder, begun.data, text, title, accuracy, run, answers)
    run.result(summary, summary_text(summary))
    return DONE
