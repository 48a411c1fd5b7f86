"""Frames: one a step, nothing jumps, and each says the line of its step."""

from __future__ import annotations

import io
import itertools
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import gradtutor as gt
from gradtutor.cli import main
from gradtutor.render import Style
from gradtutor.render.drawing import BLANK
from gradtutor.render.positions import positions
from gradtutor.render.writers.dot import dot_text

FORK = "q = x + y; f = max(q*z, q)"
AT = {"x": -2, "y": 5, "z": -4}
NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
NEURON_AT = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}
CASES = [(FORK, AT), (NEURON, NEURON_AT), ("sin(x)*x", {"x": 1.5})]


def run(*words):
    return CliRunner().invoke(main, list(words))


def numbers(drawing):
    """Return the numbers that can be seen, above and below."""
    return [
        [label.number for label in labels if not label.hidden]
        for labels in (
            [wire.value for wire in drawing.wires],
            [wire.gradient for wire in drawing.wires],
        )
    ]


@pytest.mark.parametrize(("text", "at"), CASES)
def test_the_last_frame_is_the_whole_picture(text, at):
    circuit = gt.parse(text)
    drawing = circuit.drawing(Style(), **at)
    assert numbers(circuit.frames(**at)[-1]) == numbers(drawing)


@pytest.mark.parametrize(("text", "at"), CASES)
def test_numbers_come_and_stay(text, at):
    shown = [numbers(one) for one in gt.parse(text).frames(**at)]
    for before, after in itertools.pairwise(shown):
        assert sum(map(len, before)) < sum(map(len, after))
    first = shown[0]
    assert first[1] == [], "no gradient is known in a forward frame"


@pytest.mark.parametrize(("text", "at"), CASES)
def test_nothing_jumps(text, at):
    colours = Style().colours
    found = [positions(dot_text(one, colours)) for one in gt.parse(text).frames(**at)]
    assert all(one.places == found[0].places for one in found)
    assert len({(one.width, one.height) for one in found}) == 1


def test_captions_are_the_lines_of_the_steps():
    frames = gt.parse(FORK).frames(**AT)
    at = ",".join(f"{name}={value}" for name, value in AT.items())
    steps = run("diff", FORK, "--at", at, "--steps").stdout
    for frame in frames:
        for line in filter(None, frame.caption):
            assert line in steps, line
    assert [one.caption[0] for one in frames[:3]] == [
        "q = x + y = 3",
        "t1 = q*z = -12",
        "f = max(t1, q) = 3",
    ]


def test_one_frame_a_step_of_each_pass():
    circuit = gt.parse(FORK)
    assert len(circuit.frames(**AT)) == 3 + 1 + 3
    backward = circuit.frames(only="backward", **AT)
    assert len(backward) == 4
    assert all(one.wires[0].value.hidden is False for one in backward)
    forward = circuit.frames(only="forward", **AT)
    assert len(forward) == 3
    assert all(wire.gradient.hidden for one in forward for wire in one.wires)


def test_a_folder_a_gif_and_an_svg_that_plays(tmp_path):
    at = ",".join(f"{name}={value}" for name, value in AT.items())
    folder = tmp_path / "frames"
    assert run("render", FORK, "--at", at, "-o", f"{folder}/").exit_code == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"frame-0{n}.svg" for n in range(1, 8)]
    before = [(folder / name).read_bytes() for name in names]
    run("render", FORK, "--at", at, "-o", f"{folder}/")
    assert before == [(folder / name).read_bytes() for name in names], "stable bytes"

    assert run("render", FORK, "--at", at, "-o", str(tmp_path / "a.gif")).exit_code == 0
    picture = Image.open(io.BytesIO((tmp_path / "a.gif").read_bytes()))
    assert picture.n_frames == 7

    path = tmp_path / "a.svg"
    assert run("render", FORK, "--at", at, "-o", str(path), "--animate").exit_code == 0
    root = ET.fromstring(path.read_bytes())
    svg = "{http://www.w3.org/2000/svg}"
    switches = root.findall(f"{svg}g/{svg}animate")
    assert len(switches) == 7
    for switch in switches:
        values, times = (
            switch.get("values").split(";"),
            switch.get("keyTimes").split(";"),
        )
        assert len(values) == len(times)
        assert times[0] == "0"
        assert values.count("visible") == 1
    assert "<script" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([FORK, "-o", "frames/"], 2, "give every input a value"),
        ([FORK, "--at", "x=1", "-o", "frames/"], 3, "has no value"),
        (["x*y", "--at", "x=1,y=2", "-o", "a.png", "--animate"], 2, "only an .svg"),
    ],
)
def test_what_frames_need(words, code, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("render", *words)
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr


@pytest.mark.parametrize(
    ("which", "values", "gradients"),
    [("values", 5, 0), ("gradients", 0, 7), ("all", 5, 7)],
)
def test_an_exercise_has_boxes_where_its_steps_find_numbers(which, values, gradients):
    circuit = gt.parse(FORK)
    frames = circuit.frames(Style(blank=which), **AT)
    assert len(frames) == len(circuit.frames(**AT))
    boxes = [[row.count(BLANK) for row in numbers(one)] for one in frames]
    assert boxes[-1] == [values, gradients]
    assert all(max(map(int.__le__, a, b)) for a, b in itertools.pairwise(boxes))
    found = [positions(dot_text(one, Style().colours)) for one in frames]
    assert all(one.places == found[0].places for one in found), "nothing jumps"


def test_lines_of_an_exercise_hold_no_answers():
    lines = [one.caption for one in gt.parse(FORK).frames(Style(blank="all"), **AT)]
    assert [line[0] for line in lines[:4]] == [
        "q = x + y = ____",
        "t1 = q*z = ____",
        "f = max(t1, q) = ____",
        "∂f/∂f = 1",
    ]
    assert lines[-1][-1] == "∂f/∂y = ∂f/∂q · ∂q/∂y = ____ × ____ = ____"
    sums = gt.parse("sum(x + y)").frames(Style(blank="gradients"), x=[1, 2], y=[3, 4])
    assert sums[0].caption[0] == "t1 = x + y = [4, 6]"
    assert sums[-1].caption[1:3] == ("dx = dt1 = ____", "dy = dt1 = ____")


def test_the_key_of_frames_stands_beside_them(tmp_path):
    at = ",".join(f"{name}={value}" for name, value in AT.items())
    words = ("--at", at, "--blank", "all", "--frame-format", "dot", "-o")
    done = run("render", FORK, *words, f"{tmp_path / 'sheet'}/")
    assert done.exit_code == 0, done.output
    assert done.stderr.splitlines() == ["wrote 7 frames", "sheet-key has the numbers"]
    sheet, key = ((tmp_path / name / "frame-07.dot") for name in ("sheet", "sheet-key"))
    assert "-12.00" in key.read_text(encoding="utf-8")
    assert "12" not in sheet.read_text(encoding="utf-8").replace('"12"', "")


def test_a_line_shows_noise_as_the_picture_does():
    frames = gt.parse("x + y - 0.3").frames(x=0.1, y=0.2)
    assert frames[1].caption[0] == "f = t1 - 0.3 = 0"


def test_a_map_of_colours_is_not_seen_before_its_step():
    circuit = gt.parse("sum(tanh(W))")
    first, *_, last = circuit.frames(W=np.linspace(-1, 1, 16).reshape(4, 4))
    seen = [dot_text(one, Style().colours).count("bgcolor=") for one in (first, last)]
    assert seen[0] < seen[1]


def test_tensors_have_frames_too():
    frames = gt.parse("sum(tanh(W @ x))").frames(W=[[1, 2], [3, 4]], x=[1, -1])
    assert len(frames) >= 5
    assert not any(wire.gradient.hidden for wire in frames[-1].wires)
