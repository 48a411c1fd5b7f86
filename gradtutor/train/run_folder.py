"""The folder of one training: its script, its settings, its history, and going on.

A folder holds ``train.py``, ``settings.json`` (the options that were given),
``history.json`` (an object an epoch), ``weights.npz`` when the training is done and
``weights.checkpoint.npz`` while it is not. A training that starts anew sets aside what
was there, in ``previous-run``, until it is done.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from gradtutor.errors import TutorError
from gradtutor.graph import Graph
from gradtutor.language import SourceError, parse_network
from gradtutor.messages import tr
from gradtutor.train.folder_lock import hold
from gradtutor.train.launch import train_script
from gradtutor.train.set_aside import SetAside
from gradtutor.train.writing import write_text

#: What may change when a training goes on.
FREE = {"epochs", "learning_rate", "ranks"}


class ResumeError(TutorError):
    """A training that cannot go on; the message says why and what to do."""


@dataclass
class RunFolder:
    """The files of one training.

    Attributes
    ----------
    history : list of dict
        What the epochs reported, those before an interruption too.
    lock : file or None
        What keeps other trainings out, from `begin` to the end of `train`.
    """

    path: Path
    history: list[dict[str, Any]] = field(default_factory=list)
    lock: IO[str] | None = None

    @property
    def weights(self) -> Path:
        """The trained weights."""
        return self.path / "weights.npz"

    @property
    def checkpoint(self) -> Path:
        """The last epoch of an unfinished training."""
        return self.path / "weights.checkpoint.npz"

    @property
    def predictions(self) -> Path:
        """The test set with the network's answers."""
        return self.path / "predictions.npz"

    @property
    def before(self) -> SetAside:
        """The training that was here before this one."""
        return SetAside(self.path)

    @property
    def is_unfinished(self) -> bool:
        """Whether there is something to go on from."""
        return self.checkpoint.exists()

    def begin(
        self, script: str, settings: Mapping[str, Any], *, resume: bool = False
    ) -> None:
        """Write the script and the settings that it was made from.

        Weights and script of the training before are set aside together, unless this
        one goes on with it.

        Raises
        ------
        BusyFolderError
            When another training runs in the folder.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self.lock = hold(self.path)
        if not resume:
            self.before.take()
        try:
            write_text(self.path / "train.py", script)
            write_text(self.path / "settings.json", json.dumps(settings, indent=1))
        except BaseException:
            self._give_back()
            raise

    def merged(
        self, options: Mapping[str, Any], explicit: set[str], network: str
    ) -> dict[str, Any]:
        """Return the options to go on with: what is left out is as it was.

        Raises
        ------
        ResumeError
            When nothing is unfinished, or a fixed option or the network was another.
        """
        if not self.is_unfinished:
            raise ResumeError(self._nothing_to_resume())
        before = _read(self.path / "settings.json")
        if not isinstance(before, dict):
            raise ResumeError(
                tr("{path} has no settings.json: leave out --resume", path=self.path)
            )
        if before.get("network") != network:
            raise ResumeError(
                tr(
                    "the unfinished training in {path} is of another network: "
                    "choose another --out, or leave out --resume",
                    path=self.path,
                )
            )
        for name in sorted(explicit - FREE):
            if name in before and options[name] != before[name]:
                flag = "--data" if name == "dataset" else f"--{name.replace('_', '-')}"
                was = tr("left out") if before[name] is None else before[name]
                raise ResumeError(
                    tr(
                        "{flag} was {was} when this training began: leave it as "
                        "it was, or leave out --resume",
                        flag=flag,
                        was=was,
                    )
                )
        kept = {name: before[name] for name in options if name in before}
        return {**options, **kept, **{name: options[name] for name in explicit}}

    def _nothing_to_resume(self) -> str:
        """Say whether the training in the folder is done, or there is none."""
        history = _read(self.path / "history.json")
        if not (history and isinstance(history, list) and self.weights.exists()):
            return tr(
                "there is no unfinished training in {path}: leave out --resume",
                path=self.path,
            )
        count = history[-1]["epoch"]
        return tr(
            "the training in {path} is finished, after {count} epochs: to "
            "train longer, leave out --resume and give more, --epochs "
            "{count2}",
            path=self.path,
            count=count,
            count2=2 * count,
        )

    def read_history(self) -> None:
        """Take up what the epochs before an interruption reported."""
        found = _read(self.path / "history.json")
        self.history = found if isinstance(found, list) else []
        last = self.history[-1]["epoch"] if self.history else 0
        saved = _last_result(self.checkpoint)
        if saved and saved["epoch"] > last:  # we were killed before we could note it
            self.history.append(saved)
            write_text(self.path / "history.json", json.dumps(self.history))

    def train(
        self,
        on_epoch: Callable[[dict[str, Any]], None],
        *,
        resume: bool,
        launcher: Sequence[str] = (),
        start: Path | None = None,
    ) -> dict[str, Any]:
        """Run the script, from weights if there are any; return its summary.

        ``launcher`` is mpiexec and its options, for several ranks.
        """

        def note(result: dict[str, Any]) -> None:
            earlier = [row for row in self.history if row["epoch"] < result["epoch"]]
            self.history = [*earlier, result]
            write_text(self.path / "history.json", json.dumps(self.history))
            on_epoch(result)

        arguments = ["--weights", str(self.weights)]
        arguments += ["--predictions", str(self.predictions)]
        arguments += ["--resume"] if resume else []
        arguments += ["--from", str(start)] if start and not resume else []
        script = self.path / "train.py"
        try:
            summary = train_script(script, arguments, note, launcher, self.lock)
            self.before.remove()
            return summary
        except BaseException:
            self._give_back()
            raise
        finally:
            if self.lock:
                self.lock.close()

    def _give_back(self) -> None:
        """Put back the training before, where this one has left no weights."""
        if not (self.is_unfinished or self.weights.exists()):
            self.before.give_back()


def network_with(
    text: str, arrays: Mapping[str, Any], *, training: bool = False
) -> Graph:
    """Return the network of a text, whose first weights tell what it takes.

    Raises
    ------
    gradtutor.language.SourceError
        When the text has a mistake, or says too little.
    """
    try:
        return parse_network(text, training=training)
    except SourceError:
        wide = [array for array in arrays.values() if np.ndim(array) == 2]
        if not wide:
            raise
        return parse_network(text, int(wide[0].shape[0]), training=training)


def network_of(run: Path, *, training: bool = False) -> Graph:
    """Return the network of a run's folder, as it answers or as it is trained.

    Raises
    ------
    ResumeError
        When the folder has no settings.
    """
    settings = settings_of(run)
    example = tuple(settings.get("example") or ()) or None
    text, classes = settings["network"], settings.get("classes")
    return parse_network(text, example, classes, training=training)


def settings_of(run: Path) -> dict[str, Any]:
    """Return what a run's folder says of its training: options, the network's text."""
    settings = _read(run / "settings.json")
    if not isinstance(settings, dict) or "network" not in settings:
        raise ResumeError(
            tr(
                "{run} has no settings.json: give a training's folder, or name "
                "the network by --network",
                run=run,
            )
        )
    return settings


def _last_result(checkpoint: Path) -> dict[str, Any] | None:
    """Return what the epoch of a checkpoint reported; None where there is none."""
    faults = (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile)
    try:
        with np.load(checkpoint, allow_pickle=False) as arrays:
            found: dict[str, Any] = json.loads(str(arrays["small"]))["result"]
    except faults:
        return None
    return found


def _read(path: Path) -> Any:
    """Return a JSON file's content; None when it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
