"""A person's own data: an .npz or .csv file, checked, and its loader as text."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.codegen import ScriptData
from gradtutor.train.datasets import loaders, signals

TEST_FRACTION = 0.2
#: Modules that a loader may need, by the call that shows it.
MODULES = {
    "csv": "csv.reader(",
    "gzip": "gzip.decompress(",
    "hashlib": "hashlib.sha256(",
    "importlib.util": "importlib.util.find_spec(",
    "io": "io.BytesIO(",
}
Arrays = tuple[np.ndarray, np.ndarray]


class DataError(ValueError):
    """A data set that cannot be used; the message says why and what to do."""


def printed(functions: tuple[Callable[..., Any], ...]) -> dict[str, Any]:
    """Return functions as text, and the imports that they need."""
    text = "\n\n\n".join(inspect.getsource(function).rstrip() for function in functions)
    used = tuple(f"import {name}" for name, call in MODULES.items() if call in text)
    return {"functions": text, "imports": used}


FILE_LOADERS = {".npz": loaders.load_npz, ".csv": loaders.load_csv}


def file_source(path: Path) -> ScriptData:
    """Return a person's file as text for a script; it is read and checked at once."""
    path = path.absolute()
    X, y = load_file(path)
    if len(loaders.split(X, y, TEST_FRACTION, 0)[2]) == 0:
        raise DataError(
            f"{path.name}: too few rows of each class to hold some out for testing"
        )
    load = FILE_LOADERS[path.suffix.lower()]
    classes = int(y.max()) + 1 if np.issubdtype(y.dtype, np.integer) else None
    return ScriptData(
        title=f"the data of {path.name}",
        load_call=f"{load.__name__}({_quoted(str(path))})",
        features=X.shape[1],
        classes=classes,
        notice="The data are your own file.",
        test_fraction=TEST_FRACTION,
        **printed((load, loaders.labels_or_targets, loaders.split)),
    )


def eeg_files(name: str) -> tuple[str, str]:
    """Split ``EEG_all_epochs.npy,EOG_all_epochs.npy`` into two absolute paths."""
    paths = [str(Path(part).absolute()) for part in name.split(",")]
    if len(paths) != 2 or not all(path.endswith(".npy") for path in paths):
        raise DataError(
            "EEGdenoiseNet is two files with a comma between: "
            "EEG_all_epochs.npy,EOG_all_epochs.npy"
        )
    return paths[0], paths[1]


def load_eeg_files(name: str) -> Arrays:
    """Return noisy and clean epochs of a person's copy of EEGdenoiseNet, at 0 dB."""
    try:
        noisy, clean = signals.load_eegdenoisenet(*eeg_files(name))
    except SystemExit as error:
        raise DataError(str(error)) from None
    return noisy, clean


def eeg_files_source(name: str) -> ScriptData:
    """Return a person's EEGdenoiseNet files as text for a script; they are checked."""
    clean, noise = eeg_files(name)
    load_eeg_files(name)
    functions = (
        signals.read_epochs,
        signals.standardised,
        signals.mix,
        signals.load_eegdenoisenet,
        loaders.split,
    )
    return ScriptData(
        title="EEGdenoiseNet",
        load_call=f"load_eegdenoisenet(\n        {_quoted(clean)},\n"
        f"        {_quoted(noise)},\n    )",
        features=512,
        classes=None,
        notice="The data are your own copy of EEGdenoiseNet (Zhang et al. 2021).",
        test_fraction=TEST_FRACTION,
        **printed(functions),
    )


def _quoted(text: str) -> str:
    """Write a string in double quotes, as the formatter does."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


#: To learn from, and to test on.
FEWEST_ROWS = 5


def load_file(path: Path) -> Arrays:
    """Read and check a person's .npz or .csv file.

    Returns
    -------
    X : ndarray, (rows, features), float32
    y : ndarray
        Class labels (rows,) as int64, or targets as float32.

    Raises
    ------
    DataError
        When it is missing, malformed, or holds nan.
    """
    try:
        X, y = FILE_LOADERS[path.suffix.lower()](path)
    except FileNotFoundError:
        raise DataError(f"there is no file {path}") from None
    except KeyError as error:
        raise DataError(f"{path.name} has no array {error}; it needs X and y") from None
    except (ValueError, IndexError, OSError) as error:
        raise DataError(f"{path.name}: {_csv_fault(path) or error}") from None
    if X.ndim != 2 or len(X) != len(y):
        raise DataError(
            f"{path.name}: X {X.shape} and y {y.shape} are not rows of data"
        )
    if len(X) < FEWEST_ROWS:
        raise DataError(
            f"{path.name} has {len(X)} rows: {FEWEST_ROWS} or more are needed, to learn"
            " from some and test on others"
        )
    if not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise DataError(f"{path.name} holds nan or infinity: clean or fill those rows")
    return X, y


def _csv_fault(path: Path) -> str:
    """Name the first line of a CSV file that is ragged or not of numbers."""
    if path.suffix.lower() != ".csv":
        return ""
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    head = lines[0] if lines else ""
    if ";" in head:
        return (
            "its columns stand between semicolons: save it with commas between, "
            "and points in decimal numbers"
        )
    width = len(head.split(","))
    for count, line in enumerate(lines[1:], start=2):
        cells = line.split(",") if line else []
        if cells and len(cells) != width:
            return f"line {count} has {len(cells)} columns, line 1 has {width}"
        for column, cell in enumerate(cells, start=1):
            try:
                float(cell)
            except ValueError:
                word = _cell_hint(cell.strip().lower())
                return f"line {count}, column {column}: {cell!r} is not a number{word}"
    return "it has no rows of numbers"


def _cell_hint(cell: str) -> str:
    """Say how a word in a table of numbers is written."""
    if cell in {"yes", "no", "true", "false", "y", "n", "t", "f"}:
        return ": write 1 for yes and 0 for no in that column"
    if cell in {"", "na", "n/a", "null", "none", "?", "-"}:
        return ": fill in the missing value, or leave out the row"
    return ": number the words of that column, 0, 1, 2, ..."
