"""The audit of a hand-written gradient: is it right, and if not, where and why.

A person's Python runs in a child process with limits on time and memory; their gradient
is compared with finite differences of their own forward function, or of a formula.
"""

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
