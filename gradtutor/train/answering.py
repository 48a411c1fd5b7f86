"""Answer new examples with what a training left: its script and its weights."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gradtutor.blas import users_environment
from gradtutor.codegen.comments import printed_as_spoken
from gradtutor.messages import mark, tr
from gradtutor.train.datasets import MissingPackageError
from gradtutor.train.launch import MISSING, TrainingError
from gradtutor.train.model import DataError
from gradtutor.train.run_folder import network_of
from gradtutor.train.set_aside import SetAside
from gradtutor.train.weights import (
    check_network,
    from_theirs,
    read_weights,
    write_weights,
)

SHOWN_LINES = 3  # of a script's last words
#: How files of another kind than text begin.
MARKS = {b"PK": ".npz", b"\x93NUMPY": ".npy", b"PAR1": ".parquet"}
TEXT, FOLDER = ".csv", "folder"
#: By the function that a script reads with: what new examples are in, and in words.
READS = {
    "def read_csv(": ((TEXT,), mark("a table: give a .csv")),
    "def read_parquet(": ((".parquet",), mark("a table: give a .parquet file")),
    "def read_npy_columns(": ((".npy",), mark("a table of numbers: give an .npy file")),
    "def read_new(": (
        (".npz", ".npy"),
        mark("arrays: give an .npz or .npy file with X"),
    ),
    "def read_images(": ((FOLDER,), mark("a folder of images: give one")),
}


@dataclass(frozen=True)
class Trained:
    """The files that a training left.

    Attributes
    ----------
    script, weights : Path
        The script, and the arrays that it saved.
    """

    script: Path
    weights: Path


def find_weights(run: Path) -> Path:
    """Return the weights of a run's folder, or the file of weights itself.

    Raises
    ------
    DataError
        When there is none; the message says what was looked for.
    """
    return find_trained(run).weights if run.is_dir() else run


def find_trained(run: Path) -> Trained:
    """Return the script and the weights of a run's folder, or of a weights file.

    Raises
    ------
    DataError
        When there is none; the message says what was looked for.
    """
    if run.is_dir():
        script, weights = run / "train.py", run / "weights.npz"
        _check_finished(run)
        if not weights.is_file():
            raise DataError(
                tr(
                    "{run} has no weights.npz: give the folder of a gradtutor train",
                    run=run,
                )
                + _set_aside(run)
            )
        if not script.is_file():
            raise DataError(tr("{run} has no train.py, which reads the data", run=run))
        return Trained(script, weights)
    if run.suffix.lower() not in (".npz", ".safetensors", ".h5") or not run.is_file():
        raise DataError(
            tr("{run} is no folder of a training and no file of weights", run=run)
        )
    for script in (run.with_suffix(".py"), run.with_name("train.py")):
        if script.is_file():
            if script.name == "train.py":
                _check_finished(script.parent)
            return Trained(script, run)
    raise DataError(
        tr(
            "beside {run} there is no {stem}.py and no train.py, the script that "
            "reads the data: put it there",
            run=run,
            stem=run.stem,
        )
    )


def _check_finished(run: Path) -> None:
    """Refuse weights beside the script and the checkpoint of an unfinished training."""
    if (run / "weights.checkpoint.npz").is_file():
        raise DataError(
            tr(
                "{run}: its training is not finished: go on with --resume, or "
                "train anew",
                run=run,
            )
            + _set_aside(run)
        )


def _set_aside(run: Path) -> str:
    before = SetAside(run)
    return (
        tr("; the one before it is in {path}", path=before.path)
        if before.is_finished
        else ""
    )


def answer(trained: Trained, data: Path, arrays: Path | None = None) -> list[list[str]]:
    """Return the answers to new examples: names of columns, then a row for each.

    Parameters
    ----------
    arrays : Path, optional
        An .npz file to write, with the examples as X and what the network made of
        them as prediction.

    Raises
    ------
    DataError
        When the file has not what the script reads.
    MissingPackageError
        When the script needs a package or a device that is not here.
    """
    if not data.exists():
        raise DataError(tr("there is no file {data}", data=data))
    _check_kind(trained.script, data)
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "answers.csv"
        weights = _own_names(trained, Path(folder))
        files = ["--weights", weights, "--predict", data, "--answers", answers]
        files += ["--predictions", arrays] if arrays else []
        done = subprocess.run(
            [sys.executable, str(trained.script), *map(str, files)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=users_environment(),
        )
        if done.returncode:
            raise _failure(done, data.name)
        with answers.open(newline="", encoding="utf-8") as file:
            return list(csv.reader(file))


def cell_value(cell: str) -> int | float | str:
    """Return a number of an answer as such; a class by its name stays one.

    >>> cell_value("3"), cell_value("0.5"), cell_value("cat"), cell_value("1_0")
    (3, 0.5, 'cat', '1_0')
    """
    for kind in (int, float):
        try:
            return cell if "_" in cell else kind(cell)
        except ValueError:
            continue
    return cell


def _check_kind(script: Path, data: Path) -> None:
    """Refuse a file of another kind than the script reads."""
    text, kind = script.read_text(encoding="utf-8", errors="replace"), _kind(data)
    for reader, (kinds, words) in READS.items():
        if reader in text and kind not in kinds:
            raise DataError(
                tr(
                    "{name}: this run was trained on {words}",
                    name=data.name,
                    words=tr(words),
                )
            )


def _kind(data: Path) -> str:
    """Return what a file is, by how it begins."""
    if data.is_dir():
        return FOLDER
    with data.open("rb") as file:
        start = file.read(max(map(len, MARKS)))
    return next((kind for mark, kind in MARKS.items() if start.startswith(mark)), TEXT)


def _own_names(trained: Trained, folder: Path) -> Path:
    """Return weights that the script can read; those by PyTorch's names are copied."""
    run = trained.script.parent
    if trained.weights.suffix == ".npz" and not (run / "settings.json").is_file():
        return trained.weights
    network, given = network_of(run), read_weights(trained.weights)
    if trained.weights.name != "weights.npz":  # which the run's own script has written
        check_network(trained.weights, network)
    arrays = from_theirs(network, given)
    if trained.weights.suffix == ".npz" and arrays.keys() <= given.keys():
        return trained.weights
    saved = run / "weights.npz"
    learned = read_weights(saved) if saved.is_file() else {}
    copy = folder / "weights.npz"
    write_weights(copy, {**learned, **arrays})  # what scales columns comes along
    return copy


def _failure(done: subprocess.CompletedProcess[str], data: str) -> ValueError:
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    said = map(printed_as_spoken, lines[-SHOWN_LINES:])
    words = "\n".join(said) or tr("the script said nothing")
    if done.returncode == MISSING:
        return MissingPackageError(words)
    if done.returncode == 2 and "--predict" in words:
        return DataError(tr("the script answers no new examples: train it anew"))
    if done.returncode == 1 and "Traceback" not in done.stderr:
        return DataError(f"{data}: {words}")
    return TrainingError(tr("the script failed: {words}", words=words))
