"""TikZ: the SVG's positions and numbers, in text that TeX compiles."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import gradtutor as gt
from gradtutor.render import Style
from gradtutor.render.engines import layout
from gradtutor.render.picture import picture_bytes
from gradtutor.render.positions import positions
from gradtutor.render.writers.dot import dot_text
from gradtutor.render.writers.tikz_text import mathematics, plain

NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
AT = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
NETWORK = """Sequential([Input(4), Linear(3), ReLU(), Linear(2)])
loss = CrossEntropyLoss()"""

CASES = {
    "neuron": (gt.parse(NEURON), AT, Style()),
    "down": (gt.parse(NEURON), AT, Style(direction="TB")),
    "tensors": (
        gt.parse("sum(tanh(W @ x))"),
        {"W": [[1, 2], [3, 4]], "x": [1, -1]},
        Style(),
    ),
    "captions": (
        gt.parse("f = max(x*y, x + z)"),
        {"x": 2, "y": 3, "z": -1},
        Style(captions=True, show="both"),
    ),
    "symbols": (gt.parse("alpha_1*x**2 + λ*exp(-β)"), {}, Style()),
    "fault": (gt.parse("log(x)*y"), {"x": -1, "y": 2}, Style()),
    "layers": (gt.parse(NETWORK), {}, Style(layers="closed", direction="TB")),
    "heat": (
        gt.parse("sum(W*W)", {"W": (5, 4)}),
        {"W": np.linspace(-1, 2, 20).reshape(5, 4)},
        Style(),
    ),
    "long names": (
        gt.parse("the_learning_rate_of_all_layers*x"),
        {"the_learning_rate_of_all_layers": 1e-12, "x": 3},
        Style(show="both"),
    ),
    "names": (
        gt.parse("a_b + W12*y_max"),
        {"a_b": 1e-9, "W12": 1e9, "y_max": 3},
        Style(),
    ),
}


def tikz(name, **changes):
    circuit, at, style = CASES[name]
    style = Style(**{**vars(style), **changes})
    return picture_bytes(circuit.drawing(style, **at), style, "tex").decode()


def test_positions_are_those_of_the_svg():
    circuit, at, style = CASES["neuron"]
    dot = dot_text(circuit.drawing(style, **at), style.colours)
    places = positions(dot).places
    root = ET.fromstring(layout(dot, "svg"))
    svg = "{http://www.w3.org/2000/svg}"
    circles = {}
    for group in root.iter(f"{svg}g"):
        ellipse, title = group.find(f".//{svg}ellipse"), group.find(f"{svg}title")
        if ellipse is not None and group.get("class") == "node":
            circles[title.text] = (float(ellipse.get("cx")), -float(ellipse.get("cy")))
    assert len(circles) >= 8
    for name, (x, y) in circles.items():
        assert places[name].x == pytest.approx(x, abs=0.1)
        assert places[name].y == pytest.approx(y, abs=0.1)


def test_numbers_are_those_of_the_wires():
    circuit, at, _ = CASES["neuron"]
    trace = circuit.trace(**at)
    text = tikz("neuron")
    values = re.findall(r"\\node\[value.*?\{\$(?:\w+ = )?(-?[\d.]+)\$\}", text)
    gradients = re.findall(r"\\node\[gradient.*?\\mathit\{(-?[\d.]+)\}", text)
    assert len(values) == len(gradients) == text.count(r"\node[value")
    assert {f"{float(x):.2f}" for x in trace.gradients.values()} <= set(gradients)
    assert f"{float(trace.values[trace.output]):.2f}" in values


#: The 26 pairs of CS231n's notes "Backpropagation, Intuitions": value and gradient.
PUBLISHED = {
    "q = x + y; f = q*z": (
        {"x": -2, "y": 5, "z": -4},
        [(-2, -4), (5, -4), (-4, 3), (3, -4), (-12, 1)],
    ),
    NEURON: (
        AT,
        [
            *[(2, -0.2), (-1, 0.39), (-3, -0.39), (-2, -0.59), (-3, 0.2)],
            *[(-2, 0.2), (6, 0.2), (4, 0.2), (1, 0.2), (-1, -0.2)],
            *[(0.37, -0.53), (1.37, -0.53), (0.73, 1)],
        ],
    ),
    "2*(x*y + max(z, w))": (
        {"x": 3, "y": -4, "z": 2, "w": -1},
        [
            *[(3, -8), (-4, 6), (2, 2), (-1, 0)],
            *[(-12, 2), (2, 2), (-10, 2), (-20, 1)],
        ],
    ),
}
LABEL = re.compile(
    r"\\node\[(value|gradient).*?\] at \((.*?),(.*?)\) "
    r"\{\$(?:\\mathit\{)?(?:\w+ = )?(-?[\d.]+)\}?\$\}"
)


def labels_of_svg(dot):
    """Return each wire's place in the SVG, y upwards, and its two numbers."""
    space = "{http://www.w3.org/2000/svg}"
    found = []
    for group in ET.fromstring(layout(dot, "svg")).iter(f"{space}g"):
        texts = [one.text.strip() for one in group.iter(f"{space}text") if one.text]
        line = group.find(f".//{space}polyline")
        line = group.find(f".//{space}polygon") if line is None else line
        if group.get("class") == "node" and len(texts) == 2 and line is not None:
            corners = [one.split(",") for one in line.get("points").split()]
            xs, ys = ([float(one[i]) for one in corners] for i in (0, 1))
            middle = (min(xs) + max(xs)) / 2, -(min(ys) + max(ys)) / 2
            numbers = tuple(float(one.split(" = ")[-1]) for one in texts)
            found.append((*middle, *numbers))
    return sorted(found)


def labels_of_tex(text):
    pairs = {}
    for kind, x, y, number in LABEL.findall(text):
        pairs.setdefault((float(x), float(y)), {})[kind] = float(number)
    return sorted((*at, one["value"], one["gradient"]) for at, one in pairs.items())


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_pairs_stand_in_tex_where_the_svg_has_them(text):
    at, pairs = PUBLISHED[text]
    drawing = gt.parse(text).drawing(**at)
    svg = labels_of_svg(dot_text(drawing, Style().colours))
    tex = labels_of_tex(picture_bytes(drawing, Style(), "tex").decode())
    assert sorted(row[2:] for row in tex) == sorted(pairs)
    assert len(svg) == len(tex)
    for one, other in zip(svg, tex, strict=True):
        assert one == pytest.approx(other, abs=1.5)  # a rule's middle, in points
        assert one[2:] == other[2:]


def test_there_are_twenty_six_of_them():
    assert sum(len(pairs) for _, pairs in PUBLISHED.values()) == 26


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("-0.20", "$-0.20$"),
        ("∂f/∂x", r"$\partial f/\partial x$"),
        ("W1 (2, 3)", r"$W_{1}\ (2, 3)$"),
        ("λ", r"$\lambda$"),
        ("gamma2", r"$\mathrm{gamma}_{2}$"),
        ("y_max", r"$y_{\mathrm{max}}$"),
        ("Σ", r"$\Sigma$"),
        ("×2", r"$\times2$"),
        ("3.0e+08", r"$3.0\cdot 10^{8}$"),
        ("∞", r"$\infty$"),
        ("x**2*y", r"$x^{2}\,y$"),
    ],
)
def test_texts_are_mathematics(text, latex):
    assert mathematics(text) == latex


def test_what_means_something_to_tex_is_escaped():
    assert plain("50% of a_b & c#{}") == r"50\% of a\_b \& c\#\{\}"


@pytest.mark.parametrize("name", CASES)
def test_braces_and_environments_close(name):
    text = tikz(name, standalone=True)
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    for kind in re.findall(r"\\begin\{(\w+)\}", text):
        assert text.count(rf"\begin{{{kind}}}") == text.count(rf"\end{{{kind}}}")
    assert all(ord(one) < 128 for one in text), "pdflatex without packages reads ASCII"


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no TeX")
@pytest.mark.parametrize("name", CASES)
def test_it_compiles(name, tmp_path):
    (tmp_path / "a.tex").write_text(tikz(name, standalone=True), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-1500:]
    assert (tmp_path / "a.pdf").stat().st_size > 1000


def test_the_snippet_stands_alone_in_a_document():
    text = tikz("neuron")
    assert r"\usepackage" not in text
    assert text.startswith(r"\definecolor")
