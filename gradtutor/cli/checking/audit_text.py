"""An audit as a person reads it: rows, the first wrong line, why, what mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradtutor.cli.checking.rows import head, row_text
from gradtutor.messages import language, tr

if TYPE_CHECKING:
    from gradtutor.audit.paper.records import DerivationReport
    from gradtutor.audit.program.source import Program
    from gradtutor.audit.report import GradientRow, Report


def report_text(program: Program, report: Report) -> str:
    """Write a report for a person."""
    lines = (
        [head(tr("gradient"), tr("yours")), *map(_row, report.gradients)]
        if report.gradients
        else []
    )
    if report.place:
        where = f"{program.path}, {program.where(report.place.line)}"
        first = (
            tr("see {where}", where=where)
            if report.ok
            else tr("first wrong line: {where}", where=where)
        )
        lines += ["", first, f"  {report.place.text}"]
    lines += _why(report)
    lines += _mended(program, report)
    if report.ok:
        lines.append(tr("(right at {count} random points)", count=report.points))
    return "\n".join(lines)


def _mended(program: Program, report: Report) -> list[str]:
    """Say which lines make every gradient right, and what is wrong with the others."""
    from gradtutor.audit import misconceptions

    if not report.fixes:
        return []
    several = len(report.fixes) > 1
    lines = [
        tr("with these lines every gradient is right:")
        if several
        else tr("with this line every gradient is right:")
    ]
    for fix in report.fixes:
        why = ""
        if several and fix.misconception:
            why = f"  ({misconceptions.page(fix.misconception, language()).title})"
        lines.append(f"  {program.where(fix.line)}: {fix.new}{why}")
    return lines


def _row(row: GradientRow) -> str:
    return row_text(
        row.element,
        row.theirs,
        row.numeric,
        row.relative_error,
        ok=row.ok,
        note=row.note,
    )


def _why(report: Report | DerivationReport) -> list[str]:
    """Return the reason, the misconception's title and where its page is."""
    from gradtutor.audit import misconceptions

    lines = [report.reason] if report.reason else []
    if report.misconception:
        page = misconceptions.page(report.misconception, language())
        lines.insert(0, tr("likely: {title}", title=page.title))
        lines.append(f"gradtutor explain {report.misconception}")
    if report.others:
        names = ", ".join(report.others)
        lines.append(tr("(the same numbers come from: {names})", names=names))
    return lines


def derivation_text(report: DerivationReport) -> str:
    """Write a derivation with a verdict a line."""
    width = min(48, max(len(line.text) for line in report.lines))
    lines = []
    for line in report.lines:
        word = {True: tr("ok"), False: tr("WRONG"), None: ""}[line.ok]
        word += tr(", proved") if line.proved else ""
        lines.append(f"{line.line:>3}  {line.text:<{width}}  {word}".rstrip())
    if report.place:
        wrong = next(line for line in report.lines if line.line == report.place.line)
        lines += [
            "",
            tr("first wrong line: line {line}", line=report.place.line),
            f"  {report.place.text}",
        ]
        if wrong.expected and len(wrong.expected) < 200:
            claim = f"{report.place.name} = {wrong.expected}"
            lines.append(tr("right is: {claim}", claim=claim))
        if wrong.condition:
            said = tr(
                "right where {condition}, which no line says", condition=wrong.condition
            )
            lines.append(said)
    lines += _why(report)
    if report.ok:
        lines.append(_right_at(report))
    return "\n".join(lines)


def _right_at(report: DerivationReport) -> str:
    """Say where the lines that are judged are right."""
    given = [line.given for line in report.lines if line.ok]
    if any(given) and all(given):
        return tr("(right at the point given)")
    if any(given):
        return tr(
            "(right at {count} random points, plain numbers at the point given)",
            count=report.points,
        )
    return tr("(right at {count} random points)", count=report.points)
