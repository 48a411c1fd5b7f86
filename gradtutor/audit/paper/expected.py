"""The right derivative of a line, in names that the person has."""

from __future__ import annotations

import re

from gradtutor.audit.paper.lines import Derivation, Line
from gradtutor.calculus.backward import backward_graph
from gradtutor.calculus.closed_form import derivative_text
from gradtutor.graph import Graph, inputs
from gradtutor.language.formula.unparse import ELLIPSIS, expression_text

FITTING = re.compile(r"\b(?:broadcast|routed)\(")
LONGEST = 200  # characters of a right side that is still read


def expected_text(derivation: Derivation, line: Line) -> str:
    """Return the right derivative, in terms of the names there are."""
    if not line.claim:
        return ""
    if line.claim[0] == line.claim[1]:
        return "1" if len(line.claim) == 2 else "0"
    graph, node = differentiated(derivation, line.claim)
    if graph is None:
        return "0"
    names = [one.name for one in derivation.definitions if one.name in graph]
    text = derivative_text(graph, node, names)
    if set(re.findall(r"[^\W\d]\w*(?![\w(=])", text)) & _foreign(derivation, graph):
        return _in_their_names(derivation, line, graph, node, names)
    return text


def _foreign(derivation: Derivation, graph: Graph) -> set[str]:
    """Return the names of a graph's gradients, ds, that no line defines."""
    known = {*inputs(derivation.graph()), *(one.name for one in derivation.definitions)}
    return {str(data["name"]) for _, data in graph.nodes(data=True)} - known


def _in_their_names(
    derivation: Derivation, line: Line, graph: Graph, node: str, names: list[str]
) -> str:
    """Write it out; a derivative that a line claims, or a long one, stands as dL/ds."""
    assert line.claim is not None
    top = line.claim[0]
    claims = [one.claim for one in derivation.lines if one.claim]
    claimed = {claim[1] for claim in claims if len(claim) == 2 and claim[0] == top}
    for below in (claimed, set(names)):
        gradients = {f"d{name}": f"d{top}/d{name}" for name in below}
        shared = [n for n in graph if graph.nodes[n]["name"] in gradients and n != node]
        stops = {*names, *inputs(graph), *shared}
        text = expression_text(graph, node, stops=stops, limit=LONGEST)
        if ELLIPSIS not in text:
            break
    for name, quotient in gradients.items():
        text = re.sub(
            rf"(?P<over>/)?(?<!\w){name}(?!\w)(?P<power>\*\*)?",
            lambda m, q=quotient: _bracketed(m, q),  # type: ignore[misc]
            text,
        )
    return text


def plainer(text: str) -> str:
    """Leave out what only fits shapes: ``broadcast(a, x)`` where ``a`` does as well.

    ``routed(a, b)`` is their product, where it is finite.
    """
    while (match := FITTING.search(text)) is not None:
        depth, cuts, end = 0, [], len(text)
        for at in range(match.end(), len(text)):
            depth += (text[at] in "([") - (text[at] in ")]")
            if depth < 0:
                end = at
                break
            cuts += [at] if text[at] == "," and depth == 0 else []
        ends = [*cuts, end]
        first, other = text[match.end() : ends[0]], text[ends[0] + 1 : ends[-1]]
        kept = first if re.fullmatch(r"[\w.]+", first) else f"({first})"
        if match[0] == "routed(":
            kept = f"({kept}*({other.strip()}))"
        text = text[: match.start()] + kept + text[end + 1 :]
    return text


def _bracketed(match: re.Match[str], quotient: str) -> str:
    over, power = match["over"] or "", match["power"] or ""
    return f"{over}({quotient}){power}" if over or power else quotient


def differentiated(
    derivation: Derivation, claim: tuple[str, ...]
) -> tuple[Graph | None, str]:
    """Return a graph that computes a derivative, and its node; None where it is 0."""
    top, *by = claim
    graph = derivation.graph(top)
    node = graph.graph["output"]
    for below in by:
        if below not in graph or below == node:
            return None, ""
        backward = backward_graph(graph, node, [below])
        if below not in backward.of_node:
            return None, ""
        graph, node = backward.graph, backward.of_node[below]
    return graph, node
