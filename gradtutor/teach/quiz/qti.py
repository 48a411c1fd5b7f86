"""QTI for Canvas: by text2qti, from its plain text.

The text is that of https://github.com/gpoore/text2qti; pictures and numbers of circuits
become a numerical question a blank.
"""

from __future__ import annotations

import string
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from gradtutor.course.kinds.kind import Numeric
from gradtutor.messages import tr
from gradtutor.teach.quiz.items import Item
from gradtutor.train.datasets.catalog import MissingPackageError


def qti_zip(title: str, questions: Iterable[Item]) -> bytes:
    """Return a quiz as Canvas imports it.

    Raises
    ------
    MissingPackageError
        When text2qti is not installed.
    """
    try:
        from text2qti.config import Config
        from text2qti.qti import QTI
        from text2qti.quiz import Quiz
    except ImportError:
        raise MissingPackageError(
            tr("QTI needs text2qti: pip install 'gradtutor[teach]'")
        ) from None
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        text = quiz_text(title, questions, place)
        config = Config()
        quiz = Quiz(text, config=config, resource_path=folder)
        return bytes(QTI(quiz).zip_bytes())


def quiz_text(title: str, questions: Iterable[Item], folder: Path) -> str:
    """Return a quiz as text2qti reads it; pictures are written to the folder.

    What is asked in the same words as before is left out, as text2qti wants it.
    """
    parts = [f"Quiz title: {title}"]
    asked = set()
    for item in questions:
        for stem, answers in _questions(item, folder):
            if stem not in asked:
                parts.append(f"{len(parts)}. {stem}\n{answers}")
            asked.add(stem)
    return "\n\n".join(parts) + "\n"


def _questions(item: Item, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield stems and their answers: a circuit is a question for each blank."""
    stem = item.stem
    if item.figure:
        path = folder / f"{item.name.replace(' ', '-')}.svg"
        path.write_bytes(item.figure.svg)
        stem += f"\n\n![circuit]({path.as_posix()})"
    if item.options:
        yield _block(stem), "\n".join(_options(item))
    for blank in item.numbers:
        asked = f"{stem}\n\n{blank.label} = ?" if blank.label else stem
        yield _block(asked), f"= {_interval(blank)}"
    if not item.options and not item.numbers:
        yield _block(stem), "____"


def _options(item: Item) -> Iterator[str]:
    """Yield a line an option, ``*a)`` or ``[*]`` for a right one, and its feedback."""
    for letter, option in zip(string.ascii_lowercase, item.options, strict=False):
        one = f"{'*' if option.right else ''}{letter})"
        box = "[*]" if option.right else "[ ]"
        yield f"{box if item.several else one} {_inner(option.text)}"
        if option.said:
            yield f"... {_inner(option.said)}"


def _interval(number: Numeric) -> str:
    return f"{number.value:.8g} +- {number.tolerance:.4g}"


def _block(text: str) -> str:
    """Return a stem of several paragraphs, indented as text2qti wants it."""
    first, *rest = text.strip().splitlines()
    return "\n".join([first, *(f"    {line}" if line else "" for line in rest)])


def _inner(text: str) -> str:
    return " ".join(text.split())
