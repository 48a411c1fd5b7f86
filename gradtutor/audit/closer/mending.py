"""Lines in place of theirs, found by running them: exact lines, and two mistakes."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gradtutor.audit.case import Case, partly_averaged
from gradtutor.audit.compare import rows
from gradtutor.audit.misconceptions import page
from gradtutor.audit.program.source import Program, ProgramError
from gradtutor.audit.report import Fix, Place, Report
from gradtutor.audit.task import Measured, Task
from gradtutor.messages import language, tr

#: What a line shows better than the numbers do.
MORE_EXACT = {
    ("forgotten-path", "overwritten-gradient"),
    ("dropped-inner-derivative", "dropout-scale"),
    ("dropped-inner-derivative", "attention-scale"),
    ("applied-twice", "dropout-scale"),
    ("mean-forgotten", "bias-not-summed"),
    ("bias-not-summed", "wrong-axis"),
    ("upstream-left-out", "another-variable"),
    ("power-rule", "reciprocal"),
    ("dropped-inner-derivative", "affine-left-out"),
    ("mean-forgotten", "attention-scale"),
    ("upstream-left-out", "constant-factor"),
    ("dropped-inner-derivative", "missing-target"),
}
#: What the numbers can be by chance where one factor stands for another.
BY_CHANCE = ("wrong-point", "another-variable")

#: What only a line can show.
FINER = {
    "aliased-arrays",
    "overwritten-cache",
    "repeated-rows",
    "integer-array",
    "truncated-dtype",
    "stride-ignored",
    "detached-path",
    "keepdims",
    "softmax-axis",
    "normalised-axis",
    "mean-twice",
    "truncated-time",
    "weight-decay",
    "wrong-mask",
    "padding-left",
    "kernel-flipped",
    "dropout-scale",
    "attention-scale",
    "affine-left-out",
}


def mended(task: Task, measured: Sequence[Measured], report: Report) -> Report:
    """Add the lines with which every gradient is right, and what they say.

    A line that mends all gradients is the wrong one: it decides where the diagnosis
    could only say where the mistake is first seen.
    """
    if report.misconception == "mutated-input" or task.plan.suspects:
        return report
    steps, whole = _repairs(task, measured, report)
    if not (whole and steps):
        return report
    fixes = tuple(
        sorted(
            (
                Fix(s["line"], s["old"], s["new"], s["label"], tuple(s["right"]))
                for s in steps
            ),
            key=lambda fix: fix.line,
        )
    )
    wrong = {row.name for row in report.gradients if row.ok is False}
    if len(fixes) > 1 and wrong <= set(report.explained):
        return report  # one mistake is known to give all the numbers
    first = fixes[0]
    name = report.place.name if report.place else ""
    place = Place(first.line, task.program.line(first.line), name)
    label = report.misconception or first.misconception
    tie = report.misconception == "constant-factor" and bool(first.misconception)
    tie |= (report.misconception, first.misconception) in MORE_EXACT
    averaged = first.misconception == "mean-twice" and task.plan.has_upstream
    tie |= first.misconception in FINER and not averaged
    tie |= report.unsure
    tie |= (report.misconception, first.misconception) == BY_CHANCE and all(
        step["factor"] for step in steps
    )
    if len(fixes) > 1 or not report.misconception or tie:
        label = first.misconception or report.misconception
    same = label == report.misconception
    others = tuple(other for other in report.others if other != label)
    reason = report.reason if same else _said(label, first)
    return replace(
        report,
        place=place,
        misconception=label,
        reason=reason,
        said=report.said if same else "",
        others=others,
        fixes=fixes,
    )


def _said(label: str, fix: Fix) -> str:
    """Say what a corrected line shows: the label's title, and the line."""
    if not label:
        return ""
    title = page(label, language()).title
    return tr(
        "{title}: on line {line}, {new} is due",
        title=title,
        new=fix.new,
        line=fix.line,
    )


def _repairs(
    task: Task, measured: Sequence[Measured], report: Report
) -> tuple[list[dict[str, Any]], bool]:
    """Look at smaller shapes first: there a run is quick."""
    line = report.place.line if report.place else 0
    trusted = [one for one in report.trusted if one != line]
    small = task.smaller()
    if small is not None:
        try:
            there: Sequence[Measured] = small.measure()[0]
        except ProgramError:
            there = []
        if there and set(there[0].theirs) == set(measured[0].theirs):
            there = _as_taught(small, there)
            steps, whole = small.repairs(there, _hint(report, trusted))
            vanished = whole and not steps  # with one channel, say
            if not vanished and (not whole or _holds(task, measured, steps)):
                return steps, whole
    wanted = _as_taught(task, measured)
    return task.repairs(wanted, _hint(report, trusted))


def _hint(report: Report, trusted: Sequence[int]) -> dict[str, Any]:
    """Return what the diagnosis has found: where, what, and what is right or wrong."""
    return {
        "line": report.place.line if report.place else 0,
        "label": report.misconception,
        "trusted": list(trusted),
        "named": report.named,
        "wrong": [line for line in report.mistaken if line not in trusted],
    }


def _holds(
    task: Task, measured: Sequence[Measured], steps: Sequence[dict[str, Any]]
) -> bool:
    """Whether lines that mend all gradients of small shapes do so of the larger ones.

    Of two features, ``1 - xhat**2`` is what is right of many.
    """
    program = with_lines(task.program, steps)
    try:
        there = replace(task, program=program).measure()[0]
    except ProgramError:
        return False
    wanted = _as_taught(task, measured)
    if len(there) != len(wanted):
        return False
    pairs = zip(there, wanted, strict=True)
    checked = [replace(one, numeric=right.numeric) for one, right in pairs]
    return all(row.ok is not False for row in rows(checked))


def with_lines(program: Program, steps: Sequence[dict[str, Any]]) -> Program:
    """Return a program with other statements in the place of some; no line moves."""
    lines = program.text.split("\n")
    for node in ast.walk(ast.parse(program.text)):
        if not isinstance(node, ast.stmt):
            continue
        old, end = ast.unparse(node).splitlines()[0], node.end_lineno or node.lineno
        for step in steps:
            if step["old"] == old and node.lineno <= step["line"] <= end:
                last = node.lineno if hasattr(node, "body") else end
                indent = lines[node.lineno - 1][: node.col_offset]
                blank = [""] * (last - node.lineno)
                lines[node.lineno - 1 : last] = [indent + step["new"], *blank]
    return replace(program, text="\n".join(lines))


def _as_taught(task: Task, measured: Sequence[Measured]) -> Sequence[Measured]:
    """Want averaged gradients where they are averaged, as taught."""
    return partly_averaged(Case(task, measured, rows(measured), "")).measured
