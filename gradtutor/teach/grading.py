"""Grade submissions: each answer by its grader, in processes that may be ended."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import asdict, replace
from multiprocessing import get_context
from pathlib import Path

from gradtutor.course.content.model import Question
from gradtutor.course.kinds import Verdict, grade
from gradtutor.course.kinds.answer_text import PickError
from gradtutor.course.kinds.graders.blanks import fill_blanks
from gradtutor.course.kinds.graders.circuits import circuit
from gradtutor.course.learner.telling import told
from gradtutor.course.library.courses import read_course
from gradtutor.course.shown.asking import Shown
from gradtutor.messages import tr
from gradtutor.teach.sheets import Given, read_given
from gradtutor.teach.spec import Exercise
from gradtutor.teach.words import say
from gradtutor.teach.work import Row, Task
from gradtutor.train.datasets.catalog import MissingPackageError

#: No answer's grading takes longer, seconds; a child of its own has less.
PATIENCE = 60.0
MAX_ANSWER = 20_000  # letters


def graded(folder: Path, lessons: Path | None, task: Task) -> Row:
    """Grade one answer; whatever it holds, there is a row."""
    given = _given(folder, lessons)
    exercise = given.sheet.exercises[task.exercise - 1]
    shown = exercise.shown(task.variant, given.language)
    question = shown.question(exercise.question)
    try:
        verdict = _verdict(shown, question, task)
    except Exception as error:  # one bad answer never ends the class's grading
        message = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        said = say(given.language, "fault", message=message)
        return _row(task, exercise, 0, "fault", "", said)
    share = _share(verdict)
    said = _sentence(shown, question, verdict)
    named = [one for one in verdict.mistakes if one not in _own_options(exercise)]
    mistake = named[0] if named and verdict.status != "correct" else ""
    return _row(task, exercise, share * exercise.points, verdict.status, mistake, said)


def _row(task: Task, exercise: Exercise, points: float, *rest: str) -> Row:
    rounded = round(points, 2)
    return Row(task.student, task.name, task.exercise, rounded, exercise.points, *rest)


_READ: dict[tuple[Path, Path | None], Given] = {}


def _given(folder: Path, lessons: Path | None) -> Given:
    """Read the sheets once in a process."""
    place = (folder, lessons)
    if place not in _READ:
        _READ[place] = read_given(folder, read_course(lessons))
    return _READ[place]


def _verdict(shown: Shown, question: Question, task: Task) -> Verdict:
    if len(task.answer) > MAX_ANSWER:
        raise ValueError(tr("an answer of {count} letters", count=len(task.answer)))
    if not task.is_code:
        answer = " ".join(task.answer.split())
        if question.kind == "circuit":
            return _circuit(question, answer)
        texts = shown.choice_texts(question)
        return grade(question, [answer], shown.choices(question), texts=texts)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / str(question.fields["file"])
        path.write_text(task.answer, encoding="utf-8")
        return grade(question, [str(path)], folder=shown.lesson.folder)


def _circuit(question: Question, answer: str) -> Verdict:
    """Grade a circuit; a blank that was left open is wrong, and costs no other."""
    try:
        fill_blanks([answer], circuit(question)[2])
    except PickError as error:
        if error.key != "blanks-missing":
            return grade(question, [answer])
        missing = [str(label) for label in error.values["blanks"]]
        verdict = grade(question, [answer, *(f"{label}=nan" for label in missing)])
        parts = {**verdict.parts, **dict.fromkeys(missing, False)}
        return replace(verdict, status="wrong", parts=parts)
    return grade(question, [answer])


def _own_options(exercise: Exercise) -> Sequence[str]:
    """Return the names of options that only their texts tell apart."""
    fields = exercise.lessons[0].questions[0].fields
    return fields.get("options", ()) if exercise.is_own else ()


def _share(verdict: Verdict) -> float:
    """Return which part of the points an answer is worth."""
    if verdict.status == "correct":
        return 1.0
    if verdict.parts:
        return sum(verdict.parts.values()) / len(verdict.parts)
    return 0.0


def _sentence(shown: Shown, question: Question, verdict: Verdict) -> str:
    """Return the first sentence of what the verdict is told with."""
    if verdict.status == "correct":
        return say(shown.language, "right")
    texts = [text for text in told(shown, question, verdict) if text.strip()]
    if not texts:
        return say(shown.language, "not-right")
    first = texts[0]
    if verdict.status == "invalid":  # the place in the answer is on the lines below
        first = first.splitlines()[0]
    plain = re.sub(r"[*`]", "", " ".join(first.split()))
    match = re.match(r".+?[.!?。！？](?=\s|$)", plain)
    return match[0] if match else plain


# ---- the class ----


def grade_class(
    folder: Path,
    lessons: Path | None,
    work: Sequence[Task],
    log: Path,
    *,
    processes: int,
    each: Callable[[], object] = lambda: None,
) -> dict[str, Row]:
    """Grade every task that the log has not, several at once.

    Parameters
    ----------
    log : Path
        A line of JSON for each graded answer, appended at once: a grading that was
        ended goes on from there.
    each : callable
        Called after each answer.

    Returns
    -------
    dict
        The row of each task's key.

    Raises
    ------
    MissingPackageError
        When pebble is not installed.
    """
    done = read_log(log)
    open_tasks = [one for one in work if one.key not in done]
    if not open_tasks:
        return done
    try:
        from pebble import ProcessPool
    except ImportError:
        raise MissingPackageError(
            tr("grading needs pebble: pip install 'gradtutor[teach]'")
        ) from None
    with (
        ProcessPool(processes, max_tasks=200, context=get_context("spawn")) as pool,
        log.open("a") as file,
    ):
        futures = [
            (one, pool.schedule(graded, args=(folder, lessons, one), timeout=PATIENCE))
            for one in open_tasks
        ]
        try:
            for task, future in futures:
                row = _result(folder, lessons, task, future)
                done[task.key] = row
                file.write(json.dumps({"key": task.key, **asdict(row)}) + "\n")
                file.flush()
                each()
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]
            raise
    return done


def _result(folder: Path, lessons: Path | None, task: Task, future: Future[Row]) -> Row:
    """Return a task's row, which says so where its process died or took too long."""
    from pebble import ProcessExpired

    given = _given(folder, lessons)
    exercise = given.sheet.exercises[task.exercise - 1]
    try:
        return future.result()
    except TimeoutError:
        said = say(given.language, "too-long", seconds=PATIENCE)
        return _row(task, exercise, 0, "undecided", "", said)
    except ProcessExpired as error:
        said = say(given.language, "fault", message=str(error))
        return _row(task, exercise, 0, "fault", "", said)


def read_log(path: Path) -> dict[str, Row]:
    """Return what was graded before; a torn last line loses only itself."""
    rows: dict[str, Row] = {}
    if not path.is_file():
        return rows
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            data = json.loads(line)
            rows[data.pop("key")] = Row(**data)
        except (ValueError, KeyError, TypeError):
            continue
    return rows
