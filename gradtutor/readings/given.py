"""Values as people have them, as arrays: numbers, lists, DataFrames, text labels.

>>> array_of([1, 2]).tolist(), label_numbers(["cat", "dog", "cat"]).tolist()
([1.0, 2.0], [0.0, 1.0, 0.0])
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradtutor.errors import TutorError
from gradtutor.graph import Graph, is_class_label
from gradtutor.messages import tr


class GivenError(TutorError):
    """A value that is no array of numbers."""


def given_point(graph: Graph, values: Mapping[str, ArrayLike]) -> dict[str, Any]:
    """Return the values of inputs as arrays of numbers.

    Raises
    ------
    GivenError
        When a value is no number, list, array, Series or DataFrame of numbers.
    """
    return {
        name: labels_of(value)
        if name in graph and is_class_label(graph, name)
        else array_of(value, name)
        for name, value in values.items()
    }


def array_of(value: ArrayLike, name: str = "the value") -> NDArray[np.float64]:
    """Return a value as an array of float64.

    Raises
    ------
    GivenError
        When it holds something else than numbers.
    """
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        kind = type(value).__name__
        raise GivenError(
            tr(
                "{name} is a {kind} that is no array of numbers: give a number, "
                "a list, an array or a DataFrame of numbers",
                name=name,
                kind=kind,
            )
        ) from None


def labels_of(value: ArrayLike) -> NDArray[np.float64]:
    """Return class labels as numbers; text labels by their alphabetical order."""
    found = np.asarray(value)
    return label_numbers(value) if found.dtype.kind in "OUS" else array_of(value)


def label_numbers(labels: ArrayLike) -> NDArray[np.float64]:
    """Return the number of each text label, classes in alphabetical order."""
    found = np.asarray(labels)
    _, numbers = np.unique(found.astype(str), return_inverse=True)
    return numbers.reshape(found.shape).astype(np.float64)
