"""Data sets and a person's files: as arrays, written out, or as text for a script."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np

from gradtutor.codegen import ScriptData
from gradtutor.train.datasets import DataSet, find_dataset, loaders
from gradtutor.train.own_files import (
    FILE_LOADERS,
    TEST_FRACTION,
    Arrays,
    DataError,
    eeg_files_source,
    file_source,
    load_eeg_files,
    load_file,
    printed,
)
from gradtutor.train.writing import write_bytes_with


def data_source(name: str) -> ScriptData:
    """Return a data set, or a person's .npz or .csv file, as text for a script.

    Raises
    ------
    DataError, MissingPackageError
        When the data cannot be used; a file is read and checked at once.
    """
    path = Path(name)
    if path.suffix.lower() in FILE_LOADERS:
        return file_source(path)
    if "," in name:
        return eeg_files_source(name)
    dataset = find_dataset(name)
    functions = (*dataset.functions, dataset.load)
    functions += () if dataset.held_out else (loaders.split,)
    needs = f" and, for the data, the package {dataset.package}"
    return ScriptData(
        title={"mnist": "MNIST"}.get(name, dataset.title or f"the {name} data"),
        load_call=f"{dataset.load.__name__}()",
        features=dataset.features,
        classes=dataset.classes,
        notice="\n".join(wrap(f"Data: {dataset.licence}", 80)),
        needs=needs if dataset.package else "",
        test_fraction=TEST_FRACTION,
        held_out=dataset.held_out,
        **printed(functions),
    )


def load(name: str) -> Arrays:
    """Return X and y of a data set by name, or of a person's file."""
    path = Path(name)
    if "," in name:
        return load_eeg_files(name)
    if path.suffix.lower() in FILE_LOADERS:
        return load_file(path)
    dataset = find_dataset(name)
    try:
        return dataset.load()
    except SystemExit as error:  # a loader's word to a script: here it is an error
        raise DataError(str(error)) from None


def fetch(name: str, path: Path, seed: int = 0) -> DataSet:
    """Write a data set to an .npz file: X, y, and the split into train and test.

    Parameters
    ----------
    seed : int
        Seed of the split; scripts use 0.
    """
    dataset = find_dataset(name)
    X, y = load(name)
    kept = round(len(X) * (1 - TEST_FRACTION))
    if dataset.held_out:
        parts = (X[:kept], y[:kept], X[kept:], y[kept:])
    else:
        parts = loaders.split(X, y, TEST_FRACTION, seed)
    arrays: dict[str, Any] = {"X": X, "y": y}
    arrays |= dict(zip(("X_train", "y_train", "X_test", "y_test"), parts, strict=True))
    write_bytes_with(path, lambda file: np.savez_compressed(file, **arrays))
    return dataset
