"""A side of a claim whose shapes do not fit: ``2 A r`` for ``2 A^T r`` is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from gradtutor.audit.paper.lines import Derivation, Line, Part
from gradtutor.audit.paper.records import Numbers, part_value, true_value
from gradtutor.audit.paper.text import part_inputs
from gradtutor.errors import TutorError
from gradtutor.language.errors import SourceShapeError

TRANSPOSED = r"(?:\^\(?T\)?|\.T|ᵀ)"
CLOSE = 1e-9


def unfit(derivation: Derivation, part: Part) -> str:
    """Return what does not fit in a part's shapes; empty where all do."""
    try:
        part_inputs(derivation, part)
    except SourceShapeError as error:
        return error.message
    return ""


def unfit_cause(
    derivation: Derivation, line: Line, numbers: list[Numbers]
) -> tuple[str, str]:
    """Return the misconception and what does not fit; both empty where all does.

    It is a missing transpose where one more, or one less, makes the line right.
    """
    for part in line.parts:
        message = unfit(derivation, part)
        if message:
            right = any(
                _is_right(derivation, line, other, numbers)
                for other in _turned(derivation, part)
            )
            return "missing-transpose" if right else "", message
    return "", ""


def _turned(derivation: Derivation, part: Part) -> Iterator[Part]:
    """Yield the part with one name transposed that was not, or the other way."""
    for name, shape in derivation.shapes.items():
        if len(shape) < 2:
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", part.text):
            before, after = part.text[: match.end()], part.text[match.end() :]
            bare = re.sub(rf"^{TRANSPOSED}(?!\w)", "", after)
            yield Part(before + (bare if bare != after else "^T" + after), part.start)


def _is_right(
    derivation: Derivation, line: Line, part: Part, numbers: list[Numbers]
) -> bool:
    try:
        return all(
            np.allclose(
                part_value(derivation, part, one), true_value(line, one), CLOSE, CLOSE
            )
            for one in numbers
        )
    except (TutorError, ValueError):
        return False
