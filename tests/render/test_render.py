"""Pictures: the same bytes each time, every number there, one error per mistake."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from places import TESTS

import gradtutor as gt
from gradtutor import Style
from gradtutor.render import (
    MissingEngineError,
    PictureError,
    dot_source,
    engine_description,
    render_bytes,
    table,
    write_picture,
)
from gradtutor.render.drawing import Drawing
from gradtutor.render.style import number

EMPTY = Drawing("LR", (), ())
GOLDEN = TESTS / "golden" / "dot"

NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
NEURON_AT = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
LAYERS = """z1 = X @ W1 + b1
h1 = relu(z1)
loss = cross_entropy(h1, y)"""
LAYERS_AT = {
    "X": np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 0.0]]),
    "W1": np.array([[0.1, -0.2], [0.3, 0.4], [-0.5, 0.6]]),
    "b1": np.array([0.0, 0.1]),
    "y": np.array([0.0, 1.0]),
}

PICTURES = {
    "product": ("q = x + y\nf = q*z", {"x": -2, "y": 5, "z": -4}, Style()),
    "product-both": (
        "q = x+y\nf = q*z",
        {"x": -2, "y": 5, "z": -4},
        Style(show="both"),
    ),
    "neuron": (NEURON, NEURON_AT, Style()),
    "fork-captions": (
        "f = max(x*y, x + z)",
        {"x": 2, "y": 3, "z": -1},
        Style(captions=True),
    ),
    "dark-down": ("x+x", {"x": 1.5}, Style(theme="dark", direction="TB")),
    "layers": (LAYERS, LAYERS_AT, Style(digits=1)),
    "symbols": ("q = x + y\nf = q*z", {}, Style(show="symbols")),
    "fault": ("log(x - 1)*y", {"x": 0, "y": 2}, Style()),
}


@pytest.fixture(autouse=True)
def wheel_engine(monkeypatch):
    """Draw with the wheel's program, whatever the machine has."""
    monkeypatch.setenv(
        "GRADTUTOR_DOT", str(Path(sys.executable).parent / "graphviz-pure")
    )


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_the_golden_dot(name, request):
    text, at, style = PICTURES[name]
    dot = gt.parse(text).dot(style, **at)
    golden = GOLDEN / f"{name}.dot"
    if request.config.getoption("--rewrite"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(dot, encoding="utf-8")
    assert dot == golden.read_text(encoding="utf-8")


def words(svg: bytes) -> list[str]:
    """Every text of an SVG."""
    root = ET.fromstring(svg)
    return [item.text or "" for item in root.iter("{http://www.w3.org/2000/svg}text")]


def test_every_published_number_is_on_the_picture():
    text, at, style = PICTURES["product"]
    found = words(render_bytes(gt.parse(text).dot(style, **at), "svg"))
    for expected in ["x", "y", "z", "-2.00", "5.00", "q = 3.00", "f = -12.00", "1.00"]:
        assert expected in found
    assert found.count("-4.00") == 4  # z, and the gradients of x, y and q
    assert found.count("3.00") == 1  # the gradient of z


def test_the_neuron_shows_cs231n_numbers_open_and_closed():
    circuit = gt.parse(NEURON)
    opened = words(render_bytes(circuit.dot(**NEURON_AT), "svg"))
    closed = words(render_bytes(circuit.close().dot(**NEURON_AT), "svg"))
    for leaf in ["-0.20", "0.39", "-0.39", "-0.59", "0.20", "0.73"]:
        assert leaf in opened
        assert leaf in closed
    assert [sign for sign in ("×−1", "exp", "1+", "1/x") if sign in opened] == [
        *("×−1", "exp", "1+", "1/x")
    ]
    assert "σ" in closed
    assert "exp" not in closed


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_the_bytes_do_not_depend_on_the_hash_seed(seed):
    program = (
        "import gradtutor as gt\n"
        f"print(gt.parse({NEURON!r}).dot(**{NEURON_AT}), end='')"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert done.stdout == (GOLDEN / "neuron.dot").read_text(encoding="utf-8")


def test_the_first_gate_with_nan_is_marked_and_only_it():
    text, at, style = PICTURES["fault"]
    dot = gt.parse(text).dot(style, **at)
    (marked,) = [line for line in dot.splitlines() if "penwidth" in line]
    assert "log" in marked
    assert "first nan" in marked


RESIDUAL = """Sequential([Input(3), Linear(3), LayerNorm(3),
  Residual([Linear(3), Tanh()]), ReLU(), Linear(2)])
loss = CrossEntropyLoss()
regularizer = L2(0.01)"""


def boxes(dot: str) -> list[str]:
    return re.findall(r"<b>(.*?)</b>", dot)


def test_a_deep_network_is_drawn_by_its_layers():
    circuit = gt.parse(RESIDUAL)
    dot = circuit.dot()
    titles = [
        "Linear(3)",
        "LayerNorm(3)",
        "Linear(3)",
        "Tanh",
        "Residual([Linear(3), Tanh()])",
    ]
    assert boxes(dot) == [*titles, "ReLU", "Linear(2)", "CrossEntropyLoss", "L2(0.01)"]
    labels = re.findall(r'color="#116329">([^<]*)</font>', dot)
    assert labels.count("z₁ (N, 3)") == 1  # three uses in LayerNorm, one wire
    assert "part of ∂loss/∂W₁" in dot  # the rest flows inside Linear
    assert "∂loss/∂y" not in dot
    assert boxes(circuit.dot(Style(layers="open"))) == []
    shallow = gt.parse("Sequential([Input(2), Linear(2)])\nloss = MSELoss()")
    assert boxes(shallow.dot()) == []
    assert boxes(shallow.dot(Style(layers="closed"))) == ["Linear(2)", "MSELoss"]


def test_the_wires_between_layers_carry_the_sum_of_what_they_stand_for():
    circuit = gt.parse(RESIDUAL)
    rng = np.random.default_rng(5)
    shapes = {name: circuit.graph.nodes[name]["shape"] for name in circuit.inputs}
    at = {
        name: np.zeros(1)
        if name == "y"
        else rng.normal(size=[1 if n == "N" else n for n in shape])
        for name, shape in shapes.items()
    }
    trace = circuit.trace(**at)
    dot = circuit.dot(Style(digits=4), **at)
    for node in ("z1", "X"):  # z1 goes to LayerNorm alone, by three wires
        shown = [f"{x:.4f}" for x in trace.node_gradients[node].ravel()]
        assert all(f"<i>{number}</i>" in dot for number in shown), (shown, dot)


def test_the_layer_with_the_first_nan_is_marked():
    circuit = gt.parse(RESIDUAL)
    at = {
        name: np.zeros(
            [1 if n == "N" else n for n in circuit.graph.nodes[name]["shape"]]
        )
        for name in circuit.inputs
    }
    at["W4"][:] = 1e308
    at["beta2"][:] = 1e308
    dot = circuit.dot(**at)
    (marked,) = [line for line in dot.splitlines() if "penwidth" in line]
    assert "first ∞" in marked
    assert "<b>" in marked


def test_a_network_beyond_the_limit_is_drawn_by_its_layers(tmp_path):
    text = "Sequential([Input(400, 2), RNN(2), Linear(2)])\nloss = CrossEntropyLoss()"
    circuit = gt.parse(text).open("recurrence")
    path = tmp_path / "rnn.png"
    (note,) = circuit.render(path)
    assert (
        note == f"one box a layer: --open layers draws all {len(circuit.graph)} gates"
    )
    width = int.from_bytes(path.read_bytes()[16:20], "big")
    assert width < 3000
    with pytest.raises(PictureError, match="too many"):
        circuit.render(path, Style(layers="open"))


TIES = [
    ("max(x, y)", "torch", "tie, rule torch: ×0.5 each"),
    ("max(x, y)", "left", "tie, rule left: ×1 the first, ×0 the second"),
    ("min(x, y)", "right", "tie, rule right: ×0 the first, ×1 the second"),
    ("max(x, y)", "both", "tie, rule both: ×1 each"),
    ("max(x, 1)", "both", "kink, rule both: ×1"),
    ("relu(x - y)", "right", "kink, rule right: ×1"),
    ("abs(y - x)", "left", "kink, rule left: ×-1"),
    ("leaky_relu(x - y)", "torch", "kink, rule torch: ×0.01"),
    ("max(x, y + 1)", "both", "routes the gradient to the winner"),
    ("1/x", "torch", "gradient times −constant/x²"),
    ("x/3", "torch", "divides the gradient by the constant"),
    ("0.1*x", "torch", "gradient times the constant"),
    ("1 - x", "torch", "negates the gradient"),
    ("x/y", "torch", "b gets −gradient·a/b²"),
    ("leaky_relu(x)", "both", "passes the gradient, scaled by the slope on the"),
]


@pytest.mark.parametrize(("text", "ties", "caption"), TIES)
def test_a_caption_says_what_the_gate_does_to_the_gradient_also_at_a_tie(
    text, ties, caption
):
    circuit = gt.Circuit(gt.parse(text).graph, ties)
    point = {"x": 1.0, "y": 1.0}
    at = {name: point[name] for name in circuit.inputs}
    dot = circuit.dot(Style(captions=True), **at)
    lines = re.findall(r'point-size="10">([^<]*)<', dot)
    assert caption in " ".join(lines)


def test_names_cannot_break_the_markup():
    circuit = gt.parse("a_b*θ + 权重")
    dot = circuit.dot(a_b=1, θ=2, 权重=3)
    assert {"a_b", "θ", "权重"} <= set(words(render_bytes(dot, "svg")))
    shown = gt.parse("where(x > 0, x, y)")
    svg = render_bytes(shown.dot(Style(show="symbols")), "svg")
    assert any("x > 0" in word for word in words(svg))


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("svg", b"<?xml"),
        ("png", b"\x89PNG\r\n"),
        ("pdf", b"%PDF-"),
        ("dot", b"digraph"),
    ],
)
def test_each_format_is_what_its_name_says(suffix, start, tmp_path):
    path = tmp_path / f"circuit.{suffix}"
    assert gt.parse("x*y").render(path, x=1, y=2) == []
    assert path.read_bytes().startswith(start)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_the_text_is_in_the_pdf():
    dot = gt.parse("q = x + y\nf = q*θ").dot(x=-2, y=5, θ=-4)
    assert b"/BaseFont" in render_bytes(dot, "pdf")
    empty = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
    with pytest.raises(MissingEngineError, match="needs a font"):
        from gradtutor.render.engines import _pdf_from_svg

        _pdf_from_svg(empty, wide=False)


def test_a_png_is_large_enough_for_a_slide():
    png = render_bytes(gt.parse("x*y").dot(x=1, y=2), "png")
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    assert width > 400
    assert height > 150


def test_an_unknown_suffix_names_the_known_ones(tmp_path):
    with pytest.raises(PictureError, match=r"\.svg, \.png, \.pdf, \.dot"):
        write_picture(tmp_path / "circuit.bmp", EMPTY, Style())


def test_a_failure_leaves_the_old_file_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "gradtutor.render.writers.format.dot_text", lambda *_: "this is no dot"
    )
    path = tmp_path / "circuit.svg"
    path.write_text("old")
    with pytest.raises(ValueError, match="failed"):
        write_picture(path, EMPTY, Style())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_os_error_with_its_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        gt.parse("x").render(tmp_path / "nowhere" / "x.svg", x=1)


def test_engines_are_tried_in_the_stated_order(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADTUTOR_DOT", "no-such-program")
    with pytest.raises(MissingEngineError, match="no-such-program"):
        engine_description()
    monkeypatch.delenv("GRADTUTOR_DOT")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "graphviz-pure" in engine_description()
    fake = tmp_path / "dot"
    fake.write_text("#!/bin/sh\necho 'dot - graphviz version 99' >&2\n")
    fake.chmod(0o755)
    assert "version 99" in engine_description()


def test_a_chinese_picture_has_its_letters_or_warns(tmp_path, monkeypatch):
    circuit = gt.parse("权重*x")
    at = {"权重": 2, "x": 3}
    for suffix in ("png", "pdf", "svg"):
        assert circuit.render(tmp_path / f"c.{suffix}", **at) == []
    assert "@font-face" in (tmp_path / "c.svg").read_text("utf-8")
    monkeypatch.setattr("gradtutor.render.picture.can_draw", lambda: False)
    monkeypatch.setattr("gradtutor.render.picture.machines_font", lambda: None)
    (warning,) = circuit.render(tmp_path / "d.png", **at)
    assert ".svg" in warning


def test_too_many_gates_for_a_picture_are_refused():
    text = "\n".join(["x = sin(x)"] * 2001)
    with pytest.raises(PictureError, match="too many"):
        gt.parse(text).dot(x=1)


def test_a_notebook_shows_svg():
    assert gt.parse("x*y")._repr_svg_().startswith("<?xml")


NUMBERS = [
    (0.7310585, 2, "0.73"),
    (-0.19661, 2, "-0.20"),
    (-0.0, 2, "0.00"),
    (1e-7, 2, "1.0e-07"),
    (123456789.0, 2, "1.2e+08"),
    (float("nan"), 2, "nan"),
    (float("-inf"), 2, "-∞"),
    (3, 0, "3"),
    (2.5, 4, "2.5000"),
]


@pytest.mark.parametrize(("value", "digits", "expected"), NUMBERS)
def test_numbers_are_short_and_true(value, digits, expected):
    assert number(value, digits) == expected


def shown(item, width=80) -> str:
    from rich.console import Console

    console = Console(width=width, no_color=True, force_terminal=False)
    with console.capture() as capture:
        console.print(item)
    return capture.get()


def test_the_table_has_operation_value_and_gradient():
    text, at, style = PICTURES["product"]
    rows = shown(table(gt.parse(text).trace(**at), style)).splitlines()
    (line,) = [row for row in rows if row.strip().startswith("q")]
    assert line.split() == ["q", "x", "+", "y", "3.00", "-4.00"]
    assert max(map(len, rows)) <= 80


def test_a_large_tensor_is_shown_by_shape_and_range():
    circuit = gt.parse("sum(x*x)")
    text = shown(table(circuit.trace(x=np.linspace(0, 1, 50)), Style()))
    assert "(50,) 0.00 to 1.00" in text
    dot = dot_source(circuit.trace(x=np.linspace(0, 1, 50)), Style(heat=False))
    assert "0.00 to 2.00" in dot
