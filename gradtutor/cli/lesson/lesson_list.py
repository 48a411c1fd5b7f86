"""lesson start, status, reset, check-all, watch: progress and the learner's files."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.lesson.answering import mark_of, verdict_result
from gradtutor.cli.lesson.lesson_state import Classroom, classroom, lesson_options
from gradtutor.cli.lesson.showing import lesson_result, lesson_row
from gradtutor.cli.session import DONE, FAILED, USAGE, fail

if TYPE_CHECKING:
    from gradtutor.course.content.model import Lesson, Question
    from gradtutor.course.shown.asking import Shown


# ---- start ----


@click.command()
@click.argument("name", metavar="LESSON")
@click.option("--variant", type=click.IntRange(min=1), help="Which set of numbers.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="For your files. [default: gradtutor-lessons/LESSON]",
)
@lesson_options
@click.pass_context
def start(
    context: click.Context,
    /,
    name: str,
    variant: int | None,
    folder: Path | None,
    **_options: Any,
) -> int:
    """Start LESSON: draw its numbers, write its files and pictures, show it.

    Any lesson can be started at any time; one that was started is taken up again.
    """
    from gradtutor.course.learner.workspace import FOLDER, write_files

    room = classroom(context)
    lesson = room.lesson(name)
    state = room.state(lesson.name)
    chosen = _variant(room, lesson, variant)
    place = folder or (
        Path(state.folder) if state.folder else Path(FOLDER) / lesson.name
    )
    place = place.resolve()
    if state.variant is not None:
        room.run.say(room.say("already"))
    room.record("start", lesson.name, variant=chosen, folder=str(place))
    written = write_files(room.shown(lesson), place)
    for path in written.kept:
        room.run.say(room.say("kept", path=path))
    if written.files or written.kept or written.pictures:
        room.run.say(room.say("files", folder=place))
    data, text = lesson_result(room, lesson)
    data |= {"folder": str(place), "files": [str(one) for one in written.files]}
    data |= {"kept": [str(one) for one in written.kept]}
    data |= {"pictures": [str(one) for one in written.pictures]}
    room.run.result(data, text)
    return DONE


def _variant(room: Classroom, lesson: Lesson, wanted: int | None) -> int:
    """Return the variant: the one it was started with, the one asked for, or any."""
    from gradtutor.course.content.variants import variants

    count, given = variants(lesson), room.state(lesson.name).variant
    if wanted is not None and wanted > count:
        fail(room.say("no-variant", lesson=lesson.name, variants=count), USAGE)
    if given is not None:
        if wanted not in (None, given + 1):
            values = {"lesson": lesson.name, "variant": given + 1}
            fail(room.say("variant-kept", **values), USAGE)
        return given
    return wanted - 1 if wanted else random.Random(room.run.seed).randrange(count)


# ---- status, reset ----


@click.command()
@lesson_options
@click.pass_context
def status(context: click.Context, /, **_options: Any) -> int:
    """Say how far you are."""
    room = classroom(context)
    rows = [lesson_row(room, name) for name in room.course.names]
    ready = [row for row in rows if row["state"] == "ready"]
    started = [row for row in ready if row["started"]]
    lines = []
    for row in started:
        state = room.state(row["name"])
        questions = [one.id for one in room.lesson(row["name"]).questions]
        row["detail"] = [{"id": one, **vars(state.question(one))} for one in questions]
        signs = "".join(SIGNS[state.question(one).status] for one in questions)
        done = room.say("progress", right=row["right"], count=row["questions"])
        lines.append(f"{row['name']:<20}{done:>8}  {signs}")
    right = sum(row["right"] for row in ready)
    count = sum(row["questions"] for row in ready)
    total = room.say("progress", right=right, count=count)
    lines = [*lines, f"{'':<20}{total:>8}"] if lines else [room.say("nothing-started")]
    legend = "  ".join(
        f"{sign} {room.say('status ' + name)}" for name, sign in SIGNS.items()
    )
    data = {"lessons": rows, "right": right, "questions": count}
    room.run.result(data, "\n".join([*lines, "", legend] if started else lines))
    return DONE


SIGNS = {"right": "✓", "shown": "≈", "skipped": "→", "open": "·"}


@click.command()
@click.argument("name", required=False, metavar="[LESSON]")
@click.option("--all", "every", is_flag=True, help="Every lesson that was started.")
@lesson_options
@click.pass_context
def reset(
    context: click.Context, /, name: str | None, every: bool, **_options: Any
) -> int:
    """Begin LESSON anew; a file that you changed is kept beside its starter as .bak."""
    from gradtutor.course.learner.workspace import restore_starters

    room = classroom(context)
    if not name and not every:
        fail(room.say("name-one"), USAGE)
    names = room.started() if every else [room.lesson(name).name]
    rows = []
    for one in names:
        folder = room.state(one).folder
        backups = []
        if folder:
            backups = restore_starters(room.lesson(one), Path(folder)).backups
        room.record("reset", one)
        for path, backup in backups:
            room.run.say(room.say("backed-up", path=path, backup=backup))
        kept = [str(backup) for _, backup in backups]
        rows.append({"lesson": one, "backups": kept})
    text = "\n".join(room.say("reset-lesson", lesson=one) for one in names)
    room.run.result({"reset": rows}, text or room.say("nothing-started"))
    return DONE


# ---- check-all, watch ----


@click.command("check-all")
@lesson_options
@click.pass_context
def check_all(context: click.Context, /, **_options: Any) -> int:
    """Grade every answer and every code file again."""
    room = classroom(context)
    rows = []
    for name in room.started():
        lesson = room.lesson(name)
        shown = room.shown(lesson)
        for question in lesson.questions:
            given = _last_answer(room, shown, question)
            if given:
                asked = shown.question(question.id)
                verdict = room.grade(
                    shown, asked, given, record=question.kind == "code"
                )
                rows.append((f"{name}/{question.number}", question.id, verdict.status))
    if not rows:
        room.run.result({"checked": []}, room.say("nothing-answered"))
        return DONE
    right = sum(row[2] == "correct" for row in rows)
    lines = [f"{mark_of(s == 'correct')} {place:<24} {name}" for place, name, s in rows]
    lines.append(room.say("checked", right=right, count=len(rows)))
    keys = ("place", "question", "verdict")
    data = {"checked": [dict(zip(keys, row, strict=True)) for row in rows]}
    room.run.result({**data, "right": right, "count": len(rows)}, "\n".join(lines))
    return DONE if right == len(rows) else FAILED


def _last_answer(room: Classroom, shown: Shown, question: Question) -> list[str]:
    """Return what was answered last; of a code question, the file as it is now."""
    if question.kind != "code":
        return list(room.state(shown.lesson.name).question(question.id).answer)
    path = room.code_path(shown.lesson.name, question)
    starter = shown.lesson.folder / "starter" / question.fields["file"]
    changed = path.is_file() and path.read_bytes() != starter.read_bytes()
    return [str(path)] if changed else []


@click.command()
@click.argument("name", required=False, metavar="[LESSON]")
@click.option("--once", is_flag=True, help="End after the first check.")
@lesson_options
@click.pass_context
def watch(
    context: click.Context, /, name: str | None, once: bool, **_options: Any
) -> int:
    """Check the code of LESSON each time that you save it, until Ctrl-C."""
    room = classroom(context)
    lesson = room.lesson(name)
    asked = {
        room.code_path(lesson.name, one): one
        for one in lesson.questions
        if one.kind == "code"
    }
    if not asked:
        fail(room.say("no-code", lesson=lesson.name), USAGE)
    for path in asked:
        if not path.is_file():
            fail(room.say("no-file", path=path, lesson=lesson.name), USAGE)
    files = ", ".join(str(path) for path in asked)
    room.run.say(room.say("watching", files=files))
    for path in room.saves(list(asked)):
        shown = room.shown(lesson)
        question = shown.question(asked[path].id)
        given = [str(path)]
        verdict = room.grade(shown, question, given)
        room.run.result(*verdict_result(room, shown, question, given, verdict))
        if once:
            return DONE if verdict.status == "correct" else FAILED
    return DONE
