"""Infinities, probabilities of 0 and 1, constants without a value, broadcasting."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

import gradtutor as gt
from gradtutor.calculus.closed_form import closed_form
from gradtutor.cli import main
from gradtutor.evaluate.point_text import read_point
from gradtutor.language import SourceError
from gradtutor.language.errors import LimitError

# p, target, PyTorch 2.4: nn.functional.binary_cross_entropy, its gradient by p
BINARY = [
    (0.0, 1.0, 100.0, -1e12),
    (1.0, 0.0, 100.0, 1e12),
    (0.0, 0.0, 0.0, 0.0),
    (1.0, 1.0, 0.0, 0.0),
    (0.25, 1.0, -math.log(0.25), -4.0),
    (1e-50, 1.0, 100.0, -1e12),
]


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize(("p", "t", "loss", "slope"), BINARY)
def test_a_sure_probability_has_pytorch_s_finite_loss(p, t, loss, slope, opened):
    circuit = gt.parse("bce(p, t)")
    circuit = circuit.open("binary_cross_entropy") if opened else circuit
    assert circuit.value(p=p, t=t) == pytest.approx(loss, rel=1e-12, abs=1e-15)
    if not opened:
        assert circuit.gradients(p=p, t=t)["p"] == pytest.approx(slope, rel=1e-12)
    assert np.isfinite(list(circuit.gradients(p=p, t=t).values())).all()
    assert all(row.ok is not False for row in circuit.check(p=p, t=t))


INFINITE = [
    ("logsumexp(z)", {"z": [-math.inf, 1]}, 1.0, {"z": [0, 1]}),
    ("max(x, -inf)", {"x": 2}, 2.0, {"x": 1}),
    ("min(inf, x)", {"x": 2}, 2.0, {"x": 1}),
    ("where(m > 0, x, -inf)", {"m": 1, "x": 3}, 3.0, {"m": 0, "x": 1}),
    ("where(m > 0, x, -inf)", {"m": 0, "x": 3}, -math.inf, {"m": 0, "x": 0}),
    ("1/(x + inf)", {"x": 1}, 0.0, {"x": 0}),
    ("softmax(where(m > 0, z, -inf))[0]", {"m": [1, 0], "z": [2, 3]}, 1.0, None),
]


@pytest.mark.parametrize(("text", "at", "value", "gradients"), INFINITE)
def test_infinity_is_a_number(text, at, value, gradients):
    try:
        circuit = gt.parse(text, {name: np.shape(x) for name, x in at.items()})
    except SourceError:
        circuit = gt.parse(
            f"s = {text[:-3]}\nsum(slice(s, cuts=((0, 1),)))",
            {name: np.shape(x) for name, x in at.items()},
        )
    assert circuit.value(**at) == value
    found = circuit.gradients(**at)
    for name, wanted in (gradients or {}).items():
        np.testing.assert_array_equal(found[name], np.asarray(wanted, float))


def test_infinity_is_written_inf_everywhere():
    assert read_point("z=[-inf, 1], x=inf, y=-inf")["z"].tolist() == [-math.inf, 1]
    circuit = gt.parse("z = [-inf, 0]\nlogsumexp(z)")
    assert circuit.value() == 0
    assert gt.Circuit.from_json(gt.parse("max(x, -inf)").to_json()).value(x=1) == 1
    assert gt.parse("where(x > 0, x, -inf)").diff("x") == "where(x > 0, 1, 0)"


@pytest.mark.parametrize(
    "text", ["1e400*x", "w**acos(1e400/x)", "x + -1e999", "x = 1e400"]
)
def test_a_number_too_large_says_how_infinity_is_written(text):
    with pytest.raises(LimitError, match="too large for float64") as caught:
        gt.parse(text)
    assert caught.value.hint == "write inf for infinity"


# ---- constants without a real value ----

UNREAL = [
    ("(-2)**x", "log of -2 gave nan: log needs a positive number"),
    ("x*log(-2)", "log of -2 gave nan: log needs a positive number"),
    ("(-8)**(1/3)*x", "pow of -8, 0.333333 gave nan: a negative base needs"),
    ("x*sqrt(-1)", "sqrt of -1 gave nan: sqrt needs a number that is not negative"),
    ("sin(x)*acos(2)", "acos of 2 gave nan: acos needs a number from -1 to 1"),
    ("x/0", "what is divided by is 0 at every point: division by zero"),
    ("x + 0/0", "div of 0, 0 gave nan"),
    ("x**asin(3)", "asin of 3 gave nan"),
    ("max(x, log(-1))", "log of -1 gave nan"),
    ("relu(x + sqrt(-2))", "sqrt of -2 gave nan"),
]


@pytest.mark.parametrize("extra", [[], ["--steps"], ["--order", "2"], ["--json"]])
@pytest.mark.parametrize(("text", "note"), UNREAL)
def test_a_constant_without_a_value_is_named(text, note, extra):
    result = CliRunner().invoke(main, ["diff", text, *extra])
    assert result.exit_code in (0, 5), result.output
    assert "I*pi" not in result.output
    if not extra:
        assert result.exit_code == 5
        assert note in result.output


#: A line of the steps that is a plain number: t1 = -inf, dx = -(3).
PLAIN = [
    ("exp(-inf)*x", 0),
    ("x*inf", 5),
    ("where(m > 0, x, -inf)", 0),
    ("x*(-(3))", 0),
    ("max(x, -inf)*(-(4))", 0),
    ("x/-(2)", 0),
]


@pytest.mark.parametrize(("text", "code"), PLAIN)
def test_a_step_may_be_a_plain_number(text, code):
    result = CliRunner().invoke(main, ["diff", text, "--steps"])
    assert result.exit_code == code, result.output


TOO_LARGE = [
    ("x**2", "x=1e200", "pow of 1e+200, 2 gave inf: the number is too large"),
    ("x**-2", "x=1e-200", "the number is too large"),
    ("1/x", "x=1e-320", "gave inf: the number is too large"),
    ("x**-2", "x=0", "and 0 a positive one"),
    ("1/x", "x=0", "division by zero"),
    ("(-x)**0.5", "x=2", "a negative base needs a whole exponent"),
    ("0/x", "x=0", "gave nan: division by zero"),
    ("sum(x**2)", "x=[1e200,1]", "the number is too large"),
]


@pytest.mark.parametrize(("text", "at", "why"), TOO_LARGE)
def test_a_number_too_large_is_no_pole(text, at, why):
    assert why in CliRunner().invoke(main, ["render", text, "--at", at]).stderr


def test_no_complex_number_is_a_closed_form():
    for text in ("x*log(-2)", "(-8)**(1/3)*x", "x*sqrt(-1)", "max(x, log(-1))"):
        graph = gt.parse(text).graph
        assert closed_form(graph, graph.graph["output"]) is None


@pytest.mark.parametrize("text", ["3+4", "-1", "2**-1", "sin(0)", "pi"])
@pytest.mark.parametrize("extra", [[], ["--steps"], ["--ways"], ["--latex"]])
def test_a_formula_without_inputs_says_so(text, extra):
    result = CliRunner().invoke(main, ["diff", text, *extra])
    assert result.exit_code == 0, result.output
    assert result.output.strip() == "(there is no input to differentiate by)"
    told = json.loads(CliRunner().invoke(main, ["diff", text, *extra, "--json"]).output)
    assert told["derivatives"] == []


CANCELLING = [
    "sinh(sin(tan(z) - x/x))",
    "x - x + z**4",
    "exp(z)*x**0",
    "z**3*(y - y + 1)",
]


@pytest.mark.parametrize("text", CANCELLING)
def test_inputs_that_cancel_are_no_obstacle(text):
    result = CliRunner().invoke(main, ["diff", text, "--wrt", "z", "--order", "3"])
    assert result.exit_code == 0, result.output
    assert "agrees with finite differences" in result.output


# ---- broadcasting ----

BROADCAST = [
    ("sum((x - y)**2)", {"x": [[1], [2]], "y": [1, 2]}, True),
    ("mean(abs(y - x))", {"x": [[1], [2], [3]], "y": [1, 2, 3]}, True),
    ("sum(x*y)", {"x": [[1], [2]], "y": [[1, 2]]}, False),  # an outer product
    ("sum(x + y)", {"x": [[1, 2], [3, 4]], "y": [1, 2]}, False),  # a bias
    ("sum(x*y)", {"x": [[1], [2]], "y": [1, 2, 3]}, False),
    ("sum(x*y)", {"x": [1, 2], "y": 3}, False),
]


@pytest.mark.parametrize("command", ["check", "diff", "render"])
@pytest.mark.parametrize(("text", "at", "warned"), BROADCAST)
def test_an_accidental_broadcast_draws_a_note(text, at, warned, command):
    point = ",".join(f"{name}={value}" for name, value in at.items())
    result = CliRunner().invoke(main, [command, text, "--at", point])
    assert result.exit_code == 0, result.output
    assert ("each with each" in result.output) == warned
