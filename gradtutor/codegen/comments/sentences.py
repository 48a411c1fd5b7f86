"""The sentences that scripts' comments are made of, with their Chinese."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from gradtutor.codegen.comments.made import made_as
from gradtutor.messages import language

#: An expression inside of an f-string.
CODE = re.compile(r"\{[^{}]*\}")


@cache
def messages() -> dict[str, str]:
    """Return what scripts say as they run, as their strings have it, and in Chinese."""
    text = (files("gradtutor.codegen.comments") / "messages.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _lines() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the messages as patterns of what is printed, the longest first."""
    found = sorted(messages().items(), key=lambda pair: -len(CODE.sub("", pair[0])))
    return tuple(
        (re.compile("(.+?)".join(map(re.escape, CODE.split(text)))), chinese)
        for text, chinese in found
        if CODE.sub("", text).strip()
    )


def printed_as_spoken(line: str) -> str:
    """Return a line that an English script has printed, in the language spoken."""
    return printed_in_chinese(line) if language() == "zh" else line


def printed_in_chinese(line: str) -> str:
    """Return a line that an English script has printed in Chinese; others stay.

    >>> printed_in_chinese("epoch 3: the loss is nan; lower --learning-rate")
    '第 3 轮：损失是 nan；请减小 --learning-rate'
    """
    for pattern, chinese in _lines():
        match = pattern.fullmatch(line)
        if match:
            return _filled(chinese, map(printed_in_chinese, match.groups()))
    return line


def _filled(text: str, values: Iterator[str]) -> str:
    return CODE.sub(lambda _: next(values), text)


@cache
def chinese_sentences() -> dict[str, str]:
    """Return every sentence with its Chinese, both as they stand in the file."""
    text = (files("gradtutor.codegen.comments") / "zh.toml").read_text("utf-8")
    return tomllib.loads(text)


def said(sentence: str) -> str | None:
    """Return a sentence in Chinese, what fills its blanks too; None for code.

    >>> from gradtutor.codegen.comments.made import comment
    >>> said(comment("Return X and y of {name}.", name="MNIST"))
    '返回 MNIST 的 X 和 y。'
    """
    made = made_as(sentence)
    chinese = chinese_sentences().get(made.key if made else sentence)
    if chinese is None or made is None:
        return chinese
    return chinese.format(**{name: _word(one) for name, one in made.values.items()})


def _word(value: Any) -> Any:
    """Return what fills a blank: a network's kind, data's name, packages."""
    text = str(value)
    return said(text) or _licence(text) or text


def _licence(text: str) -> str | None:
    """Return a data set's licence as the list of data sets says it."""
    from gradtutor.messages.catalogue import translation

    chinese = translation(text, "zh")
    return None if chinese == text else chinese
