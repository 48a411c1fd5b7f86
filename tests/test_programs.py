"""Programs as people have them: read unedited, with what must come out."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from gradtutor.graph import check_graph, inputs
from gradtutor.language import parse_network
from gradtutor.language.program.reading import read_program
from gradtutor.language.syntax import Source

INPUTS = Path(__file__).parent / "inputs"
FILES = sorted(INPUTS.glob("*.py"))


def stated(path):
    return json.loads(path.with_suffix(".shapes.json").read_text())


def as_stated(got, wanted):
    """Whether sizes are those that a file has; None stands for any."""
    pairs = zip(got, wanted, strict=True)
    return all(size is None or size == one for one, size in pairs)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_file_says_what_it_must(path):
    wanted = stated(path)
    program = read_program(Source(path.read_text()))
    graph, found = program.net.graph, program.run.found
    names = inputs(graph, "parameter")
    count = sum(math.prod(graph.nodes[name]["shape"]) for name in names)
    sizes = program.tracer.sizes(program.prediction)[1:]
    if wanted["input"] is not None:
        assert as_stated(program.shape, wanted["input"])
        assert as_stated(sizes, wanted["output"])
        assert count == wanted["parameters"]
    optimiser = program.optimiser
    assert (optimiser and optimiser.item.name) == wanted["optimizer"]
    rate = optimiser.item.arguments.get("learning_rate") if optimiser else None
    assert rate == wanted["lr"]
    assert ((program.loss and program.loss.text) or None) == wanted["loss"]
    assert (found.epochs, found.batch_size) == (wanted["epochs"], wanted["batch_size"])


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_file_makes_a_sound_graph(path):
    text = path.read_text()
    for training in (True, False):
        graph = parse_network(text, training=training)
        check_graph(graph)
        assert graph.nodes[graph.graph["output"]]["shape"] == ()
        for name, data in graph.nodes(data=True):
            span = data.get("span")
            assert span is None or 0 <= span[0] < span[1] <= len(text), name
