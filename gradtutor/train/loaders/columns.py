"""Columns of a table as numbers and classes; a bad cell stops with its place."""

# ruff: noqa: ANN001, ANN201 (their text is printed into scripts, without annotations)

import numpy as np


def column(table, name):
    """Return a column, or an array with one entry a row."""
    if name not in table:
        others = ", ".join(repr(other) for other in list(table)[:20] if other)
        raise SystemExit(f"the data have no {name!r}: they have {others}")
    values = np.asarray(table[name])
    return values.reshape(len(values)) if values[:1].size == 1 else values


def place(table, i):
    """Say where row i stands."""
    return table[""][i] if "" in table else f"row {i + 1}"


def numbers(table, names, fill=False, decimal="."):
    """Return columns as numbers, (rows, columns); with fill, nan for a missing one."""
    columns = [column_of_numbers(table, name, fill, decimal) for name in names]
    return np.column_stack(columns).astype(np.float32)


def column_of_numbers(table, name, fill=False, decimal="."):
    """Return a column as numbers; a cell that is none stops with its place."""
    cells = column(table, name)
    if cells.dtype == object:
        text = {"": "nan", "na": "nan", "n/a": "nan", "null": "nan", "none": "nan",
                "?": "nan", "-": "nan", "true": "1", "false": "0"}  # fmt: skip
        cells = [str(cell).strip().replace(decimal, ".") for cell in cells]
        cells = [text.get(cell.lower(), cell) for cell in cells]
    try:
        values = np.array(cells, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.array([number_or_nan(cell) for cell in cells])
    kept = ~np.isinf(values) if fill else np.isfinite(values)
    if not kept.all():
        i = int(np.argmin(kept))
        raise SystemExit(
            f"{place(table, i)}, {name!r}: {column(table, name)[i]!r} is no number"
        )
    return values


def number_or_nan(cell):
    """Return a cell as a number, nan if it is none."""
    try:
        return float(cell)
    except (TypeError, ValueError):
        return np.nan


def without_gaps(table, names):
    """Return the rows of a table in which none of these columns misses a number."""
    kept = ~np.logical_or.reduce([missing(table, name) for name in names])
    return {key: np.asarray(value)[kept] for key, value in table.items()}


def missing(table, name):
    """Return for each row whether a cell of a column, or of an array, is missing."""
    cells = np.asarray(table[name])
    if cells.dtype.kind in "biuf":
        return np.isnan(cells).reshape(len(cells), -1).any(axis=1)
    gaps = (
        "",
        "NA",
        "N/A",
        "NaN",
        "NULL",
        "None",
        "na",
        "n/a",
        "nan",
        "null",
        "?",
        "-",
    )
    return np.isin([str(cell).strip() for cell in cells], gaps)


def words(table, name):
    """Return a column as text without blanks around it."""
    return np.array([str(cell).strip() for cell in column(table, name)])


def one_hot_words(table, name, known, fill=False):
    """Return a column of words as columns of 0 and 1, one for each known word."""
    cells = words(table, name)
    new = np.flatnonzero(~np.isin(cells, known))
    if len(new) and not fill:
        raise SystemExit(
            f"{place(table, new[0])}, {name!r}: {str(cells[new[0]])!r} is new: there "
            f"were {', '.join(known)}"
        )
    return (cells[:, None] == np.array(known)).astype(np.float32)


def class_numbers(table, name, classes):
    """Return each row's class by its place in the sorted classes, (rows,) int64."""
    read = words if isinstance(classes[0], str) else column_of_numbers
    values, known = read(table, name), np.array(classes)
    found = np.searchsorted(known, values).clip(max=len(known) - 1)
    wrong = np.flatnonzero(known[found] != values)
    if len(wrong):
        raise SystemExit(
            f"{place(table, wrong[0])}: class {column(table, name)[wrong[0]]} is not "
            f"among the {len(known)} classes {known[0]} to {known[-1]}"
        )
    return found.astype(np.int64)


def together(X, y):
    """Return X and y, which have a row for each example."""
    if len(X) != len(y):
        raise SystemExit(f"X has {len(X)} rows, y has {len(y)}: both need the same")
    return X, y


def one_hot_classes(rows, table):
    """Return the class of each one-hot row, where its 1 stands."""
    wrong = np.flatnonzero((rows.sum(axis=1) != 1) | (rows.max(axis=1) != 1))
    if len(wrong):
        raise SystemExit(f"{place(table, wrong[0])}: y is not one 1 among zeros")
    return rows.argmax(axis=1)
