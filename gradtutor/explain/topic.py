"""A page that is not a gate's: a rule, a layer, a loss, an optimiser."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import fill, indent

#: Width of a page's sentences in a terminal.
WIDTH = 78


@dataclass(frozen=True)
class Topic:
    """What a person writes about a topic; its formulas come from the tables.

    Attributes
    ----------
    what, when : str
        One sentence each.
    pitfalls : tuple of str
        What goes wrong with it.
    example : str
        A formula or a network whose steps show it.
    also : tuple of str
        Other names.
    """

    name: str
    what: str
    when: str
    pitfalls: tuple[str, ...]
    example: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class TopicPage:
    """A topic with its formula and its gradient, as lines."""

    kind: str
    name: str
    also: tuple[str, ...]
    what: str
    formula: tuple[str, ...]
    gradient: tuple[str, ...]
    when: str
    pitfalls: tuple[str, ...]
    example: str = field(default="")


def topic_text(page: TopicPage) -> str:
    """Write a page for a terminal."""
    also = f"  (also {', '.join(page.also)})" if page.also else ""
    parts = [f"{page.name}, {page.kind}{also}", _wrapped(page.what)]
    for title, lines in (("formula", page.formula), ("gradient", page.gradient)):
        if lines:
            parts += [f"  {title}", indent("\n".join(lines), "    ")]
    parts += ["  when", _wrapped(page.when, 4)]
    parts += ["  pitfalls", *(_item(text) for text in page.pitfalls)]
    if page.example:
        parts += ["  example", indent(page.example, "    ")]
    return "\n".join(parts)


def _wrapped(text: str, by: int = 2) -> str:
    return fill(text, WIDTH, initial_indent=" " * by, subsequent_indent=" " * by)


def _item(text: str) -> str:
    return fill(text, WIDTH, initial_indent="    - ", subsequent_indent="      ")
