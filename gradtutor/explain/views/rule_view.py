r"""The derivative by one input as a calculus teacher writes it, rule by rule.

>>> from gradtutor.explain.records.derivation import derive
>>> from gradtutor.explain.notation.document import plain
>>> from gradtutor.language import parse
>>> print(plain(rule_blocks(View(derive(parse("f = x*sin(2*x)"), ["x"])))))
Rules for ∂f/∂x
  f = x*sin(2*x)
  1. product rule                 ∂f/∂x = sin(2*x) + x · ∂/∂x[sin(2*x)]
  2. table entry sin, chain rule  ∂/∂x[sin(2*x)] = cos(2*x) · ∂/∂x[2*x]
  3. constant multiple rule       ∂/∂x[2*x] = 2
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from gradtutor.explain.notation.document import Block, Heading, Row, Say
from gradtutor.explain.notation.writing import LANGUAGE, Notation, write_text
from gradtutor.explain.records.derivation import Send, Turn
from gradtutor.explain.records.derivation_rules import rule_name, tangents
from gradtutor.explain.views.notation_view import STEPS, VALUES, View
from gradtutor.graph import origin
from gradtutor.language.formula.unparse import BINDING, Text
from gradtutor.messages import tr

#: A longer expression is called t1, t2, ... instead of being written out each time.
LONGEST = 40
PRODUCT = BINDING["*"]


def rule_blocks(view: View) -> list[Block]:
    """Return the rules from the outside in, for a derivation by one input."""
    rules = _Rules(view.found.wrt[0], view)
    turns = {turn.node: turn for turn in view.found.turns}
    title = view.notation.quote(rules.slope(view.found.output))
    blocks = [Heading(tr("Rules for {title}", title=title)), *rules.definitions()]
    for number, node in enumerate(view.cut(list(turns)), start=1):
        blocks.append(rules.row(number, turns[node]))
    blocks += view.rest(len(turns), STEPS)
    if origin(view.found.forward, view.found.output) == rules.wrt:
        blocks.append(Say(tr("The output is this input: 1.")))
    elif not turns:
        blocks.append(Say(tr("The output does not change with this input: 0.")))
    return blocks


@dataclass(frozen=True)
class _Rules:
    """The texts of one rule view: short expressions stand written out."""

    wrt: str
    view: View

    @cached_property
    def known(self) -> dict[str, Text]:
        """What every value is called: short ones by their expression."""
        short = _inlined(self.view, LANGUAGE)
        names = self.view.known
        written = _inlined(self.view, self.view.notation, frozenset(short))
        return {node: written.get(node, names[node]) for node in names}

    @cached_property
    def values(self) -> dict[str, float]:
        return tangents(self.view.found) if self.view.found.values else {}

    @cached_property
    def live(self) -> set[str]:
        """The values whose slope a step gives; of a comparison's it is 0."""
        return {turn.node for turn in self.view.found.turns}

    def slope(self, node: str) -> str:
        """Write ∂q/∂x, or ∂/∂x[x*y] for a value without a name."""
        notation, x = self.view.notation, self.view.name(self.wrt)
        text = self.known[node]
        if text.text == self.view.name(node):
            return notation.partial.format(text.text, x)
        return notation.of.format(x, text.text)

    def row(self, number: int, turn: Turn) -> Row:
        """Write one step: a value's slope by those of its arguments."""
        notation = self.view.notation
        terms = " + ".join(self._term(send) for send in turn.sends)
        value = self.values.get(turn.node)
        shown = "" if value is None else notation.number(f"{value:.6g}")
        label = f"{number}. {rule_name(self.view.found, turn)}"
        return Row((self.slope(turn.node), terms.replace("+ -", "- "), shown), label)

    def _term(self, send: Send) -> str:
        """Write a factor times the slope of its argument; a factor 1 is left out."""
        assert send.local is not None
        graph, notation = self.view.found.graph, self.view.notation
        text = write_text(graph, send.local, self.known, notation)
        if send.source == self.wrt:
            return text.inside(BINDING["+"])
        slope = self.slope(send.source) if send.source in self.live else "0"
        if text.text in ("1", "-1"):
            return text.text.removesuffix("1") + slope
        return text.inside(PRODUCT) + notation.dot + slope

    def definitions(self) -> Iterator[Block]:
        """Yield what t1, t2, ... stand for."""
        view = self.view
        nodes = view.found.forward.nodes
        named = [
            node
            for node, text in self.known.items()
            if text.text == view.name(node) and nodes[node]["gate"] != "input"
        ]
        for node in view.cut(named):
            formula = write_text(
                view.found.graph, node, self.known, view.notation, whole=True
            )
            text = formula.text
            yield Row((view.name(node), text, view.number(node)))
        yield from view.rest(len(named), VALUES)


def _inlined(
    view: View, notation: Notation, chosen: frozenset[str] | None = None
) -> dict[str, Text]:
    """Write out the values without a name of their own, if short; or these chosen."""
    found, view = view.found, replace(view, notation=notation)
    known = dict(view.known)
    short = {}
    for node in found.labels:  # arguments first
        data = found.forward.nodes[node]
        if data["gate"] == "input" or data["name"] or node == found.output:
            continue
        text = write_text(found.graph, node, known, notation, whole=True)
        if len(text.text) <= LONGEST if chosen is None else node in chosen:
            known[node] = short[node] = text
    return short
