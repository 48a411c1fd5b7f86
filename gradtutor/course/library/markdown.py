"""text.LANG.md: a lesson's prose and the words of its questions, by headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gradtutor.course.content.model import HINTS, QuestionText, Text
from gradtutor.course.content.problems import ContentError, Problem
from gradtutor.messages import tr

FENCE = re.compile(r" {0,3}(```+|~~~+)")
HEADING = re.compile(r"(#{1,3})\s+(.*?)\s*#*\s*$")
PART = re.compile(r"(hint|feedback|option|item)\s+(\S+)|(right|solution)")


@dataclass
class _Section:
    """A heading and what stands under it."""

    key: tuple[str, ...]
    line: int
    body: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.body).strip("\n")


def read_text_file(path: Path) -> Text:
    """Read the words of a lesson in one language.

    Raises
    ------
    ContentError
        When the file is missing, or a heading is not in the format.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ContentError([Problem(path, 1, tr("there is no such file"))]) from None
    except UnicodeDecodeError:
        raise ContentError([Problem(path, 1, tr("not a text file (UTF-8)"))]) from None
    found: list[Problem] = []
    title, sections = _sections(path, content, found)
    if not title:
        said = tr("the first line is no title")
        found.append(Problem(path, 1, said, tr("# The title")))
    lines: dict[tuple[str, ...], int] = {}
    for section in sections:
        if section.key in lines:
            name = " ".join(section.key[-2:])
            found.append(
                Problem(path, section.line, tr("{name} is there twice", name=name))
            )
        lines[section.key] = section.line
    if found:
        raise ContentError(found)
    texts = {section.key: section.text for section in sections}
    ids = [key[1] for key in texts if len(key) == 2]
    questions = {one: _question(one, texts) for one in ids}
    return Text(path, title, texts.get((), ""), questions, lines)


def _question(name: str, texts: dict[tuple[str, ...], str]) -> QuestionText:
    own = {
        key[2:]: text for key, text in texts.items() if key[:2] == ("question", name)
    }

    def named(kind: str) -> dict[str, str]:
        return {key[1]: own[key] for key in own if key[:1] == (kind,) and key[1:]}

    return QuestionText(
        own[()],
        tuple(own.get(("hint", str(n + 1)), "") for n in range(HINTS)),
        named("feedback"),
        named("option"),
        named("item"),
        own.get(("right",), ""),
        own.get(("solution",), ""),
    )


def _sections(
    path: Path, content: str, found: list[Problem]
) -> tuple[str, list[_Section]]:
    """Cut the text at its headings; a # inside a fenced block is none."""
    title = ""
    sections = [_Section((), 1)]
    question = ""
    for number, line, heading in _headings(content):
        level, words = heading or (0, "")
        if level == 1 and not title:
            title = words
        elif level == 2 and words.startswith("question "):
            question = words.removeprefix("question ").strip()
            sections.append(_Section(("question", question), number))
        elif level and question:
            key = _part(words) if level == 3 else None
            if key is None:
                hint = tr(
                    "after the first ## question come ### hint 1, ### feedback NAME, "
                    "### option NAME, ### item NAME, ### right, ### solution"
                )
                said = tr("unexpected: {line}", line=line)
                found.append(Problem(path, number, said, hint))
                continue
            sections.append(_Section(("question", question, *key), number))
        else:
            sections[-1].body.append(line)
    return title, sections


def _part(words: str) -> tuple[str, ...] | None:
    """Return the key of a heading inside a question; None when it is none of ours."""
    match = PART.fullmatch(words)
    if match is None:
        return None
    return (match[1], match[2]) if match[1] else (match[3],)


def _headings(content: str) -> Iterator[tuple[int, str, tuple[int, str] | None]]:
    """Yield each line with its number and, where it is a heading, level and words."""
    fence = ""
    for number, line in enumerate(content.splitlines(), 1):
        mark = FENCE.match(line)
        if mark and (not fence or line.strip() == fence):
            fence = "" if fence else mark[1]
        heading = None if fence or mark else HEADING.match(line)
        yield number, line, (len(heading[1]), heading[2]) if heading else None
