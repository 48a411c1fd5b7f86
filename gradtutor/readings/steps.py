"""The steps of a derivative: mathematics in a cell, text in a terminal, JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradtutor.explain.records.derivation import Derivation, derive
from gradtutor.explain.records.replay_check import check_replays
from gradtutor.explain.records.steps_json import steps_json
from gradtutor.explain.views.steps_page import By, Form, steps_page
from gradtutor.graph import Graph


@dataclass(frozen=True)
class Steps:
    """How a gradient comes about.

    Attributes
    ----------
    found : Derivation
        The records of the backward pass.
    verdicts : mapping
        By input, whether the steps, replayed, agree with finite differences.
    """

    found: Derivation
    graph: Graph
    ties: str
    verdicts: Mapping[str, bool | None]
    by: By | None = None
    everything: bool = False
    note: str = field(default="", repr=False)

    @property
    def markdown(self) -> str:
        """Markdown with formulas between dollar signs."""
        return self._page("markdown")

    @property
    def latex(self) -> str:
        """A LaTeX snippet."""
        return self._page("latex")

    def to_json(self) -> dict[str, Any]:
        """Return the records for other programs."""
        return dict(steps_json(self.found))

    def _page(self, form: Form) -> str:
        return steps_page(
            self.found,
            self.graph,
            by=self.by,
            form=form,
            everything=self.everything,
            verdicts=self.verdicts,
            note=self.note,
            ties=self.ties,
        )

    def __str__(self) -> str:
        """Return the terminal's page."""
        return self._page("text")

    def __repr__(self) -> str:
        """Return the terminal's page."""
        return str(self)

    def _repr_markdown_(self) -> str:
        """Show the formulas as mathematics in a cell."""
        return self.markdown


def read_steps(
    graph: Graph,
    wrt: Sequence[str],
    ties: str,
    point: Mapping[str, Any] | None,
    by: By | None,
    *,
    everything: bool,
) -> Steps:
    """Derive, and replay what was derived at random points."""
    found = derive(graph, wrt or None, ties, point)
    verdicts = check_replays(found, graph)
    return Steps(found, graph, ties, verdicts, by, everything)
