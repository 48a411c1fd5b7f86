"""The options of check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckOptions:
    """What the command line says, as ``gradtutor check --help`` has it."""

    at: tuple[str, ...]
    ties: str
    shapes: tuple[str, ...]
    formula: str | None
    forward: str
    returns: str | None
    timeout: float
    against: str | None
    csv: str | None
    output: str | None
