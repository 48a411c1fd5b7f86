"""TikZ: the SVG's positions and numbers, in text that TeX compiles."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest

import gradtutor as gt
from gradtutor.render import Style
from gradtutor.render.dot import dot_text
from gradtutor.render.engines import layout
from gradtutor.render.picture import picture_bytes
from gradtutor.render.positions import positions
from gradtutor.render.tikz_text import mathematics, plain

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
