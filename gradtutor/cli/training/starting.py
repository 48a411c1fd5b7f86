"""What a training in a folder begins with: its script, its settings, first weights.

The command and ``gt.network(...).train`` begin alike, so that what comes after a
training finds the same folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.session import Session
from gradtutor.cli.training.scripts import script_text
from gradtutor.messages import tr

if TYPE_CHECKING:
    import numpy as np

    from gradtutor.train import Data, RunFolder

#: Options that say nothing of the training itself.
ASIDE = {"folder", "resume", "safetensors", "no_pictures", "as_json", "quiet", "lang",
         "ask"}  # fmt: skip


@dataclass(frozen=True)
class Beginning:
    """All that a training needs.

    Attributes
    ----------
    notes : list of str
        What was understood of the data, and warnings.
    settings : dict
        What ``settings.json`` holds.
    start : Path or None
        The first weights, in the folder.
    launcher : list of str
        What starts the ranks of several processes.
    """

    script: str
    notes: list[str]
    data: Data
    settings: dict[str, Any]
    start: Path | None
    launcher: list[str]


def beginning(
    folder: RunFolder,
    text: str,
    given: dict[str, Any],
    run: Session,
    weights: Mapping[str, np.ndarray] | None = None,
) -> Beginning:
    """Work out what to train, and bring first weights into the folder.

    Parameters
    ----------
    given : dict
        The options of ``gradtutor train``; ``epochs`` becomes the number of them.
    weights : mapping, optional
        First weights, instead of those of the option ``start``.
    """
    from gradtutor.train.fitting.pixels import pixels_of

    launcher = _launcher(given)
    script, notes, data = script_text(text, given, run, "train.py")
    settings = given | {
        "network": text,
        "example": data.features.example,
        "classes": data.targets.count,
        "pixels": pixels_of(data.features),
    }
    if weights is None and given.get("start"):
        weights = first_weights(Path(given["start"]))
    if weights is None:
        return Beginning(script, notes, data, settings, None, launcher)
    start, said = _placed(folder, text, data, weights, given.get("start"))
    return Beginning(script, [*notes, *said], data, settings, start, launcher)


def first_weights(path: Path) -> Mapping[str, np.ndarray]:
    """Read the weights of --from, of an ONNX model too."""
    from gradtutor.exports.onnx import need_onnx, read_onnx
    from gradtutor.train.weights import read_weights

    if path.suffix.lower() != ".onnx":
        return read_weights(path)
    need_onnx()
    return read_onnx(path).weights


def _placed(
    folder: RunFolder,
    text: str,
    data: Data,
    weights: Mapping[str, np.ndarray],
    source: str | None,
) -> tuple[Path, list[str]]:
    """Bring first weights into the folder; say where they are another network's."""
    from gradtutor.language import parse_network
    from gradtutor.train.weights import (
        WeightsError,
        from_theirs,
        other_network,
        write_weights,
    )

    known = data.features.example, data.targets.count
    graph = parse_network(text, *known, training=False)
    other = other_network(Path(source), graph) if source else ""
    try:
        arrays = from_theirs(graph, weights)
    except WeightsError as error:
        raise WeightsError(other or str(error)) from None
    folder.path.mkdir(parents=True, exist_ok=True)
    write_weights(folder.path / "start.npz", arrays)
    return folder.path / "start.npz", [other] if other else []


def _launcher(given: dict[str, Any]) -> list[str]:
    """Return what starts the ranks of --parallel mpi."""
    from gradtutor.train import mpiexec_command

    if given.get("parallel"):
        return mpiexec_command(given.get("ranks") or 2)
    if given.get("ranks"):
        raise click.UsageError(tr("--ranks needs --parallel mpi"))
    return []
