"""Data as people have them, for the tests of what the program makes of a file."""

from __future__ import annotations

import runpy

import numpy as np

from gradtutor.train import Choices, data_for, script_data

ROWS = 30
Y = np.arange(ROWS) % 3
X = (np.random.default_rng(1).normal(size=(ROWS, 4)) + 4 * np.eye(4)[Y]).round(3)
WORDS = np.array(["cat", "dog", "eel"])
#: Nothing follows a sum of so many digits by accident.
IMAGES = np.random.default_rng(2).integers(0, 256, (12, 5, 6, 3), np.uint8)


def net(features, outputs, loss="CrossEntropyLoss()"):
    return f"Sequential([Input({features}), Linear({outputs})])\nloss = {loss}"


NET = net(4, 3)


def write_table(path, rows, header="", mark=","):
    lines = [header] * bool(header) + [mark.join(map(str, row)) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def table(labels=Y):
    """Return rows with the label last."""
    return [[*row, label] for row, label in zip(X.tolist(), labels, strict=True)]


def read(path, network=NET, **choices):
    """Return X, y and the data set."""
    data = data_for(str(path), network, Choices(**choices))
    return (*data.arrays(), data)


def read_by_script(data, folder):
    """Return X and y as the printed loader reads them."""
    text = script_data(data)
    program = "\n".join([
        *text.imports, "from pathlib import Path", "import numpy as np",
        text.functions, f"X, y = {text.load_call}",
    ])  # fmt: skip
    path = folder / "reads.py"
    path.write_text(program, encoding="utf-8")
    found = runpy.run_path(str(path))
    return found["X"], found["y"]
