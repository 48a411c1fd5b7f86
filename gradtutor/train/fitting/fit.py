"""A file and a network's text brought together: what is X, what is y, what to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from gradtutor.graph import network_of
from gradtutor.language import SourceError, parse_network
from gradtutor.messages import key, tr
from gradtutor.train.datasets.loaders import split
from gradtutor.train.fitting.answers import Answers, answers_of
from gradtutor.train.fitting.axes import find_axes
from gradtutor.train.fitting.choices import Choices, Columns, Stated, likely_columns
from gradtutor.train.fitting.dropping import without_gaps_in
from gradtutor.train.fitting.features import (
    are_tokens,
    array_features,
    table_features,
    with_tokens,
)
from gradtutor.train.fitting.named import columns_by_name, fit_named, is_named
from gradtutor.train.fitting.needs import Needs, needs_of
from gradtutor.train.fitting.pixels import scaled_pixels
from gradtutor.train.fitting.scales import scale_notes
from gradtutor.train.fitting.targets import TAKE_CLASSES, NoTargetsError, fit_targets
from gradtutor.train.model import (
    Data,
    DataError,
    Features,
    Raw,
    Targets,
    features_of,
    targets_of,
)

TEST_FRACTION = 0.2


def _chosen(
    raw: Raw, network: str, choices: Choices
) -> tuple[Features, Targets, Sequence[str]]:
    """Choose features and targets; a mistake is said with the file's name."""
    read = _of_table if raw.columns else _of_arrays
    read = fit_named if is_named(raw, choices) else read
    try:
        return read(raw, network, choices)
    except DataError as error:
        raise DataError(
            f"{raw.file}: {str(error).removeprefix(f'{raw.file}: ')}"
        ) from None


def _arrays(
    raw: Raw, features: Features, targets: Targets
) -> tuple[np.ndarray, np.ndarray]:
    """Return X and y, which have a row for each example."""
    X = features_of(features, raw.table)
    y = targets_of(targets, raw.table, X)
    if len(X) != len(y):
        raise DataError(
            tr(
                "{file}: X has {count} rows, y has {count2}",
                file=raw.file,
                count=len(X),
                count2=len(y),
            )
        )
    return X, y


def fit(raw: Raw, network: str, choices: Choices) -> Data:
    """Choose features and targets of a file for a network.

    Raises
    ------
    DataError
        When they do not go together; the message names both sides.
    gradtutor.language.SourceError
        When the network's text is wrong, or takes other sizes.
    """
    if raw.rows < 2:
        raise DataError(
            tr(
                "{file} has {rows} row: two or more are needed",
                file=raw.file,
                rows=raw.rows,
            )
        )
    _check_choices(raw, choices)
    given, choices = choices, columns_by_name(raw, choices.as_asked)
    raw, choices, complete = without_gaps_in(raw, choices)
    features, targets, notes = _chosen(raw, network, choices)
    if are_tokens(features) and not given.scale:
        choices = replace(choices, scale="")
    if are_tokens(features) and choices.scale == "standard":
        raise DataError(
            tr(
                "{file}: tokens are looked up, not scaled: leave out --scale",
                file=raw.file,
            )
        )
    X, y = _arrays(raw, features, targets)
    fraction, few = _held_out(raw, X, y)
    said = (*raw.notes, *notes, *features.notes, *targets.notes, *few)
    free = targets.classes is None and bool(targets.calls)
    said += scale_notes(
        None if are_tokens(features) else X, y if free else None, choices
    )
    return Data(
        raw, features, targets, fraction, choices.fill,
        "standard" if choices.scale == "standard" else "",
        tuple(f"{raw.file}: {note}" for note in _lines(said)), complete,
    )  # fmt: skip


def _check_choices(raw: Raw, choices: Choices) -> None:
    """Refuse names for data that have none, rather than pass over them."""
    given = {"--x": choices.x, "--y": choices.y, "--drop": choices.drop}
    for flag, names in given.items():
        if names and (raw.pair or (flag == "--drop" and not raw.columns)):
            kinds = "tables" if flag == "--drop" else tr("tables and .npz files")
            raise DataError(
                tr(
                    "{file}: {flag} is for the names in {kinds}",
                    file=raw.file,
                    flag=flag,
                    kinds=kinds,
                )
            )


def _lines(notes: Iterable[str]) -> list[str]:
    return [line for note in notes for line in note.splitlines() if line]


def _held_out(raw: Raw, X: np.ndarray, y: np.ndarray) -> tuple[float, tuple[str, ...]]:
    """Return the part to test on; none where too few rows are left to learn from."""
    if raw.held_out:
        return raw.held_out, ()
    if len(split(X, y, TEST_FRACTION, 0)[2]):
        return TEST_FRACTION, ()
    note = tr(
        "{count} rows are too few to hold some out: tested on what it learns from",
        count=len(X),
    )
    return 0.0, (note,)


# ---- arrays ----


def _of_arrays(
    raw: Raw, network: str, choices: Choices
) -> tuple[Features, Targets, tuple[str, ...]]:
    needs = needs_of(network, np.asarray(raw.table["X"]).shape[1:] or (1,))
    features = array_features(raw, needs, choices)
    answers = answers_of(raw, ("y",)) if "y" in raw.table else None
    if answers and len(answers.values) != raw.rows:
        raise DataError(
            tr(
                "{file}: X has {rows} rows, y has {count}: both need one entry "
                "an example",
                file=raw.file,
                rows=raw.rows,
                count=len(answers.values),
            )
        )
    features = with_tokens(features, needs)
    size = int(np.prod(features.example))
    return features, fit_targets(answers, needs, size), ()


# ---- tables ----


def _of_table(
    raw: Raw, network: str, choices: Choices
) -> tuple[Features, Targets, tuple[str, ...]]:
    """Try the likely readings; the first that suits the loss is taken."""
    readings = likely_columns(raw, choices, _stated(network))
    failures: list[ValueError] = []
    second: tuple[Features, Targets, tuple[str, ...]] | None = None
    for reading in readings:
        try:
            features, targets, needs = _read(raw, network, reading, choices)
        except (DataError, SourceError) as error:
            failures.append(error)
            continue
        found = features, targets, (reading.note,)
        if _suits(targets, needs) or _is_word(targets, reading):
            return *found[:2], (reading.note + _rival(raw, reading, readings, needs),)
        second = second or found
    if second is None:
        raise _clearest(failures)
    return second


def _clearest(failures: list[ValueError]) -> ValueError:
    """Return the first that knows which column is y; if none does, that none is left.

    A network of as many inputs as there are columns might have given them back.
    """
    for one in failures:
        if not isinstance(one, NoTargetsError):
            return one
    said = tr("all columns are X and none is left for y: name fewer by --x")
    return DataError(said)


def _rival(raw: Raw, taken: Columns, readings: list[Columns], needs: Needs) -> str:
    """Say that the first column would do as well as the last, where it would."""
    last, first = taken.y, (raw.columns[0],)
    others = [one for one in readings if one.y == first != last]
    if not others or taken is not readings[0] or "last column" not in key(taken.note):
        return ""
    try:
        other = fit_targets(answers_of(raw, first), needs, 0)
    except DataError:
        return ""
    same = other.classes is not None and _suits(other, needs)
    return tr("; the first, {first!r}, would fit, too", first=first[0]) if same else ""


def _suits(targets: Targets, needs: Needs) -> bool:
    """Whether the classes are as many as the network's outputs."""
    two = targets.count == 2 and needs.width == 1
    return targets.count in (None, needs.width) or two


def _is_word(targets: Targets, reading: Columns) -> bool:
    """Whether the target is one column of words, which hardly are anything else."""
    names = targets.classes or ()
    return len(reading.y) == 1 and any(isinstance(name, str) for name in names)


def _read(
    raw: Raw, network: str, reading: Columns, choices: Choices
) -> tuple[Features, Targets, Needs]:
    features = table_features(raw, reading.x, choices)
    needs = _needs_of_table(network, features)
    pixels = choices.scale == "pixels" or choices.asked.get("scale") == "pixels"
    if pixels or "normal" in choices.asked:
        X = features_of(features, raw.table)
        features = scaled_pixels(features, X, choices, needs)
    if len(needs.sizes) > 1:
        features = _with_axes(features, needs)
    features = with_tokens(features, needs)
    answers: Answers | None = answers_of(raw, reading.y) if reading.y else None
    return features, fit_targets(answers, needs, features.example[0]), needs


def _needs_of_table(network: str, features: Features) -> Needs:
    """Read the network; where it takes another size, say how columns came about."""
    try:
        return needs_of(network, features.example)
    except SourceError as error:
        if not features.notes:
            raise
        raise DataError("\n".join([str(error), *features.notes])) from None
    except DataError as error:
        how = tr("name the columns by --x and --y, or leave some out by --drop")
        raise DataError("\n".join([f"{error}: {how}", *features.notes])) from None


def _with_axes(features: Features, needs: Needs) -> Features:
    axes = find_axes(
        features.example, needs.sizes, needs.kind, channels_last=needs.channels_last
    )
    moves = (*axes.calls(1), *features.moves)  # shapes first, as pixels are flat
    notes = (*features.notes, axes.note) if axes.note else features.notes
    return replace(features, moves=moves, notes=notes)


def _stated(network: str) -> Stated:
    """Return what the network's text says of its data, if it can be read without."""
    try:
        graph = parse_network(network)
    except SourceError:
        return Stated()
    sizes = [size for size in graph.nodes["X"]["shape"] if size != "N"]
    return Stated(int(np.prod(sizes)), network_of(graph)["loss"] in TAKE_CLASSES)
