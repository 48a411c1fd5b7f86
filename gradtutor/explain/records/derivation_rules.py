r"""The rules of calculus by which the records differentiate, from the outside in.

>>> from gradtutor.explain.records.derivation import derive
>>> from gradtutor.language import parse
>>> found = derive(parse("sin(x)*x"), ["x"])
>>> [rule_name(found, turn) for turn in found.turns]
['product rule', 'table entry sin']
"""

from __future__ import annotations

from collections.abc import Iterator

from gradtutor.explain.records.derivation import Derivation, Turn
from gradtutor.gates import GATES, Pointwise
from gradtutor.graph import operands
from gradtutor.messages import mark, tr

#: Of arithmetic: the rule by which arguments the gradient flows into.
ARITHMETIC: dict[str, dict[tuple[int, ...], str]] = {
    "add": dict.fromkeys([(0,), (1,), (0, 1)], mark("sum rule")),
    "sub": dict.fromkeys([(0,), (1,), (0, 1)], mark("sum rule")),
    "mul": {(0, 1): mark("product rule")}
    | dict.fromkeys([(0,), (1,)], mark("constant multiple rule")),
    "div": {(0,): mark("constant multiple rule")}
    | dict.fromkeys([(1,), (0, 1)], mark("quotient rule")),
    "pow": {
        (0,): mark("power rule"),
        (1,): mark("exponential rule"),
        (0, 1): mark("power rule, both parts vary"),
    },
    "neg": {(0,): mark("constant multiple rule")},
}


def rule_name(found: Derivation, turn: Turn) -> str:
    """Name the rule of a value's gate by which of its arguments vary.

    The chain rule is named where the argument is not an input itself.
    """
    gate = GATES[found.forward.nodes[turn.node]["gate"]]
    positions = tuple(sorted(send.wire[2] for send in turn.sends))
    if gate.name in ARITHMETIC:
        return _arithmetic(found, turn, positions)
    if not isinstance(gate, Pointwise):
        return tr(gate.role)
    if _has_cases(gate):
        named = tr("by cases, {gate}", gate=gate.name)
    else:
        named = tr("table entry {gate}", gate=gate.name)
    return _chained(named, found, turn)


def _arithmetic(found: Derivation, turn: Turn, positions: tuple[int, ...]) -> str:
    gate = found.forward.nodes[turn.node]["gate"]
    name = ARITHMETIC[gate].get(positions, "")
    named = tr(name) if name else ""
    return _chained(named, found, turn) if gate == "pow" else named


def _chained(rule: str, found: Derivation, turn: Turn) -> str:
    """Add the chain rule, where what the gate reads is computed itself."""
    gates = {found.forward.nodes[send.source]["gate"] for send in turn.sends}
    return rule if gates == {"input"} else tr("{rule}, chain rule", rule=rule)


def _has_cases(gate: Pointwise) -> bool:
    return gate.kink is not None or gate.name == "where"


def tangents(found: Derivation) -> dict[str, float]:
    """Replay the steps from the last to the first in numbers: ∂(value)/∂x of each.

    Parameters
    ----------
    found : Derivation
        Of one input, with values.
    """
    (name,) = found.wrt
    slopes = {found.output: 0.0, name: 1.0}
    for turn in reversed(found.turns):
        slopes[turn.node] = sum(
            float(found.values[send.local]) * slopes.get(send.source, 0.0)
            for send in turn.sends
            if send.local is not None
        )
    return slopes


def gate_rules(found: Derivation, turn: Turn) -> str:
    """Name what happens in a value's line: its gate's rule, or its gates' roles."""
    if found.is_scalar:
        return rule_name(found, turn)
    return tr("; ").join(dict.fromkeys(_roles(found, turn)))


def _roles(found: Derivation, turn: Turn) -> Iterator[str]:
    """Yield the roles of the gates that send the gradient on, the value's first."""
    stack, seen = [turn.node], set()
    while stack:
        node = stack.pop()
        seen.add(node)
        yield tr(GATES[found.forward.nodes[node]["gate"]].role)
        stack += [
            arg
            for arg in operands(found.forward, node)
            if arg not in found.labels
            and arg not in seen
            and found.forward.nodes[arg]["gate"] in GATES
        ]
