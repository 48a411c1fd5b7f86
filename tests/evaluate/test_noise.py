"""Rounding noise is shown as 0, a small value as itself; JSON has all digits."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gradtutor.cli import main
from gradtutor.evaluate.noise import without_noise
from gradtutor.evaluate.trace import run
from gradtutor.language import parse

# formula, point; the node's value or gradient that is noise, or is none
NOISY = [
    ("sum(softmax(z))", {"z": [1.0, 2.0, 3.0]}, "z"),
    ("0.1 + 0.2 - 0.3 + 0*x", {"x": 1.0}, "output"),
    ("1e10*x - 1e9", {"x": 0.1}, "output"),
    ("x*y*z - z*y*x", {"x": 0.1, "y": 0.7, "z": 0.3}, "x"),
]
REAL = [
    ("sigmoid(x)", {"x": -40.0}, "output"),
    ("1e-17*x", {"x": 1.0}, "x"),
    ("x - 1e-20", {"x": 3e-20}, "output"),
    ("exp(-x**2)", {"x": 7.0}, "x"),
    ("sin(x)", {"x": 3.141592653589793}, "output"),
]


def looked_at(trace, what):
    if what == "output":
        return trace.values[trace.output]
    return trace.node_gradients[what]


@pytest.mark.parametrize(("text", "at", "what"), NOISY)
def test_noise_is_shown_as_nothing(text, at, what):
    shapes = {name: (3,) for name, x in at.items() if isinstance(x, list)}
    trace = run(parse(text, shapes), at)
    if looked_at(trace, what).any():  # arithmetic differs between machines
        assert not looked_at(without_noise(trace), what).any()


@pytest.mark.parametrize(("text", "at", "what"), REAL)
def test_a_small_value_stays(text, at, what):
    trace = run(parse(text), at)
    assert looked_at(without_noise(trace), what) == looked_at(trace, what) != 0


def test_json_keeps_what_was_computed_and_text_does_not():
    def out(*argv):
        return CliRunner().invoke(main, list(argv)).stdout

    at = ["x*0.1*3", "--at", "x=1"]
    assert json.loads(out("render", *at, "--json"))["inputs"]["x"]["grad"] == 0.1 * 3
    assert "0000000004" not in out("diff", *at)
    assert "e-1" not in out("render", "softmax(z)", "--at", "z=[1,2,3]")
    assert "e-1" not in out("diff", "sum(softmax(z))", "--at", "z=[1,2,3]", "--steps")
