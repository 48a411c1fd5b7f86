"""X of a table's columns or of an array, as one flat row an example."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradtutor.messages import tr
from gradtutor.train.fitting.axes import find_axes
from gradtutor.train.fitting.choices import Choices
from gradtutor.train.fitting.needs import Needs
from gradtutor.train.fitting.pixels import scaled_pixels
from gradtutor.train.loaders.arrays import examples, tokens
from gradtutor.train.loaders.columns import (
    column,
    number_or_nan,
    numbers,
    one_hot_words,
    words,
)
from gradtutor.train.model import Call, DataError, Features, Raw

MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}
MOST_WORDS = 50  # of one column


def table_features(raw: Raw, names: tuple[str, ...], choices: Choices) -> Features:
    """Return how columns of a table become X: numbers first, words as 0 and 1.

    Raises
    ------
    DataError
        Where a cell is missing or is no number, with its place and what to do.
    """
    if not names:
        raise DataError(tr("{file}: no column is left for X", file=raw.file))
    known = {name: _words_of(raw, name) for name in names}
    plain = [name for name in names if not known[name]]
    fill = bool(choices.fill)
    parts = []
    if plain:
        _check_numbers(raw, plain, fill)
        parts.append(Call(numbers, _numbers_settings(raw, plain, fill)))
    called, notes = list(plain), []
    for name, found in known.items():
        if found:
            given = (name, found, True) if fill else (name, found)
            parts.append(Call(one_hot_words, given))
            called += [f"{name}={word}" for word in found]
            notes.append(
                tr(
                    "{name!r} becomes {count} columns of 0 or 1: {found}",
                    name=name,
                    count=len(found),
                    found=_few(found),
                )
            )
    return Features(tuple(parts), (), (len(called),), tuple(called), tuple(notes))


def _numbers_settings(raw: Raw, plain: list[str], fill: bool) -> tuple[object, ...]:
    if raw.decimal != ".":
        return plain, fill, raw.decimal
    return (plain, fill) if fill else (plain,)


def _few(words: list[str]) -> str:
    return ", ".join(words[:6]) + ", ..." * (len(words) > 6)


def _words_of(raw: Raw, name: str) -> list[str]:
    """Return the words of a column that is not of numbers; none if it is."""
    cells = column(raw.table, name)
    if cells.dtype.kind in "biuf":
        return []
    text = [str(cell).strip() for cell in cells]
    given = [cell for cell in text if cell.lower() not in MISSING]
    bad = [cell for cell in given if np.isnan(_number(raw, cell))]
    if len(bad) <= len(given) / 2:
        return []
    found = sorted(set(given))
    if len(found) > MOST_WORDS or len(found) > max(2, 0.5 * len(text)):
        raise DataError(
            tr(
                "{file}: column {name!r} holds {count} different words, such as "
                "{found!r}: leave it out by --drop {name2}",
                file=raw.file,
                name=name,
                count=len(found),
                found=found[0],
                name2=quoted(name),
            )
        )
    return found


def quoted(name: str) -> str:
    """Write a name as it stands on a command line."""
    return f'"{name}"' if " " in name else name


def _number(raw: Raw, cell: str) -> float:
    cell = cell.replace(raw.decimal, ".")
    return float({"true": 1.0, "false": 0.0}.get(cell.lower(), number_or_nan(cell)))


def _check_numbers(raw: Raw, names: list[str], fill: bool) -> None:
    """Name the first cell that is missing or no number, and how many there are."""
    for name in names:
        text = words(raw.table, name)
        lower = np.char.lower(text) if len(text) else text
        missing = np.isin(lower, list(MISSING))
        if fill and missing.all():
            raise DataError(
                tr(
                    "{file}: column {name!r} is empty: leave it out by --drop",
                    file=raw.file,
                    name=name,
                )
            )
        if missing.any() and not fill:
            i = int(np.argmax(missing))
            raise DataError(
                tr(
                    "{file}: {i}, column {name!r} is missing ({sum} of {count} "
                    "rows): --fill mean fills such cells by the column's mean, "
                    "--fill drop leaves those rows out, --drop the column",
                    file=raw.file,
                    i=raw.where(i),
                    name=name,
                    sum=missing.sum(),
                    count=len(text),
                )
            )
        for i in np.flatnonzero(~missing).tolist():
            if not np.isfinite(_number(raw, text[i])):
                raise DataError(
                    tr(
                        "{file}: {i}, column {name!r}: {text!r} is no finite "
                        "number: mend it, or leave the column out by --drop",
                        file=raw.file,
                        i=raw.where(i),
                        name=name,
                        text=str(text[i]),
                    )
                )


def array_features(raw: Raw, needs: Needs, choices: Choices) -> Features:
    """Return how an array (rows, ...) becomes X."""
    X = np.asarray(raw.table["X"])
    _check_array(raw, X, bool(choices.fill))
    example = X.shape[1:] or (1,)
    axes = find_axes(
        example, needs.sizes, needs.kind, channels_last=needs.channels_last
    )
    read = Call(examples, ("X", X.shape[1:], True)[: 2 + bool(choices.fill)])
    moves = axes.calls(len(X.shape[1:]))
    features = Features(
        (read,), moves, example, notes=(axes.note,) if axes.note else ()
    )
    return scaled_pixels(features, X, choices, needs)


def with_tokens(features: Features, needs: Needs) -> Features:
    """Check numbers that an embedding looks up."""
    if not needs.tokens:
        return features
    return replace(features, moves=(*features.moves, Call(tokens, (needs.tokens,))))


def are_tokens(features: Features) -> bool:
    """Whether X is looked up, rather than computed with."""
    return any(move.function is tokens for move in features.moves)


def _check_array(raw: Raw, X: np.ndarray, fill: bool) -> None:
    if X.dtype.kind not in "biuf":
        raise DataError(
            tr(
                "{file}: X holds {dtype}: save it as real numbers",
                file=raw.file,
                dtype=X.dtype,
            )
        )
    finite = ~np.isinf(X) if fill else np.isfinite(X)
    finite = finite.reshape(len(X), -1).all(axis=1)
    if not finite.all():
        raise DataError(
            tr(
                "{file}: {argmin} of X holds nan or infinity ({sum} of {count} "
                "rows): --fill mean fills nan",
                file=raw.file,
                argmin=raw.where(int(finite.argmin())),
                sum=np.sum(~finite),
                count=len(X),
            )
        )
