"""The worked solution of a question."""

from __future__ import annotations

from pathlib import Path

from gradtutor.course.content.model import Question
from gradtutor.course.shown.asking import Shown


def solution_text(shown: Shown, question: Question) -> str:
    """Return a question's worked solution as Markdown; of code, its file too."""
    text = shown.filled(shown.words(question).solution)
    if question.kind == "code":
        path: Path = shown.lesson.folder / "solution" / question.fields["file"]
        text += f"\n\n```python\n{path.read_text(encoding='utf-8').strip()}\n```"
    return text
