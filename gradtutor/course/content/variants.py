"""Parameters: the variants of a lesson, and texts with ``{a}`` filled in.

>>> fill("f = {a}*x", {"a": -2.0}), fill("{{a}} is {a:.1f}", {"a": 2.0})
('f = -2*x', '{a} is 2.0')
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gradtutor.course.content.model import Lesson, Mistake, Picture, Question
from gradtutor.messages import LANGUAGES, tr

MAX_VARIANTS = 64

FIELD = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)(?::(\.\d+[feg]))?\}")


class UnknownParameterError(ValueError):
    """A ``{name}`` that is no parameter; ``name`` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(tr("there is no parameter {{{name}}}", name=name))
        self.name = name


def variants(lesson: Lesson) -> int:
    """Return how many variants a lesson has."""
    return math.prod(len(choices) for choices in lesson.parameters.values())


def parameters(lesson: Lesson, variant: int) -> dict[str, float]:
    """Return the numbers of one variant: the parameters, then the derived ones.

    Raises
    ------
    gradtutor.SourceError, UnknownParameterError
        When a derived number cannot be computed.
    """
    from gradtutor.equality.evaluation import constant

    every = itertools.product(*lesson.parameters.values())
    chosen = next(itertools.islice(every, variant % variants(lesson), None))
    numbers = dict(zip(lesson.parameters, chosen, strict=True))
    for name, formula in lesson.derived.items():
        numbers[name] = constant(fill_formula(formula, numbers, names=True))
    return numbers


def fill(text: str, numbers: Mapping[str, float]) -> str:
    """Fill a text for people; ``{{`` and ``}}`` are literal braces."""
    return _fill(text, numbers, lambda number: f"{number:.6g}")


def fill_formula(
    text: str, numbers: Mapping[str, float], *, names: bool = False
) -> str:
    """Fill a formula: a negative number comes in parentheses, so that powers hold.

    Parameters
    ----------
    names : bool
        Fill bare names too, as in ``c = "a*b + 1"``.

    Examples
    --------
    >>> fill_formula("{a}**2", {"a": -1.0})
    '(-1)**2'
    >>> fill_formula("a*b", {"a": 2, "b": 3}, names=True)
    '2*3'
    """
    filled = _fill(text, numbers, _exact)
    if names:
        filled = re.sub(
            r"[^\W\d]\w*(?!\w*\s*\()",
            lambda match: (
                _exact(numbers[match[0]]) if match[0] in numbers else match[0]
            ),
            filled,
        )
    return filled


def _fill(text: str, numbers: Mapping[str, float], write: Any) -> str:
    def one(match: re.Match[str]) -> str:
        name, form = match[1], match[2]
        if name is None:
            return match[0][0]
        if name not in numbers:
            raise UnknownParameterError(name)
        return f"{numbers[name]:{form}}" if form else str(write(numbers[name]))

    return FIELD.sub(one, text)


def _exact(number: float) -> str:
    text = repr(int(number)) if number == int(number) else repr(float(number))
    return f"({text})" if number < 0 else text


# ---- questions and pictures of one variant ----


def filled_question(question: Question, numbers: Mapping[str, float]) -> Question:
    """Return a question with the numbers of one variant in every formula."""
    return replace(
        question,
        fields=_filled(question.fields, numbers),
        mistakes=tuple(_filled_mistake(one, numbers) for one in question.mistakes),
    )


def filled_picture(
    picture: Picture, numbers: Mapping[str, float], language: str
) -> Picture:
    """Return a picture with the numbers of one variant and the words of a language."""
    said = {
        key: value[language] if _is_spoken(value) else value
        for key, value in picture.fields.items()
    }
    return Picture(picture.name, _filled(said, numbers))


def has_words(picture: Picture) -> bool:
    """Whether a picture differs from language to language."""
    return any(map(_is_spoken, picture.fields.values()))


def _is_spoken(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == set(LANGUAGES)


def _filled_mistake(mistake: Mistake, numbers: Mapping[str, float]) -> Mistake:
    return replace(
        mistake,
        answer=_filled(mistake.answer, numbers),
        of=fill_formula(mistake.of, numbers),
        wrt=mistake.wrt,
    )


def _filled(value: Any, numbers: Mapping[str, float]) -> Any:
    if isinstance(value, str):
        return fill_formula(value, numbers)
    if isinstance(value, Mapping):
        return {key: _filled(item, numbers) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_filled(item, numbers) for item in value)
    return value
