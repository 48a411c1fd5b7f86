"""A derivation in a notation: names, gradients, local derivatives, numbers, shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gradtutor.explain.notation.document import Block, Say
from gradtutor.explain.notation.writing import TERMINAL, Notation, write
from gradtutor.explain.records.derivation import Derivation, Send
from gradtutor.explain.records.paths import Edges, PathCount, count_paths, edges_of
from gradtutor.explain.records.value_names import gradient_names
from gradtutor.gates import show_shape
from gradtutor.graph import operands
from gradtutor.language.formula.unparse import Text
from gradtutor.messages import mark, tr

#: Values and steps that are shown without --all.
LINES = 40
#: What is said of those that are left out.
VALUES = mark("... and {count} more values: --all shows them")
STEPS = mark("... and {count} more steps: --all shows them")


@dataclass(frozen=True)
class View:
    """What the lines of a derivation are put together from.

    Attributes
    ----------
    everything : bool
        Whether long lists are shown whole.
    """

    found: Derivation
    notation: Notation = TERMINAL
    everything: bool = False

    @cached_property
    def known(self) -> dict[str, Text]:
        """What every labelled value is called here."""
        names = self.names
        return {node: Text(names[label]) for node, label in self.found.labels.items()}

    @cached_property
    def names(self) -> dict[str, str]:
        """How the names of values, and of tensors' gradients, are written here."""
        slopes = () if self.found.is_scalar else self.slopes.values()
        return self.notation.names([*self.found.labels.values(), *slopes])

    @cached_property
    def slopes(self) -> dict[str, str]:
        """What the gradient at every labelled tensor is called."""
        return gradient_names(self.found.labels)

    @cached_property
    def count(self) -> PathCount:
        """How many paths and edges there are."""
        return count_paths(self.found)

    @cached_property
    def edges(self) -> Edges:
        """What reads each value."""
        return edges_of(self.found)

    # ---- names ----

    def name(self, node: str) -> str:
        """Write a value's name."""
        return self.known[node].text

    def gradient(self, node: str) -> str:
        """Write the gradient at a value: ∂f/∂q, or dq where there are tensors."""
        if not self.found.is_scalar:
            return self.names[self.slopes[node]]
        return self.notation.partial.format(
            self.name(self.found.output), self.name(node)
        )

    def part(self, send: Send) -> str:
        """Write what one wire brings: the gradient, or that part of it."""
        whole = self.gradient(send.source)
        if len(self.found.arriving[send.source]) == 1:
            return whole
        name = self._reader(send)
        if self.notation.via:
            return self.notation.via.format(whole, name)
        return tr("{whole} via {name}", whole=whole, name=name)

    def _reader(self, send: Send) -> str:
        """Name the value that reads a wire, and the place where it reads it twice."""
        turn = self.found.turn_of[send.wire]
        twice = [one for one in turn.sends if one.source == send.source]
        place = f" ({twice.index(send) + 1})" if len(twice) > 1 else ""
        return self.name(turn.node) + place

    def local(self, send: Send) -> str:
        """Write a local derivative's name: ∂q/∂x."""
        node = self.found.turn_of[send.wire].node
        return self.notation.partial.format(self.name(node), self.name(send.source))

    def equation(self, node: str) -> str:
        """Write a value with its formula, to stand in a sentence."""
        text = f"{self.name(node)} = {self.written(node, whole=True)}"
        return self.notation.quote(text)

    def written(
        self, node: str, known: Mapping[str, Text] | None = None, *, whole: bool = False
    ) -> str:
        """Write a node, such as a local derivative, in terms of the named values."""
        known = known or self.known
        return write(self.found.graph, node, known, self.notation, whole=whole)

    # ---- numbers and shapes ----

    def number(self, node: str | None) -> str:
        """Write a node's value, if there is one."""
        if node is None or node not in self.found.values:
            return ""
        return self.notation.value(self.found.values[node])

    def joined(self, nodes: Sequence[str | None], sign: str) -> str:
        """Write numbers with a sign between them, negative ones in parentheses."""
        numbers = [self.number(node) for node in nodes]
        if not all(numbers):
            return ""
        first, *others = numbers
        return sign.join([first, *(bracketed(number) for number in others)])

    def shape(self, node: str, product: str | None = None) -> str:
        """Write a value's shape; of a product as (128, 10) = (128, N)(N, 10)."""
        shape = self.found.forward.nodes[node]["shape"]
        graph = self.found.graph
        if not shape or product is None or graph.nodes[product]["gate"] != "matmul":
            return show_shape(shape) if shape else ""
        factors = [graph.nodes[arg]["shape"] for arg in operands(graph, product)]
        return f"{show_shape(shape)} = {''.join(map(show_shape, factors))}"

    # ---- long lists ----

    def cut(self, items: Sequence[str]) -> Sequence[str]:
        """Return the items to show."""
        return items if self.everything else items[:LINES]

    def rest(self, count: int, what: str) -> Iterator[Block]:
        """Say how many items are not shown."""
        if count > LINES and not self.everything:
            yield Say(tr(what, count=count - LINES))


def bracketed(text: str) -> str:
    """Put parentheses round a sum or a negative number that is a factor."""
    return f"({text})" if " + " in text or " - " in text or text[:1] == "-" else text
