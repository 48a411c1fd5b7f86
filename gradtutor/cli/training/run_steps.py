"""The steps of a training from the command line: settings, run, what comes after."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.session import Session
from gradtutor.cli.training.starting import ASIDE, Beginning
from gradtutor.messages import mark, tr

if TYPE_CHECKING:
    from gradtutor.train import Data, RunFolder
    from gradtutor.train.report.asked import Asked


def run_settings(
    context: click.Context,
    folder: RunFolder,
    text: str,
    options: dict[str, Any],
    run: Session,
) -> dict[str, Any]:
    """Return the settings of a training, those of an unfinished one it goes on with."""
    given = {name: value for name, value in options.items() if name not in ASIDE}
    given |= {"seed": run.seed, "rows": None}  # rows: what --tune has found
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
    return given


def check_packages(backend: str | None, *, safetensors: bool) -> None:
    """Refuse before a training what could not be done after it."""
    from gradtutor.codegen.backends import BACKENDS
    from gradtutor.train.report.after import need_package, need_safetensors

    if safetensors:
        need_safetensors()
    if backend:
        need_package(backend, BACKENDS[backend].extra)


def trained(
    folder: RunFolder, begun: Beginning, epochs: int, run: Session, *, resume: bool
) -> dict[str, Any]:
    """Train with a line an epoch; what ends too early says what it left."""
    from gradtutor.train import Progress

    folder.begin(begun.script, begun.settings, resume=resume)
    try:
        with Progress(epochs, quiet=run.quiet) as progress:
            return folder.train(
                progress.update,
                resume=resume,
                launcher=begun.launcher,
                start=begun.start,
            )
    except BaseException as error:
        _say_what_is_left(folder, run, interrupted=isinstance(error, KeyboardInterrupt))
        raise


def weight_files(folder: RunFolder, *, safetensors: bool) -> dict[str, str]:
    """Return where the weights are."""
    from gradtutor.train.report.after import as_safetensors

    files = {"weights": str(folder.weights)}
    if safetensors:
        files["safetensors"] = str(as_safetensors(folder.path))
    return files


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


def after_training(
    folder: RunFolder,
    data: Data,
    text: str,
    title: str,
    accuracy: float | None,
    run: Session,
    asked: Sequence[Asked] = (),
) -> dict[str, Any]:
    """Measure and draw, under a title; without one draw nothing.

    Nothing that fails here spoils a training that is done.
    """
    from gradtutor.train import write_curve
    from gradtutor.train.report.after import write_pictures
    from gradtutor.train.report.measures import measures
    from gradtutor.train.report.measures_told import doubts, measures_text

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
        called = [str(one) for one in data.targets.classes or data.targets.names]
        names = data.features.names
        count = data.targets.count
        drawn = write_pictures(folder.path, text, count, names, called, asked)
        pictures |= dict(drawn)
    except (ValueError, OSError) as error:
        run.say(tr("gradtutor: no pictures: {error}", error=error))
    for name, path in pictures.items():
        run.say(f"{tr(name)}: {path}")
    return found | {"pictures": [str(path) for path in pictures.values()]}


def summary_text(summary: dict[str, Any]) -> str:
    """Return the lines that end a training."""
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
