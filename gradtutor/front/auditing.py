"""``gt.audit``: is a gradient of one's own right, and if not, where and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradtutor.audit.functions import audit_pair, everything
from gradtutor.audit.paper.derivation import audit_derivation
from gradtutor.audit.paper.records import DerivationReport
from gradtutor.audit.program.source import Program, read_program
from gradtutor.audit.report import GradientRow, Place, Report
from gradtutor.audit.request import Request
from gradtutor.audit.tasks import requested
from gradtutor.cli.checking.audit_text import derivation_text, report_text
from gradtutor.cli.checking.derivations import is_derivation
from gradtutor.errors import TutorError
from gradtutor.front.errors import in_words
from gradtutor.front.functions.source import around, program_of
from gradtutor.messages import tr

CELL = "your cell"
#: A function, a class with both, a file, or the text of a derivation.
Audited = Callable[..., Any] | type | str | Path


class AuditError(TutorError):
    """Nothing that could be audited."""


@dataclass(frozen=True)
class Audit:
    """What an audit found; a cell shows it as the command line prints it.

    Attributes
    ----------
    reports : tuple
        One for each pair of functions, or the one of a derivation.
    """

    reports: tuple[Report | DerivationReport, ...]
    text: str = field(repr=False)

    @property
    def report(self) -> Report | DerivationReport:
        """The first report that is not right, else the first."""
        return next((one for one in self.reports if not one.ok), self.reports[0])

    @property
    def ok(self) -> bool | None:
        """True: right at every point. None: undecided, ``reason`` says why."""
        return self.report.ok

    @property
    def misconception(self) -> str:
        """The likely mistake: ``gt.explain`` has its page. Or empty."""
        return self.report.misconception

    @property
    def reason(self) -> str:
        """What the numbers are instead of what."""
        return self.report.reason

    @property
    def place(self) -> Place | None:
        """The first wrong line."""
        return self.report.place

    @property
    def gradients(self) -> tuple[GradientRow, ...]:
        """The rows of gradients; of a derivation there are none."""
        return getattr(self.report, "gradients", ())

    def __repr__(self) -> str:
        """Return the report."""
        return self.text


@in_words
def audit(
    function: Audited,
    forward: Callable[..., Any] | None = None,
    *,
    shapes: Mapping[str, Any] | None = None,
    formula: str = "",
    returns: Sequence[str] = (),
    seed: int = 0,
    timeout: float = 10.0,
) -> Audit:
    """Compare a gradient of one's own with finite differences; name the mistake.

    The code runs in a child process with limits on time and memory.

    Parameters
    ----------
    function : callable, class, str or Path
        ``backward``, with ``forward`` beside it; a class with both; ``"layer.py"`` or
        ``"layer.py:backward"``; or the text of a derivation, ``df/dx = ...``.
    forward : callable, optional
        What is differentiated; by default the function ``forward`` of the same place.
    shapes : mapping, optional
        The shape or the value of each argument, ``{"x": (3, 4), "y": "3:0..2"}``.
    formula : str, optional
        What is differentiated, in gradtutor's language, instead of ``forward``.

    Raises
    ------
    gradtutor.TutorError
        When there is nothing to audit, or the code fails: with the line.
    """
    name = forward.__name__ if forward else "forward"
    request = Request(shapes or {}, formula, name, returns, seed, timeout)
    if isinstance(function, str | Path):
        return _audit_text(str(function), request)
    beside = [forward or around(function, name)]
    things = [function, *[one for one in beside if one is not None]]
    program = read_program(CELL, program_of(*things))
    return _audit_program(program, function.__name__, request)


def _audit_text(text: str, request: Request) -> Audit:
    """Audit a file, a function of a file, or a derivation."""
    if is_derivation(text):
        found = audit_derivation(text, request.seed, request.timeout, {})
        notes = [f"({note})" for note in found.notes]
        return Audit((found,), "\n".join([*notes, derivation_text(found)]))
    path, _, function = text.partition(":")
    if not Path(path).is_file():
        raise AuditError(
            tr(
                "{text!r} is no file and no derivation: give a function, a file, or "
                "lines such as df/dx = 2*x",
                text=path,
            )
        )
    return _audit_program(read_program(path), function, request)


def _audit_program(program: Program, function: str, request: Request) -> Audit:
    pairs = requested(program, function, request) if function else ()
    reports = [
        audit_pair(program, pair, request)
        for pair in pairs or everything(program, request.forward)
    ]
    texts = [report_text(program, report) for report in reports]
    return Audit(tuple(reports), "\n\n".join(texts))
