"""Comments with numbers and names in them, which keep their sentence and its values.

>>> said = comment("Return X and y of {name}.", name="rows.csv")
>>> said, made_as("Return X and y of rows.csv.") is said
('Return X and y of rows.csv.', True)
"""

from __future__ import annotations

from typing import Any

#: Every comment made here, by its text; a script's are among them.
_MADE: dict[str, Comment] = {}


class Comment(str):
    """A comment in English.

    Attributes
    ----------
    key : str
        The sentence, with its blanks.
    values : dict
        What fills the blanks; may hold comments.
    """

    key: str
    values: dict[str, Any]


def comment(sentence: str, /, **values: Any) -> str:
    """Return a sentence with its blanks filled, to be put into a script.

    Parameters
    ----------
    sentence : str
        A key of ``comments/zh.toml``.
    """
    made = Comment(sentence.format(**values))
    made.key, made.values = sentence, values
    _MADE[" ".join(made.split())] = made
    return made


def made_as(text: str) -> Comment | None:
    """Return the comment that has this text, without its line breaks, if there is."""
    return _MADE.get(text)
