"""Shapes of images, signals, sequences, attention, and of what has none of its own."""

from __future__ import annotations

import re

from gradtutor.audit.program.arguments import Argument
from gradtutor.audit.program.naming import TARGET
from gradtutor.audit.program.shapes.names import (
    BIAS,
    CHANNELS,
    FILTERS,
    HIDDEN,
    QUERY,
    RECURRENT,
    SCALE,
    SIDE,
    WEIGHT,
    WINDOW,
    C,
    D,
    H,
    K,
    N,
    Names,
    T,
    bias_of,
    is_target,
    labels,
    last_part,
    plain,
    weight_of,
)
from gradtutor.audit.program.shapes.rows import as_rows
from gradtutor.audit.program.usage import Usage


def as_images(name: str, usage: Usage, names: Names) -> Argument:
    """Images: (examples, channels, height, width)."""
    bare = last_part(name)
    if usage.indexes:
        return labels(K)
    if is_target(bare, usage):
        return Argument((K, C), kind="onehot")
    if WEIGHT.fullmatch(bare):
        return plain(FILTERS, CHANNELS, WINDOW, WINDOW)
    if BIAS.fullmatch(bare) and not names.has(re.compile("gamma")):
        return plain(FILTERS)
    if SCALE.fullmatch(bare):
        return plain(CHANNELS)
    return plain(K, CHANNELS, SIDE, SIDE)


def as_groups(name: str, usage: Usage, names: Names) -> Argument:
    """Images; what scales a channel has the rank of the images."""
    if SCALE.fullmatch(last_part(name)):
        return plain(1, CHANNELS, 1, 1)
    return as_images(name, usage, names)


def as_channels_last(name: str, usage: Usage, names: Names) -> Argument:
    """Images with the channels last; filters (height, width, channels, filters)."""
    bare = last_part(name)
    if WEIGHT.fullmatch(bare):
        return plain(WINDOW, WINDOW, CHANNELS, FILTERS)
    if BIAS.fullmatch(bare):
        return plain(1, 1, 1, FILTERS)
    return plain(K, SIDE, SIDE, CHANNELS)


def as_picture(name: str, usage: Usage, names: Names) -> Argument:
    """One channel of one image."""
    bare = last_part(name)
    if WEIGHT.fullmatch(bare):
        return plain(WINDOW, 2)
    return plain() if BIAS.fullmatch(bare) else plain(5, 4)


def as_signal(name: str, usage: Usage, names: Names) -> Argument:
    """One row of numbers and a window."""
    bare = last_part(name)
    if WEIGHT.fullmatch(bare):
        return plain(WINDOW)
    return plain() if BIAS.fullmatch(bare) else plain(7)


def as_signals(name: str, usage: Usage, names: Names) -> Argument:
    """Rows of numbers with channels."""
    bare = last_part(name)
    if WEIGHT.fullmatch(bare):
        return plain(FILTERS, CHANNELS, WINDOW)
    return plain(FILTERS) if BIAS.fullmatch(bare) else plain(K, CHANNELS, 7)


def as_sequences(name: str, usage: Usage, names: Names, *, gates: int = 1) -> Argument:
    """Sequences: (examples, steps, features)."""
    bare = last_part(name)
    if usage.indexes:
        return labels(K, T)
    if is_target(bare, usage):
        return labels(K, T)
    if bare == "mask":
        return Argument((K, T), kind="binary")
    weight = weight_of(bare, names, gates * H)
    if weight:
        return plain(*weight)
    bias = bias_of(bare, names, gates * H)
    if bias:
        return plain(bias)
    if names.has(RECURRENT) and HIDDEN.fullmatch(bare):
        return plain(K, H)
    if SCALE.fullmatch(bare):
        return plain(D)
    return plain(K, T, C if names.has(TARGET) and not names.has(WEIGHT) else D)


def as_steps(name: str, usage: Usage, names: Names, *, tall: bool = False) -> Argument:
    """One sequence: (steps, features)."""
    bare, tail = last_part(name), (1,) if tall else ()
    if usage.indexes:
        return labels(T)
    weight = weight_of(bare, names, H)
    if weight:
        return plain(*(reversed(weight) if tall else weight))
    bias = bias_of(bare, names, H)
    if bias:
        return plain(bias, *tail)
    if HIDDEN.fullmatch(bare):
        return plain(H, *tail)
    if is_target(bare, usage):
        return Argument((T, C, *tail), kind="real")
    return plain(T, D, *tail)


def as_lookup(name: str, usage: Usage, names: Names) -> Argument:
    """Rows of a table, picked by whole numbers."""
    if usage.indexes or re.fullmatch(r"ids?|idx|ix|indices|tokens?", last_part(name)):
        return labels(K, T, top=N)
    return plain(N, D)


def as_numbers(name: str, usage: Usage, names: Names) -> Argument:
    """Plain numbers."""
    return labels() if usage.indexes else plain()


def as_alike(name: str, usage: Usage, names: Names) -> Argument:
    """Vectors of one length: what works element by element."""
    return plain(N)


def as_matrices(name: str, usage: Usage, names: Names) -> Argument:
    """Matrices of one shape: what works element by element."""
    return labels(N) if usage.indexes else plain(N, D)


def as_attention(name: str, usage: Usage, names: Names) -> Argument:
    """One head: queries, keys and values."""
    if not names.has(QUERY):
        return as_rows(name, usage, names)
    bare = last_part(name).lower()
    if bare in ("q", "query", "queries"):
        return plain(T, D)
    if bare in ("k", "key", "keys"):
        return plain(N, D)
    if bare in ("v", "value", "values"):
        return plain(N, K)
    if bare == "mask":
        return Argument((T, N), kind="binary")
    return plain(T, D) if not WEIGHT.fullmatch(last_part(name)) else plain(D, D)


def as_self_attention(name: str, usage: Usage, names: Names) -> Argument:
    """Tokens in rows, square projections."""
    if not names.has(QUERY):
        return as_rows(name, usage, names)
    bare = last_part(name)
    if re.fullmatch(r"[WwbB]_?\w*", bare):
        return plain(D, D) if bare[0] in "Ww" else plain(D)
    return plain(T, D)


def as_tokens(name: str, usage: Usage, names: Names) -> Argument:
    """Sequences of tokens with square projections, of a width that heads can share."""
    if not names.has(QUERY):
        return as_sequences(name, usage, names)
    bare = last_part(name)
    if re.fullmatch(r"[WwbB]_?\w*", bare):
        return plain(4, 4) if bare[0] in "Ww" else plain(4)
    return plain(K, T, 4)


def as_scaled_steps(name: str, usage: Usage, names: Names) -> Argument:
    """Sequences whose features have a weight and a bias each: LayerNorm's."""
    bare = last_part(name)
    scales = WEIGHT.fullmatch(bare) or BIAS.fullmatch(bare) or SCALE.fullmatch(bare)
    if usage.joined or not scales:
        return as_sequences(name, usage, names)
    return plain(D)


def as_scaled(name: str, usage: Usage, names: Names) -> Argument:
    """Examples in rows, each feature with a weight and a bias of its own."""
    bare = last_part(name)
    scales = WEIGHT.fullmatch(bare) or BIAS.fullmatch(bare) or SCALE.fullmatch(bare)
    return plain(D) if scales else as_rows(name, usage, names)
