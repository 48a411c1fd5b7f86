"""Derivations as text: every line checked, the first wrong one named, the cause."""

from __future__ import annotations

import json
import math

import pytest
from click.testing import CliRunner

from gradtutor.audit.paper.derivation import audit_derivation
from gradtutor.audit.paper.text import is_derivation
from gradtutor.cli import main
from gradtutor.language import SourceError

RIGHT = {
    "of CS231n": "q = x + y; f = q*z; df/dq = z; df/dz = q; df/dx = df/dq*1 = z",
    "with values": "x=-2; y=5; z=-4; q = x + y = 3; f = q*z = -12; df/dx = z = -4",
    "a sigmoid by its output": "s = 1/(1+exp(-w*x)); ds/dw = s*(1 - s)*x",
    "a fork": "a = x**2; b = sin(x); f = a*b; df/dx = b*2*x + a*cos(x)",
    "chained quotients": "u = x*y; v = exp(u); dv/du = v; dv/dx = dv/du * du/dx = v*y",
    "round signs, comments": "u = x^2  # a square\n∂u/∂x = 2·x\n\n// done",
    "a logarithm": "f = log(x)*y; df/dx = y/x; df/dy = log(x)",
    "rounded numbers": "x = 2; f = exp(x) = 7.39; df/dx = f = 7.389",
    "no dependence": "a = x*2; f = y*3; df/dx = 0",
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_a_right_derivation_passes(text):
    report = audit_derivation(text)
    assert report.ok is True, report
    assert report.points == 20


#: A derivation, its first wrong line, the misconception.
WRONG = [
    ("u = x**2; f = sin(u); df/dx = cos(u)", 3, "dropped-inner-derivative"),
    ("u = 3*x; f = tanh(u); df/du = 1 - f**2; df/dx = 3", 4, "upstream-left-out"),
    ("f = x*sin(x); df/dx = cos(x)", 2, "product-of-derivatives"),
    ("a = x**2; b = x*y; f = a + b; df/dx = y", 4, "forgotten-path"),
    ("f = x**3; df/dx = x**2", 2, "power-rule"),
    ("f = x**3; df/dx = 3*x**3", 2, "power-rule"),
    ("f = u/v; df/du = 1/v; df/dv = -u/v", 3, "quotient-rule"),
    ("f = u/v; df/dv = u/v**2", 2, "sign"),
    ("f = exp(-x); df/dx = f", 2, "sign"),
    ("f = x*y; df/dx = x", 2, "own-operand"),
    ("f = max(x, y); df/dx = where(x > y, 0, 1)", 2, "wrong-branch"),
    ("s = sigmoid(z); ds/dz = z*(1 - z)", 2, "wrong-point"),
    ("f = sin(x); df/dx = sin(x)", 2, "wrong-table-entry"),
    ("t = tanh(z); f = t*w; df/dt = w; df/dz = w*(1 - t**2)**2", 4, "applied-twice"),
    ("q = x + y; f = q*z; df/dq = z = q; df/dx = z", 3, "own-operand"),
]


@pytest.mark.parametrize(("text", "line", "label"), WRONG)
def test_a_wrong_line_and_its_cause_are_named(text, line, label):
    report = audit_derivation(text)
    assert report.ok is False
    assert (report.place.line, report.misconception) == (line, label), report.reason


def test_later_lines_are_judged_as_if_the_wrong_one_were_right():
    report = audit_derivation("q = x*y; f = q*z; df/dq = 2*z; df/dx = df/dq*y")
    assert [line.ok for line in report.lines] == [None, None, False, True]
    assert report.lines[2].expected == "z"


def test_a_plain_number_is_judged_at_the_point_given():
    report = audit_derivation("x = 3; f = x**2 = 9; df/dx = 2*x = 5")
    assert report.place.line == 3
    assert "at x = 3 it gives 5, and right is 6" in report.reason


def test_right_lines_are_proved_and_undecided_ones_are_not():
    lines = audit_derivation("s = 1/(1+exp(-w)); ds/dw = s*(1-s)").lines
    assert lines[1].proved is True
    nowhere = audit_derivation("f = sqrt(-1 - x**2); df/dx = x")
    assert nowhere.ok is None


def test_the_true_number_is_that_of_a_hand_calculation():
    report = audit_derivation("x = 0.5; f = sin(x**2); df/dx = 1.2")
    right = 2 * 0.5 * math.cos(0.25)
    assert f"right is {right:.6g}" in report.reason


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("q = x + y\ndf/dq = 1", "line 2, column 1: f has no meaning yet"),
        ("q = x + y\ndq/dp = 1", "line 2, column 1: p has no meaning yet"),
        ("q = x + y\ndq/dx = 1 +", "line 2"),
        ("q = x + y\ndq/dx = k", "line 2, column 9: k has no meaning yet"),
        ("q = x + y\nhello\ndq/dx = 1", "line 2, column 1: this line has no equals"),
        ("q = x + y\ndq/dx =", "line 2, column 7: nothing stands after"),
        ("x + y = q\ndq/dx = 1", "line 1, column 1: this is neither a name"),
        ("q = __import__('os')\ndq/dx = 1", "line 1"),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text, place):
    with pytest.raises(SourceError) as error:
        audit_derivation(text)
    assert str(error.value).startswith(place)


def test_the_command_reads_text_file_and_standard_input(tmp_path):
    text = "q = x + y\nf = q*z\ndf/dq = q\n"
    path = tmp_path / "derivation.txt"
    path.write_text(text, encoding="utf-8")
    for arguments, stdin in (([text], None), ([str(path)], None), (["-"], text)):
        result = CliRunner().invoke(main, ["check", *arguments], input=stdin)
        assert result.exit_code == 1
        assert "first wrong line: line 3" in result.stdout
        assert "right is: df/dq = z" in result.stdout
    data = json.loads(CliRunner().invoke(main, ["--json", "check", text]).stdout)
    assert (data["schema"], data["misconception"]) == (1, "own-operand")
    assert [line["ok"] for line in data["lines"]] == [None, None, False]


# ---- notations ----

NOTATIONS = {
    "subscript": ("f = x^2*y\nf_x = 2*x*y\nf_y = x^2", True),
    "subscript, wrong": ("f = x^2*y\nf_x = 5*x*y", False),
    "prime": ("f(x) = x^2\nf'(x) = 2*x", True),
    "prime without brackets": ("y = x^3; y' = 3*x^2", True),
    "words": ("Let f(x) = x^2, so f'(x) = 2x", True),
    "fraction": (
        "f = x*y\n\\frac{df}{dx} = y\n\\frac{\\partial f}{\\partial y} = x",
        True,
    ),
    "fraction, wrong": ("f = x*y\n\\frac{\\partial f}{\\partial y} = y", False),
    "arrow": ("u = w*x + b ⇒ du/dw = x", True),
    "two on a line": ("f = x*y\ndf/dx = y, df/dy = x", True),
    "two on a line, wrong": ("f = x*y\ndf/dx = y, df/dy = y", False),
    "words between": ("f = x*y\nBy the chain rule we find:\ndf/dx = y", True),
    "Chinese words": ("设 f = x*y\n由链式法则得\ndf/dx = y", True),
    "a kink": ("x = 0\nf = max(x, 0)\ndf/dx = 0", True),
    "a kink, half": ("x = 0\nf = max(x, 0)\ndf/dx = 0.5", True),
    "a kink, beyond": ("x = 0\nf = max(x, 0)\ndf/dx = 2", False),
    "matrices": (
        "W: (2, 3)\nx: 3\ns = W @ x\nL = sum(s**2)\ndL/ds = 2*s\n"
        "dL/dW = outer(2*s, x)\ndL/dx = W.T @ dL/ds",
        True,
    ),
    "matrices, wrong": (
        "W: (2, 3)\nx: 3\ns = W @ x\nL = sum(s**2)\ndL/dx = W.T @ s",
        False,
    ),
    "a matrix given": (
        "A = [[1, 2], [3, 4]]\nx: 2\nL = sum(A @ x)\ndL/dx = sum(A, 0)",
        True,
    ),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("text", "ok"), [v for v in NOTATIONS.values() if v[1] is not None]
)
def test_notations_are_read(text, ok):
    assert is_derivation(text)
    assert audit_derivation(text).ok is ok


def test_a_vector_has_no_gradient_and_a_factor_is_no_cast():
    with pytest.raises(SourceError, match="s is no single number"):
        audit_derivation("W: (2, 3)\nx: 3\ns = W @ x\nds/dx = W")
    report = audit_derivation("L = -0.5*(x-m)^2; dL/dm = 2*(x-m)")
    assert report.misconception == "constant-factor"


@pytest.mark.parametrize(
    ("text", "ok", "said"),
    [
        ("x = 0\nf = max(x, 0)\ndf/dx = 0", True, "all from 0 to 1 is right"),
        ("x = 0\nf = 3*|x|\ndf/dx = 1", True, "all from -3 to 3 is right"),
        ("x = 0\nf = max(x, 0)\ndf/dx = 2", False, "0 to 1 is right; it gives 2"),
        ("x = 0\nf = |x|\ndf/dx = -3", False, "-1 to 1 is right; it gives -3"),
        ("x = 2\nf = min(x, 2)*x\ndf/dx = 5", False, "2 to 4 is right; it gives 5"),
        ("x = 1\nf = max(x, 0)\ndf/dx = 1", True, ""),
        ("x = 0\nf = max(x, 2*x)\ndf/dx = 1.5", True, "all from 1 to 2 is right"),
        ("x = 1\nf = |x - 1|\ndf/dx = 0", True, "all from -1 to 1 is right"),
        ("x = 0.1\nf = |x - 0.1|\ndf/dx = 2", False, "-1 to 1 is right; it gives 2"),
        ("x = 0\nf = relu(1000*x)\ndf/dx = 7", True, "all from 0 to 1000 is"),
        ("x = 0\nf = abs(1e-6*x)\ndf/dx = 1", False, "-1e-06 to 1e-06 is right"),
        ("x = 0.000001\nf = log(x)\ndf/dx = 2000000", False, ""),
        ("x = 0.000001\nf = sqrt(x)\ndf/dx = 900", False, ""),
        ("x = 0\nf = sqrt(x)\ndf/dx = 5", False, ""),
        ("x = 0.001\nf = 1/x\ndf/dx = -1000500", False, ""),
        ("x = 1\nf = 1000*x^2\ndf/dx = 2000", True, ""),
        ("x = 1\nf = exp(10*x)\ndf/dx = 22026", False, ""),
    ],
)
def test_what_is_right_at_a_kink_is_told(text, ok, said):
    report = audit_derivation(text)
    assert report.ok is ok and not (said and report.misconception)
    assert [line.given for line in report.lines if line.ok] == [True] * bool(ok)
    told = " ".join([*report.notes, report.reason])
    assert said in told and ("kink" in told) is bool(said)
