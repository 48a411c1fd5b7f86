"""What a kind of question is: one class holds all that differs between kinds."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from gradtutor.course.content.keys import Keys
from gradtutor.course.content.model import Question
from gradtutor.course.kinds.verdict import Verdict
from gradtutor.messages import tr

#: A finding of the lint: the message, what to do, and the keys below the question.
Finding = tuple[str, str, Sequence[str | int]]


@dataclass(frozen=True)
class Given:
    """An answer as a learner gave it.

    Attributes
    ----------
    words : sequence of str
        Words of the command line; for code, the file's path.
    shown : sequence of str
        The options or steps in the order shown.
    folder : Path, optional
        The lesson's folder.
    texts : mapping, optional
        The words of each option or step.
    """

    words: Sequence[str]
    shown: Sequence[str] = ()
    folder: Path | None = None
    texts: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Option:
    """An answer to choose: options or steps of the question by name, or Markdown.

    Attributes
    ----------
    mistake : str
        What is made by choosing it.
    """

    right: bool
    names: tuple[str, ...] = ()
    text: str = ""
    mistake: str = ""


@dataclass(frozen=True)
class Numeric:
    """A number to give, how far off it may be, and known slips with their names."""

    label: str
    value: float
    tolerance: float
    slips: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Closed:
    """A question as a platform grades it by itself: chosen, or in numbers.

    Attributes
    ----------
    given : str
        What is told beside the question's words, as Markdown.
    """

    options: tuple[Option, ...] = ()
    numbers: tuple[Numeric, ...] = ()
    several: bool = False
    given: str = ""


class Kind:
    """A kind of question: a subclass states what it has, in a file of this folder.

    Attributes
    ----------
    name : str
        What a lesson calls it.
    keys : Keys
        The keys of its TOML.
    of_file : bool
        Whether the answer is a file of the learner's.
    """

    name: ClassVar[str]
    keys: ClassVar[Keys]
    of_file: ClassVar[bool] = False

    def form(self, question: Question, folder: Path) -> Iterator[Finding]:
        """Yield what is missing or contradicts itself in the lesson's files."""
        yield from ()

    def grade(self, question: Question, given: Given) -> Verdict:
        """Grade an answer."""
        raise NotImplementedError

    def proof(self, question: Question, folder: Path) -> Iterator[Finding]:
        """Yield what is wrong with the right answer and the known mistakes."""
        yield from ()

    def stock_mistakes(self, question: Question) -> set[str]:
        """Return the mistakes that are known of any such question."""
        return set()

    def beside(self, question: Question) -> str:
        """Return what stands below the question's words, as Markdown."""
        return ""

    def blanks(self, question: Question) -> list[str]:
        """Return the labels of the blanks to fill in."""
        return []

    def example(self, question: Question) -> str:
        """Return what follows the command that answers the question."""
        return "…"

    def right(self, question: Question, shown: Sequence[str]) -> str:
        """Return the right answer as a learner would write it."""
        return ""

    def page(self, question: Question) -> dict[str, Any]:
        """Return what a page grades by; ``by`` is ``terminal`` where it cannot."""
        return {"by": "terminal"}

    def closed(self, question: Question) -> Closed | None:
        """Return it as a platform grades it; None where a teacher reads the answer."""
        return None


def expect(verdict: Verdict, wanted: str, what: str) -> Iterator[Finding]:
    """Yield a finding where an answer is graded otherwise than it must be."""
    if verdict.status != wanted:
        notes = "; ".join(f"{note.key} {dict(note.values)}" for note in verdict.notes)
        yield (
            tr(
                "{what} is graded {status}: {notes}",
                what=what,
                status=verdict.status,
                notes=notes,
            ),
            "",
            ("answer",),
        )


def letters(names: Sequence[str], shown: Sequence[str]) -> str:
    """Return the letters under which options or steps were shown: ``b, a``."""
    return ", ".join(string.ascii_lowercase[shown.index(one)] for one in names)
