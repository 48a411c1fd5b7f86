"""Misconceptions that show in what the gradient is of: shared weights, rotations."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import Any

from gradtutor.audit.diagnosis.rules.flow import SOME_ARRIVE
from gradtutor.audit.program import naming
from gradtutor.audit.program.naming import DATA
from gradtutor.audit.program.shapes import WEIGHT
from gradtutor.audit.report import Report
from gradtutor.audit.task import Task
from gradtutor.messages import Message, key

PENALTY = re.compile(rf"\b({naming.PENALTY})\b")
#: A division by how many examples there are.
COUNT = re.compile(r" / (m|N|n|len\(\w+\)|\w+\.shape\[\d\]|\w+\.size)\b")
#: A penalty's term: a number or two, the strength, what it holds down.
DECAY = re.compile(
    rf" \+ (\d[.\d]* \* )?\(?({naming.PENALTY})"
    r"\)?( / \w+)?( \* \d[.\d]*)? \* [\w.\[\]\"']+"
)
GAIN, NORMED = r"\b(gamma|scale|gain|weight|g|w)\b", r"\w*(hat|norm\w*|xn|x_n)\b"
SCALED = re.compile(rf".*{GAIN} \* .*")
SCALES = re.compile(rf".*{NORMED} \* {GAIN}")


def refined(task: Task, report: Report) -> Report:
    """Return a report with a narrower misconception, where one fits."""
    label = _narrower(task, report)
    return replace(report, misconception=label) if label else report


def _narrower(task: Task, report: Report) -> str:
    if label := _by_fix(report):
        return label
    match report.misconception:
        case "forgotten-path":
            used = key(report.said) == SOME_ARRIVE
            name = _values(report).get("name", "") if used else ""
            if name not in task.plan.differentiable or DATA.fullmatch(name):
                return ""
            line = report.place.text if report.place else ""
            if PENALTY.search(task.program.text) and not PENALTY.search(line):
                return "weight-decay"
            return "weight-tying" if WEIGHT.fullmatch(name) else ""
        case "sign":
            line = report.place.text if report.place else ""
            return "rotation-sign" if _turns(task.program.text, line) else ""
        case "dropped-inner-derivative" | "own-operand":
            return "affine-left-out" if _scales(report) else ""
    return ""


def _by_fix(report: Report) -> str:
    """Return what one line's difference from the right line says by itself."""
    if len(report.fixes) != 1:
        return ""
    old, new = report.fixes[0].old, report.fixes[0].new
    if report.misconception == "upstream-left-out":
        fewer = len(COUNT.findall(old)) < len(COUNT.findall(new))
        same = _bare(COUNT.sub("", old)) == _bare(COUNT.sub("", new))
        return "mean-forgotten" if fewer and same else ""
    if report.misconception in ("", "power-rule"):
        added = DECAY.search(new) and not DECAY.search(old)
        decays = added and old == DECAY.sub("", new)
        return "weight-decay" if decays else ""
    return ""


def _bare(text: str) -> str:
    return re.sub(r"[()]", "", text)


def _values(report: Report) -> dict[str, Any]:
    """Return what fills the sentence that says what was done."""
    return report.said.values if isinstance(report.said, Message) else {}


def _scales(report: Report) -> bool:
    """Whether the derivative is that of a normalised value times its gain."""
    m, n = (_values(report).get(one, "") for one in "mn")
    by_normed = SCALED.fullmatch(m) and re.match(NORMED, n)
    return bool(by_normed or SCALES.fullmatch(m))


def _turns(text: str, line: str) -> bool:
    """Whether a line reads a cosine and a sine that the file computes."""
    found: dict[str, set[str]] = {"cos": set(), "sin": set()}
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Assign([ast.Tuple(names)], ast.Tuple(values)):
                pairs = list(zip(names, values, strict=False))
            case ast.Assign([ast.Name() as one], value):
                pairs = [(one, value)]
            case _:
                continue
        for name, value in pairs:
            for kind in found:
                if f"{kind}(" in ast.unparse(value):
                    found[kind].add(ast.unparse(name))
    read = set(re.findall(r"\w+", line))
    return all(read & names or kind in read for kind, names in found.items())
