r"""Reverse mode, gate by gate: upstream gradient times local derivative, with numbers.

>>> from gradtutor.explain.records.derivation import derive
>>> from gradtutor.explain.notation.document import plain
>>> from gradtutor.language import parse
>>> found = derive(parse("q = x + y\nf = q*z"), ["x"], point={"x": -2, "y": 5, "z": -4})
>>> print(plain(list(backward_blocks(View(found)))))
Backward: from the output to the inputs
  ∂f/∂f = 1
  f = q*z  (constant multiple rule)
    ∂f/∂q = z = -4
  q = x + y  (sum rule)
    ∂f/∂x = ∂f/∂q · ∂q/∂x = -4 × 1 = -4
"""

from __future__ import annotations

from collections.abc import Iterator

from gradtutor.explain.notation.document import Block, Heading, Row, Say
from gradtutor.explain.records.derivation import Send, Turn
from gradtutor.explain.records.derivation_rules import gate_rules
from gradtutor.explain.views.fork_view import count_blocks, fork_blocks
from gradtutor.explain.views.notation_view import STEPS, VALUES, View, bracketed
from gradtutor.language.formula.unparse import Text
from gradtutor.messages import tr


def gate_blocks(view: View) -> list[Block]:
    """Return the values, the backward steps with the forks, and the counts."""
    return [*forward_blocks(view), *backward_blocks(view), *count_blocks(view)]


def forward_blocks(view: View) -> Iterator[Block]:
    """Yield every value with its formula, its number or its shape."""
    yield Heading(tr("Forward: the values"))
    nodes = view.found.forward.nodes
    lines = [node for node in view.found.labels if nodes[node]["gate"] != "input"]
    for node in view.cut(lines):
        chain = view.name(node), view.written(node, whole=True), view.number(node)
        yield Row(chain, note=view.shape(node))
    yield from view.rest(len(lines), VALUES)


def backward_blocks(view: View) -> Iterator[Block]:
    """Yield what every gate sends back, in the order of reverse mode."""
    found = view.found
    yield Heading(tr("Backward: from the output to the inputs"))
    yield Row((view.gradient(found.output), "1"))
    turns = {turn.node: turn for turn in found.turns}
    for node in view.cut(list(turns)):
        yield from turn_blocks(view, turns[node])
    yield from view.rest(len(turns), STEPS)
    for name in view.cut(found.wrt):
        yield from fork_blocks(view, name)
        if name not in found.gradients:
            yield Row((view.gradient(name), "0"), label=tr("no gradient flows there:"))


def turn_blocks(view: View, turn: Turn) -> Iterator[Block]:
    """Yield what arrives at a value, and what its gate sends back to each argument."""
    yield from fork_blocks(view, turn.node)
    yield from sent_blocks(view, turn)


def sent_blocks(view: View, turn: Turn) -> Iterator[Block]:
    """Yield a value's formula with its rule, and what its gate sends back."""
    yield Say(
        tr(
            "{equation}  ({rule})",
            equation=view.equation(turn.node),
            rule=gate_rules(view.found, turn),
        )
    )
    row = _factor_row if view.found.is_scalar else _tensor_row
    for send in turn.sends:
        yield row(view, turn, send)


def _factor_row(view: View, turn: Turn, send: Send) -> Row:
    """Write ∂f/∂x = ∂f/∂q · ∂q/∂x = -4 × 1 = -4."""
    assert send.local is not None
    local, number = view.written(send.local), view.number(send.local)
    if turn.node == view.found.output:
        return Row((view.part(send), local, number), indent=2)
    upstream, factor = view.gradient(turn.node), view.local(send)
    product = view.joined([turn.upstream, send.local], view.notation.times)
    note = (
        view.notation.quote(f"{factor} = {local}") if number not in ("", local) else ""
    )
    chain = (
        view.part(send),
        upstream + view.notation.dot + factor,
        product or upstream + view.notation.dot + bracketed(local),
        view.number(send.gradient),
    )
    return Row(chain, note=note, indent=2)


def _tensor_row(view: View, turn: Turn, send: Send) -> Row:
    """Write dW2 = h1ᵀ · dz2 with the shapes of the product."""
    known = dict(view.known)
    upstream = view.found.graph.nodes[turn.upstream]["gate"]
    if upstream != "number" and turn.upstream not in known:  # dt1 may be x itself
        known[turn.upstream] = Text(view.gradient(turn.node))
    chain = (
        view.part(send),
        view.written(send.gradient, known),
        view.number(send.gradient),
    )
    return Row(chain, note=view.shape(send.source, send.gradient), indent=2)
