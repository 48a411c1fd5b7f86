"""The kinds of questions: one class each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from gradtutor.course.content.model import Question
from gradtutor.course.kinds.kind import Given, Kind
from gradtutor.course.kinds.verdict import Note, Verdict

for _module in iter_modules(__path__, f"{__name__}."):
    if not _module.ispkg:
        import_module(_module.name)

#: Every kind by the name that a lesson gives it; one more is a file of this folder.
KINDS: dict[str, Kind] = {one.name: one() for one in Kind.__subclasses__()}


def kind_of(question: Question) -> Kind:
    """Return a question's kind."""
    return KINDS[question.kind]


def grade(
    question: Question,
    answer: Sequence[str],
    shown: Sequence[str] = (),
    folder: Path | None = None,
    texts: Mapping[str, str] | None = None,
) -> Verdict:
    """Grade an answer.

    Parameters
    ----------
    question : Question
        With its variant's numbers filled in.
    answer, shown, folder, texts
        What was given, as in ``Given``.
    """
    return kind_of(question).grade(question, Given(answer, shown, folder, texts))


__all__ = ["KINDS", "Given", "Kind", "Note", "Verdict", "grade", "kind_of"]
