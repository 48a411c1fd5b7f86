"""--tune: which way each convolution takes, timed once when a script is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from gradtutor.cli.training.training_settings import convolves
from gradtutor.messages import tr

if TYPE_CHECKING:
    from gradtutor.codegen import Settings
    from gradtutor.graph import Graph


def tuned_settings(
    graph: Graph, settings: Settings, options: dict[str, Any]
) -> tuple[Settings, list[str]]:
    """Return settings with the faster way of each convolution, and what was timed.

    A training that goes on takes what its beginning has found, which stands in the
    options as ``rows``.
    """
    if not options.get("tune"):
        return settings, []
    from gradtutor.codegen.backends import backend_of

    backend = backend_of(settings)
    if not backend.tunes:
        raise click.UsageError(tr("--tune is for compiled loops: add --backend numba"))
    if not convolves(graph):
        raise click.UsageError(tr("--tune: the network has no convolution"))
    from gradtutor.train.report.after import need_package
    from gradtutor.train.tuning import tuned

    before = options.get("rows")
    if before is not None:
        rows = {(tuple(w), tuple(places)): way for w, places, way in before}
        return replace(settings, rows=rows), []
    need_package(settings.backend, backend.extra)
    settings, notes = tuned(graph, settings)
    options["rows"] = [[*one, by_rows] for one, by_rows in settings.rows.items()]
    return settings, notes
