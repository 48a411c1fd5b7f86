"""Graphs from JSON that was broken at random: refused with a path, or usable whole."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from json_mutations import mutated, seeds

from gradtutor.calculus.symbols import wire_symbols
from gradtutor.circuit import Circuit
from gradtutor.cli.failures import failure_of
from gradtutor.codegen.step import training_step
from gradtutor.codegen.text.statements import statements
from gradtutor.evaluate.point import random_point
from gradtutor.explain.records.derivation import derive
from gradtutor.graph import GraphError, from_json, inputs, to_json
from gradtutor.render import Style, table
from gradtutor.render.page.html_file import circuit_page

SAMPLED = int(os.environ.get("GRADTUTOR_SAMPLED", "1500"))
#: The whole campaign: GRADTUTOR_CAMPAIGN=200000 pytest -m campaign -k mutation
CAMPAIGN = int(os.environ.get("GRADTUTOR_CAMPAIGN", "0"))
CHEAP_USES = ["symbols", "gradients", "statements", "json"]
SLOW_EVERY = 8


def use(kind, circuit):
    """Use a graph as the commands do."""
    graph = circuit.graph
    if kind == "symbols":
        table(graph, Style(show="symbols"), wire_symbols(graph, circuit.ties))
        circuit.dot(Style(show="symbols", captions=True))
    elif kind == "gradients":
        point = {
            name: value
            for name, value in random_point(graph, 0).items()
            if graph.nodes[name].get("value") is None
        }
        circuit.gradients(**point)
        circuit.dot(Style(), **point)
    elif kind == "statements":
        if all(shape is not None for _, shape in graph.nodes(data="shape")):
            statements(graph, [graph.graph["output"]], inputs(graph))
        if "network" in graph.graph and inputs(graph, "parameter"):
            training_step(graph, graph.graph["network"]["statistics"])
    elif kind == "json":
        assert to_json(from_json(to_json(graph))) == to_json(graph)
    elif kind == "diff":
        circuit.diff()
    elif kind == "steps":
        derive(graph)
    elif kind == "forms":
        circuit.open().close()
    elif kind == "check":
        circuit.check()
    elif kind == "page":
        circuit_page(graph, circuit.ties, Style(), {})


SLOW_USES = ["diff", "steps", "forms", "check", "page"]


def campaign(first, last):
    """Return how many were refused and used; fail with the first fault of each kind."""
    valid, counts, faults = seeds(), Counter(), {}
    for seed in range(first, last):
        rng = np.random.default_rng(seed)
        text = mutated(rng, valid[int(rng.integers(len(valid)))], valid)
        try:
            circuit = Circuit(from_json(text))
        except GraphError as error:
            counts["refused"] += 1
            assert 10 < len(str(error)) < 400 and "\n" not in str(error), seed
            continue
        counts["usable"] += 1
        slow = counts["usable"] % SLOW_EVERY == 0
        for kind in [*CHEAP_USES, *(SLOW_USES if slow else [])]:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    use(kind, circuit)
            except Exception as error:
                if is_fault(error):
                    place = error.__traceback__
                    while place.tb_next is not None:
                        place = place.tb_next
                    code = f"{Path(place.tb_frame.f_code.co_filename).name}"
                    key = kind, type(error).__name__, f"{code}:{place.tb_lineno}"
                    faults.setdefault(key, (seed, str(error)[:200]))
                    counts["faults"] += 1
    assert not faults, "\n".join(f"{key}: {value}" for key, value in faults.items())
    return counts


def is_fault(error):
    return type(error).__module__.partition(".")[0] != "gradtutor" and (
        failure_of.__globals__["_is_ours"](error) is False
    )


def test_a_sample_of_mutations_is_refused_or_usable():
    counts = campaign(0, SAMPLED)
    assert counts["refused"] > SAMPLED // 4 and counts["usable"] > SAMPLED // 20


@pytest.mark.campaign
@pytest.mark.skipif(not CAMPAIGN, reason="GRADTUTOR_CAMPAIGN=200000 asks for it")
@pytest.mark.parametrize("part", range(8))
def test_mutations_by_the_hundred_thousand(part):
    size = CAMPAIGN // 8
    campaign(SAMPLED + part * size, SAMPLED + (part + 1) * size)
