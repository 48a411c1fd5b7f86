"""Find the page of a rule, a layer, a loss or an optimiser by its name.

>>> find_topic("chain").name, find_topic("Dense").name, find_topic("Adam").kind
('chain-rule', 'linear', 'optimiser')
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache

from gradtutor.calculus.composites import composites, open_gates
from gradtutor.codegen.optimisers import plan_of, step_lines
from gradtutor.evaluate.point_text import read_point
from gradtutor.explain.notation.document import Block, Heading, Row, plain
from gradtutor.explain.pages.layer_topics import LAYER_TOPICS
from gradtutor.explain.pages.loss_topics import LOSS_TOPICS, OPTIMISER_TOPICS
from gradtutor.explain.pages.rule_topics import RULE_TOPICS
from gradtutor.explain.pages.topic import Topic, TopicPage
from gradtutor.explain.records.derivation import derive
from gradtutor.explain.views.fork_view import fork_blocks
from gradtutor.explain.views.gate_view import (
    backward_blocks,
    forward_blocks,
    turn_blocks,
)
from gradtutor.explain.views.notation_view import View
from gradtutor.explain.views.rule_view import rule_blocks
from gradtutor.graph import Graph, inputs
from gradtutor.language import expression_text, parse, parse_network
from gradtutor.language.layers import LAYERS, Spelling
from gradtutor.language.layers.training import LOSSES, OPTIMISERS
from gradtutor.messages import tr
from gradtutor.optimisers import OPTIMISERS as TABLE

KINDS: dict[str, tuple[Topic, ...]] = {
    "rule": RULE_TOPICS,
    "layer": LAYER_TOPICS,
    "loss": LOSS_TOPICS,
    "optimiser": OPTIMISER_TOPICS,
}
SPELT: dict[str, Mapping[str, Spelling]] = {
    "layer": LAYERS,
    "loss": LOSSES,
    "optimiser": OPTIMISERS,
}

#: Why a page's second form is computed instead of the textbook's.
HOW = {"loss": "stable", "optimiser": "in place"}


def _key(name: str) -> str:
    """Compare names without case, hyphens, underscores and blanks."""
    return re.sub(r"[-_ ]", "", name).lower()


@cache
def _by_name() -> dict[str, tuple[str, Topic]]:
    """Return every topic under its name and its spellings, the first kind first."""
    found: dict[str, tuple[str, Topic]] = {}
    for kind, topics in KINDS.items():
        for topic in topics:
            for name in (topic.name, *topic.also, *_spellings(kind, topic)):
                found.setdefault(_key(name), (kind, topic))
    return found


def _spellings(kind: str, topic: Topic) -> Iterator[str]:
    """Yield the layers', losses' or optimisers' names that mean this topic."""
    for name, spelling in SPELT.get(kind, {}).items():
        if spelling.kind.removesuffix("_flat") == topic.name:
            yield name


def topic_names() -> dict[str, list[str]]:
    """Return the names of all topics by kind."""
    return {kind: [topic.name for topic in topics] for kind, topics in KINDS.items()}


def all_names() -> list[str]:
    """Return every name that has a page here, as a person may write it."""
    names = []
    for kind, topics in KINDS.items():
        for topic in topics:
            names += [topic.name, *topic.also, *_spellings(kind, topic)]
    return names


def find_topic(name: str) -> TopicPage | None:
    """Return a topic's page; None when there is none of that name."""
    if _key(name) not in _by_name():
        return None
    kind, topic = _by_name()[_key(name)]
    also = (*topic.also, *_spellings(kind, topic))
    computed, gradient = _lines_of(kind, topic)
    example = _command(topic) if kind == "rule" else topic.example
    return TopicPage(
        kind,
        topic.name,
        tuple(dict.fromkeys(also)),
        tr(topic.what),
        formula=topic.textbook or computed,
        gradient=gradient,
        when=tr(topic.when),
        pitfalls=tuple(map(tr, topic.pitfalls)),
        example=example,
        computed=computed if topic.textbook else (),
        how=HOW.get(kind, "") if topic.textbook else "",
        source=_source(kind, topic),
    )


def _source(kind: str, topic: Topic) -> str:
    """Return whose formula it is, and what its letters mean."""
    if kind != "optimiser":
        return tr(topic.source)
    return tr("{source}; g: gradient, t: step", source=tr(topic.source))


def topic_sentences() -> list[str]:
    """Return every sentence of the tables, as a key for its Chinese."""
    topics = [topic for each in KINDS.values() for topic in each]
    texts = [(one.what, one.when, *one.pitfalls, one.source) for one in topics]
    return [text for each in texts for text in each if re.search(r"\b[a-z]{2}", text)]


def _command(topic: Topic) -> str:
    """Return the command whose steps a rule's page shows."""
    at = f" --at {topic.at}" if topic.at else ""
    return f'gradtutor diff "{topic.example}"{at} --steps'


def _lines_of(kind: str, topic: Topic) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines that compute it, and those of its gradient."""
    if kind == "rule":
        return (), _rule_lines(topic)
    if kind == "optimiser":
        return _step_text(topic.name), ()
    return _network_lines(topic, kind)


def _rule_lines(topic: Topic) -> tuple[str, ...]:
    """Return the example's steps, by rules or in the order of reverse mode."""
    found = derive(parse(topic.example), point=read_point(topic.at) or None)
    view = View(found)
    by_gates = topic.at or not found.is_scalar
    return _lines(list(backward_blocks(view)) if by_gates else rule_blocks(view))


def _network_lines(topic: Topic, kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines forward and back of a layer, or of the loss behind it."""
    graph = parse_network(topic.example)
    found = derive(graph, inputs(graph, "input", "parameter"))
    view, loss = View(found, everything=True), kind == "loss"
    ends = {node for node in found.labels if node == found.output}
    forward: list[Block] = [
        row
        for row in forward_blocks(view)
        if isinstance(row, Row) and (row.chain[0] == view.name(found.output)) == loss
    ]
    if loss:
        opened = open_gates(graph, composites())
        forward.append(Row((view.name(found.output), _opened_text(opened))))
    turns = [turn for turn in found.turns if (turn.node in ends) == loss]
    backward = [block for turn in turns for block in turn_blocks(view, turn)]
    if not loss:
        backward += [block for name in found.wrt for block in fork_blocks(view, name)]
    return _lines(forward), _lines(backward)


def _opened_text(opened: Graph) -> str:
    """Write the loss by simpler gates."""
    return expression_text(opened, opened.graph["output"])


def _lines(blocks: list[Block]) -> tuple[str, ...]:
    """Lay blocks out without headings, and with nothing in front."""
    kept = [block for block in blocks if not isinstance(block, Heading)]
    return tuple(textwrap.dedent(plain(kept)).split("\n"))


def _step_text(name: str) -> tuple[str, ...]:
    """Return the lines of an optimiser's step as they are printed."""
    return tuple(step_lines(plan_of(TABLE[name])))
