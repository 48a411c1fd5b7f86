"""Numbers as JSON for a page: nan and infinities, which JSON has not, are text."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def json_number(value: float | None) -> Any:
    """Return a number as JSON has it."""
    return value if value is None or math.isfinite(value) else str(value)


def json_numbers(values: Any) -> list[Any]:
    """Return the numbers of an array, flat."""
    return [json_number(float(value)) for value in np.ravel(values)]
