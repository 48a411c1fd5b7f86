"""The sentences that scripts' comments are made of, with their Chinese."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

BLANK = re.compile(r"\\\{(\w+)\\\}")


@cache
def _plain() -> dict[str, str]:
    """Return every sentence with its Chinese, both as they stand in the file."""
    text = (files("gradtutor.codegen.comments") / "zh.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _with_blanks() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return those that a script fills with numbers and names, as patterns."""
    return tuple(
        (re.compile(BLANK.sub(r"(?P<\1>.+)", re.escape(sentence))), chinese)
        for sentence, chinese in _plain().items()
        if "{" in sentence
    )


def said(sentence: str) -> str | None:
    """Return a sentence in Chinese, what fills its blanks too; None for code.

    >>> said("Return X and y of MNIST.")
    '返回 MNIST 的 X 和 y。'
    """
    if sentence in _plain():
        return _plain()[sentence]
    for pattern, chinese in _with_blanks():
        match = pattern.fullmatch(sentence)
        if match:
            filled = {name: _word(text) for name, text in match.groupdict().items()}
            return chinese.format(**filled)
    return None


def _word(text: str) -> str:
    """Return what fills a blank: a network's kind, data's name, packages."""
    words = said(text) or _licence(text) or text
    return words.replace(" and ", " 和 ") if words == text else words


def _licence(text: str) -> str | None:
    """Return a data set's licence as the list of data sets says it."""
    from gradtutor.messages.catalogue import translation

    chinese = translation(text, "zh")
    return None if chinese == text else chinese
