"""explain: the page of a gate, a rule, a layer, a loss, an optimiser."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.arguments import read_text
from gradtutor.cli.deriving.options import DiffOptions
from gradtutor.cli.deriving.steps import show_steps
from gradtutor.cli.drawing.preparing import prepared
from gradtutor.cli.session import DONE, Session, common_options, session
from gradtutor.messages import mark, tr
from gradtutor.messages.cells import paragraph

if TYPE_CHECKING:
    from gradtutor.explain import GatePage

PLURALS = {
    "rule": ("rules", mark("rules: {names}")),
    "layer": ("layers", mark("layers: {names}")),
    "loss": ("losses", mark("losses: {names}")),
    "optimiser": ("optimisers", mark("optimisers: {names}")),
}


@click.command()
@click.argument("name", required=False)
@common_options
@click.pass_context
def explain(context: click.Context, /, name: str | None, **_options: object) -> int:
    """Say what NAME computes and what its gradient is; or list all there is.

    NAME is a gate (relu), a rule (chain), a layer (Conv2d), a loss (MSELoss), an
    optimiser (Adam) or a misconception (overwritten-gradient); misconceptions lists
    those. Of a file it shows the steps of the derivative, as diff --steps does.
    """
    run = session(context)
    if name and (text := _file_text(name)) is not None:
        circuit = prepared(text, {}, "torch")
        return show_steps(run, circuit, {}, DiffOptions(steps=True))
    if name:
        run.result(*page_of(name, run))
        return DONE
    run.result(*list_of_pages())
    return DONE


def list_of_pages() -> tuple[dict[str, Any], str]:
    """Return the names of all pages, as JSON and as text."""
    from gradtutor.explain import gate_rows
    from gradtutor.explain.pages.topic_index import topic_names

    pages = [page for _, page in gate_rows()]
    rows = [line for page in pages for line in _gate_lines(page)]
    topics = {}
    for kind, names in topic_names().items():
        plural, said = PLURALS[kind]
        topics[plural] = names
        rows += ["", paragraph(tr(said, names=", ".join(names)), 79, "", "  ")]
    rows += ["", tr("misconceptions: {command}", command=MISCONCEPTIONS)]
    data: dict[str, Any] = {"gates": [asdict(page) for page in pages], **topics}
    return data, "\n".join(rows)


MISCONCEPTIONS = "gradtutor explain misconceptions"
FORMULA = 34  # columns of a formula in the list


def _gate_lines(page: GatePage) -> list[str]:
    """Write a gate's line in the list; a long formula has a line of its own."""
    first = f"{page.name:<16} {page.formula}"
    if len(page.formula) > FORMULA:
        return [first, f"{'':<{17 + FORMULA}} {tr(page.role)}"]
    return [f"{first:<{17 + FORMULA}} {tr(page.role)}"]


def _file_text(name: str) -> str | None:
    """Return the text of a file, or of standard input; None for the name of a page."""
    text = read_text(name)
    return text if name == "-" or text != name else None


def page_of(name: str, run: Session) -> tuple[dict[str, Any], str]:
    """Return the page of a gate, a topic, a misconception; of all that a name means.

    Raises
    ------
    gradtutor.explain.UnknownGateError
        With the near name, if there is one.
    """
    from gradtutor.explain import UnknownGateError, gate_page, page_text
    from gradtutor.explain.pages.topic import topic_text
    from gradtutor.explain.pages.topic_index import all_names, find_topic
    from gradtutor.gates import SPELLINGS
    from gradtutor.language import near

    pages = {}
    if name in SPELLINGS:
        gate = gate_page(name)
        pages["gate"] = asdict(gate), page_text(gate)
    if topic := find_topic(name):
        pages["topic"] = asdict(topic), topic_text(topic)
    if misconception := _misconception(name, run):
        pages["misconception"] = misconception
    if not pages:
        hint = near(name, [*SPELLINGS, *all_names(), *_misconception_names()])
        hint = hint or tr("gradtutor explain, without a name, lists what there is")
        raise UnknownGateError(
            tr("there is no page {name!r}: {hint}", name=name, hint=hint)
        )
    first, *others = pages
    data = pages[first][0] | {kind: pages[kind][0] for kind in others}
    return data, "\n\n".join(text for _, text in pages.values())


def _misconception_names() -> tuple[str, ...]:
    from gradtutor.audit import misconceptions

    return ("misconceptions", *misconceptions.names())


def _misconception(name: str, run: Session) -> tuple[dict[str, Any], str] | None:
    """Return the page of a misconception in the language asked for; or their list."""
    from gradtutor.audit import misconceptions
    from gradtutor.messages import language

    spoken = language()
    if name == "misconceptions":
        pages = [misconceptions.page(one, spoken) for one in misconceptions.names()]
        rows = [f"{page.name:<26} {page.title}" for page in pages]
        return {"misconceptions": [asdict(page) for page in pages]}, "\n".join(rows)
    if name not in misconceptions.names():
        return None
    page = misconceptions.page(name, spoken)
    return asdict(page), misconceptions.page_text(page, spoken)
