"""Data for a network: read, fitted to it, and as text for its script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.language import asked_of, is_network
from gradtutor.train.datasets import DataSet, find_dataset, loaders
from gradtutor.train.fitting.choices import Choices
from gradtutor.train.fitting.fit import TEST_FRACTION, fit
from gradtutor.train.fitting.named import with_names
from gradtutor.train.model import Data, DataError
from gradtutor.train.sources import read_source
from gradtutor.train.writing import write_bytes_with

Arrays = tuple[np.ndarray, np.ndarray]


def data_for(name: str, network: str, choices: Choices | None = None) -> Data:
    """Read a data set by name, or a person's file, and fit it to a network.

    Parameters
    ----------
    name : str
        A name of ``DATASETS``; a file; ``X.npy,y.npy``; a folder of images.
    network : str
        The network's text.

    Raises
    ------
    DataError, MissingPackageError, gradtutor.language.SourceError
        When the data cannot be used, or not with this network.
    """
    choices = with_names(network, choices or Choices())
    if is_network(network):
        choices = replace(choices, asked=asked_of(network))
    return fit(read_source(name, network, choices), network, choices)


def load(name: str) -> Arrays:
    """Return X and y of a data set by name."""
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
