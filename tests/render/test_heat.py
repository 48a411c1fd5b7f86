"""Large tensors as maps of colours: the numbers' shares, their legend, one example."""

import re

import numpy as np
import pytest
from click.testing import CliRunner
from places import ROOT

import gradtutor as gt
from gradtutor.cli import main
from gradtutor.render import Style
from gradtutor.render.heat import MOST_CELLS, heat_colour, heat_map
from gradtutor.render.picture import picture_bytes
from gradtutor.render.style import THEMES
from gradtutor.render.writers.dot_heat import FAINTEST

R = np.random.default_rng(0)
MATRIX = R.normal(size=(5, 4))
CHANNELS = R.normal(size=(3, 6, 6, 2))


@pytest.mark.parametrize(
    ("value", "layout", "shape"),
    [
        (MATRIX, "", (5, 4)),
        (R.normal(size=12), "", (1, 12)),
        (R.normal(size=784), "", (28, 28)),  # a flat image
        (R.normal(size=(1, 64)), "", (8, 8)),
        (R.normal(size=(100, 90)), "", (MOST_CELLS, MOST_CELLS)),
        (CHANNELS, "channels", (13, 13)),  # three of 2 x 2 tiles, with gaps
        (R.normal(size=(4, 1, 3, 3)), "", (7, 7)),
    ],
)
def test_cells_are_shares_of_the_largest_number(value, layout, shape):
    heat = heat_map(value, 2, layout)
    assert (len(heat.cells), heat.columns) == shape
    shares = np.array([[np.nan if x is None else x for x in row] for row in heat.cells])
    assert np.nanmax(np.abs(shares)) <= 1
    seen = value[..., 0] if layout == "channels" else value
    assert (heat.low, heat.high) == (f"{seen.min():.2f}", f"{seen.max():.2f}")
    assert heat.legend[0] == pytest.approx(seen.min() / np.abs(seen).max())


def test_numbers_and_channels_keep_their_places():
    heat = heat_map(MATRIX, 2)
    assert np.array(heat.cells) == pytest.approx(MATRIX / np.abs(MATRIX).max())
    heat = heat_map(CHANNELS, 2, "channels")
    most = np.abs(CHANNELS[..., 0]).max()
    second = np.array([row[7:13] for row in heat.cells[:6]], float)
    assert second == pytest.approx(CHANNELS[1, :, :, 0] / most)
    assert heat.cells[0][6] is None
    blocks = heat_map(np.arange(56 * 56.0).reshape(56, 56), 2)
    assert blocks.cells[0][0] * (56 * 56 - 1) == pytest.approx(np.mean([0, 1, 56, 57]))


@pytest.mark.parametrize("value", [np.zeros((0, 3)), np.full(20, np.nan)])
def test_what_has_no_colours_keeps_its_words(value):
    assert heat_map(value, 2) is None


@pytest.mark.parametrize("theme", THEMES)
def test_signs_differ_and_nought_is_the_paper(theme):
    colours = THEMES[theme]
    heat = heat_map(np.linspace(-1, 1, 20), 2)
    low, middle, high = (heat_colour(x, heat, colours) for x in (-1, 0, 1))
    assert len({low, middle, high}) == 3
    if theme != "print":
        assert middle == colours.paper
    light = heat_map(np.linspace(0, 1, 20), 2)
    assert heat_colour(1, light, colours) == colours.ink


def drawn(format_, **style):
    circuit = gt.parse("sum(W*W)", {"W": (5, 4)})
    made = Style(**style)
    return picture_bytes(circuit.drawing(made, W=MATRIX), made, format_).decode()


def test_the_svg_has_a_square_for_every_number():
    svg = drawn("svg")
    squares = re.findall('<polygon fill="(#[0-9a-f]{6})" stroke="none"', svg)
    heat = heat_map(MATRIX, 2)
    seen = [x for row in heat.cells for x in row if abs(x) >= FAINTEST]
    wanted = {heat_colour(x, heat, THEMES["light"]) for x in seen}
    assert wanted <= set(squares)
    assert f"{MATRIX.min():.2f}" in svg
    without = drawn("svg", heat=False)
    assert f"{MATRIX.min():.2f} to {MATRIX.max():.2f}" in without


def test_tex_has_them_too():
    tex = drawn("tex")
    heat = heat_map(MATRIX, 2)
    first = heat.cells[0][0]
    name = "minus" if first < 0 else "plus"
    wanted = f"\\fill[{name}!{round(100 * abs(first))}!paper] (0,0) rectangle +(1,-1);"
    assert wanted in tex
    assert tex.count("\\fill[") >= 2 * MATRIX.size
    assert "definecolor{paper}" in tex


def run(*arguments):
    return CliRunner().invoke(main, ["render", *arguments])


def test_an_example_of_the_data_goes_through_a_network(tmp_path):
    lenet, picture = str(ROOT / "examples" / "lenet.net"), tmp_path / "lenet.svg"
    done = run(lenet, "--data", "mnist", "-o", str(picture))
    assert done.exit_code == 0, done.output
    svg = picture.read_text()
    assert "(8, 24, 24, 1)" in svg
    assert "(1, 28, 28, 1)" in svg
    assert svg.count("<polygon") > 1000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("x*y", "--data", "mnist"), "a formula takes --at"),
        (("x*y", "--weights", "."), "--weights goes with --data"),
        ((str(ROOT / "examples" / "lenet.net"), "--data", "nothing"), "nothing"),
    ],
)
def test_what_is_no_example_is_told(arguments, said, tmp_path):
    done = run(*arguments, "-o", str(tmp_path / "p.svg"))
    assert done.exit_code in (2, 3)
    assert said in done.stderr


def test_weights_of_a_training_are_drawn(tmp_path):
    net = tmp_path / "own.net"
    net.write_text("Sequential([Input(2), Linear(1)])\nloss = BCEWithLogitsLoss()\n")
    weights = {"W1": np.array([[3.25], [-1.5]]), "b1": np.array([0.125])}
    np.savez(tmp_path / "w.npz", **weights)
    options = ["--data", "exam", "--weights", str(tmp_path / "w.npz")]
    done = run(str(net), *options, "-o", str(tmp_path / "p.svg"))
    assert done.exit_code == 0, done.output
    svg = (tmp_path / "p.svg").read_text()
    assert ">3.25<" in svg
    assert ">-1.50<" in svg
