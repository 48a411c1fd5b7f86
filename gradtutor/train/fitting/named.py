"""Data that a formula names: columns or arrays called like its inputs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from gradtutor.graph import Graph, network_of
from gradtutor.language import SourceError, is_network, parse_network
from gradtutor.messages import tr
from gradtutor.train.fitting.answers import answers_of
from gradtutor.train.fitting.choices import Choices
from gradtutor.train.fitting.features import with_tokens
from gradtutor.train.fitting.needs import needs_of
from gradtutor.train.fitting.targets import fit_targets
from gradtutor.train.loaders.arrays import rows_of
from gradtutor.train.model import Call, DataError, Features, Raw, Targets


def with_names(network: str, choices: Choices) -> Choices:
    """Note what a formula's inputs are called; another network's have no names.

    Raises
    ------
    gradtutor.language.SourceError
        When the formula has a mistake.
    """
    try:
        graph = parse_network(network)
    except SourceError:
        if is_network(network):  # which may want to know the data first
            return choices
        raise
    facts = network_of(graph)
    if facts.get("formula"):
        pairs = zip(facts["inputs"], facts["input_sizes"], strict=True)
        choices = replace(choices, inputs=tuple(pairs), target=facts["target"])
    elif facts.get("joined"):  # a program's several inputs, each an array of its own
        choices = replace(choices, inputs=facts["joined"], target="y", program=True)
    return _with_tokens(choices, network, graph)


def _with_tokens(choices: Choices, network: str, graph: Graph) -> Choices:
    """Note how many tokens an example has, for a network with a class at each."""
    sizes = graph.nodes["X"]["shape"][1:]
    if len(sizes) != 1 or not isinstance(sizes[0], int):
        return choices
    try:
        needs = needs_of(network, sizes)
    except DataError:
        return choices
    if not (needs.stepped and needs.tokens):
        return choices
    return replace(choices, tokens=needs.tokens, steps=sizes[0], ends=needs.ends)


def columns_by_name(raw: Raw, choices: Choices) -> Choices:
    """Choose a table's columns by the names in the formula, where all are there."""
    said = choices.x or choices.y or choices.drop
    single = all(size == 1 for _, size in choices.inputs)
    if said or not choices.inputs or not single or not _has(raw.columns, choices):
        return choices
    names = tuple(name for name, _ in choices.inputs)
    return replace(choices, x=names, y=tuple(filter(None, [choices.target])))


def _has(known: Collection[str], choices: Choices) -> bool:
    return all(name in known for name in choices.names)


def is_named(raw: Raw, choices: Choices) -> bool:
    """Whether arrays stand in a table by the names of a formula's inputs."""
    return bool(choices.inputs) and not raw.columns and _has(raw.table, choices)


def fit_named(
    raw: Raw, network: str, choices: Choices
) -> tuple[Features, Targets, tuple[str, ...]]:
    """Put arrays side by side as X, in the formula's order, and choose y.

    Raises
    ------
    DataError
        When one has another size or another length.
    """
    for name, size in choices.inputs:
        _check(raw, name, size)
    parts = tuple(Call(rows_of, pair) for pair in choices.inputs)
    width = sum(size for _, size in choices.inputs)
    needs = needs_of(network, (width,))
    features = with_tokens(Features(parts, (), (width,)), needs)
    answers = answers_of(raw, (choices.target,)) if choices.target else None
    return features, fit_targets(answers, needs, width), ()


def _check(raw: Raw, name: str, size: int) -> None:
    array = np.asarray(raw.table[name])
    if array.dtype.kind not in "biuf":
        raise DataError(
            tr(
                "{name} holds {dtype}: save it as real numbers",
                name=name,
                dtype=array.dtype,
            )
        )
    if len(array) != raw.rows:
        first = next(iter(raw.table))
        raise DataError(
            tr(
                "{first} has {rows} rows, {name} {count}: each needs one an example",
                first=first,
                rows=raw.rows,
                name=name,
                count=len(array),
            )
        )
    found = int(np.prod(array.shape[1:]))
    if found != size:
        raise DataError(
            tr(
                "{name} has {found} numbers an example ({shape}), the formula {size}",
                name=name,
                found=found,
                shape=array.shape,
                size=size,
            )
        )
