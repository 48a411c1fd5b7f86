"""The records of a checked derivation: verdicts, numbers, the value of a part."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.audit.paper.lines import Derivation, Line, Part, derivative_of
from gradtutor.audit.paper.text import part_inputs
from gradtutor.audit.report import Place, plain
from gradtutor.evaluate import node_values
from gradtutor.language.formula import parse_formula

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LineVerdict:
    """A line and whether it is right.

    Attributes
    ----------
    ok : bool or None
        None for a definition without a second equals sign, and where undecided.
    expected : str
        The right derivative in the language, for a wrong line.
    proved : bool or None
        Whether sympy proves the line; None where it was not asked or did not end.
    condition : str
        Of a wrong line: what must hold of an input for it to be right, sum(y) = 1.
    given : bool
        Whether a plain number of it is right at the point given alone.
    """

    line: int
    text: str
    ok: bool | None
    expected: str = ""
    proved: bool | None = None
    condition: str = ""
    given: bool = False


@dataclass(frozen=True)
class DerivationReport:
    """What was found: each line's verdict, the first wrong one, the misconception.

    Attributes
    ----------
    notes : tuple of str
        How lines were read, where they could be read otherwise.
    """

    ok: bool | None
    lines: tuple[LineVerdict, ...]
    place: Place | None = None
    misconception: str = ""
    reason: str = ""
    others: tuple[str, ...] = ()
    points: int = 0
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the report as what ``json.dumps`` takes."""
        found: dict[str, Any] = plain(asdict(self))
        return found


@dataclass(frozen=True)
class Numbers:
    """All values and derivatives of a derivation at one point."""

    values: dict[str, Array]
    derivatives: dict[tuple[str, ...], Array]
    second: dict[tuple[str, ...], Array] = field(default_factory=dict)


def part_value(derivation: Derivation, part: Part, numbers: Numbers) -> Array:
    """Return the value of one side of an equation, given what was right before."""
    known = list(numbers.values)
    point = {}
    for name in part_inputs(derivation, part):
        quotient = None if name in numbers.values else derivative_of(name, known)
        point[name] = (
            numbers.derivatives.get(quotient, np.zeros(()))
            if quotient
            else numbers.values[name]
        )
    text = part.text.strip()
    graph = parse_formula(text, derivation.tensors(text))
    return np.asarray(node_values(graph, point)[graph.graph["output"]])


def true_value(line: Line, numbers: Numbers) -> Array:
    """Return what the left side of a line is."""
    if line.claim and len(line.claim) > 2:
        return np.asarray(numbers.second.get(line.claim, np.zeros(())))
    if line.claim:
        return np.asarray(numbers.derivatives.get(line.claim[:2], np.zeros(())))
    return np.asarray(numbers.values[line.name])
