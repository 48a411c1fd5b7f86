"""The pages of the misconceptions, in English and Chinese: ``misconceptions.toml``.

>>> page("overwritten-gradient").title
'A gradient is overwritten: = where += is due'
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")
HEADS = {
    "en": ("What", "Why", "How to see it", "wrong", "right"),
    "zh": ("是什么", "为什么", "怎样看出来", "错", "对"),
}


@dataclass(frozen=True)
class Misconception:
    """One page.

    Attributes
    ----------
    what, why, see : str
        What it is, why it is tempting, how to see it: a few sentences each.
    wrong, right : str
        Lines of code.
    """

    name: str
    title: str
    what: str
    why: str
    see: str
    wrong: str
    right: str


@cache
def _pages() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def names() -> tuple[str, ...]:
    """Return the names of all misconceptions."""
    return tuple(_pages())


def page(name: str, language: str = "en") -> Misconception:
    """Return a page.

    Raises
    ------
    KeyError
        Where there is no such misconception.
    """
    data = _pages()[name]
    words = data[language]
    return Misconception(
        name,
        words["title"],
        words["what"],
        words["why"],
        words["see"],
        data["wrong"],
        data["right"],
    )


def page_text(page: Misconception, language: str = "en") -> str:
    """Write a page for the terminal."""
    what, why, see, wrong, right = HEADS[language]
    blocks = [
        f"{page.name}: {page.title}",
        *_example(wrong, page.wrong),
        *_example(right, page.right),
    ]
    texts = [
        _paragraph(*pair)
        for pair in ((what, page.what), (why, page.why), (see, page.see))
    ]
    return "\n".join([*blocks[:1], "", *blocks[1:], "", *texts])


def _example(head: str, code: str) -> list[str]:
    first, *rest = code.splitlines()
    return [
        f"  {head}:  {first}",
        *(f"  {' ' * _width(head)}   {line}" for line in rest),
    ]


def _paragraph(head: str, text: str) -> str:
    """Wrap a paragraph at 76 columns; a Chinese character takes two."""
    lines, line, width = [], "", 0
    for word in _words(f"{head}: {text}"):
        if width + _width(word.rstrip()) > 76 and line:
            lines.append(line.rstrip())
            line, width = "", 0
        line += word
        width += _width(word)
    return "\n  ".join([*lines, line.rstrip()])


def _words(text: str) -> list[str]:
    """Split where a line may break: after a space, and after a Chinese character."""
    words = [""]
    for character in text:
        words[-1] += character
        if character == " " or ord(character) > 0x2E7F:
            words.append("")
    return _closed(words)


def _closed(words: list[str]) -> list[str]:
    """Keep a closing sign on the line of what it closes."""
    joined: list[str] = []
    for word in words:
        if joined and word and word[0] in "，。；：、？！）”":
            joined[-1] += word
        elif word:
            joined.append(word)
    return joined


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
