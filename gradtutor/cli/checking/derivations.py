"""What check prints of a derivation on paper."""

from __future__ import annotations

import re

from gradtutor.cli.checking.audit_text import derivation_text
from gradtutor.cli.checking.auditing import EXIT, say_readings
from gradtutor.cli.checking.options import CheckOptions
from gradtutor.cli.session import Session, say_reading

EQUATION = re.compile(r"[\n;].*=|=.*[\n;]|[d∂'′].*=|⇒|\\frac")


def is_derivation(text: str) -> bool:
    """Whether a text claims a derivative: ``df/dx = ...``, ``f'(x) = ...``, ``f_x``."""
    if not EQUATION.search(text):
        return False  # cheap, without imports
    from gradtutor.audit.paper.text import is_derivation as claims

    return claims(text)


def audit_derivation(run: Session, text: str, options: CheckOptions) -> int:
    """Audit a derivation and print a line for each of its lines."""
    from gradtutor.audit.paper.derivation import audit_derivation as audit
    from gradtutor.audit.paper.text import read_derivation
    from gradtutor.evaluate.point import read_points

    point = read_points(options.at) if options.at else {}
    report = audit(text, run.seed or 0, options.timeout, point)
    derivation = read_derivation(text, point)
    parts = [part.text.strip() for line in derivation.lines for part in line.parts]
    say_readings(parts, derivation.tensors(" ".join(parts)))
    say_reading({"text": "", "notes": report.notes})
    run.result(report.to_json(), derivation_text(report))
    return EXIT[report.ok]
