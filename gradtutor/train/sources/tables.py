"""Tables of text and of Parquet, with the marks that tell a header from a row."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.codegen.comments.made import comment
from gradtutor.messages import tr
from gradtutor.train.loaders.columns import number_or_nan
from gradtutor.train.loaders.files import (
    read_csv,
    read_marked_csv,
    read_parquet,
    without_marks,
)
from gradtutor.train.model import Call, DataError, Raw
from gradtutor.train.sources.marks import marks_of, told_marks

#: Characters of a file that are looked at to guess what stands between columns.
SEEN = 64_000
SEEN_LINES = 50


def read_table(path: Path) -> Raw:
    """Read columns of text: with commas, tabs, semicolons or blanks between.

    Raises
    ------
    DataError
        When it is no table; the message names the line.
    """
    encoding, beginning = _beginning(path)
    delimiter = _delimiter(beginning, path.suffix.lower())
    rows = _rows(beginning, delimiter)
    if not any(map(any, rows)):
        raise DataError(tr("{name}: it has no rows of numbers", name=path.name))
    skip = _lines_before(rows)
    header, note = _header([row for row in rows[skip:] if any(row)])
    note = note or _told(skip)
    usual = (",", True, "utf-8-sig", 0)
    settings = _short((delimiter, header, encoding, skip), usual)
    reader = Call(read_csv, settings)
    table = called(path, reader)
    columns = tuple(name for name in table if name and not _is_blank(table, name))
    decimal = "," if delimiter == ";" else "."
    marks = marks_of({name: table[name] for name in columns}, decimal)
    notes = [note] if note else []
    if marks:
        notes += told_marks(table, marks)
        reader = Call(read_marked_csv, (marks, *settings))
        table = without_marks(table, marks)
    return Raw(
        title=comment("the data of {name}", name=path.name),
        reader=reader,
        place=str(path),
        table=table,
        columns=columns,
        notes=tuple(notes),
        decimal=decimal,
    )


def _is_blank(table: Any, name: str) -> bool:
    """Whether a column has neither name nor content, as after a comma at the end."""
    return name.startswith("Unnamed: ") and not any(map(str.strip, table[name]))


def _short(given: tuple[Any, ...], usual: tuple[Any, ...]) -> tuple[Any, ...]:
    """Leave out the settings at the end that are as usual."""
    while given and given[-1] == usual[len(given) - 1]:
        given = given[:-1]
    return given


def called(path: Path, reader: Callable[[str], Any]) -> Any:
    """Read a file; what goes wrong becomes one message with the file's name."""
    try:
        return reader(str(path))
    except FileNotFoundError:
        raise DataError(tr("there is no file {path}", path=path)) from None
    except SystemExit as error:
        message = str(error).removeprefix(f"{path}: ").replace(str(path), path.name)
        raise DataError(f"{path.name}: {message}") from None
    except Exception as error:  # of a reader's library: whatever it met in the file
        if isinstance(error, MemoryError):
            raise
        words = str(error) or type(error).__name__
        raise DataError(f"{path.name}: {words.splitlines()[0]}") from None


def _beginning(path: Path) -> tuple[str, str]:
    """Return a file's encoding and its first lines."""
    try:
        with path.open("rb") as file:
            content = file.read(SEEN)
    except FileNotFoundError:
        raise DataError(tr("there is no file {path}", path=path)) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", content.decode("utf-16", "ignore")
    if b"\0" in content:
        raise DataError(
            tr("{name} is no table of text: its bytes hold zeros", name=path.name)
        )
    try:
        return "utf-8-sig", _whole_lines(content).decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252", content.decode("cp1252", "replace")


def _whole_lines(content: bytes) -> bytes:
    """Leave out a last line that was cut, perhaps within a letter."""
    return content[: content.rfind(b"\n") + 1] if len(content) == SEEN else content


def _delimiter(text: str, suffix: str) -> str:
    """Return what stands between the columns of the first lines."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if suffix == ".tsv":
        return "\t"
    if not lines or (suffix == ".csv" and all("," in line for line in lines)):
        semicolons = lines and all(line.count(";") > line.count(",") for line in lines)
        return ";" if semicolons else ","
    for mark in "\t;|, ":
        if all(mark in line.strip() for line in lines[len(lines) // 2 :]):
            return mark
    return ","


def _told(skip: int) -> str:
    lines = "line 1 is" if skip == 1 else f"lines 1 to {skip} are"
    return tr("{lines} left out: the table begins below", lines=lines) if skip else ""


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the cells of the first lines, as ``read_csv`` reads them."""
    lines, blanks = text.splitlines()[:SEEN_LINES], delimiter == " "
    lines = [line.strip("# ") for line in lines] if blanks else lines
    return list(csv.reader(lines, delimiter=delimiter, skipinitialspace=blanks))


def _lines_before(rows: list[list[str]]) -> int:
    """Count a title's and comments' lines before the columns' names, or their numbers.

    A comment with as many cells as the rows names the columns, as NumPy writes them.
    """
    full = [i for i, row in enumerate(rows) if len([c for c in row if c.strip()]) > 1]
    if not full or len(rows[-1]) < 2:
        return 0
    start, width = full[0], max(map(len, rows))
    while _is_comment(rows[start], width):
        start += 1
    return start


def _is_comment(row: list[str], width: int) -> bool:
    """Whether a short line has words and no numbers, or is marked as a comment."""
    words = all(math.isnan(number_or_nan(cell)) for cell in row)
    return (row[0].startswith("#") and len(row) < width) or (
        words and len(row) < width - 1
    )


def _header(rows: list[list[str]]) -> tuple[bool, str]:
    """Say whether the first row names the columns, and what to say of it."""
    first = [number_or_nan(cell) for cell in rows[0]]
    named = [cell for cell, value in zip(rows[0], first, strict=True) if value != value]
    if rows[0][0].strip() == "" and _counts(first[1:]):
        return True, ""
    if named:
        return _is_header(rows, named), ""
    counting = len(first) > 2 and _counts(first)
    if counting and len(rows) > 1 and not _goes_on(rows):
        shown = ",".join(rows[0][:4]) + ",..." * (len(first) > 4)
        return True, tr(
            "line 1 ({shown}) counts the columns: it is read as their names",
            shown=shown,
        )
    return False, ""


def _counts(values: list[float]) -> bool:
    """Whether the values are 0, 1, 2, ..."""
    return len(values) > 1 and values == [float(i) for i in range(len(values))]


def _goes_on(rows: list[list[str]]) -> bool:
    """Whether the second row is the first one plus a step: then both are data."""
    first, second = ([number_or_nan(cell) for cell in row] for row in rows[:2])
    steps = {b - a for a, b in zip(first, second, strict=False)}
    return len(steps) == 1


def _is_header(rows: list[list[str]], named: list[str]) -> bool:
    """Whether words in the first row are names and not, as below, words as values."""
    if len(rows) < 2 or len(named) == len(rows[0]):
        return not (len(rows) > 1 and rows[0] == rows[1])
    below = [number_or_nan(cell) for cell in rows[1]]
    return bool(sum(value != value for value in below) < len(named))


def read_parquet_table(path: Path) -> Raw:
    """Read the columns of a Parquet file, as pandas writes it."""
    reader = Call(read_parquet)
    table = called(path, reader)
    columns = tuple(name for name in table if name != "__index_level_0__")
    for name in columns:
        if np.asarray(table[name]).dtype.kind not in "biufO":
            raise DataError(
                tr(
                    "{name}: column {name2!r} holds {dtype}: leave such columns "
                    "out when you write the file",
                    name=path.name,
                    name2=name,
                    dtype=np.asarray(table[name]).dtype,
                )
            )
    return Raw(
        title=comment("the data of {name}", name=path.name),
        reader=reader,
        place=str(path),
        table=table,
        columns=columns,
        package="pyarrow",
    )
