"""Files of weights: .npz, safetensors and Keras's .h5; a pickle is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.messages import mark, tr
from gradtutor.train.datasets import INSTALL, MissingPackageError
from gradtutor.train.weights.errors import WeightsError
from gradtutor.train.weights.keras import read_h5, write_h5
from gradtutor.train.writing import write_bytes_with

#: Files that unpickling would run code of.
PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt", ".joblib")


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of an .npz, .safetensors or .weights.h5 file by their names.

    Raises
    ------
    WeightsError
        When it is missing, damaged, or a pickle.
    MissingPackageError
        When safetensors or h5py is not installed.
    """
    suffix = path.suffix.lower()
    if suffix in PICKLES:
        raise WeightsError(_pickle_words(path))
    if suffix not in FILES:
        raise WeightsError(
            tr("{name}: weights are {kinds} file", name=path.name, kinds=tr(KINDS))
        )
    if not path.is_file():
        raise WeightsError(tr("there is no file {path}", path=path))
    try:
        return FILES[suffix](path)
    except MissingPackageError:
        raise
    except Exception as error:  # of a reader's library: whatever it met in the file
        if isinstance(error, MemoryError):
            raise
        raise WeightsError(
            tr("{name} cannot be read as weights: {error}", name=path.name, error=error)
        ) from None


def _pickle_words(path: Path) -> str:
    stem = path.with_suffix("").name
    return tr(
        "{name} is a pickle, which can run any code as it is opened; convert "
        "it once, where you trust it, by these two lines:\n"
        "  import torch; from safetensors.torch import save_file\n"
        '  save_file(torch.load("{name}", weights_only=True), '
        '"{stem}.safetensors")',
        name=path.name,
        stem=stem,
    )


def _npz(path: Path) -> dict[str, np.ndarray]:
    if not zipfile.is_zipfile(path):
        raise ValueError(tr("it is no .npz archive"))
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _safetensors(path: Path) -> dict[str, np.ndarray]:
    try:
        from safetensors.numpy import load
    except ImportError:
        raise MissingPackageError(
            tr("{name} needs safetensors: {install}", name=path.name, install=INSTALL)
        ) from None
    return dict(load(path.read_bytes()))


#: What reads each kind of file, by its suffix.
FILES: dict[str, Callable[[Path], dict[str, np.ndarray]]] = {
    ".npz": _npz,
    ".safetensors": _safetensors,
    ".h5": read_h5,
}
KINDS = mark("an .npz, a .safetensors or a .weights.h5")


def write_weights(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays to an .npz, .safetensors or .h5 file, whole or not at all."""
    suffix = path.suffix.lower()
    if suffix == ".npz":
        write_bytes_with(path, lambda stream: np.savez(stream, **_any(arrays)))
        return
    if suffix == ".h5":
        write_h5(path, arrays)
        return
    if suffix != ".safetensors":
        raise WeightsError(
            tr("{name}: weights are {kinds} file", name=path.name, kinds=tr(KINDS))
        )
    try:
        from safetensors.numpy import save
    except ImportError:
        raise MissingPackageError(
            tr("{name} needs safetensors: {install}", name=path.name, install=INSTALL)
        ) from None
    write_bytes_with(path, lambda stream: stream.write(save(dict(arrays))))


def _any(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    return dict(arrays)
