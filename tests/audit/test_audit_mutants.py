"""The audit by mutation: every mistake gets its name, no right solution is accused."""

from __future__ import annotations

import ast
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from audit_here import in_this_process
from audit_mutants import EDITS, FUNCTIONS, MUTANTS, PLACE, SOLUTIONS, Mutant, names
from audit_styles import FRESHLY, LATER, PLANTED

from gradtutor.audit import ProgramError, audit_function, misconceptions

CORRECT = SOLUTIONS.parent / "correct"
RESULTS = SOLUTIONS.parent / "results.json"
#: What a solution's arguments are, where its file does not say.
ARGUMENTS = {"layer_class": {"x": (4, 3), "W": (3, 2), "b": (2,)}}
METHODS = FUNCTIONS | {"layer_class": "Linear"}

#: A second name for an upstream gradient that is written into, and read again.
ALSO_RIGHT = {(PLACE, "overwritten-cache")}
#: All 243 mutants take two minutes; by default every twentieth.
ALL = bool(os.environ.get("GRADTUTOR_ALL_MUTANTS"))
CHOSEN = [m for i, m in enumerate(MUTANTS) if ALL or i % 20 == 0]


def audited(path: Path):
    name = path.stem
    return audit_function(path, METHODS.get(name, "backward"), ARGUMENTS.get(name))


def outcome(mutant: Mutant, folder: Path) -> tuple[str, int]:
    """Return the label and the line that the audit names."""
    path = folder / f"{mutant.solution}.py"
    path.write_text(mutant.text, encoding="utf-8")
    try:
        report = audited(path)
    except ProgramError as error:  # a product that does not fit
        return error.misconception, error.line or 0
    in_place = mutant.label == PLACE and report.misconception == PLACE
    assert report.ok is False or in_place, mutant  # of the upstream gradient: a note
    return report.misconception, report.place.line if report.place else 0


def test_no_right_solution_is_accused():
    paths = [*sorted(SOLUTIONS.glob("*.py")), *sorted(CORRECT.glob("*.py"))]
    assert len(paths) >= 20
    with in_this_process():
        reports = list(map(audited, paths))
    wrong = {p.stem: r for p, r in zip(paths, reports, strict=True) if r.ok is not True}
    assert not wrong


def test_every_mutant_gets_its_label_and_line(tmp_path, request):
    folders = [tmp_path / str(i) for i in range(len(CHOSEN))]
    for folder in folders:
        folder.mkdir()
    with in_this_process():
        found = list(map(outcome, CHOSEN, folders))
    pairs = list(zip(CHOSEN, found, strict=True))
    labels = [
        f"{m.solution}: {m.new!r} is {m.label}, the audit says {label or 'nothing'}"
        for m, (label, _) in pairs
        if label != m.label and (m.label, label) not in ALSO_RIGHT
    ]
    lines = [
        f"{m.solution}: {m.new!r} is on line {m.line}, the audit says {line}"
        for m, (_, line) in pairs
        if line not in lines_at_fault(m)
    ]
    if ALL and request.config.getoption("--rewrite"):
        RESULTS.write_text(
            json.dumps(results(pairs), indent=1) + "\n", encoding="utf-8"
        )
    assert not labels + lines


def results(pairs) -> dict[str, dict[str, list[int]]]:
    """Count mutants, right labels and exactly named lines, by label and solution."""
    table: dict[str, dict[str, list[int]]] = {}
    for mutant, (label, line) in pairs:
        row = table.setdefault(mutant.label, {})
        counts = row.setdefault(mutant.solution, [0, 0, 0])
        counts[0] += 1
        counts[1] += label == mutant.label
        counts[2] += line == mutant.line
    return table


def test_the_table_of_the_documents_is_of_these_mutants():
    written = json.loads(RESULTS.read_text(encoding="utf-8"))
    now = results([(mutant, (mutant.label, mutant.line)) for mutant in MUTANTS])
    assert {
        (label, solution): counts[:2]
        for label, row in written.items()
        for solution, counts in row.items()
    } == {
        (label, solution): counts[:2]
        for label, row in now.items()
        for solution, counts in row.items()
    }


def lines_at_fault(mutant: Mutant) -> set[int]:
    """Return the lines that may be named: the edit's, or those that it acts through.

    A deleted line has no number: the line that computed the value last is named. What
    is no gradient (a mask, an error term) shows in the next line that reads it.
    """
    lines = mutant.text.splitlines()
    added = mutant.new.count("\n")
    found = set(range(mutant.line, mutant.line + added + 1))
    removed = "".join(mutant.old.split()) and not mutant.new.strip().startswith(
        mutant.old.split("=")[0].strip()
    )
    if removed:
        found.add(mutant.line - 1)
    written = {lines[i - 1].split("=")[0].strip(" +-*/") for i in found} - {""}
    for number, line in enumerate(lines[mutant.line :], mutant.line + 1):
        if written & _reads(line) and number not in found:
            return found | {number}
    return found


def _reads(line: str) -> set[str]:
    try:
        tree = ast.parse(line.strip())
    except SyntaxError:
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_the_mutants_reach_enough():
    per_label = Counter(label for edits in EDITS.values() for label, _, _ in edits)
    assert set(EDITS) == set(names())
    elsewhere = {planted.label for planted in (*PLANTED, *LATER, *FRESHLY)}
    assert set(per_label) | elsewhere == set(misconceptions.names())
    assert min(len(edits) for edits in EDITS.values()) >= 10


@pytest.mark.parametrize("seed", [1, 2])
def test_other_points_give_the_same_verdict(tmp_path, seed):
    mutant = next(
        m for m in MUTANTS if m.solution == "mlp" and m.label == "wrong-branch"
    )
    path = tmp_path / "mlp.py"
    path.write_text(mutant.text, encoding="utf-8")
    assert audit_function(path, seed=seed).misconception == "wrong-branch"
    assert audit_function(SOLUTIONS / "mlp.py", seed=seed).ok is True
