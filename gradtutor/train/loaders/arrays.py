"""Arrays of examples brought into the order in which a network reads them."""

# ruff: noqa: ANN001, ANN201 (their text is printed into scripts, without annotations)

import numpy as np

from gradtutor.train.loaders.columns import place


def examples(table, name, sizes, fill=False):
    """Return an array of examples of these sizes as float32; nan or infinity stops.

    With fill nan stays, for what is missing.
    """
    X = np.asarray(table[name])
    if X.shape[1:] != sizes:
        raise SystemExit(f"{name}: an example has the shape {X.shape[1:]}, not {sizes}")
    finite = ~np.isinf(X) if fill else np.isfinite(X)
    finite = finite.reshape(len(X), -1).all(axis=1)
    if not finite.all():
        raise SystemExit(f"{name}: {place(table, finite.argmin())} has nan or infinity")
    return X.astype(np.float32)


def rows_of(table, name, width):
    """Return examples as flat rows of so many numbers, float32; nan stops."""
    X = np.asarray(table[name])
    X = X.reshape(len(X), -1)
    if X.shape[1] != width:
        raise SystemExit(f"{name}: an example has {X.shape[1]} numbers, not {width}")
    return examples({**table, name: X}, name, (width,))


def shaped(X, sizes):
    """Return flat rows as examples of these sizes."""
    return X.reshape(len(X), *sizes)


def axes_turned(X, order):
    """Return examples with their axes in another order, the rows staying first."""
    return X.transpose(0, *(axis + 1 for axis in order))


def as_rows(X):
    """Return every example as one flat row."""
    return X.reshape(len(X), -1)


def tokens(X, count):
    """Return X, checked to hold whole numbers from 0 to count - 1."""
    wrong = (np.floor(X) != X) | (X < 0) | (count <= X)
    if wrong.any():
        i = int(np.argmax(wrong.reshape(len(X), -1).any(axis=1)))
        value = X[wrong][0]
        raise SystemExit(
            f"row {i + 1} of X has {value:g}, no token of 0 to {count - 1}"
        )
    return X


def divided(X, by):
    """Return X / by."""
    return X / np.float32(by)


def normalised(X, means, deviations):
    """Return images as rows, less each channel's mean, by its deviation."""
    each = X.shape[1] // len(means)
    means, deviations = (
        np.repeat(np.array(one, np.float32), each) for one in (means, deviations)
    )
    return (X - means) / deviations


def signs(y):
    """Return labels 0 and 1 as -1 and 1."""
    return 2 * y - 1
