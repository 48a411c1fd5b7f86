r"""Replay a derivation's steps: the derivative as a program of the steps alone.

>>> from gradtutor.explain.records.derivation import derive
>>> from gradtutor.language import parse
>>> print(replay(derive(parse("q = x + y\nf = q*sin(q)"), ["x"]), "x"))
q = x + y
t1 = sin(q)
f = q*t1
dt1 = q
dq = (dt1*(cos(q))) + (t1)
dx = dq*(1)
dx
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping

from gradtutor.explain.notation.writing import LANGUAGE, write
from gradtutor.explain.records.derivation import Derivation, Send, Turn
from gradtutor.explain.records.value_names import gradient_names
from gradtutor.language.formula.unparse import Text


def replay(found: Derivation, wrt: str) -> str:
    """Write the steps as lines of the language, the gradient of one input last.

    Nothing but the records goes into it: formulas, local derivatives, what is added.
    """
    lines, gradients = replayed(found)
    return "\n".join([*lines, gradients.get(wrt, "0")])


def replayed(found: Derivation) -> tuple[list[str], dict[str, str]]:
    """Return the steps as lines, and what the gradient at each value is called."""
    known = LANGUAGE.known(found.labels)
    lines = []
    for node, label in found.labels.items():
        if found.forward.nodes[node]["gate"] != "input":
            formula = write(found.graph, node, known, LANGUAGE, whole=True)
            lines.append(f"{label} = {formula}")
    names = gradient_names(found.labels)
    gradients = {found.output: "1"}
    turns = {turn.node: turn for turn in found.turns}
    for node in [*turns, *found.wrt]:
        sends = found.arriving.get(node, ())
        parts = [
            sent_text(found, known, found.turn_of[one.wire], one, gradients)
            for one in sends
        ]
        if not parts:
            continue
        text = " + ".join(f"({part})" for part in parts) if parts[1:] else parts[0]
        gradients[node] = names[node]
        if re.fullmatch(r"-?[\d.]+(e[+-]?\d+)?", text):  # x = 2 would be an input
            gradients[node] = f"({text})"
        else:
            lines.append(f"{names[node]} = {text}")
    return lines, gradients


def sent_text(
    found: Derivation,
    known: Mapping[str, Text],
    turn: Turn,
    send: Send,
    gradients: Mapping[str, str],
) -> str:
    """Write what a record sent in the language, the upstream gradient by its name.

    Parameters
    ----------
    known, gradients : mapping
        What the values, and the gradients at them, are called.
    """
    upstream = gradients[turn.node]
    if found.is_scalar:
        assert send.local is not None
        local = write(found.graph, send.local, known, LANGUAGE)
        return local if upstream == "1" else f"{upstream}*({local})"
    if upstream != "1" and turn.upstream not in known:  # dt1 may be x itself
        known = ChainMap({turn.upstream: Text(upstream)}, dict(known))
    return write(found.graph, send.gradient, known, LANGUAGE)
