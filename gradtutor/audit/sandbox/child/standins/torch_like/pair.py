"""What a tensor's methods return: a tensor, or values with their places."""

from __future__ import annotations

from typing import Any

import numpy as np


class Pair(tuple):  # type: ignore[type-arg]
    """Values and where they stand."""

    def __new__(cls, *items: Any) -> Pair:
        """Make it of two."""
        return super().__new__(cls, items)

    @property
    def values(self) -> Any:
        """The values."""
        return self[0]

    @property
    def indices(self) -> Any:
        """Where they stand."""
        return self[1]


def like(tensor: Any, value: Any) -> Any:
    """Return numbers as a tensor of the same kind."""
    return np.asarray(value).view(type(tensor))
