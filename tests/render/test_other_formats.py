"""Pictures for other programs, and of formulas too long for a box a gate."""

import xml.etree.ElementTree as ET

import pytest
from places import ROOT

import gradtutor as gt
from gradtutor.gates import LEAVES
from gradtutor.render import Style, is_folded
from gradtutor.render.page.group_titles import short_call
from gradtutor.render.page.layer_views import MOST_GATES, groups_of
from gradtutor.render.picture import picture_bytes
from gradtutor.render.positions import positions
from gradtutor.render.writers.dot import dot_text

AT = {"x": -2, "y": 5, "z": -4}
NETWORK = "Sequential([Input(2), Linear(3), ReLU(), Linear(1)])\nloss = MSELoss()\n"
DRAWINGS = {
    "product": gt.parse("q = x + y; f = q*z").drawing(**AT),
    "down": gt.parse("q = x + y; f = q*z").drawing(Style(direction="TB"), **AT),
    "symbols": gt.parse('f = where(x < y, x*"y", exp(z))'.replace('"', "")).drawing(),
    "layers": gt.parse(NETWORK).drawing(Style(layers="closed")),
    "tensor": gt.parse("sum(W @ x)").drawing(W=[[1, 2], [3, 4]], x=[1, -1]),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawio_has_every_box_where_the_svg_has_it(name):
    drawing = DRAWINGS[name]
    text = picture_bytes(drawing, Style(), "drawio").decode()
    cells = {one.get("id"): one for one in ET.fromstring(text).iter("mxCell")}
    laid_out = positions(dot_text(drawing, Style().colours))
    for box in drawing.boxes:
        place, found = laid_out.places[box.id], cells[box.id].find("mxGeometry")
        x = float(found.get("x")) + float(found.get("width")) / 2
        y = float(found.get("y")) + float(found.get("height")) / 2
        assert (x, y) == pytest.approx((place.x, laid_out.height - place.y), abs=0.02)
    for wire in drawing.wires:
        cell = cells[wire.id]
        assert (cell.get("source"), cell.get("target")) == (wire.source, wire.target)
        assert not wire.value.number or wire.value.number in cell.get("value")
        assert not wire.gradient.number or wire.gradient.number in cell.get("value")


@pytest.mark.parametrize("name", DRAWINGS)
def test_mermaid_has_every_box_and_wire(name):
    drawing = DRAWINGS[name]
    first, *lines = picture_bytes(drawing, Style(), "mmd").decode().splitlines()
    assert first == f"flowchart {drawing.direction}"
    assert len(lines) == len(drawing.boxes) + len(drawing.wires)
    for line in lines:
        text = line.split('"')
        assert len(text) in (1, 3), line  # nothing inside ends the text
        assert "<" not in "".join(text[1:2]).replace("<br/>", ""), line


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("nn.Linear(784, 128)", "Linear(784, 128)"),
        ("layers.Dense(10, activation='softmax')", "Dense(10), softmax"),
        ("Conv2D(8, kernel_size=(3, 3), padding='same')", "Conv2D(8, 3×3)"),
        ("MaxPooling2D(pool_size=(2, 2))", "MaxPooling2D(2×2)"),
        ("Dropout(rate=0.5)", "Dropout(rate=0.5)"),
        ("keras.layers.Flatten()", "Flatten"),
        ("Residual([Linear(3), Tanh()])", "Residual([Linear(3), Tanh()])"),
        ("LSTM(32, return_sequences=True)", "LSTM(32)"),
        ("'binary_crossentropy'", "binary crossentropy"),
        ("x @ W + b", "x @ W + b"),
        ("not python (", "not python ("),
    ],
)
def test_a_layers_title_is_its_kind_and_sizes(text, title):
    assert short_call(text) == title


def test_a_long_formula_is_drawn_by_its_named_values():
    text = (ROOT / "examples" / "gpt.net").read_text()
    graph = gt.parse(text).graph
    groups = groups_of(graph)
    members = [node for nodes in groups.values() for node in nodes]
    assert len(members) == len(set(members))
    assert is_folded(graph, Style())
    drawing = gt.parse(text).drawing()
    assert len(drawing.boxes) < MOST_GATES < len(graph)
    drawn = {line.text for box in drawing.boxes for line in box.lines}
    for name in ("x1", "logits", "loss"):
        assert any(one.startswith(f"{name} = ") for one in drawn)
    for nodes in groups.values():  # a group has one value that leaves it
        inside = set(nodes)
        leaving = {n for n in nodes if set(graph.successors(n)) - inside}
        assert len(leaving) <= 1
        assert all(graph.nodes[n]["gate"] not in LEAVES for n in leaving)


def test_a_short_formula_and_one_without_names_keep_their_gates():
    assert groups_of(gt.parse("f = x*y").graph) == {}
    long = gt.parse(" + ".join(f"x*{n}.5*exp(y)" for n in range(40)))
    assert len(long.graph) > MOST_GATES
    assert not is_folded(long.graph, Style())


def test_running_means_are_no_dead_ends_of_a_picture():
    text = (
        "Sequential([Input(4), Linear(3), BatchNorm1d(3), ReLU(), Linear(2)])\n"
        "loss = CrossEntropyLoss()\n"
    )
    drawing = gt.parse(text).drawing(Style(layers="open"))
    read = {wire.source for wire in drawing.wires}
    assert {box.id for box in drawing.boxes} - read == {"output"}
    assert "dot" not in {box.form for box in drawing.boxes}
    ids = {box.id for box in drawing.boxes}
    assert all({wire.source, wire.target} <= ids for wire in drawing.wires)


def test_many_gates_have_names_alone_on_their_wires():
    text = "Sequential([Input(5, 3), LSTM(2), Linear(1)])\nloss = MSELoss()\n"
    opened = gt.parse(text).open()
    titles = [
        wire.gradient.title for wire in opened.drawing(Style(layers="open")).wires
    ]
    assert len(titles) > MOST_GATES
    assert all(" = " not in one or one.endswith(" = 1") for one in titles)
