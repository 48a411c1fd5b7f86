"""Highlighted paths, numbers to fill in, two circuits in one, names, sizes."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner

import gradtutor as gt
from gradtutor.cli import main
from gradtutor.render import Style
from gradtutor.render.drawing import BLANK
from gradtutor.render.dressing.names import shown
from gradtutor.render.letters.raised import with_moved_digits
from gradtutor.render.picture import picture_bytes

TEXT = "q = x + y; f = q*z"
AT = {"x": -2, "y": 5, "z": -4}
POINT = ("--at", "x=-2,y=5,z=-4")


def run(*words):
    return CliRunner().invoke(main, list(words))


def weights(drawing):
    return {wire.carries: wire.weight for wire in drawing.wires}


def test_a_highlighted_input_marks_its_path_and_no_other():
    drawing = gt.parse(TEXT).drawing(Style(highlight=("x",)), **AT)
    by_box = {box.node: box.weight for box in drawing.boxes if box.node}
    strong = {node for node, weight in weights(drawing).items() if weight == "strong"}
    assert strong == {"x", "q", "f"}
    assert by_box == {
        "x": "strong", "q": "strong", "f": "strong", "y": "faint", "z": "faint",
    }  # fmt: skip


def test_a_forked_input_marks_both_its_branches():
    drawing = gt.parse("x*y + sin(x)").drawing(Style(highlight=("x",)), x=1, y=2)
    faint = [wire.carries for wire in drawing.wires if wire.weight == "faint"]
    assert faint == ["y"]


@pytest.mark.parametrize(
    ("which", "values", "gradients"),
    [("values", 2, 0), ("gradients", 0, 4), ("all", 2, 4)],
)
def test_blanks_leave_what_is_given(which, values, gradients):
    drawing = gt.parse(TEXT).drawing(Style(blank=which), **AT)
    above = [wire.value.number for wire in drawing.wires]
    below = [wire.gradient.number for wire in drawing.wires]
    assert (above.count(BLANK), below.count(BLANK)) == (values, gradients)
    given = {wire.carries: wire.value.number for wire in drawing.wires}
    assert (given["x"], given["y"], given["z"]) == ("-2.00", "5.00", "-4.00")
    assert drawing.wires[-1].gradient.number == "1.00", "the seed is given"


def test_an_exercise_and_its_key_are_two_files(tmp_path):
    sheet = tmp_path / "sheet.svg"
    done = run("render", TEXT, *POINT, "--blank", "all", "-o", str(sheet))
    assert done.exit_code == 0, done.output
    key = (tmp_path / "sheet-key.svg").read_text()
    assert "-12.00" in key
    assert "-12.00" not in sheet.read_text()
    assert "sheet-key.svg" in done.stderr


def test_two_circuits_in_one_picture(tmp_path):
    circuit, other = gt.parse(TEXT), gt.parse("q = x + y; f = max(q, z)")
    drawing = circuit.beside(other, ("times", "max"), at=AT, other_at=AT).drawing
    assert [frame.title for frame in drawing.frames] == ["max", "times"]
    ids = [box.id for box in drawing.boxes]
    assert len(ids) == len(set(ids)) == 2 * len(circuit.drawing(**AT).boxes)
    place = tmp_path / "two.svg"
    words = ("--beside", "q = x + y; f = max(q, z)", "--title", "A & B", "-o")
    done = run("render", TEXT, *POINT, *words, str(place))
    assert done.exit_code == 0, done.output
    text = place.read_text()
    assert "A &amp; B" in text
    assert text.index("f = q*z") > 0
    assert "max" in text


def test_two_circuits_have_their_frames_in_every_format():
    one, two = gt.parse("(x+y)*z"), gt.parse("x*z + y*z")
    both = one.beside(two, ("50 % off", "on"), at=AT, other_at=AT)
    tikz = picture_bytes(both.drawing, Style(), "tex").decode()
    assert tikz.count("draw=faint] (") == 2
    assert r"50 {\%} off" in tikz or r"50 \% off" in tikz
    cells = picture_bytes(both.drawing, Style(), "drawio").decode()
    assert 'id="d0"' in cells
    assert 'value="50 % off"' in cells


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("w_1", "w₁"), ("w12", "w₁₂"), ("gamma2", "γ₂"), ("alpha", "α"),
        ("lambda", "λ"), ("Omega_3", "Ω₃"), ("conv1", "conv1"), ("x_hi", "x_hi"),
        ("f", "f"), ("2.5", "2.5"), ("1.0e-07", "1.0·10⁻⁷"), ("∂f/∂w1", "∂f/∂w₁"),
        ("W_1 = x", "W₁ = x"), ("max", "max"), ("beta(x)", "beta(x)"),
    ],
)  # fmt: skip
def test_names_as_they_are_written_by_hand(text, wanted):
    assert shown(text) == wanted


def test_a_gates_constant_is_written_by_hand_too(tmp_path):
    place = tmp_path / "a.svg"
    run("render", "x*1e-12", "--at", "x=1", "-o", str(place))
    assert "×1·10⁻¹²" in place.read_text()


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("1/2*(y - x)**2", ["−", "x²", "1/2×"]), ("x**(2/3)/y", ["x^(2/3)", "÷"]),
        ("x/(1/2) + 1/3", ["÷(1/2)", "+1/3"]), ("h = 1/2; f = h*x", ["÷", "×"]),
        ("1/2 + 1/3", ["÷", "÷", "+"]), ("1/2*3*x", ["÷", "×3", "×"]),
    ],
)  # fmt: skip
def test_a_fraction_is_drawn_inside_the_gate_that_reads_it(text, signs):
    boxes = gt.parse(text).drawing().boxes
    drawn = [line.text for box in boxes for line in box.lines if line.role == "sign"]
    assert drawn == signs


def test_small_digits_of_a_font_without_them_stand_beside_the_line():
    svg = with_moved_digits('<text x="1">w₁₂ = 2·10⁻⁷ m</text><text>x</text>')
    words = "".join(ET.fromstring(f"<svg>{svg}</svg>").itertext())
    assert words == "w12 = 2·10-7 mx"
    steps = [int(one) for one in re.findall(r'dy="(-?\d+)"', svg)]
    assert (steps, sum(steps)) == ([3, -3, -5, 5], 0)


def test_scale_changes_the_size_and_no_number(tmp_path):
    sizes = []
    for scale in ("1", "2"):
        place = tmp_path / f"at{scale}.svg"
        run("render", TEXT, *POINT, "--scale", scale, "-o", str(place))
        text = place.read_text()
        sizes.append(float(re.search(r'width="([\d.]+)pt"', text)[1]))
        assert "-12.00" in text
    assert sizes[1] == pytest.approx(2 * sizes[0])


def test_a_transparent_picture_has_no_paper(tmp_path):
    place = tmp_path / "clear.svg"
    run("render", TEXT, *POINT, "--transparent", "-o", str(place))
    assert "#ffffff" not in place.read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--highlight", "xx", "-o", "a.svg"), 3, "did you mean x"),
        (("--blank", "all"), 2, "add -o NAME.svg"),
        (("--title", "T", "-o", "a.html"), 2, "not for the page"),
    ],
)
def test_what_does_not_go_is_said(words, code, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("render", "x + y", "--at", "x=1,y=2", *words)
    assert done.exit_code == code
    assert said in done.stderr


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no TeX here")
def test_a_dressed_picture_compiles(tmp_path):
    place = tmp_path / "t.tex"
    words = ("--blank", "all", "--highlight", "x", "--title", "50 % & more")
    run("render", TEXT, *POINT, *words, "--standalone", "-o", str(place))
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", place.name],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-500:]
