"""Progress as a log of JSON lines, only ever appended; status follows from it.

>>> state([{"event": "start", "lesson": "gates", "variant": 3}], "gates").variant
3
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

VARIABLE = "GRADTUTOR_HOME"
LOG = "lessons.jsonl"

Event = Mapping[str, Any]


def home() -> Path:
    """Return the folder of the log: ``GRADTUTOR_HOME``, or the platform's place."""
    wanted = os.environ.get(VARIABLE)
    if wanted:
        return Path(wanted).expanduser()
    import platformdirs

    return platformdirs.user_state_path("gradtutor", appauthor=False)


def append(event: Event) -> None:
    """Append one event in one write, so that two programs cannot mix their lines.

    Raises
    ------
    OSError
        When the log cannot be written.
    """
    path = home() / LOG
    path.parent.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"time": now, **event}, ensure_ascii=False) + "\n"
    if _torn(path):
        line = "\n" + line
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    handle = os.open(path, flags, 0o600)
    try:
        content = line.encode()
        if os.write(handle, content) < len(content):  # the rest did not fit
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from None
    finally:
        os.close(handle)


def _torn(path: Path) -> bool:
    """Whether the last line has no end, as after a full disk or a power cut."""
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except (FileNotFoundError, OSError):
        return False


def events() -> list[Event]:
    """Read the log; lines that are no JSON objects, as a torn one, are passed over."""
    try:
        content = (home() / LOG).read_bytes()
    except FileNotFoundError:
        return []
    found: list[Event] = []
    for line in content.decode("utf-8", "replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and isinstance(event.get("event"), str):
            found.append(event)
    return found


# ---- what follows from the log ----


@dataclass
class QuestionState:
    """What a learner has done with a question.

    Attributes
    ----------
    status : str
        ``open``, ``right``, ``shown`` (its solution was asked for) or ``skipped``.
    """

    status: str = "open"
    tries: int = 0
    hints: int = 0
    answer: tuple[str, ...] = ()


@dataclass
class LessonState:
    """What a learner has done in a lesson.

    Attributes
    ----------
    variant : int or None
        None before it was started.
    folder : str
        Where the learner's files are.
    """

    variant: int | None = None
    folder: str = ""
    questions: dict[str, QuestionState] = field(default_factory=dict)

    def question(self, name: str) -> QuestionState:
        """Return the state of a question, fresh if there is none."""
        return self.questions.get(name, QuestionState())


def state(log: Iterable[Event], lesson: str, course: str = "") -> LessonState:
    """Return what the log says of one lesson."""
    found = LessonState()
    for event in log:
        if event.get("lesson") == lesson and event.get("course", "") == course:
            found = _apply(found, event)
    return found


def _apply(found: LessonState, event: Event) -> LessonState:
    kind = event["event"]
    if kind == "reset":
        return LessonState(folder=found.folder)
    if kind == "start":
        variant = event.get("variant")
        found.variant = variant if isinstance(variant, int) else 0
        found.folder = str(event.get("folder", ""))
    change = CHANGES.get(kind)
    if change:
        name = str(event.get("question"))
        question = found.questions.setdefault(name, QuestionState())
        change(question, event)
    return found


def _answered(question: QuestionState, event: Event) -> None:
    given, verdict = event.get("answer"), event.get("verdict")
    if verdict not in ("correct", "wrong", "undecided"):
        return  # what could not be read is not counted
    question.tries += 1
    lapsed = question.status == "right" and verdict != "correct"
    if lapsed and not event.get("code"):
        return  # the right answer stays; of code, the file as it is now counts
    question.answer = tuple(map(str, given)) if isinstance(given, list) else ()
    if verdict == "correct" and question.status != "shown":
        question.status = "right"
    elif lapsed or question.status == "skipped":
        question.status = "open"


def _hinted(question: QuestionState, event: Event) -> None:
    question.hints = max(question.hints, int(event.get("tier", 1)))


def _shown(question: QuestionState, _event: Event) -> None:
    if question.status != "right":
        question.status = "shown"


def _skipped(question: QuestionState, _event: Event) -> None:
    if question.status == "open":
        question.status = "skipped"


CHANGES = {
    "answer": _answered,
    "hint": _hinted,
    "solution": _shown,
    "skip": _skipped,
}


def current_lesson(log: Iterable[Event], course: str = "") -> str | None:
    """Return the lesson that was started or answered last."""
    last = None
    for event in log:
        if event.get("course", "") == course and event.get("lesson"):
            last = str(event["lesson"])
    return last


def remembered_language(log: Iterable[Event]) -> str | None:
    """Return the language that was chosen last."""
    last = None
    for event in log:
        if event["event"] == "language":
            last = str(event.get("language"))
    return last
