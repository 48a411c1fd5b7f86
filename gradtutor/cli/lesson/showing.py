"""lesson list, show, next: what there is to read and to answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.lesson.lesson_state import Classroom, classroom, lesson_options
from gradtutor.cli.session import DONE

if TYPE_CHECKING:
    from gradtutor.course.content.model import Lesson, Question
    from gradtutor.course.shown.asking import Shown


TITLE = 42  # columns of a title in the list


def on_terminal() -> bool:
    """Whether a person looks at standard output."""
    return sys.stdout.isatty()


# ---- list ----


@click.command("list")
@lesson_options
@click.pass_context
def list_lessons(context: click.Context, /, **_options: Any) -> int:
    """List the lessons, and how far you are in each."""
    room = classroom(context)
    parts = []
    lines = [room.course.titles[room.language], ""]
    number = 0
    for part in room.course.parts:
        rows = []
        lines.append(part.titles[room.language])
        for name in part.lessons:
            number += 1
            rows.append({"number": number, **lesson_row(room, name)})
            lines.append(_list_line(room, rows[-1]))
        lines.append("")
        parts.append({"title": part.titles[room.language], "lessons": rows})
    title = room.course.titles[room.language]
    room.run.result({"title": title, "parts": parts}, "\n".join(lines).rstrip())
    return DONE


def lesson_row(room: Classroom, name: str) -> dict[str, Any]:
    """Return a lesson's title, and how many of its questions are done."""
    from gradtutor.course.content.problems import ContentError
    from gradtutor.course.library.courses import cached_lesson

    row: dict[str, Any] = {"name": name, "title": None, "questions": 0, "minutes": None}
    row |= {"right": 0, "done": 0, "started": False, "state": "not-written"}
    folder = room.course.folder / name
    if not (folder / "lesson.toml").is_file():
        return row
    try:
        lesson = cached_lesson(folder)
    except ContentError:
        return {**row, "state": "broken"}
    state = room.state(name)
    statuses = [state.question(one.id).status for one in lesson.questions]
    return {
        **row,
        "title": lesson.titles[room.language],
        "minutes": lesson.minutes,
        "questions": len(statuses),
        "right": statuses.count("right"),
        "done": len(statuses) - statuses.count("open") - statuses.count("skipped"),
        "started": state.variant is not None,
        "state": "ready",
    }


def _list_line(room: Classroom, row: dict[str, Any]) -> str:
    from rich.cells import cell_len, set_cell_size

    head = f"{row['number']:>3} {row['name']:<17}"
    if row["state"] != "ready":
        return f"{head} ({room.say(row['state'])})"
    title = row["title"]
    if cell_len(title) > TITLE:
        title = set_cell_size(title, TITLE - 1).rstrip() + "…"
    title = set_cell_size(title, TITLE)
    minutes = room.say("minutes", minutes=row["minutes"])
    done = room.say("progress", right=row["right"], count=row["questions"])
    shown = done if row["started"] else ""
    return f"{head} {title} {minutes:>6}  {shown}".rstrip()


# ---- show ----


@click.command()
@click.argument("name", required=False, metavar="[LESSON[/QUESTION]]")
@lesson_options
@click.pass_context
def show(context: click.Context, /, name: str | None, **_options: Any) -> int:
    """Show a lesson, or one question: gates, gates/2, or /2 in the lesson you are in.

    A lesson that is not started is shown with its first numbers.
    """
    room = classroom(context)
    if name and "/" in name:
        shown, question = room.find(name)
        room.run.result(*question_result(room, shown, question))
        return DONE
    lesson = room.lesson(name)
    room.run.result(*lesson_result(room, lesson))
    return DONE


def lesson_result(room: Classroom, lesson: Lesson) -> tuple[dict[str, Any], str]:
    """Return a whole lesson as JSON and as text."""
    shown = room.shown(lesson)
    parts = [markdown(f"# {lesson.text(room.language).title}")]
    questions = []
    for kind, body in shown.pieces():
        if kind == "text":
            parts.append(markdown(body))
        elif kind == "picture":
            parts.append(_picture(room, shown, body))
        else:
            data, text = question_result(room, shown, shown.question(body))
            questions.append(data)
            parts.append(text)
    prose = "\n\n".join(body for kind, body in shown.pieces() if kind == "text")
    head = {
        "lesson": lesson.name,
        "title": lesson.titles[room.language],
        "language": room.language,
        "variant": shown.variant,
        "parameters": dict(shown.numbers),
        "text": prose,
        "questions": questions,
    }
    return head, "\n\n".join(parts)


def markdown(text: str) -> str:
    """Return Markdown as it is printed here."""
    from gradtutor.course.shown.lesson_terminal import markdown_text

    return markdown_text(text, styled=on_terminal()).strip("\n")


def _picture(room: Classroom, shown: Shown, name: str) -> str:
    from pathlib import Path

    from gradtutor.course.figures.lesson_drawing import picture_text

    if room.run.json:
        return ""
    drawn = picture_text(shown.picture(name), styled=on_terminal()).strip("\n")
    folder = room.state(shown.lesson.name).folder
    path = Path(folder) / f"{name}.svg"
    if folder and path.is_file():
        return f"{drawn}\n{room.say('picture-at', path=path)}"
    command = room.command("start", shown.lesson.name)
    return f"{drawn}\n{room.say('picture-start', command=command)}"


def question_result(
    room: Classroom, shown: Shown, question: Question
) -> tuple[dict[str, Any], str]:
    """Return a question as JSON and as text."""
    state = room.state(shown.lesson.name).question(question.id)
    body = shown.body(question)
    data = {
        "lesson": shown.lesson.name,
        "question": question.id,
        "number": question.number,
        "kind": question.kind,
        "status": state.status,
        "tries": state.tries,
        "text": body,
        "choices": shown.choices(question),
        "command": room.command("answer", shown.answer_words(question)),
    }
    head = room.say(
        "question", number=question.number, count=len(shown.lesson.questions)
    )
    status = (
        "" if state.status == "open" else f" · {room.say('status ' + state.status)}"
    )
    rule = f"── {head} · {question.id}{status} "
    lines = [
        rule + "─" * max(0, 60 - len(rule)),
        markdown(body),
        "",
        f"  {room.say('to-answer')}{data['command']}",
    ]
    return data, "\n".join(lines)
