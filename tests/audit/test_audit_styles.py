"""Gradients in the styles of courses and frameworks: accepted, mistakes named."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest
from audit_here import in_this_process
from audit_styles import FRESHLY, LATER, PLANTED, STYLES, Planted
from click.testing import CliRunner

from gradtutor.audit.functions import audit_pair, everything
from gradtutor.audit.program.source import ProgramError, read_program
from gradtutor.audit.request import Request
from gradtutor.cli import main
from gradtutor.cli.checking.asked import code_of

RESULTS = STYLES.parent / "styles.json"
FILES = sorted(path.name for path in STYLES.iterdir())
#: All mistakes take some minutes; by default every fortieth.
ALL = bool(os.environ.get("GRADTUTOR_ALL_MUTANTS"))
CHOSEN = [one for i, one in enumerate(PLANTED) if ALL or i % 40 == 0]


@pytest.mark.sampled(12)
@pytest.mark.parametrize("name", FILES)
def test_a_right_solution_is_accepted_as_it_stands(name):
    program = read_program(STYLES / name)
    found = everything(program)
    with in_this_process():
        reports = {p.title: audit_pair(program, p, Request({})) for p in found}
    wrong = {title: r for title, r in reports.items() if r.ok is not True}
    assert not wrong


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_any_style_is_asked_for_its_own_gradient(name):
    path = str(STYLES / name)
    assert code_of(path) == (path, "")


def outcome(planted: Planted, folder: Path) -> tuple[bool | None, str, int]:
    """Return the verdict, the label and the line that the audit gives."""
    path = folder / planted.file
    path.write_text(planted.text, encoding="utf-8")
    program = read_program(path)
    cls = planted.pair.split(".")[0]
    engine = planted.file == "micrograd.py"
    last: tuple[bool | None, str, int] = (None, "", 0)
    for pair in everything(program):
        if pair.title != planted.pair and not (engine and pair.group == cls):
            continue
        try:
            report = audit_pair(program, pair, Request({}))
        except ProgramError as error:  # a product that does not fit
            return False, error.misconception, error.line or 0
        last = report.ok, report.misconception, report.place.line if report.place else 0
        if report.ok is False:
            return last
    return last


def allowed(count: int) -> float:
    """Return how many of so many may miss: 15 %, and of a sample what chance adds.

    That is 1.64 standard deviations of a binomial: one sample in twenty has more.
    """
    mean = 0.15 * count
    return mean if ALL else mean + 1.64 * math.sqrt(0.85 * mean)


def test_planted_mistakes_are_found_and_named(tmp_path, request):
    with in_this_process():
        found = [(one, outcome(one, tmp_path)) for one in CHOSEN]
    verdicts = [one for one, (ok, _, _) in found if ok is not False]
    labels = [(one, label) for one, (_, label, _) in found if label != one.label]
    lines = [(one, line) for one, (_, _, line) in found if line not in one.lines]
    if ALL and request.config.getoption("--rewrite"):
        text = json.dumps(results(found), indent=1) + "\n"
        RESULTS.write_text(text, encoding="utf-8")
    assert not verdicts
    assert len(labels) <= allowed(len(found)), labels
    assert len(lines) <= allowed(len(found)), lines


@pytest.mark.skipif(not ALL, reason="a campaign: GRADTUTOR_ALL_MUTANTS=1")
def test_mistakes_in_further_files_are_found_and_named(tmp_path):
    with in_this_process():
        found = [(one, outcome(one, tmp_path)) for one in LATER]
    assert [one for one, (ok, _, _) in found if ok is not False] == []
    labels = [(one, label) for one, (_, label, _) in found if label != one.label]
    lines = [(one, line) for one, (_, _, line) in found if line not in one.lines]
    assert len(labels) <= allowed(len(found)), labels
    assert len(lines) <= allowed(len(found)), lines


@pytest.mark.sampled(4)
@pytest.mark.parametrize("planted", FRESHLY[:: 1 if ALL else 3], ids=lambda p: p.label)
def test_mistakes_of_each_newer_kind_are_named(planted, tmp_path):
    with in_this_process():
        ok, label, line = outcome(planted, tmp_path)
    assert (ok, label) == (False, planted.label)
    assert line in planted.lines


def results(found) -> dict[str, list[int]]:
    """Count by style: mistakes, right verdicts, right labels, right lines."""
    table: dict[str, list[int]] = {}
    for one, (ok, label, line) in found:
        counts = table.setdefault(one.style, [0, 0, 0, 0])
        right = (True, ok is False, label == one.label, line in one.lines)
        for place, value in enumerate(right):
            counts[place] += value
    return table


def test_the_table_of_the_documents_counts_these_mistakes():
    written = json.loads(RESULTS.read_text(encoding="utf-8"))
    wanted = results([(one, (False, one.label, one.line)) for one in PLANTED])
    assert {s: c[0] for s, c in written.items()} == {s: c[0] for s, c in wanted.items()}
    assert len(written) >= 11


def test_an_autograd_function_is_no_network(tmp_path):
    path = tmp_path / "torch_function.py"
    path.write_text((STYLES / path.name).read_text(encoding="utf-8"), encoding="utf-8")
    with in_this_process():
        result = CliRunner().invoke(main, ["check", f"{path}:MyReLU"])
    assert (result.exit_code, "input[" in result.stdout) == (0, True)
