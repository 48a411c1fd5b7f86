"""Code questions: graded by what the function does, in a child process.

The function is called with seeded arguments; its values, or its gradients, are compared
with those of our own graph. Its text is never looked at.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradtutor.audit import (
    OutOfTimeError,
    ProgramError,
    Results,
    audit_function,
    run_function,
)
from gradtutor.audit.program.source import excerpt, read_program
from gradtutor.course.content.model import Mutant, Question
from gradtutor.course.kinds.graders.expected import Expected, argument, expected
from gradtutor.course.kinds.verdict import Note, Verdict, invalid, wrong
from gradtutor.evaluate.values import Array

TOLERANCE = 1e-6
TIMEOUT = 10.0  # seconds
SEEDS = (11, 12)  # so that no branch is right by luck
UPSTREAM = "upstream"
SEED_NAME = (
    "upstream_"  # of our own formula, where a name of the learner's may be taken
)


# ---- grading ----


def grade_code(
    question: Question, path: Path, folder: Path | None = None, *, explain: bool = True
) -> Verdict:
    """Grade a learner's file.

    Parameters
    ----------
    path : Path
        The learner's file.
    folder : Path, optional
        The lesson's, whose mutants are known mistakes.
    explain : bool
        Whether a wrong answer is compared with mutants and audited.
    """
    for seed in SEEDS:
        wanted = expected(question, seed)
        try:
            found = run_function(
                path, question.fields["function"], wanted.arguments, timeout=TIMEOUT
            )
        except OutOfTimeError as error:
            return Verdict("undecided", notes=tuple(_late(error, path)))
        except ProgramError as error:
            return invalid("program", message=str(error))
        tolerance = question.fields.get("tolerance", TOLERANCE)
        notes = tuple(differences(question, wanted, found, tolerance))
        if notes:
            if not explain:
                return wrong(notes=notes)
            return _explained(question, path, folder, wanted, found, notes)
    return Verdict("correct")


def _late(error: OutOfTimeError, path: Path) -> Iterator[Note]:
    """Say that the code did not end, and where it was."""
    yield Note("late", {"seconds": TIMEOUT})
    if error.line:
        text = excerpt(read_program(path).text, error.line).strip()
        yield Note("late-line", {"line": error.line, "text": text})


def differences(
    question: Question, wanted: Expected, found: Results, tolerance: float
) -> Iterator[Note]:
    """Say how the returned values differ from the right ones."""
    if len(found.values) != len(wanted.values):
        counts = {"given": len(found.values), "wanted": len(wanted.values)}
        yield Note("returned", {"function": question.fields["function"], **counts})
        return
    for name, mine, right in zip(
        wanted.names, found.values, wanted.values, strict=True
    ):
        if mine.shape != right.shape:
            yield Note(
                "shape-of", {"name": name, "given": mine.shape, "wanted": right.shape}
            )
        elif not _close(mine, right, tolerance):
            yield _element(name, mine, right)
        elif mine.dtype == np.bool_:
            yield Note("truth-of", {"name": name})
    if found.mutated:
        yield Note("mutated", {"names": found.mutated})


def _close(mine: Any, right: Array, tolerance: float) -> bool:
    """Whether arrays agree, relative to the largest number in them."""
    mine = np.asarray(mine, dtype=np.float64)
    if not (np.isfinite(mine).all() and np.isfinite(right).all()):
        return bool(np.array_equal(mine, right, equal_nan=True))
    scale = max(float(np.max(np.abs(right), initial=0.0)), 1e-12)
    return bool((np.abs(mine - right) <= tolerance * scale).all())


def _element(name: str, mine: Array, right: Array) -> Note:
    """Name the element that is most wrong."""
    with np.errstate(all="ignore"):
        off = np.nan_to_num(np.abs(mine - right), nan=np.inf)
    index = np.unravel_index(int(np.argmax(off)), right.shape)
    place = f"[{', '.join(str(int(i)) for i in index)}]" if right.shape else ""
    values = {"given": float(mine[index]), "wanted": float(right[index])}
    lost = np.isfinite(right[index]) and not np.isfinite(mine[index])
    key = "not-a-number" if lost else "element-of"
    return Note(key, {"name": name + place, **values})


# ---- what was probably thought ----


def _explained(
    question: Question,
    path: Path,
    folder: Path | None,
    wanted: Expected,
    found: Results,
    notes: tuple[Note, ...],
) -> Verdict:
    for mutant in question.mutants if folder else ():
        if folder and _same_as(mutant, question, folder, wanted, found):
            return wrong(mutant.name, notes=notes[:1])
    if question.fields["check"] == "gradient" and not found.mutated:
        return _audited(question, path, notes)
    return wrong(notes=notes[:2])


def _same_as(
    mutant: Mutant, question: Question, folder: Path, wanted: Expected, found: Results
) -> bool:
    """Whether a solution with a known mistake returns the very same numbers."""
    with tempfile.TemporaryDirectory() as place:
        path = write_mutant(mutant, question, folder, Path(place))
        try:
            other = run_function(path, question.fields["function"], wanted.arguments)
        except ProgramError:
            return False
    return len(other.values) == len(found.values) and all(
        one.shape == two.shape and _close(one, np.asarray(two), TOLERANCE)
        for one, two in zip(found.values, other.values, strict=True)
    )


def write_mutant(mutant: Mutant, question: Question, folder: Path, place: Path) -> Path:
    """Write the solution with a mutant's replacement; return the file."""
    name = str(question.fields["file"])
    text = (folder / "solution" / name).read_text(encoding="utf-8")
    path = place / name
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    return path


def _audited(question: Question, path: Path, notes: tuple[Note, ...]) -> Verdict:
    """Ask the audit for the wrong line and the misconception."""
    fields = question.fields
    given: dict[str, Any] = {}
    for name, how in fields["arguments"].items():
        plain = "shape" in how and len(how) == 1
        drawn = how["shape"] if plain else argument(np.random.default_rng(11), how)
        given[name] = drawn
    try:
        report = audit_function(
            path,
            fields["function"],
            given,
            fields["forward"],
            returns=fields["returns"],
        )
    except ProgramError:
        return wrong(notes=notes[:2])
    lines: tuple[Note, ...] = ()
    if report.place:
        lines = (Note("line", {"line": report.place.line, "text": report.place.text}),)
    reason = (Note("audit", {"reason": report.reason}),) if report.reason else ()
    pages: Sequence[str] = [report.misconception] if report.misconception else []
    return wrong(*pages, notes=(*notes[:1], *lines, *reason))
