r"""The lines of a derivation, step by step: what a frame of a lecture says.

>>> from gradtutor.explain.records.derivation import derive
>>> from gradtutor.language import parse
>>> for one in stages(derive(parse("x*y"), point={"x": 2.0, "y": 3.0})):
...     print(one.way, one.lines)
forward ('f = x*y = 6',)
backward ('∂f/∂f = 1',)
backward ('f = x*y  (product rule)', '∂f/∂x = y = 3', '∂f/∂y = x = 2')
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gradtutor.calculus.stages import Stage, Way
from gradtutor.explain.notation.document import Row, Say
from gradtutor.explain.records.derivation import Derivation
from gradtutor.explain.views.fork_view import fork_blocks
from gradtutor.explain.views.gate_view import forward_blocks, sent_blocks
from gradtutor.explain.views.notation_view import View
from gradtutor.language.formula.unparse import Text

#: That a value is used twice, and the sum; not the paths of which each term is made.
FORK_LINES = 2


@dataclass(frozen=True)
class _Exercise(View):
    """A derivation whose numbers are to be found: a blank stands for each."""

    blank: str = ""

    def number(self, node: str | None) -> str:
        return self.blank if super().number(node) else ""

    def written(
        self, node: str, known: Mapping[str, Text] | None = None, *, whole: bool = False
    ) -> str:
        is_number = self.found.graph.nodes[node]["gate"] == "number"
        return self.blank if is_number else super().written(node, known, whole=whole)


def stages(
    found: Derivation, blanks: Mapping[Way, str] | None = None
) -> Iterator[Stage]:
    """Yield the forward steps, the output's own gradient, and the backward steps.

    Parameters
    ----------
    blanks : mapping, optional
        Of an exercise: what stands in place of every number of a pass.
    """
    blanks = blanks or {}
    view = _view(found, blanks.get("forward", ""))
    nodes = found.forward.nodes
    computed = [node for node in found.labels if nodes[node]["gate"] != "input"]
    rows = [block for block in forward_blocks(view) if isinstance(block, Row)]
    for node, row in zip(computed, rows, strict=True):
        yield Stage("forward", node, (row.formula,))
    seed = Row((view.gradient(found.output), "1")).formula
    yield Stage("backward", found.output, (seed,))
    view = _view(found, blanks.get("backward", ""))
    for turn in found.turns:
        arriving = list(fork_blocks(view, turn.node))[:FORK_LINES]
        blocks = [*arriving, *sent_blocks(view, turn)]
        lines = [_line(block) for block in blocks if isinstance(block, Say | Row)]
        wires = tuple(send.wire for send in turn.sends)
        yield Stage("backward", turn.node, tuple(lines), wires)


def _view(found: Derivation, blank: str) -> View:
    if blank:
        return _Exercise(found, everything=True, blank=blank)
    return View(found, everything=True)


def _line(block: Say | Row) -> str:
    if isinstance(block, Say):
        return block.text
    return " ".join(filter(None, [block.label, block.formula]))
