"""explain: the page of a gate."""

from __future__ import annotations

from dataclasses import asdict

import click

from gradtutor.cli.session import DONE, common_options, session


@click.command()
@click.argument("gate", required=False)
@common_options
@click.pass_context
def explain(context: click.Context, /, gate: str | None, **_options: object) -> int:
    """Say what GATE computes, its partials, its rule at a kink; or list all gates."""
    from gradtutor.explain import gate_page, gate_rows, page_text

    run = session(context)
    if gate:
        page = gate_page(gate)
        run.result(asdict(page), page_text(page))
        return DONE
    pages = [page for _, page in gate_rows()]
    rows = [f"{page.name:<16} {page.formula:<34.34} {page.role}" for page in pages]
    run.result({"gates": [asdict(page) for page in pages]}, "\n".join(rows))
    return DONE
