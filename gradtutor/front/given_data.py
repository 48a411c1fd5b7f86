"""Data as people hold them in a notebook, written where a training can read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.errors import TutorError
from gradtutor.messages import tr

#: A name or path; X and y; arrays by name; a DataFrame with the targets in it.
AnyData = Any


class DataKindError(TutorError):
    """Something that is no data set."""


def data_name(data: AnyData, folder: Path) -> str:
    """Return a name or a path of data; what is held in memory is written to a folder.

    Raises
    ------
    DataKindError
        When it is none of a name, a path, arrays and a DataFrame.
    """
    if isinstance(data, str | Path):
        return str(data)
    if hasattr(data, "to_csv"):
        data.to_csv(folder / "data.csv", index=False)
        return str(folder / "data.csv")
    if isinstance(data, tuple | list) and len(data) == 2:
        return _archive(folder, {"X": data[0], "y": data[1]})
    if isinstance(data, Mapping):
        return _archive(folder, data)
    raise DataKindError(
        tr(
            "{kind} is no data set: give a name (gt.data() lists them), a file, "
            "(X, y), or a DataFrame with y='column'",
            kind=type(data).__name__,
        )
    )


def new_data(data: AnyData, folder: Path) -> Path:
    """Return a file of new examples, without targets."""
    if isinstance(data, str | Path):
        return Path(data).absolute()
    if hasattr(data, "to_csv"):
        data.to_csv(folder / "new.csv", index=False)
        return folder / "new.csv"
    arrays = dict(data) if isinstance(data, Mapping) else {"X": data}
    return Path(_archive(folder, arrays, "new.npz"))


def _archive(folder: Path, arrays: Mapping[str, Any], name: str = "data.npz") -> str:
    """Write arrays, texts as texts."""
    np.savez(folder / name, **{key: _array(one) for key, one in arrays.items()})
    return str(folder / name)


def _array(value: Any) -> Any:
    found = np.asarray(value)
    return found.astype(str) if found.dtype.kind == "O" else found
