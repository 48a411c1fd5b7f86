"""What a course is made of: parts, lessons, questions, and their words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HINTS = 3


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer.

    Attributes
    ----------
    name : str
        Its feedback stands under ``### feedback NAME``.
    answer : str or None
        The wrong answer, in the same form as a right one.
    derive : str
        The wrong rule that makes it from ``of`` and ``wrt``, where it is not given.
    """

    name: str
    answer: Any = None
    derive: str = ""
    of: str = ""
    wrt: str = ""


@dataclass(frozen=True)
class Mutant:
    """A replacement in the solution that must fail."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Question:
    """A question: its kind, and what that kind needs to be asked and graded.

    Attributes
    ----------
    number : int
        Its place in the lesson, from 1.
    fields : mapping
        The keys of its kind (``gradtutor.course.kinds``).
    """

    id: str
    kind: str
    number: int
    fields: Mapping[str, Any]
    mistakes: tuple[Mistake, ...] = ()
    mutants: tuple[Mutant, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A circuit, a plot over one variable, a landscape over two, or a network."""

    name: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class QuestionText:
    """The words of a question in one language, keyed as its headings are."""

    body: str
    hints: tuple[str, ...] = ()
    feedback: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    right: str = ""
    solution: str = ""


@dataclass(frozen=True)
class Text:
    """The words of a lesson in one language.

    Attributes
    ----------
    prose : str
        Markdown, with lines ``{{picture NAME}}`` and ``{{question ID}}``.
    lines : mapping
        The line of each heading: ``("question", "df-dx", "hint", "1")``.
    """

    path: Path
    title: str
    prose: str
    questions: Mapping[str, QuestionText]
    lines: Mapping[tuple[str, ...], int]


@dataclass(frozen=True)
class Lesson:
    """A lesson; numbers and answers still have their parameters in them."""

    name: str
    folder: Path
    titles: Mapping[str, str]
    minutes: int
    parameters: Mapping[str, tuple[float, ...]]
    derived: Mapping[str, str]
    pictures: tuple[Picture, ...]
    questions: tuple[Question, ...]
    texts: Mapping[str, Text]

    def text(self, language: str) -> Text:
        """Return the words in this language, or in the first there is."""
        return self.texts.get(language) or next(iter(self.texts.values()))


@dataclass(frozen=True)
class Part:
    """Some lessons under a title."""

    titles: Mapping[str, str]
    lessons: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """A folder of lessons in an order.

    Attributes
    ----------
    key : str
        What the log calls it: empty for the course that ships, else the folder.
    """

    folder: Path
    key: str
    titles: Mapping[str, str]
    parts: tuple[Part, ...]

    @property
    def names(self) -> list[str]:
        """The lessons' names, in order."""
        return [name for part in self.parts for name in part.lessons]
