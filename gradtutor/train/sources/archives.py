"""Arrays in files: .npz with any names, .npy with a table or as a pair."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.codegen.comments.made import comment
from gradtutor.evaluate.archive import ArchiveError, array_heads
from gradtutor.messages import tr
from gradtutor.train.fitting.choices import Choices
from gradtutor.train.loaders.files import (
    read_npy,
    read_npy_columns,
    read_npy_pair,
    read_npz,
)
from gradtutor.train.model import Call, DataError, Raw
from gradtutor.train.sources.tables import called

#: Names of the two arrays, the likeliest first.
X_NAMES = (
    "X",
    "x",
    "data",
    "features",
    "images",
    "inputs",
    "input",
    "samples",
    "signals",
)
Y_NAMES = (
    "y",
    "Y",
    "labels",
    "label",
    "targets",
    "target",
    "classes",
    "outputs",
    "output",
)
Names = dict[str, list[str]]
PARTS = (("_train", "_test"), ("train_", "test_"))


def read_archive(path: Path, choices: Choices) -> Raw:
    """Read an .npz file: by the names given, by usual ones, or the only two.

    Raises
    ------
    DataError
        When it cannot be told which array is X; the message lists them.
    """
    arrays = _shapes(path)
    names, tests = _by_formula(path, arrays, choices) or _names(path, arrays, choices)
    reader = Call(read_npz, (names,))
    table = called(path, reader)
    held_out = 0.0
    if tests:
        held_out = arrays[tests][0] / len(table["X"])
    notes = [_told(names)] if names.get("X") not in (["X"], None) else []
    return Raw(
        title=comment("the data of {name}", name=path.name),
        reader=reader,
        place=str(path),
        table=table,
        held_out=held_out,
        notes=tuple(notes),
    )


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    try:
        return {name: head.shape for name, head in array_heads(path).items()}
    except FileNotFoundError:
        raise DataError(tr("there is no file {path}", path=path)) from None
    except ArchiveError as error:
        if path.read_bytes()[:6] == b"\x93NUMPY":
            raise DataError(
                tr("{name} holds one array: name it .npy", name=path.name)
            ) from None
        raise DataError(str(error)) from None


def _by_formula(
    path: Path, arrays: dict[str, tuple[int, ...]], choices: Choices
) -> tuple[Names, str] | None:
    """Return the arrays that a formula names, where nothing else was said."""
    if choices.program:
        return _by_program(arrays, choices)
    if choices.x or choices.y or not choices.inputs:
        return None
    missing = [name for name in choices.names if name not in arrays]
    if not missing:
        return {name: [name] for name in choices.names}, ""
    if len(choices.inputs) > 1:
        raise DataError(
            tr(
                "{name} has no array {missing!r}, which the formula names: it "
                "has {arrays}",
                name=path.name,
                missing=missing[0],
                arrays=_listed(arrays),
            )
        )
    return None


def _by_program(
    arrays: dict[str, tuple[int, ...]], choices: Choices
) -> tuple[Names, str] | None:
    """Return the arrays of a program's inputs, and the targets.

    They are called like them, or given by --x in their order.
    """
    names = [name for name, _ in choices.inputs]
    given = choices.x or tuple(names)
    y = next(iter(choices.y), "") or _first(Y_NAMES, arrays)
    if len(given) != len(names) or not {y, *given} <= arrays.keys():
        return None
    return {name: [one] for name, one in zip(names, given, strict=True)} | {
        "y": [y]
    }, ""


def _told(names: dict[str, list[str]]) -> str:
    return ", ".join(f"{key} is {' and '.join(value)}" for key, value in names.items())


def _names(
    path: Path, arrays: dict[str, tuple[int, ...]], choices: Choices
) -> tuple[Names, str]:
    """Return the arrays of X and of y, and which one is a test set of its own."""
    for name in (*choices.x, *choices.y):
        if name not in arrays:
            raise DataError(
                tr(
                    "{name} has no array {name2!r}: it has {arrays}",
                    name=path.name,
                    name2=name,
                    arrays=_listed(arrays),
                )
            )
    if choices.x or choices.y:
        return _given(path, arrays, choices), ""
    x, y = _first(X_NAMES, arrays), _first(Y_NAMES, arrays)
    if x and (y or len(arrays) == 1):
        return {"X": [x]} | ({"y": [y]} if y else {}), ""
    split = _split(arrays)
    if split:
        return split
    return _only_two(path, arrays), ""


def _given(path: Path, arrays: dict[str, tuple[int, ...]], choices: Choices) -> Names:
    if len(choices.x) > 1:
        raise DataError(
            tr(
                "{name}: --x names {n} arrays, the network takes one: put them side "
                "by side in one array",
                name=path.name,
                n=len(choices.x),
            )
        )
    x = choices.x or tuple(filter(None, [_first(X_NAMES, arrays)]))
    if not x:
        others = [name for name in arrays if name not in choices.y]
        x = tuple(others) if len(others) == 1 else ()
    if not x:
        raise DataError(
            tr(
                "{name}: name X by --x: it has {arrays}",
                name=path.name,
                arrays=_listed(arrays),
            )
        )
    y = choices.y[:1] or tuple(filter(None, [_first(Y_NAMES, arrays)]))
    if not y:
        others = [name for name in arrays if name not in x]
        y = tuple(others) if len(others) == 1 else ()
    if y == x:
        y = ()
    return {"X": list(x)} | ({"y": list(y)} if y else {})


def _listed(arrays: dict[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in list(arrays.items())[:12])


def _first(names: Iterable[str], arrays: dict[str, Any]) -> str:
    return next((name for name in names if name in arrays), "")


def _split(arrays: dict[str, tuple[int, ...]]) -> tuple[Names, str] | None:
    """Find X_train, y_train and, as a test set of its own, X_test, y_test."""
    for train, test in PARTS:
        x, y = (_with(train, names, arrays) for names in (X_NAMES, Y_NAMES))
        if not (x and y):
            continue
        others = [name.replace(train, test) for name in (x, y)]
        if all(name in arrays for name in others):
            return {"X": [x, others[0]], "y": [y, others[1]]}, others[0]
        return {"X": [x], "y": [y]}, ""
    return None


def _with(part: str, names: tuple[str, ...], arrays: dict[str, Any]) -> str:
    both = (part + name if part.endswith("_") else name + part for name in names)
    return _first(both, arrays)


def _only_two(path: Path, arrays: dict[str, tuple[int, ...]]) -> Names:
    """Take the larger of two arrays of one length as X."""
    shapes = list(arrays.items())
    if len(shapes) == 1:
        return {"X": [shapes[0][0]]}
    alike = len(shapes) == 2 and shapes[0][1][:1] == shapes[1][1][:1] != ()
    sizes = [int(np.prod(shape)) for _, shape in shapes]
    if not alike or sizes[0] == sizes[1]:
        raise DataError(
            tr(
                "{name} has {arrays}: say which is X and which is y by --x NAME "
                "--y NAME",
                name=path.name,
                arrays=_listed(arrays),
            )
        )
    (x, _), (y, _) = sorted(shapes, key=lambda one: -int(np.prod(one[1])))
    return {"X": [x], "y": [y]}


# ---- .npy ----


def read_array(path: Path) -> Raw:
    """Read an .npy file with a table of numbers, as columns."""
    array = called(path, read_npy)
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "biufU":
        raise DataError(
            tr(
                "{name} holds {dtype} of shape {shape}: give X and y, --data "
                "X.npy,y.npy, or a table with y in a column",
                name=path.name,
                dtype=array.dtype,
                shape=array.shape,
            )
        )
    reader = Call(read_npy_columns)
    table = called(path, reader)
    return Raw(
        title=comment("the data of {name}", name=path.name),
        reader=reader,
        place=str(path),
        table=table,
        columns=tuple(table),
    )


def read_pair(x: Path, y: Path) -> Raw:
    """Read X and y of two .npy files."""
    for path in (x, y):
        called(path, read_npy)
    reader = Call(read_npy_pair, (str(y),))
    return Raw(
        title=comment("the data of {first} and {last}", first=x.name, last=y.name),
        reader=reader,
        place=str(x),
        table=called(x, reader),
    )
