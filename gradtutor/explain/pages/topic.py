"""A page that is not a gate's: a rule, a layer, a loss, an optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent

from gradtutor.messages import mark, tr
from gradtutor.messages.cells import paragraph

#: Width of a page's sentences in a terminal.
WIDTH = 78
#: What a topic is.
NAMES = {
    "rule": mark("{name}, rule{also}"),
    "layer": mark("{name}, layer{also}"),
    "loss": mark("{name}, loss{also}"),
    "optimiser": mark("{name}, optimiser{also}"),
}
#: Why a page's second form is computed instead of the textbook's.
COMPUTED = {
    "loss": mark("as computed (stable)"),
    "optimiser": mark("as computed (in place)"),
}


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
        Why they are not, for programs: stable, in place.
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
    also = tr("  (also {names})", names=", ".join(page.also)) if page.also else ""
    parts = [tr(NAMES[page.kind], name=page.name, also=also), _wrapped(page.what)]
    formula = tr("formula") + (f"  ({page.source})" if page.source else "")
    computed = tr(COMPUTED.get(page.kind, ""))
    sections = (page.formula, page.computed, page.gradient)
    for title, lines in zip((formula, computed, tr("gradient")), sections, strict=True):
        if lines:
            parts += [f"  {title}", indent("\n".join(lines), "    ")]
    parts += [f"  {tr('when')}", _wrapped(page.when, 4)]
    parts += [f"  {tr('pitfalls')}", *(_item(text) for text in page.pitfalls)]
    if page.example:
        parts += [f"  {tr('example')}", indent(page.example, "    ")]
    return "\n".join(parts)


def _wrapped(text: str, by: int = 2) -> str:
    return paragraph(text, WIDTH, " " * by)


def _item(text: str) -> str:
    return paragraph(text, WIDTH, "    - ", "      ")
