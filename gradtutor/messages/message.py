"""A message: its sentence as the key, and the values of its blanks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradtutor.messages.catalogue import translation
from gradtutor.messages.speech import language


class Message(str):
    """A text in the language spoken when it was made; `tr` says it again in another.

    Attributes
    ----------
    key : str
        The English sentence, with its blanks.
    values : dict
        What fills the blanks; may hold messages.
    """

    key: str
    values: dict[str, Any]


def tr(sentence: str, /, **values: Any) -> str:
    """Return a sentence in the language that is spoken, its blanks filled.

    The text is a `Message`, which keeps its key and values.

    Parameters
    ----------
    sentence : str
        The English text; a literal, or one that `mark` went over. A `Message` is said
        again, in the language that is spoken now.
    **values
        What fills its blanks.
    """
    if isinstance(sentence, Message):
        said = {blank: _again(value) for blank, value in sentence.values.items()}
        return tr(sentence.key, **said)
    message = Message(_filled(translation(sentence, language()), values))
    message.key, message.values = sentence, values
    return message


def _again(value: Any) -> Any:
    return tr(value) if isinstance(value, Message) else value


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence holds them: ``a, b and c``.

    >>> listed(["W", "b", "x"])
    'W, b and x'
    """
    *first, last = names
    if not first:
        return last
    return tr("{names} and {last}", names=tr(", ").join(first), last=last)


def mark(sentence: str) -> str:
    """Return a sentence of a table as it is; `tr` translates it when it is said."""
    return sentence


def key(text: str) -> str:
    """Return a message's key, which is the same in every language."""
    return text.key if isinstance(text, Message) else text


def _filled(text: str, values: dict[str, Any]) -> str:
    return text.format(**values) if values else text
