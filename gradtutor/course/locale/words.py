"""The course's own sentences, in both languages: the table ``words.toml``.

>>> say("zh", "picked-twice", word="b")
'“b”选了两次。'
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def words() -> dict[str, dict[str, str]]:
    """Return the sentences of each key by language."""
    table = files("gradtutor.course.locale") / "words.toml"
    return tomllib.loads(table.read_text("utf-8"))


def say(language: str, key: str, **values: Any) -> str:
    """Return a sentence in a language, its blanks filled."""
    shown = {name: _shown(value) for name, value in values.items()}
    return words()[key][language].format(**shown)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return str(value)
