"""Answer new examples with what a training left: its script and its weights."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gradtutor.blas import users_environment
from gradtutor.train.datasets import MissingPackageError
from gradtutor.train.launch import MISSING, TrainingError
from gradtutor.train.model import DataError
from gradtutor.train.run_folder import network_of
from gradtutor.train.weights import from_pytorch, read_weights, write_weights

SHOWN_LINES = 3  # of a script's last words


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


def find_trained(run: Path) -> Trained:
    """Return the script and the weights of a run's folder, or of a weights file.

    Raises
    ------
    DataError
        When there is none; the message says what was looked for.
    """
    if run.is_dir():
        script, weights = run / "train.py", run / "weights.npz"
        if not weights.is_file():
            unfinished = (run / "weights.checkpoint.npz").is_file()
            how = "its training is not finished: go on with --resume"
            raise DataError(
                f"{run} has no weights.npz: "
                + (how if unfinished else "give the folder of a gradtutor train")
            )
        if not script.is_file():
            raise DataError(f"{run} has no train.py, which reads the data")
        return Trained(script, weights)
    if run.suffix.lower() not in (".npz", ".safetensors") or not run.is_file():
        raise DataError(f"{run} is no folder of a training and no file of weights")
    for script in (run.with_suffix(".py"), run.with_name("train.py")):
        if script.is_file():
            return Trained(script, run)
    raise DataError(
        f"beside {run} there is no {run.stem}.py and no train.py, the script that "
        "reads the data: put it there"
    )


def answer(trained: Trained, data: Path) -> list[list[str]]:
    """Return the answers to new examples: names of columns, then a row for each.

    Raises
    ------
    DataError
        When the file has not what the script reads.
    MissingPackageError
        When the script needs a package or a device that is not here.
    """
    if not data.exists():
        raise DataError(f"there is no file {data}")
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "answers.csv"
        weights = _own_names(trained, Path(folder))
        files = ["--weights", weights, "--predict", data, "--answers", answers]
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


def _own_names(trained: Trained, folder: Path) -> Path:
    """Return weights that the script can read; those by PyTorch's names are copied."""
    run = trained.script.parent
    if trained.weights.suffix == ".npz" and not (run / "settings.json").is_file():
        return trained.weights
    given = read_weights(trained.weights)
    arrays = from_pytorch(network_of(run), given)
    if trained.weights.suffix == ".npz" and arrays.keys() <= given.keys():
        return trained.weights
    saved = run / "weights.npz"
    learned = read_weights(saved) if saved.is_file() else {}
    copy = folder / "weights.npz"
    write_weights(copy, {**learned, **arrays})  # what scales columns comes along
    return copy


def _failure(done: subprocess.CompletedProcess[str], data: str) -> ValueError:
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    words = "\n".join(lines[-SHOWN_LINES:]) or "the script said nothing"
    if done.returncode == MISSING:
        return MissingPackageError(words)
    if done.returncode == 2 and "--predict" in words:
        return DataError("the script answers no new examples: train it anew")
    if done.returncode == 1 and "Traceback" not in done.stderr:
        return DataError(f"{data}: {words}")
    return TrainingError(f"the script failed: {words}")
