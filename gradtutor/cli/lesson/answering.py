"""lesson next, answer, hint, solution: one question at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.arguments import ExpressionCommand, read_file, read_text
from gradtutor.cli.lesson.lesson_state import Classroom, classroom, lesson_options
from gradtutor.cli.lesson.showing import markdown, question_result
from gradtutor.cli.session import DONE, FAILED, INVALID, UNDECIDED, USAGE, fail

if TYPE_CHECKING:
    from gradtutor.course.content.model import Question
    from gradtutor.course.kinds import Verdict
    from gradtutor.course.shown.asking import Shown

EXIT = {"correct": DONE, "wrong": FAILED, "invalid": INVALID, "undecided": UNDECIDED}
MARKS = {"correct": "✓", "wrong": "✗", "invalid": "!", "undecided": "?"}
COLOURS = {
    "correct": "green",
    "wrong": "red",
    "invalid": "yellow",
    "undecided": "yellow",
}
ROW = 8  # marks of blanks in a line


# ---- next ----


@click.command("next")
@click.option("--skip", is_flag=True, help="Put the question that is due aside.")
@lesson_options
@click.pass_context
def next_question(context: click.Context, /, skip: bool, **_options: Any) -> int:
    """Show the question that is due; after the last, name the next lesson."""
    room = classroom(context)
    lesson = room.lesson(None)
    due = room.due(lesson)
    if skip and due is not None:
        room.record("skip", lesson.name, question=due)
        room.run.say(room.say("skipped", question=f"{lesson.name}/{due}"))
        due = room.due(lesson)
    if due is not None:
        shown = room.shown(lesson)
        room.run.result(*question_result(room, shown, shown.question(due)))
        return DONE
    room.run.result(*_after(room, lesson.name))
    return DONE


def _after(room: Classroom, name: str) -> tuple[dict[str, Any], str]:
    """Say that a lesson is done, and name the next one that is not."""
    from gradtutor.cli.lesson.showing import lesson_row

    names = room.course.names
    place = names.index(name) + 1 if name in names else 0
    for other in [*names[place:], *names[:place]]:
        row = lesson_row(room, other)
        if row["state"] == "ready" and row["done"] < row["questions"]:
            title = room.say("next-lesson", title=row["title"])
            command = room.command("start", other)
            text = f"{room.say('lesson-done')}\n{title}\n  {command}"
            return {"lesson": name, "done": True, "next": other}, text
    return {"lesson": name, "done": True, "next": None}, room.say("course-done")


# ---- answer ----


@click.command(cls=ExpressionCommand)
@click.argument("question")
@click.argument("answers", nargs=-1, metavar="[ANSWER]...")
@click.option(
    "--file", "path", type=click.Path(path_type=Path), help="Holds the answer."
)
@lesson_options
@click.pass_context
def answer(
    context: click.Context,
    /,
    question: str,
    answers: tuple[str, ...],
    path: Path | None,
    **_options: Any,
) -> int:
    """Answer QUESTION: gates/2, or 2 in the lesson you are in.

    ANSWER is an expression, a number, letters, name=number for each blank, or for code
    the file (by default your copy of the starter); - reads standard input.
    """
    room = classroom(context)
    shown, asked = room.find(question)
    given = _given(room, shown, asked, answers, path)
    verdict = room.grade(shown, asked, given)
    data, text = verdict_result(room, shown, asked, given, verdict)
    if verdict.status == "invalid":
        fail(text, INVALID, kind="unreadable-answer", data=data)
    room.run.result(data, text)
    return EXIT[verdict.status]


def _given(
    room: Classroom,
    shown: Shown,
    question: Question,
    answers: tuple[str, ...],
    path: Path | None,
) -> list[str]:
    """Return the words of an answer, from the command line, a file or a pipe."""
    if question.kind == "code":
        own = room.code_path(shown.lesson.name, question)
        return [str(path or (answers[0] if answers else own))]
    if path is not None:
        text = read_file(path)
    elif answers == ("-",):
        text = read_text("-")
    elif answers:
        return list(answers)
    else:
        command = room.command("answer", shown.answer_words(question))
        fail(f"{room.say('nothing')}: {command}", USAGE)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    one = question.kind in ("expression", "number")
    return ["\n".join(lines)] if one else lines


def verdict_result(
    room: Classroom,
    shown: Shown,
    question: Question,
    given: list[str],
    verdict: Verdict,
) -> tuple[dict[str, Any], str]:
    """Return a verdict as JSON and as text."""
    from gradtutor.course.learner.telling import told

    texts = told(shown, question, verdict)
    place = f"{shown.lesson.name}/{question.number}"
    data = {
        "lesson": shown.lesson.name,
        "question": question.id,
        "answer": given,
        "verdict": verdict.status,
        "mistakes": list(verdict.mistakes) if verdict.status != "correct" else [],
        "feedback": texts,
        "parts": dict(verdict.parts),
        "method": verdict.method,
        "status": room.state(shown.lesson.name).question(question.id).status,
    }
    if verdict.status == "invalid":
        return data, "\n".join([f"{room.say('invalid')}{texts[0]}", *texts[1:]])
    mark = f"{MARKS[verdict.status]} {room.say(verdict.status)}"
    lines = [click.style(mark, fg=COLOURS[verdict.status], bold=True)]
    parts = (f"{mark_of(ok)} {name}" for name, ok in verdict.parts.items())
    lines += ["  ".join(row) for row in batched(parts, ROW)]
    lines += ["", *[f"{markdown(text)}\n" for text in texts]]
    if verdict.status == "correct":
        lines.append(room.say("next", command=room.command("next")))
    elif data["status"] == "right":
        lines.append(room.say("stays-right"))
    else:
        lines.append(room.say("hint-left", command=room.command("hint", place)))
    return data, "\n".join(lines)


def batched(items: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    """Yield items so many at a time."""
    rest = iter(items)
    while row := tuple(islice(rest, size)):
        yield row


def mark_of(ok: bool) -> str:
    """Return the sign of right or wrong, in its colour on a terminal."""
    return click.style("✓", fg="green") if ok else click.style("✗", fg="red")


# ---- hint, solution ----


@click.command()
@click.argument("question", required=False)
@lesson_options
@click.pass_context
def hint(context: click.Context, /, question: str | None, **_options: Any) -> int:
    """Give the next of three hints on QUESTION, by default the one that is due."""
    room = classroom(context)
    shown, asked = room.find(question)
    room.run.result(*hint_result(room, shown, asked))
    return DONE


def hint_result(
    room: Classroom, shown: Shown, asked: Question
) -> tuple[dict[str, Any], str]:
    """Record that the next hint was taken; return it as JSON and as text."""
    from gradtutor.course.content.model import HINTS

    room.begin(shown)
    hints = shown.words(asked).hints
    before = room.state(shown.lesson.name).question(asked.id).hints
    tier = min(before + 1, HINTS)
    room.record("hint", shown.lesson.name, question=asked.id, tier=tier)
    text = shown.filled(hints[tier - 1])
    place = f"{shown.lesson.name}/{asked.number}"
    lines = [
        f"{room.say('hint', tier=tier, tiers=HINTS)} · {place}",
        "",
        markdown(text),
    ]
    if tier == HINTS:
        command = room.command("solution", place)
        lines += ["", room.say("no-more-hints", command=command)]
    data = {"lesson": shown.lesson.name, "question": asked.id, "tier": tier}
    return {**data, "tiers": HINTS, "text": text}, "\n".join(lines)


@click.command()
@click.argument("question", required=False)
@lesson_options
@click.pass_context
def solution(context: click.Context, /, question: str | None, **_options: Any) -> int:
    """Show the worked solution of QUESTION; an open question then counts as shown."""
    room = classroom(context)
    shown, asked = room.find(question)
    room.run.result(*solution_result(room, shown, asked))
    return DONE


def solution_result(
    room: Classroom, shown: Shown, asked: Question
) -> tuple[dict[str, Any], str]:
    """Record that the solution was shown; return it as JSON and as text."""
    from gradtutor.course.shown.solution import solution_text

    room.begin(shown)
    text = solution_text(shown, asked)
    room.record("solution", shown.lesson.name, question=asked.id)
    head = f"{room.say('solution')} · {shown.lesson.name}/{asked.number}"
    data = {"lesson": shown.lesson.name, "question": asked.id, "text": text}
    return data, f"{head}\n\n{markdown(text)}"
