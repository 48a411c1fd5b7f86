"""The audit of a hand-written gradient: is it right, and if not, where and why.

A person's Python runs in a child process with limits on time and memory; their gradient
is compared with finite differences of their own forward function, or of a formula.
What the package offers is loaded when it is asked for: each child starts without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtutor.audit.functions import audit_function
    from gradtutor.audit.program.source import OutOfTimeError, ProgramError
    from gradtutor.audit.report import GradientRow, Place, Report
    from gradtutor.audit.sandbox.process import Results, run_function

__all__ = [
    "GradientRow",
    "OutOfTimeError",
    "Place",
    "ProgramError",
    "Report",
    "Results",
    "audit_function",
    "run_function",
]

_PLACES = {
    "audit_function": "functions",
    "OutOfTimeError": "program.source",
    "ProgramError": "program.source",
    "GradientRow": "report",
    "Place": "report",
    "Report": "report",
    "Results": "sandbox.process",
    "run_function": "sandbox.process",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
