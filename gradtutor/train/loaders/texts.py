"""Texts as rows of tokens, each beside the tokens that follow."""

# ruff: noqa: ANN001, ANN201 (their text is printed into scripts, without annotations)

import importlib.util
from pathlib import Path

import numpy as np


def text_of(place):
    """Return a file's text; "package:file" is one that ships in a package."""
    package, _, file = place.rpartition(":")
    path = Path(place)
    if package and not path.exists():
        spec = importlib.util.find_spec(package)
        if spec is None:
            raise SystemExit(f"the text is in {package}: pip install {package}")
        path = Path(spec.origin).parent / file
    return path.read_bytes().decode("utf-8-sig", errors="replace")


def encoded(text, alphabet):
    """Return a text's tokens: each character's place in the alphabet, or its bytes."""
    if not alphabet:
        return np.frombuffer(text.encode(), np.uint8)
    known = {letter: place for place, letter in enumerate(alphabet)}
    new = sorted(set(text) - set(known))
    if new:
        raise SystemExit(f"the text has {new[0]!r}, which is not in the alphabet")
    return np.array([known[letter] for letter in text], np.int64)


def read_lines(place, alphabet, steps):
    """Return every line as a row of tokens, X, and those that follow, y.

    An end stands before and behind a line: the number after the alphabet's. Behind a
    line's end the target is -1, for none.
    """
    end = len(alphabet) or 256
    lines = [line.strip() for line in text_of(place).splitlines() if line.strip()]
    X = np.full((len(lines), steps), end, np.float32)
    y = np.full((len(lines), steps), -1, np.float32)
    for row, line in enumerate(lines):
        tokens = np.array([end, *encoded(line, alphabet), end])[: steps + 1]
        X[row, : len(tokens) - 1], y[row, : len(tokens) - 1] = tokens[:-1], tokens[1:]
    return X, y


def read_stream(place, alphabet, steps):
    """Return a text cut into rows of tokens, X, and what follows each token, y."""
    tokens = encoded(text_of(place), alphabet)
    rows = (len(tokens) - 1) // steps
    cut = rows * steps
    X, y = (part.reshape(rows, steps) for part in (tokens[:cut], tokens[1 : cut + 1]))
    return X.astype(np.float32), y.astype(np.float32)
