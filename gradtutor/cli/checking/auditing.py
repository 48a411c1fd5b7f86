"""What check prints of an audit of a person's code."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.checking.audit_text import report_text
from gradtutor.cli.checking.options import CheckOptions
from gradtutor.cli.session import (
    DONE,
    FAILED,
    INVALID,
    UNDECIDED,
    Session,
    fail,
    say_reading,
)
from gradtutor.messages import mark, tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gradtutor.audit.batch import Entry
    from gradtutor.audit.program.pairs import Pair
    from gradtutor.audit.program.source import Program, ProgramError
    from gradtutor.audit.report import Report
    from gradtutor.audit.request import Request

EXIT = {True: DONE, False: FAILED, None: UNDECIDED}
SHOWN_LINES = 5  # of what the code printed


def audit_code(run: Session, path: str, function: str, options: CheckOptions) -> int:
    """Audit what is named in a file, or all that can be found; print the reports."""
    from gradtutor.audit.functions import everything
    from gradtutor.audit.program.source import (
        OutOfTimeError,
        ProgramError,
        read_program,
    )
    from gradtutor.audit.program.unread import unread, unread_said
    from gradtutor.audit.tasks import requested

    request = _request(run, options)
    try:
        program = read_program(path)
        chosen = requested(program, function, request) if function else []
        found = chosen or everything(program, request.forward)
    except ProgramError as error:
        fail(str(error), INVALID, kind="program", line=error.line, hint=_hint(error))
    rest = [] if function else unread(program, [t for p in found for t in _names(p)])
    if rest:
        run.say(unread_said(program, rest))
    if len(found) == 1:
        try:
            title = function or found[0].title
            return _audit_one(run, program, found[0], title, request, options.output)
        except OutOfTimeError as error:
            fail(str(error), UNDECIDED)
        except ProgramError as error:
            fail(
                str(error), INVALID, kind="program", line=error.line, hint=_hint(error)
            )
    if options.output:
        names = ", ".join(pair.title for pair in found)
        raise click.UsageError(
            tr(
                "-o draws one gradient: name it, FILE.py:NAME; here are {names}",
                names=names,
            )
        )
    return _audit_all(run, program, found, request)


def _names(pair: Pair) -> tuple[str, str]:
    return pair.title, pair.group


def say_readings(texts: Iterable[str], shapes: Mapping[str, Any]) -> None:
    """Say how formulas were read, each reading once; what is none is refused later."""
    from gradtutor.language import SourceError
    from gradtutor.language.formula import parse_formula

    said = []
    for text in texts:
        try:
            reading = parse_formula(text, shapes).graph.get("reading")
        except SourceError:
            continue
        if reading not in said:
            said.append(reading)
            say_reading(reading)


def _request(run: Session, options: CheckOptions) -> Request:
    from gradtutor.audit.request import Request

    if options.formula:
        say_readings([options.formula], {})
    names = (options.returns or "").split(",")
    return Request(
        _arguments(options),
        options.formula or "",
        options.forward,
        [name.strip() for name in names if name],
        run.seed or 0,
        options.timeout,
    )


def _audit_one(
    run: Session,
    program: Program,
    pair: Pair,
    title: str,
    request: Request,
    output: str | None,
) -> int:
    from gradtutor.audit.functions import audit_pair

    report = audit_pair(program, pair, request)
    _show_printed(run, report)
    data = {"file": program.path, "function": title, **report.to_json()}
    text = report_text(program, report)
    if output:
        _draw(run, output, program, pair, request, report)
        data["picture"] = output
    run.result(data, text)
    return EXIT[report.ok]


def _draw(
    run: Session,
    output: str,
    program: Program,
    pair: Pair,
    request: Request,
    report: Report,
) -> None:
    """Write the picture of an audit; the audit's own result stands without it."""
    from gradtutor.cli.checking.audit_picture import write_audit

    text = report_text(program, report)
    for note in write_audit(Path(output), program, pair, request, report, text):
        run.say(note)


def _audit_all(
    run: Session, program: Program, found: Sequence[Pair], request: Request
) -> int:
    """Audit several; what cannot be run is told in its place."""
    data, texts, codes = [], [], []
    for number, pair in enumerate(found, 1):
        run.say(f"{number}/{len(found)} {pair.title}")
        one, text, code = _one_of_many(run, program, pair, request)
        data.append(one)
        texts.append(f"{pair.title}\n{text}")
        codes.append(code)
    wrong = codes.count(FAILED)
    rest = len(codes) - codes.count(DONE) - wrong
    counts = {"count": len(codes), "right": codes.count(DONE), "wrong": wrong}
    last = tr("{count} checked: {right} right, {wrong} wrong", **counts)
    if rest:
        last += tr(", {rest} not decided", rest=rest)
    texts.append(last)
    ok = False if wrong else True if not rest else None
    result = {"file": program.path, "ok": ok, "functions": data}
    run.result(result, "\n\n".join(texts))
    return next((c for c in (FAILED, INVALID, UNDECIDED) if c in codes), DONE)


def _one_of_many(
    run: Session, program: Program, pair: Pair, request: Request
) -> tuple[dict[str, Any], str, int]:
    from gradtutor.audit.functions import audit_pair
    from gradtutor.audit.program.source import OutOfTimeError, ProgramError

    try:
        report = audit_pair(program, pair, request)
    except ProgramError as error:
        code = UNDECIDED if isinstance(error, OutOfTimeError) else INVALID
        data = {"function": pair.title, "ok": None, "error": str(error)}
        data |= {"misconception": error.misconception} if error.misconception else {}
        return data, "\n".join(filter(None, [str(error), _hint(error)])), code
    _show_printed(run, report)
    data = {"function": pair.title, **report.to_json()}
    return data, report_text(program, report), EXIT[report.ok]


def audit_many(run: Session, paths: list[str], options: CheckOptions) -> int:
    """Audit many files; print a line for each function, and the mistakes by number."""
    from gradtutor.audit.batch import audit_files, groups, write_csv
    from gradtutor.audit.program.source import ProgramError

    entries = []
    try:
        for entry in audit_files(paths, _request(run, options), options.against):
            entries.append(entry)
            run.say(f"{entry.file} {entry.function}: {tr(WORDS[entry.verdict])}")
    except ProgramError as error:
        fail(str(error), INVALID, kind="program", line=error.line)
    if options.csv:
        write_csv(entries, options.csv)
    rows = [
        "  ".join([_at(e), e.function, tr(WORDS[e.verdict]), e.misconception])
        for e in entries
    ]
    counted = [
        tr("{count} x {label} in {name}", count=count, label=label, name=name)
        for name, label, count in groups(entries)
    ]
    text = "\n".join(
        [*(row.rstrip() for row in rows), *([""] if counted else []), *counted]
    )
    run.result({"entries": [asdict(entry) for entry in entries]}, text)
    verdicts = {entry.verdict for entry in entries}
    if verdicts & {"wrong", "error", "missing"}:
        return FAILED
    return UNDECIDED if "undecided" in verdicts else DONE


#: What can be said of a function, by the word of the data.
WORDS = {
    "right": mark("right"),
    "wrong": mark("wrong"),
    "undecided": mark("undecided"),
    "missing": mark("missing"),
    "error": mark("does not run"),
}


def _at(entry: Entry) -> str:
    return f"{entry.file}:{entry.line or '-'}"


def _hint(error: ProgramError) -> str:
    page = error.misconception
    likely = tr("likely: {page} (gradtutor explain {page})", page=page) * bool(page)
    return "\n".join(filter(None, [error.hint, likely]))


def _show_printed(run: Session, report: Report) -> None:
    if not report.printed:
        return
    lines = report.printed.splitlines()
    run.say("\n".join([tr("your code printed:"), *lines[:SHOWN_LINES]]))
    if len(lines) > SHOWN_LINES:
        run.say(tr("... and {count} more lines", count=len(lines) - SHOWN_LINES))


def _arguments(options: CheckOptions) -> dict[str, Any]:
    """Join shapes and values; values of labels are whole numbers."""
    from gradtutor.audit.program.arguments import read_shapes

    shapes: dict[str, Any] = {}
    for text in options.shapes:
        shapes |= read_shapes(text)
    if not options.at:
        return shapes
    from gradtutor.evaluate.point import read_points

    values: dict[str, Any] = dict(read_points(options.at))
    for name, value in values.items():
        if name in shapes and shapes[name].labels:
            values[name] = value.astype(int)
    return shapes | values
