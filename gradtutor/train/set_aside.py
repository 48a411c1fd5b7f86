"""Keep a training's files together while another one starts in its folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

#: What belongs together: weights answer only by the script that learned them.
FILES = (
    *("weights.npz", "weights.checkpoint.npz", "weights.safetensors"),
    *("predictions.npz", "history.json", "settings.json", "train.py"),
)


@dataclass(frozen=True)
class SetAside:
    """The files of the training before, in a folder within a run's."""

    run: Path

    @property
    def path(self) -> Path:
        """Where they lie: a run's folder, too."""
        return self.run / "previous-run"

    @property
    def is_finished(self) -> bool:
        """Whether there are trained weights among them."""
        return (self.path / "weights.npz").is_file()

    def take(self) -> None:
        """Move a run's files here; finished ones are not given up for unfinished."""
        done = (self.run / "weights.npz").is_file()
        begun = (self.run / "weights.checkpoint.npz").is_file()
        if done or (begun and not self.is_finished):
            self.remove()
            self.path.mkdir(exist_ok=True)
            _move(self.run, self.path)
        else:
            (self.run / "weights.checkpoint.npz").unlink(missing_ok=True)

    def give_back(self) -> None:
        """Put the files back in place of those that another training began with."""
        if not any((self.path / name).is_file() for name in FILES):
            return
        for name in FILES:
            (self.run / name).unlink(missing_ok=True)
        _move(self.path, self.run)
        self.remove()

    def remove(self) -> None:
        """Delete them, and nothing else that may lie in the folder."""
        for name in FILES:
            (self.path / name).unlink(missing_ok=True)
        if self.path.is_dir() and not any(self.path.iterdir()):
            self.path.rmdir()


def _move(source: Path, target: Path) -> None:
    for name in FILES:
        if (source / name).is_file():
            shutil.move(source / name, target / name)
