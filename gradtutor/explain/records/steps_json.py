"""A derivation as JSON: the records, from which every other form is a reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradtutor.evaluate.report import plain
from gradtutor.explain.notation.writing import LANGUAGE, write
from gradtutor.explain.records.derivation import Derivation, Send, Turn
from gradtutor.explain.records.derivation_rules import gate_rules
from gradtutor.explain.records.paths import count_paths
from gradtutor.explain.records.replay import sent_text
from gradtutor.explain.records.value_names import gradient_names
from gradtutor.graph import inputs
from gradtutor.language.formula.unparse import Text
from gradtutor.messages import speaking


def steps_json(found: Derivation) -> dict[str, Any]:
    """Return values, backward steps and forks; formulas are in the language.

    To replay: set the output's gradient to 1, walk ``backward`` in order, and add to
    the gradient of each ``to`` what its ``gradient`` gives (or upstream × ``local``).
    """
    known, names = LANGUAGE.known(found.labels), gradient_names(found.labels)
    nodes = found.forward.nodes
    values = [
        {
            "name": label,
            "formula": write(found.graph, node, known, LANGUAGE, whole=True),
            "shape": nodes[node]["shape"],
        }
        | _value(found, "value", node)
        for node, label in found.labels.items()
    ]
    count = count_paths(found)
    return {
        "output": found.labels[found.output],
        "wrt": list(found.wrt),
        "inputs": inputs(found.forward),
        "values": values,
        "backward": [_turn(found, turn, known, names) for turn in found.turns],
        "gradients": {
            name: {"name": names[name]} | _value(found, "value", found.gradients[name])
            for name in found.wrt
            if name in found.gradients
        },
        "forks": [
            {"name": found.labels[node], "terms": len(sends)}
            | {"paths": count.before.get(node, 0) * count.behind[node]}
            for node, sends in found.arriving.items()
            if len(sends) > 1
        ],
        "paths": count.paths,
        "factors": count.factors,
        "edges": count.edges,
    }


def _rule(found: Derivation, turn: Turn) -> str:
    """Name a rule for programs: in English, whatever a person reads."""
    with speaking("en"):
        return gate_rules(found, turn)


def _turn(
    found: Derivation, turn: Turn, known: Mapping[str, Text], names: dict[str, str]
) -> dict[str, Any]:
    return {
        "name": found.labels[turn.node],
        "rule": _rule(found, turn),
        "upstream": names[turn.node],
        "to": [_send(found, turn, send, known, names) for send in turn.sends],
    } | _value(found, "upstream_value", turn.upstream)


def _send(
    found: Derivation,
    turn: Turn,
    send: Send,
    known: Mapping[str, Text],
    names: dict[str, str],
) -> dict[str, Any]:
    """Return one record; ``local`` is there where the gate has a local derivative."""
    data: dict[str, Any] = {
        "name": found.labels[send.source],
        "into": names[send.source],
        "gradient": sent_text(found, known, turn, send, names),
    }
    if send.local is not None and found.is_scalar:
        data["local"] = write(found.graph, send.local, known, LANGUAGE)
        data |= _value(found, "local_value", send.local)
    return data | _value(found, "value", send.gradient)


def _value(found: Derivation, key: str, node: str) -> dict[str, Any]:
    value = found.values.get(node)
    return {} if value is None else {key: plain(value)}
