"""The shell examples of a lesson: each runs, and prints what the text says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gradtutor.course.content.model import Lesson, Text
from gradtutor.course.content.problems import Problem
from gradtutor.course.content.variants import fill
from gradtutor.course.shown.asking import shown_lesson
from gradtutor.messages import tr

OPENING = re.compile(r"```console(?:\s+exit=(\d+))?\s*$")
PROMPT = "$ gradtutor "
#: Runs a command in a language; returns its exit code and all that it printed.
Runner = Callable[[str, str], tuple[int, str]]


@dataclass
class Example:
    """A command, the lines that its output must have, and its exit code."""

    line: int
    command: str
    code: int
    wanted: list[str] = field(default_factory=list)


def shell_problems(lesson: Lesson, run: Runner) -> list[Problem]:
    """Run every gradtutor command of both texts, each once in the text's language."""
    found: list[Problem] = []
    done: dict[tuple[str, str], tuple[int, str]] = {}
    numbers = shown_lesson(lesson, "en", 0).numbers
    for language, text in lesson.texts.items():
        for example in examples(text):
            command = fill(example.command, numbers)
            asked = command, language
            if asked not in done:
                done[asked] = run(*asked)
            wanted = [fill(line, numbers) for line in example.wanted]
            found += _compared(text, example, wanted, *done[asked])
    return found


def examples(text: Text) -> Iterator[Example]:
    """Yield the commands in a text's console blocks."""
    code: int | None = None
    example: Example | None = None
    for number, line in enumerate(text.path.read_text("utf-8-sig").splitlines(), 1):
        opening = OPENING.match(line)
        if opening and code is None:
            code, example = int(opening[1] or 0), None
        elif line.startswith("```"):
            if example:
                yield example
            code, example = None, None
        elif code is not None and line.startswith("$ "):
            if example:
                yield example
            ours = line.startswith(PROMPT)
            example = Example(number, line[2:], code) if ours else None
        elif code is not None and example and line.strip():
            example.wanted.append(line)


def _compared(
    text: Text, example: Example, wanted: list[str], code: int, output: str
) -> Iterator[Problem]:
    if code != example.code:
        message = tr(
            "{command} exits with {code}, not {code2}",
            command=example.command,
            code=code,
            code2=example.code,
        )
        last = (output.strip().splitlines() or [""])[-1]
        yield Problem(text.path, example.line, message, last)
        return
    given = [_plain(line) for line in output.splitlines()]
    for line in wanted:
        if not any(_plain(line) in one for one in given):
            message = tr(
                "{command} does not print the line {strip!r}",
                command=example.command,
                strip=line.strip(),
            )
            yield Problem(
                text.path, example.line, message, tr("run it and paste its output")
            )


def _plain(line: str) -> str:
    return " ".join(line.split())
