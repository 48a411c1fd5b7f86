"""What a network answers to an example that is asked about, before and after."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.blas import users_environment
from gradtutor.graph import Graph, network_of
from gradtutor.messages import tr
from gradtutor.train.launch import TrainingError
from gradtutor.train.loaders.preparing import in_own_units, prepared
from gradtutor.train.model import Data, DataError
from gradtutor.train.weights import read_weights

#: Writes the first weights of a script, drawn as its training draws them.
DRAWN = """\
import runpy, sys
import numpy as np
script = runpy.run_path(sys.argv[1], run_name="script")
theta = script["initial_parameters"](np.random.default_rng(int(sys.argv[2])))
arrays = dict(zip(script["SHAPES"], script["views"](theta)))
for name, shape in script.get("STATISTICS", {}).items():
    arrays[name] = np.full(shape, name.startswith("var"), np.float32)
np.savez(sys.argv[3], **arrays)
"""


@dataclass(frozen=True)
class Asked:
    """An example that is asked about, and one of the network's answers to it.

    Attributes
    ----------
    example : tuple of str
        As it was given.
    row : ndarray, (1, features)
        In the data's own units.
    name : str
        What the answer tells: ``p(1)``, or the target.
    """

    example: tuple[str, ...]
    row: np.ndarray
    name: str
    before: float
    after: float

    @property
    def label(self) -> str:
        """The example and its answers, as a picture has them."""
        return f"[{', '.join(self.example)}]: {self.before:.2f} → {self.after:.2f}"

    @property
    def text(self) -> str:
        """The same as a sentence."""
        return tr(
            "[{example}]: {name} {before:.4g} before, {after:.4g} after the training",
            example=", ".join(self.example),
            name=self.name,
            before=self.before,
            after=self.after,
        )


def example_row(data: Data, cells: Sequence[str]) -> np.ndarray:
    """Return an example as a row of X, in the data's own units.

    Parameters
    ----------
    cells : sequence of str
        In the order of the table's columns; words where a column has words.

    Returns
    -------
    ndarray, (1, features)

    Raises
    ------
    DataError
        When it has another number of cells, or one that cannot be read.
    """
    names = _read_columns(data)
    if len(data.features.example) != 1 or data.raw.alphabet is not None:
        raise DataError(tr("--ask takes rows of numbers: these examples are none"))
    wanted = len(names) or data.features.example[0]
    if len(cells) != wanted:
        called = f": {', '.join(names)}" if names else ""
        raise DataError(
            tr(
                "--ask {cells}: an example has {wanted} numbers, this has {count}",
                cells=",".join(cells),
                wanted=wanted,
                count=len(cells),
            )
            + called
        )
    columns = {n: np.array([c], object) for n, c in zip(names, cells, strict=False)}
    try:
        table = columns or {"X": np.array([[float(cell) for cell in cells]])}
        told = {"": [f"--ask {','.join(cells)}"]}
        X = np.column_stack([part(table | told) for part in data.features.parts])
        for move in data.features.moves:
            X = move(X)
    except (SystemExit, ValueError) as error:
        raise DataError(str(error)) from None
    return np.asarray(X, np.float64)


def _read_columns(data: Data) -> list[str]:
    """Return the columns that X is made of, in the table's order; arrays have none."""
    read: set[str] = set()
    for part in data.features.parts:
        first = part.settings[0] if part.settings else ()
        read |= {first} if isinstance(first, str) else set(first)
    return [name for name in data.raw.columns if name in read]


def first_weights(script: Path, seed: int, start: Path | None) -> dict[str, np.ndarray]:
    """Return the weights that a training in a script begins with.

    Raises
    ------
    TrainingError
        When the script cannot be run.
    """
    if start is not None:
        return dict(read_weights(start))
    with tempfile.TemporaryDirectory(prefix="gradtutor-") as folder:
        path = Path(folder) / "first.npz"
        command = [sys.executable, "-c", DRAWN, str(script), str(seed), str(path)]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=users_environment(),
            check=False,
        )
        if done.returncode:
            words = done.stderr.strip().rpartition("\n")[2]
            raise TrainingError(tr("the script failed: {words}", words=words))
        return dict(read_weights(path))


def answers_before_and_after(
    graph: Graph,
    data: Data,
    asked: Mapping[tuple[str, ...], np.ndarray],
    first: Mapping[str, np.ndarray],
    last: Mapping[str, np.ndarray],
) -> list[Asked]:
    """Return what first and last weights answer to each example.

    Of two classes that is the probability of the second, of more that of the class
    which is answered in the end, of numbers each one.
    """
    found = []
    for example, row in asked.items():
        before = _answers(graph, data, {**last, **first}, row)
        after = _answers(graph, data, last, row)
        names = list(after)
        if data.targets.count:
            names = (
                names[1:] if len(names) == 2 else [max(names, key=after.__getitem__)]
            )
        found += [
            Asked(example, row, name, before[name], after[name]) for name in names
        ]
    return found


def _answers(
    graph: Graph, data: Data, arrays: Mapping[str, np.ndarray], row: np.ndarray
) -> dict[str, float]:
    """Return the answers by what they tell."""
    from gradtutor.evaluate import node_values

    facts = network_of(graph)
    given = {name: np.asarray(array, np.float64) for name, array in arrays.items()}
    X = prepared(row, "X", given)  # type: ignore[no-untyped-call]
    inputs: dict[str, Any] = given | {"X": X}
    made = node_values(graph, inputs, [facts["prediction"]])[facts["prediction"]]
    scaled = np.asarray(made).reshape(1, -1)
    answers = in_own_units(scaled, "y", given)  # type: ignore[no-untyped-call]
    values, word = _told(answers[0], facts["loss"])
    if data.targets.count and len(values) == 1:
        other = -values if facts["loss"] == "hinge_loss" else 1 - values
        values = np.concatenate([other, values])
    names = _names(data, len(values))
    word = word or ("score" if data.targets.count else "")
    called = [f"{word}({name})" if word else str(name) for name in names]
    return dict(zip(called, values.tolist(), strict=True))


def _told(answers: np.ndarray, loss: str) -> tuple[np.ndarray, str]:
    """Return answers as probabilities, where the loss takes them so, and their word."""
    if loss == "cross_entropy":
        shares = np.exp(answers - answers.max())
        return shares / shares.sum(), "p"
    if loss == "bce_with_logits":
        return np.exp(-np.logaddexp(0, -answers)), "p"
    return answers, "p" if loss in ("nll_loss", "binary_cross_entropy") else ""


def _names(data: Data, count: int) -> Sequence[Any]:
    names = data.targets.classes or data.targets.names
    if len(names) == count:
        return names
    return range(count) if data.targets.count else [f"y{k + 1}" for k in range(count)]
