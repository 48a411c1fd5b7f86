"""A training from Python: it runs as the command's does, its curve live in a cell."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradtutor.cli.session import Session
from gradtutor.cli.training.network import train
from gradtutor.cli.training.scripts import trained_text
from gradtutor.cli.training.starting import ASIDE, beginning
from gradtutor.front.answers import Answers
from gradtutor.front.cells.live import Live
from gradtutor.front.commands import run
from gradtutor.front.errors import in_words
from gradtutor.front.given_data import AnyData, data_name, new_data
from gradtutor.front.options import read_options
from gradtutor.front.pages import Told
from gradtutor.messages import tr
from gradtutor.train import RunFolder
from gradtutor.train.answering import answer, find_trained
from gradtutor.train.report.measures import measures
from gradtutor.train.report.measures_told import doubts
from gradtutor.train.report.new_pictures import answers_with_pictures
from gradtutor.train.weights import read_weights

#: Weights to start from: a file, or arrays by name.
Start = str | Path | Mapping[str, Any] | None


@dataclass(frozen=True)
class Training:
    """What a training left.

    Attributes
    ----------
    folder : Path
        With ``train.py``, ``weights.npz``, ``history.json``.
    summary : mapping
        ``test_accuracy``, ``test_loss``, ``epochs``, ``seconds``, and what was
        measured: a baseline, recalls.
    history : list of dict
        What each epoch reported.
    notes : tuple of str
        Warnings, and what was understood of the data.
    """

    folder: Path
    summary: Mapping[str, Any]
    history: list[dict[str, Any]]
    notes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def accuracy(self) -> float | None:
        """The accuracy on the test set; None for regression."""
        found: float | None = self.summary["test_accuracy"]
        return found

    @property
    def weights(self) -> dict[str, Any]:
        """The trained arrays by name."""
        return dict(read_weights(self.folder / "weights.npz"))

    @in_words
    def predict(self, data: AnyData, pictures: str | Path | None = None) -> Answers:
        """Answer new examples: an array, a DataFrame, or a file as the training's.

        Parameters
        ----------
        data : array_like, DataFrame, str or Path
        pictures : str or Path, optional
            Of images: a folder to draw the answers into.

        Returns
        -------
        Answers
            ``labels`` is the answers alone; a list of one dict an example.
        """
        with tempfile.TemporaryDirectory(prefix="gradtutor-") as folder:
            path = new_data(data, Path(folder))
            trained = find_trained(self.folder)
            header, *rows = (
                answer(trained, path)
                if pictures is None
                else answers_with_pictures(Path(pictures), trained, path)[0]
            )
        return Answers.read(header, rows)

    def export(
        self, path: str | Path, *, gradient: bool = False, step: bool = False
    ) -> Told:
        """Write what was learnt for other programs; return what ``export`` tells.

        Parameters
        ----------
        path : str or Path
            ``.safetensors`` or ``.npz``, the weights by PyTorch's names; ``.onnx``,
            the network with them; ``.c``, the same in C.
        gradient : bool
            Of ONNX: the loss and its gradients.
        step : bool
            Of C: the training step, too.
        """
        return run("export", self.folder, path, gradient=gradient, train=step)

    def save(self, folder: str | Path) -> Path:
        """Copy the whole folder of the training; ``gt.trained(folder)`` reads it."""
        return Path(shutil.copytree(self.folder, folder, dirs_exist_ok=True))

    def __repr__(self) -> str:
        """Say how it went, in one line."""
        right = (
            ""
            if self.accuracy is None
            else tr("test accuracy {accuracy:.4f}, ", accuracy=self.accuracy)
        )
        loss, epochs = self.summary["test_loss"], self.summary["epochs"]
        return tr(
            "Training({right}test loss {loss:.4g} after {epochs} epochs)",
            right=right,
            loss=loss,
            epochs=epochs,
        )


def trained(folder: str | Path) -> Training:
    """Return a training from its folder, to predict with and to export.

    Raises
    ------
    gradtutor.TutorError
        When the folder holds no finished training.
    """
    found = RunFolder(find_trained(Path(folder)).script.parent)
    found.read_history()
    last = found.history[-1]
    keys = ("test_accuracy", "test_loss")
    summary = {key: last[key] for key in keys} | {"epochs": last["epoch"]}
    return Training(found.path, summary, found.history)


@in_words
def train_network(
    text: str,
    data: AnyData,
    out: str | Path | None,
    start: Start,
    *,
    quiet: bool,
    options: Mapping[str, Any],
) -> Training:
    """Train a network's text on data of any kind; ``Network.train`` says how."""
    folder = Path(out or tempfile.mkdtemp(prefix="gradtutor-run-"))
    folder.mkdir(parents=True, exist_ok=True)
    name = data_name(data, folder)
    given = read_options(train, name, options)
    given = {name: value for name, value in given.items() if name not in ASIDE}
    if isinstance(start, str | Path):
        given["start"], start = str(start), None
    place, asked = RunFolder(folder), Session(quiet=True, seed=given["seed"])
    text = trained_text(text, name)
    begun = beginning(place, text, given, asked, start)
    place.begin(begun.script, begun.settings)
    with Live(given["epochs"], quiet=quiet) as live:
        summary = place.train(
            live.update, resume=False, launcher=begun.launcher, start=begun.start
        )
    found = measures(folder, text, begun.data)
    told = [*begun.notes, *doubts(found, summary["test_accuracy"])]
    live.say(told)
    return Training(folder, summary | found, place.history, tuple(told))
