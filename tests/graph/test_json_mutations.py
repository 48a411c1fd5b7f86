"""Graphs from JSON that was broken at random: refused with a path, or usable whole."""

from __future__ import annotations

import json
import os
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from json_mutations import mutated, seeds
from places import ROOT

from gradtutor.calculus.symbols import wire_symbols
from gradtutor.circuit import Circuit, parse
from gradtutor.cli.failures import failure_of
from gradtutor.codegen.step import training_step
from gradtutor.codegen.text.statements import statements
from gradtutor.evaluate.point import random_point
from gradtutor.explain.records.derivation import derive
from gradtutor.gates import GATES
from gradtutor.graph import GraphError, from_json, inputs, to_json
from gradtutor.graph.schema import ATTRIBUTES, attributes_form
from gradtutor.render import Style, table
from gradtutor.render.page.html_file import circuit_page

SAMPLED = 200
#: The whole campaign: GRADTUTOR_CAMPAIGN=200000 pytest -m campaign -k mutation
CAMPAIGN = int(os.environ.get("GRADTUTOR_CAMPAIGN", "0"))
CHEAP_USES = ["symbols", "gradients", "statements", "json"]
SOME, FEW = 4, 16  # of the usable graphs, every so many is used by all, or slowly


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
            training_step(graph, statistics=graph.graph["network"]["statistics"])
    elif kind == "json":
        assert to_json(from_json(to_json(graph))) == to_json(graph)
    elif kind == "diff":
        circuit.diff(*circuit.variables[:1] or inputs(graph)[:1])
    elif kind == "steps":
        derive(graph)
    elif kind == "forms":
        circuit.open().close()
    elif kind == "check":
        circuit.check()
    elif kind == "page":
        circuit_page(graph, circuit.ties, Style(), {})


SLOW_USES = ["diff", "steps", "forms", "check", "page"]


def campaign(first, last, some=1):
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
        turn = counts["usable"]
        kinds = CHEAP_USES if turn % some == 0 else []
        for kind in [*kinds, *(SLOW_USES if turn % FEW == 0 else [])]:
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
    counts = campaign(0, SAMPLED, SOME)
    assert counts["refused"] > SAMPLED // 4 and counts["usable"] > SAMPLED // 20


REFUSED = [
    # what is changed in the JSON of a formula, and the message
    (lambda d: d["nodes"][3]["attrs"].update(axis="x"), "nodes[3].attrs.axis: "),
    (lambda d: d["nodes"][3]["attrs"].update(axis=[5]), "sum.3: axis 5 is outside"),
    (lambda d: d["nodes"][3]["attrs"].update(axes=[0]), "nodes[3].attrs takes axis, k"),
    (lambda d: d["nodes"][2].pop("name"), "nodes[2].name is missing"),
    (lambda d: d["nodes"][2].update(name="import"), 'nodes[2].name: "import" is not'),
    (lambda d: d["nodes"][2].update(name="a b"), 'nodes[2].name: "a b" is not'),
    (lambda d: d["nodes"][0].update(name=["x"]), 'nodes[0].name: ["x"] is not a name'),
    (lambda d: d["nodes"][0].update(role="king"), "nodes[0].role: "),
    (lambda d: d["nodes"][0].update(shape=[2, -3]), "nodes[0].shape[1]: -3 is not"),
    (lambda d: d["nodes"][0].update(shape=[True]), "nodes[0].shape[0]: true is not"),
    (lambda d: d["nodes"][0].update(value=[1]), "nodes[0].value: [1] is not a list of"),
    (lambda d: d["nodes"][2].update(colour=1), "nodes[2] takes gate, name, shape"),
    (lambda d: d["nodes"][2].update(span=[0, 999]), "nodes[2].span: "),
    (lambda d: d["nodes"][2].update(span=[10**4299]), "nodes[2].span: "),
    (lambda d: d["nodes"][2].update(gate="foo"), 'nodes[2].gate: "foo" is not a gate'),
    (lambda d: d["nodes"].append(None), "nodes[4].gate: null is not a gate"),
    (lambda d: d["nodes"].append(d["nodes"][0]), "nodes[4]: there is another node x"),
    (lambda d: d["nodes"].reverse(), "stands before"),
    (lambda d: d.update(nodes={}), "nodes: {} is not a list"),
    (lambda d: d.pop("edges"), "edges is missing"),
    (lambda d: d["edges"][0].update(key="0"), 'edges[0].key: "0" is not a whole'),
    (lambda d: d["edges"][0].update(source="w"), 'edges[0].source: "w" is not a node'),
    (lambda d: d["edges"].append(d["edges"][0]), "edges[3]: there is another wire"),
    (lambda d: d["edges"].pop(), "sum has 0 arguments"),
    (lambda d: d["graph"].update(output=None), "graph.output: null is not"),
    (lambda d: d["graph"].update(output="nobody"), "'nobody' is not a node"),
    (lambda d: d["graph"].update(source=3), "graph.source: 3 is not a text"),
    (lambda d: d.update(schema=2), "schema 2 is not known here"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_a_fault_in_json_is_one_message_with_its_path(change, message):
    data = json.loads(parse("x: (2, 3)\nq = x*2\nsum(q, axis=0)").to_json())
    change(data)
    with pytest.raises(GraphError) as caught:
        from_json(json.dumps(data))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "nests too deep"),
        ("9" * 5000, "no JSON"),
        ("nul", "no JSON"),
        ("3", "3 is not an object"),
    ],
)
def test_a_text_that_is_no_graph_is_told(text, message):
    with pytest.raises(GraphError) as caught:
        from_json(text)
    assert message in str(caught.value) and len(str(caught.value)) < 300


def test_every_attribute_of_every_gate_has_its_form():
    for name, gate in GATES.items():
        for key, usual in getattr(gate, "keywords", {}).items():
            assert key in ATTRIBUTES, (name, key)
            told = json.loads(json.dumps(usual))
            assert attributes_form(name).entries[key](told, key) == usual, (name, key)


def test_every_example_network_survives_the_door():
    for path in sorted((ROOT / "examples").glob("*.net")):
        graph = parse(path.read_text(encoding="utf-8")).graph
        assert to_json(from_json(to_json(graph))) == to_json(graph), path.name


@pytest.mark.parametrize(
    "text", ["2x", "x'*A*x", "det(X)", "W: parameter (3,)\nsum(W)"]
)
def test_a_graph_with_an_assumed_reading_survives_the_door(text):
    graph = parse(text).graph
    assert to_json(from_json(to_json(graph))) == to_json(graph)


@pytest.mark.campaign
@pytest.mark.skipif(not CAMPAIGN, reason="GRADTUTOR_CAMPAIGN=200000 asks for it")
@pytest.mark.parametrize("part", range(8))
def test_mutations_by_the_hundred_thousand(part):
    size = CAMPAIGN // 8
    campaign(SAMPLED + part * size, SAMPLED + (part + 1) * size)
