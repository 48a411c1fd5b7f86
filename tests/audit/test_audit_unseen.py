"""Mistakes in files that the rules had not seen: verdicts, labels, lines, both lines.

All take some minutes of the processor: GRADTUTOR_ALL_MUTANTS=1.
"""

from __future__ import annotations

import os

import pytest
from audit_here import in_this_process
from audit_unseen import Unseen
from audit_unseen_a import FIRST
from audit_unseen_b import SECOND
from audit_unseen_c import THIRD

from gradtutor.audit.functions import audit_pair, everything
from gradtutor.audit.program.source import ProgramError, read_program
from gradtutor.audit.report import Report
from gradtutor.audit.request import Request

ALL = bool(os.environ.get("GRADTUTOR_ALL_MUTANTS"))
QUICK = {"cs231n_staged.py", "norms_other.py", "layer_classes.py", "torch_more.py"}
UNSEEN = [*FIRST, *SECOND, *THIRD]
CHOSEN = UNSEEN if ALL else [one for one in FIRST if one.file in QUICK][::7]


def found_in(one: Unseen, folder) -> tuple[Report | None, str, int]:
    """Return the report, or None where the code fails; the label and the line."""
    path = folder / one.file
    path.write_text(one.text, encoding="utf-8")
    program = read_program(path)
    report: Report | None = None
    with in_this_process():
        for pair in everything(program):
            if one.pair and one.pair not in (pair.title, pair.group):
                continue
            try:
                report = audit_pair(program, pair, Request({}))
            except ProgramError as error:  # a product that does not fit
                return None, error.misconception, error.line or 0
            if report.ok is False:
                break
    assert report is not None
    line = report.place.line if report.place else 0
    return report, report.misconception, line


@pytest.mark.parametrize("one", CHOSEN, ids=str)
def test_a_mistake_in_a_new_file_is_named(one, tmp_path):
    report, label, line = found_in(one, tmp_path)
    assert label in one.labels.split()
    assert line in one.lines[0]
    mended = {fix.line for fix in report.fixes} if report else set()
    assert len(one.edits) == 1 or all(mended & lines for lines in one.lines)
