"""gen and train: from a network's text to a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.arguments import ExpressionCommand
from gradtutor.cli.drawing.notes import say_notes
from gradtutor.cli.session import DONE, Session, common_options, session
from gradtutor.cli.training.scripts import network_text, script_files, script_place
from gradtutor.cli.training.starting import ASIDE, beginning
from gradtutor.cli.training.training_settings import training_options
from gradtutor.messages import LANGUAGES, mark, tr

if TYPE_CHECKING:
    from gradtutor.train import Data, RunFolder


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
@training_options
@common_options
@click.pass_context
def train(context: click.Context, /, network: str, **options: Any) -> int:
    """Train NETWORK: the script of gen, with progress, pictures and saved weights."""
    from gradtutor.train import Progress, RunFolder
    from gradtutor.train.report.after import (
        as_safetensors,
        need_numba,
        need_safetensors,
    )

    run = session(context)
    stem = "network" if network == "-" else Path(network).stem
    folder = RunFolder(options["folder"] or Path(f"{stem}-run"))
    text = network_text(network, options["dataset"])
    if Path(network).suffix.lower() == ".onnx":  # its weights are the beginning
        options["start"] = options["start"] or network
    given = {name: value for name, value in options.items() if name not in ASIDE}
    given["seed"] = run.seed
    if options["resume"]:
        given = folder.merged(given, _explicit(context) - ASIDE, text)
        folder.read_history()
        done = folder.history[-1]["epoch"] if folder.history else 0
        if done >= given["epochs"]:
            run.say(
                tr(
                    "gradtutor: all {done} epochs are done: for more, --epochs {more}",
                    done=done,
                    more=2 * done,
                )
            )
    elif folder.is_unfinished:
        run.say(
            tr(
                "gradtutor: {path} held an unfinished training: this starts anew",
                path=folder.path,
            )
        )
    if options["safetensors"]:
        need_safetensors()
    if given.get("backend") == "numba":
        need_numba()
    begun = beginning(folder, text, given, run)
    say_notes(run, begun.notes)
    folder.begin(begun.script, begun.settings, resume=options["resume"])
    try:
        with Progress(given["epochs"], quiet=run.quiet) as progress:
            summary = folder.train(
                progress.update,
                resume=options["resume"],
                launcher=begun.launcher,
                start=begun.start,
            )
    except BaseException as error:
        _say_what_is_left(folder, run, interrupted=isinstance(error, KeyboardInterrupt))
        raise
    summary["weights"] = str(folder.weights)
    if options["safetensors"]:
        summary["safetensors"] = str(as_safetensors(folder.path))
    title = "" if options["no_pictures"] else stem
    accuracy = summary["test_accuracy"]
    summary |= _afterwards(folder, text, begun.data, title, accuracy, run)
    run.result(summary, _summary_text(summary))
    return DONE


def _say_what_is_left(folder: RunFolder, run: Session, *, interrupted: bool) -> None:
    """Say what a training that ended too early leaves in its folder."""
    if folder.is_unfinished and interrupted:
        run.say(tr("gradtutor: the last epoch is saved: go on with --resume"))
    if folder.before.is_finished:
        run.say(
            tr(
                "gradtutor: the finished training before it is in {path}",
                path=folder.before.path,
            )
        )
    elif folder.weights.exists():
        run.say(
            tr(
                "gradtutor: the training before it is in {path}, as it was",
                path=folder.path,
            )
        )


def _explicit(context: click.Context) -> set[str]:
    """Return the options that stand on the command line."""
    given = click.core.ParameterSource.COMMANDLINE
    names = {
        name for name in context.params if context.get_parameter_source(name) == given
    }
    above = context.find_root()
    seed = above.get_parameter_source("seed") == given
    return names - {"network"} | ({"seed"} if seed else set())


def _afterwards(
    folder: RunFolder,
    text: str,
    data: Data,
    title: str,
    accuracy: float | None,
    run: Session,
) -> dict[str, Any]:
    """Measure and draw, under a title; without one draw nothing.

    Nothing that fails here spoils a training that is done.
    """
    from gradtutor.train import write_curve
    from gradtutor.train.report.after import write_pictures
    from gradtutor.train.report.measures import doubts, measures, measures_text

    found = measures(folder.path, text, data)
    run.say(measures_text(found))
    for doubt in doubts(found, accuracy):
        run.say(tr("gradtutor: warning: {doubt}", doubt=doubt))
    pictures: dict[str, Path] = {}
    if not title:
        return found | {"pictures": []}
    try:
        write_curve(folder.history, folder.path / "curve.png", title)
        pictures[mark("curve")] = folder.path / "curve.png"
        pictures |= dict(write_pictures(folder.path, text, data.targets.count))
    except (ValueError, OSError) as error:
        run.say(tr("gradtutor: no pictures: {error}", error=error))
    for name, path in pictures.items():
        run.say(f"{tr(name)}: {path}")
    return found | {"pictures": [str(path) for path in pictures.values()]}


def _summary_text(summary: dict[str, Any]) -> str:
    accuracy, best = summary["test_accuracy"], summary.get("best_epoch")
    shown = (
        ""
        if accuracy is None
        else tr("test accuracy {accuracy:.4f}, ", accuracy=accuracy)
    )
    kept = (
        ""
        if best is None
        else tr(" (the weights are those of epoch {best})", best=best)
    )
    kinds = [kind for kind in ("weights", "safetensors") if kind in summary]
    files = [tr("weights: {path}", path=summary[kind]) for kind in kinds]
    several = mark(
        "{shown}test loss {test_loss:.4g} after {epochs} epochs{kept} in "
        "{seconds:.1f} s\n"
    )
    one = mark(
        "{shown}test loss {test_loss:.4g} after 1 epoch{kept} in {seconds:.1f} s\n"
    )
    return tr(
        one if summary["epochs"] == 1 else several,
        shown=shown,
        test_loss=summary["test_loss"],
        epochs=summary["epochs"],
        kept=kept,
        seconds=summary["seconds"],
    ) + "\n".join(files)
