"""Misconceptions that show in what the gradient is of: shared weights, rotations."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from gradtutor.audit.program.shapes import WEIGHT
from gradtutor.audit.report import Report
from gradtutor.audit.task import Task

USED = re.compile(r"(\w+) is used \d+ times, and \d+ of its")
PENALTY = re.compile(r"\b(reg\w*|lam|lamb?da?_?|lmbda|l2\w*|weight_decay|decay)\b")
SCALED = re.compile(
    r"derivative of .*\b(gamma|scale|gain|weight|g|w)\b \* .* by \w*(hat|norm\w*)\b"
    r"|derivative of .*\w*(hat|norm\w*)\b \* \b(gamma|scale|gain|weight|g|w)\b by"
)


def refined(task: Task, report: Report) -> Report:
    """Return a report with a narrower misconception, where one fits."""
    label = _narrower(task, report)
    return replace(report, misconception=label) if label else report


def _narrower(task: Task, report: Report) -> str:
    match report.misconception:
        case "forgotten-path":
            used = USED.search(report.reason)
            name = used[1] if used else ""
            if name not in task.plan.differentiable or not WEIGHT.fullmatch(name):
                return ""
            line = report.place.text if report.place else ""
            decays = PENALTY.search(task.program.text) and not PENALTY.search(line)
            return "weight-decay" if decays else "weight-tying"
        case "sign":
            line = report.place.text if report.place else ""
            return "rotation-sign" if _turns(task.program.text, line) else ""
        case "dropped-inner-derivative" | "own-operand":
            return "affine-left-out" if SCALED.search(report.reason) else ""
    return ""


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
