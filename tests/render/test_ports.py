"""Long wires of a large picture are cut, so that it can be laid out and read."""

from __future__ import annotations

import resource

import pytest

from gradtutor.evaluate import run
from gradtutor.language import parse
from gradtutor.render import Style, circuit_drawing, dot_source, render_bytes


def wide(lines):
    """Return a running sum of products of seven inputs: three gates a line."""
    text = [f"x{i} = 0.{i + 1}" for i in range(7)] + ["s0 = 0.0"]
    text += [f"s{i + 1} = s{i} + x{i % 7}*cos(x{(i + 3) % 7})" for i in range(lines)]
    return run(parse("\n".join(text)), {})


def test_a_small_picture_keeps_its_wires():
    drawing = circuit_drawing(wide(30), Style())
    assert len(drawing.boxes) < 150
    assert not [box for box in drawing.boxes if box.id.startswith("port_")]


def test_far_readers_are_named_and_keep_both_numbers():
    trace = wide(60)
    drawing = circuit_drawing(trace, Style())
    ports = {box.id: box for box in drawing.boxes if box.id.startswith("port_")}
    cut = [wire for wire in drawing.wires if wire.source in ports]
    assert 80 < len(ports) == len(cut) < 120  # the last readers are near
    for wire in cut:
        (name,) = [line.text for line in ports[wire.source].lines]
        source, target, position = wire.wire
        assert source == f"{name}.copy"
        value, slope = trace.values[name], trace.gradients[source, target, position]
        assert float(wire.value.number) == pytest.approx(float(value), abs=0.006)
        assert float(wire.gradient.number) == pytest.approx(float(slope), abs=0.006)
    assert len({wire.id for wire in drawing.wires}) == len(drawing.wires)
    kept = {wire.wire for wire in drawing.wires} - {None}
    assert kept == set(trace.graph.edges(keys=True)) - {
        edge
        for edge in trace.graph.edges(keys=True)
        if trace.graph.nodes[edge[0]]["gate"] == "number"
    }


def test_a_wide_sum_of_a_thousand_gates_is_laid_out_soon():
    dot = dot_source(wide(333), Style())
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert render_bytes(dot, "svg").startswith(b"<?xml")
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 5
