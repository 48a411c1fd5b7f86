"""A page that is not a gate's: a rule, a layer, a loss, an optimiser."""

from __future__ import annotations

from dataclasses import dataclass
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
    at : str
        Values of the example's inputs; then its steps are those of reverse mode.
    textbook : tuple of str
        Lines of the formula as books have it, where the program computes another form.
    source : str
        Whose formula it is.
    """

    name: str
    what: str
    when: str
    pitfalls: tuple[str, ...]
    example: str = ""
    also: tuple[str, ...] = ()
    at: str = ""
    textbook: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class TopicPage:
    """A topic with its formula and its gradient, as lines.

    Attributes
    ----------
    computed : tuple of str
        The lines that compute it, where they are not the textbook's.
    how : str
        Why they are not: stable, in place.
    """

    kind: str
    name: str
    also: tuple[str, ...]
    what: str
    formula: tuple[str, ...]
    gradient: tuple[str, ...]
    when: str
    pitfalls: tuple[str, ...]
    example: str = ""
    computed: tuple[str, ...] = ()
    how: str = ""
    source: str = ""


def topic_text(page: TopicPage) -> str:
    """Write a page for a terminal."""
    also = f"  (also {', '.join(page.also)})" if page.also else ""
    parts = [f"{page.name}, {page.kind}{also}", _wrapped(page.what)]
    formula = f"formula  ({page.source})" if page.source else "formula"
    computed = f"as computed ({page.how})"
    sections = (page.formula, page.computed, page.gradient)
    for title, lines in zip((formula, computed, "gradient"), sections, strict=True):
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
