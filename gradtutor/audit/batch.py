"""Audit many files: a line for each file and function, equal mistakes grouped."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gradtutor.audit.functions import audit_pair, everything
from gradtutor.audit.program.pairs import Pair, pairs, with_forward
from gradtutor.audit.program.source import (
    OutOfTimeError,
    Program,
    ProgramError,
    read_program,
)
from gradtutor.audit.request import FORWARD, Request
from gradtutor.messages import tr

COLUMNS = ("file", "function", "verdict", "line", "text", "misconception", "reason")
WORDS = {True: "right", False: "wrong", None: "undecided"}


@dataclass(frozen=True)
class Entry:
    """What was found about one function of one file.

    Attributes
    ----------
    verdict : str
        ``right``, ``wrong``, ``undecided``, ``missing`` (asked for by the solution, and
        not there), ``error`` (it does not run).
    """

    file: str
    function: str
    verdict: str
    line: int = 0
    text: str = ""
    misconception: str = ""
    reason: str = ""


def audit_files(
    paths: Sequence[str], request: Request, against: str | None = None
) -> Iterator[Entry]:
    """Audit every pair of functions in every file.

    Parameters
    ----------
    against : str, optional
        A solution: its functions are looked for in each file, and what a file lacks is
        told.

    Raises
    ------
    ProgramError
        When the solution cannot be read.
    """
    wanted = (
        [pair.title for pair in everything(read_program(against))] if against else []
    )
    for path in paths:
        try:
            program = read_program(path)
        except ProgramError as error:
            yield Entry(path, "", "error", error.line or 0, "", "", _short(str(error)))
            continue
        yield from _of_file(program, request, wanted)


def _of_file(
    program: Program, request: Request, wanted: Sequence[str]
) -> Iterator[Entry]:
    found = {pair.title: pair for pair in _pairs(program, request.forward)}
    if not found and not wanted:
        yield Entry(
            program.path, "", "missing", reason=tr("nothing to check was found")
        )
    for title in wanted or found:
        if title in found:
            yield _entry(program, found[title], request)
        else:
            yield Entry(program.path, title, "missing")


def _pairs(program: Program, forward: str) -> list[Pair]:
    """Return what can be checked; nothing where a file has no such forward."""
    try:
        return with_forward(program, forward) if forward != FORWARD else pairs(program)
    except ProgramError:
        return []


def _entry(program: Program, pair: Pair, request: Request) -> Entry:
    try:
        report = audit_pair(program, pair, request)
    except OutOfTimeError as error:
        return Entry(program.path, pair.title, "undecided", reason=_short(str(error)))
    except ProgramError as error:
        line = error.line or 0
        label = error.misconception
        text = program.line(line)
        said = _short(str(error))
        return Entry(program.path, pair.title, "error", line, text, label, said)
    place = report.place
    return Entry(
        program.path,
        pair.title,
        WORDS[report.ok],
        place.line if place else 0,
        place.text if place else "",
        report.misconception,
        report.reason,
    )


def _short(text: str) -> str:
    return text.partition("\n")[0]


def write_csv(entries: Iterable[Entry], path: str | Path) -> None:
    """Write one row an entry; a cell that begins like a formula is quoted."""
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for entry in entries:
            shown = replace(entry, text=_harmless(entry.text))
            writer.writerow([getattr(shown, column) or "" for column in COLUMNS])


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking a person's line for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def groups(entries: Iterable[Entry]) -> list[tuple[str, str, int]]:
    """Count equal mistakes: function, misconception, how many; frequent ones first."""
    counts = Counter(
        (e.function, e.misconception or tr("no label"))
        for e in entries
        if e.verdict == "wrong"
    )
    return [(f, label, count) for (f, label), count in counts.most_common()]
