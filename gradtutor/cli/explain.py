"""explain: the page of a gate, a rule, a layer, a loss, an optimiser."""

from __future__ import annotations

import os
from dataclasses import asdict
from textwrap import fill
from typing import Any

import click

from gradtutor.cli.session import DONE, common_options, session

PLURALS = {
    "rule": "rules",
    "layer": "layers",
    "loss": "losses",
    "optimiser": "optimisers",
}


@click.command()
@click.argument("name", required=False)
@common_options
@click.pass_context
def explain(context: click.Context, /, name: str | None, **_options: object) -> int:
    """Say what NAME computes and what its gradient is; or list all there is.

    NAME is a gate (relu), a rule (chain), a layer (Conv2d), a loss (MSELoss), an
    optimiser (Adam) or a misconception (overwritten-gradient); misconceptions lists
    those.
    """
    from gradtutor.explain import gate_rows

    run = session(context)
    misconception = _misconception(name or "")
    if misconception:
        run.result(*misconception)
        return DONE
    if name:
        run.result(*_page(name))
        return DONE
    from gradtutor.explain.topics import topic_names

    pages = [page for _, page in gate_rows()]
    rows = [f"{page.name:<16} {page.formula:<34.34} {page.role}" for page in pages]
    topics = {PLURALS[kind]: names for kind, names in topic_names().items()}
    for kind, names in topics.items():
        rows += ["", fill(f"{kind}: {', '.join(names)}", 79, subsequent_indent="  ")]
    data: dict[str, Any] = {"gates": [asdict(page) for page in pages], **topics}
    run.result(data, "\n".join(rows))
    return DONE


def _page(name: str) -> tuple[dict[str, Any], str]:
    """Return the page of a gate, or of a topic; of both where a name means both.

    Raises
    ------
    gradtutor.explain.UnknownGateError
        With the near name, if there is one.
    """
    from gradtutor.explain import UnknownGateError, gate_page, page_text
    from gradtutor.explain.topic import topic_text
    from gradtutor.explain.topics import all_names, find_topic
    from gradtutor.gates import SPELLINGS
    from gradtutor.language import near

    topic = find_topic(name)
    if name in SPELLINGS:
        page = gate_page(name)
        more = {"topic": asdict(topic)} if topic else {}
        texts = [page_text(page), *([topic_text(topic)] if topic else [])]
        return asdict(page) | more, "\n\n".join(texts)
    if topic is None:
        hint = near(name, [*SPELLINGS, *all_names()])
        hint = hint or "gradtutor explain, without a name, lists what there is"
        raise UnknownGateError(f"there is no page {name!r}: {hint}")
    return asdict(topic), topic_text(topic)


def _misconception(name: str) -> tuple[dict[str, Any], str] | None:
    """Return the page of a misconception, in the locale's language; or their list."""
    from gradtutor.audit import misconceptions
    from gradtutor.course.words import default_language

    language = default_language(None, os.environ)
    if name == "misconceptions":
        pages = [misconceptions.page(one, language) for one in misconceptions.names()]
        rows = [f"{page.name:<26} {page.title}" for page in pages]
        return {"misconceptions": [asdict(page) for page in pages]}, "\n".join(rows)
    if name not in misconceptions.names():
        return None
    page = misconceptions.page(name, language)
    return asdict(page), misconceptions.page_text(page, language)
