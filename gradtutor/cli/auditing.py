"""What check prints of an audit: of a person's code, or of a derivation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gradtutor.cli.session import DONE, FAILED, INVALID, UNDECIDED, Session, fail

if TYPE_CHECKING:
    from gradtutor.audit.paper.records import DerivationReport
    from gradtutor.audit.report import GradientRow, Report

EXIT = {True: DONE, False: FAILED, None: UNDECIDED}
SHOWN_LINES = 5  # of what the code printed
CLAIM = re.compile(r"^\s*[d∂]\w+ ?/ ?[d∂]\w+\s*=", re.MULTILINE)


def is_derivation(text: str) -> bool:
    """Whether a text has lines such as ``df/dx = ...``; cheap, without imports."""
    return bool(CLAIM.search(text.replace(";", "\n")))


# ---- code ----


def audit_code(run: Session, path: str, function: str, options: dict[str, Any]) -> int:
    """Audit a gradient function and print the report."""
    from gradtutor.audit import OutOfTimeError, ProgramError, audit_function

    try:
        report = audit_function(
            path,
            function,
            _arguments(options),
            options["formula"] or "",
            forward=options["forward"],
            returns=[
                name.strip() for name in (options["returns"] or "").split(",") if name
            ],
            seed=run.seed or 0,
            timeout=options["timeout"],
        )
    except OutOfTimeError as error:
        fail(str(error), UNDECIDED)
    except ProgramError as error:
        page = error.misconception
        likely = f"likely: {page} (gradtutor explain {page})" * bool(page)
        hint = "\n".join(filter(None, [error.hint, likely]))
        fail(str(error), INVALID, kind="program", line=error.line, hint=hint)
    if report.printed:
        lines = report.printed.splitlines()
        run.say("\n".join(["your code printed:", *lines[:SHOWN_LINES]]))
        if len(lines) > SHOWN_LINES:
            run.say(f"... and {len(lines) - SHOWN_LINES} more lines")
    data = {"file": path, "function": function, **report.to_json()}
    run.result(data, _report_text(path, report))
    return EXIT[report.ok]


def _arguments(options: dict[str, Any]) -> dict[str, Any]:
    """Join shapes and values; values of labels are whole numbers."""
    from gradtutor.audit.program.arguments import read_shapes

    shapes: dict[str, Any] = {}
    for text in options["shapes"]:
        shapes |= read_shapes(text)
    if not options["at"]:
        return shapes
    from gradtutor.evaluate.point import read_points

    values: dict[str, Any] = dict(read_points(options["at"]))
    for name, value in values.items():
        if name in shapes and shapes[name].labels:
            values[name] = value.astype(int)
    return shapes | values


def _report_text(path: str, report: Report) -> str:
    lines = [HEAD, *map(_row, report.gradients)] if report.gradients else []
    if report.place:
        lines += ["", f"first wrong line: {path}, line {report.place.line}"]
        lines += [f"  {report.place.text}"]
    lines += _why(report)
    if report.ok:
        lines.append(f"(right at {report.points} random points)")
    return "\n".join(lines)


HEAD = f"{'gradient':<12} {'yours':>14} {'numeric':>14} {'rel. error':>11}"


def _row(row: GradientRow) -> str:
    from gradtutor.evaluate.report import error_text

    word = "ok" if row.ok else "WRONG"
    note = f"  {row.note}" if row.note else ""
    error = error_text(row.relative_error)
    numbers = f"{row.theirs:>14.8g} {row.numeric:>14.8g} {error:>11}"
    return f"{row.element:<12} {numbers}  {word}{note}"


def _why(report: Report | DerivationReport) -> list[str]:
    """Return the reason, the misconception's title and where its page is."""
    from gradtutor.audit import misconceptions

    lines = [report.reason] if report.reason else []
    if report.misconception:
        page = misconceptions.page(report.misconception)
        lines.insert(0, f"likely: {page.title}")
        lines.append(f"gradtutor explain {report.misconception}")
    if report.others:
        lines.append(f"(the same numbers come from: {', '.join(report.others)})")
    return lines


# ---- a derivation ----


def audit_derivation(run: Session, text: str, options: dict[str, Any]) -> int:
    """Audit a derivation and print a line for each of its lines."""
    from gradtutor.audit.paper.derivation import audit_derivation as audit

    report = audit(text, run.seed or 0, options["timeout"])
    run.result(report.to_json(), _derivation_text(report))
    return EXIT[report.ok]


def _derivation_text(report: DerivationReport) -> str:
    width = min(48, max(len(line.text) for line in report.lines))
    lines = []
    for line in report.lines:
        word = {True: "ok", False: "WRONG", None: ""}[line.ok]
        word += ", proved" if line.proved else ""
        lines.append(f"{line.line:>3}  {line.text:<{width}}  {word}".rstrip())
    if report.place:
        wrong = next(line for line in report.lines if line.line == report.place.line)
        lines += [
            "",
            f"first wrong line: line {report.place.line}",
            f"  {report.place.text}",
        ]
        if wrong.expected and len(wrong.expected) < 200:
            lines.append(f"right is: {report.place.name} = {wrong.expected}")
    lines += _why(report)
    if report.ok:
        lines.append(f"(right at {report.points} random points)")
    return "\n".join(lines)
