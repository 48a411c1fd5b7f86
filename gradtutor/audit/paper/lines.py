"""A derivation as data: its lines, what each defines or claims, its shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradtutor.graph import Graph
from gradtutor.language.formula import parse_formula

Array = NDArray[np.float64]
PART = "part_"  # begins the name of what is differentiated without one


@dataclass(frozen=True)
class Part:
    """One side of an equation, with ``df/dq`` written ``df_dq``, and its place."""

    text: str
    start: int


@dataclass(frozen=True)
class Line:
    """A line of a derivation.

    Attributes
    ----------
    number : int
        From 1.
    name : str
        The name that the line defines; empty where it claims a derivative.
    claim : tuple of str or None
        ``("f", "x")`` for ∂f/∂x, ``("f", "x", "y")`` for ∂²f/∂x∂y.
    shown : str
        As it was written.
    parts : tuple of Part
        What stands after each equals sign.
    """

    number: int
    text: str
    name: str
    claim: tuple[str, ...] | None
    parts: tuple[Part, ...]
    shown: str = ""


@dataclass(frozen=True)
class Derivation:
    """A derivation that can be read.

    Attributes
    ----------
    values : dict
        Inputs that a line gives a number, or a list of them: ``x = -2``.
    shapes : dict
        Of everything that is no single number: ``W: (2, 3)``, and what follows from it.
    notes : tuple of str
        How lines were read, where they could be read otherwise.
    """

    source: str
    lines: tuple[Line, ...]
    values: dict[str, Array]
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def definitions(self) -> list[Line]:
        """The lines that define an intermediate value, in order."""
        lines = {
            (line.name, line.parts[0].text.strip()): line
            for line in reversed(self.lines)
            if line.name and line.name not in self.values
        }
        return _in_order([*reversed(lines.values())])

    def program(self, up_to: str | None = None, free: str = "") -> str:
        """Return the definitions as a program of the language.

        Parameters
        ----------
        up_to : str, optional
            The definition to end with.
        free : str
            A name whose definition is left out, so that it is an input.
        """
        kept = []
        for line in self.definitions:
            if line.name != free:
                kept.append(f"{line.name} = {line.parts[0].text.strip()}")
            if line.name == up_to:
                break
        return "\n".join(kept)

    def graph(self, up_to: str | None = None, free: str = "") -> Graph:
        """Parse the definitions."""
        return parse_formula(self.program(up_to, free), self.tensors(""))

    @property
    def scalar(self) -> bool:
        """Whether there are only single numbers."""
        return not any(self.shapes.values())

    def tensors(self, text: str) -> dict[str, Any]:
        """Return the shapes of all names, and of derivatives in a text."""
        known = [*self.shapes]
        found = {name: shape for name, shape in self.shapes.items() if shape}
        for word in re.findall(r"[^\W\d]\w*", text):
            quotient = None if word in found else derivative_of(word, known)
            if quotient and self.shapes.get(quotient[1]):
                found[word] = self.shapes[quotient[1]]
        return found


def _in_order(lines: list[Line]) -> list[Line]:
    """Put a definition behind those that it reads."""
    waiting = list(lines)
    done: list[Line] = []
    while waiting:
        names = {line.name for line in waiting}
        ready = [
            line
            for line in waiting
            if not names
            & set(re.findall(r"[^\W\d]\w*", line.parts[0].text)) - {line.name}
        ]
        if not ready:
            return [*done, *waiting]
        done.append(ready[0])
        waiting.remove(ready[0])
    return done


def derivative_name(match: tuple[str, str]) -> re.Pattern[str]:
    """Return the pattern of the names that stand for a derivative in a part."""
    return re.compile(rf"d{re.escape(match[0])}_+d?_*{re.escape(match[1])}")


def derivative_of(name: str, known: list[str]) -> tuple[str, str] | None:
    """Return ("f", "q") for df_dq, where f and q are known names."""
    for top in known:
        for below in known:
            if derivative_name((top, below)).fullmatch(name):
                return (top, below)
    return None
