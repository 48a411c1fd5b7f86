"""A right derivative is never called WRONG, and a wrong one never passes."""

from __future__ import annotations

import dataclasses
import math

import mpmath
import numpy as np
import pytest
import sympy
from click.testing import CliRunner

import gradtutor as gt
from gradtutor.calculus import partials, recipe, slopes
from gradtutor.cli import main
from gradtutor.evaluate import precise, values
from gradtutor.evaluate.check import check_gradients, compare_at
from gradtutor.evaluate.numeric.slopes import sides
from gradtutor.evaluate.numeric.witness import Witness
from gradtutor.gates import GATES

# formula, point, the true slope by mpmath's own diff of another spelling
SLOPES = [
    ("x - 1e15", 1, lambda x: x - mpmath.mpf("1e15")),
    ("x**2 - 1e10", 1, lambda x: x * x - mpmath.mpf("1e10")),
    ("1/x", 1e-6, lambda x: x**-1),
    ("sin(x)", 1e5, mpmath.sin),
    ("tan(x)", 1.5707, lambda x: mpmath.sin(x) / mpmath.cos(x)),
    ("exp(-1e6*x**2)", 1e-4, lambda x: mpmath.e ** (-(10**6) * x * x)),
    ("atan(1e6*x)", 1e-7, lambda x: mpmath.atan(10**6 * x)),
    ("log(x)", 1e-5, mpmath.ln),
    ("sqrt(x)", 1e-5, mpmath.sqrt),
    ("sin(1e9*x)", 1, lambda x: mpmath.sin(10**9 * x)),
    # neighbours: poles, oscillations, offsets, small scales, flat places, far tails
    ("1/(x - 1)", 1 + 1e-9, lambda x: 1 / (x - 1)),
    ("1/x**3", 1e-40, lambda x: x**-3),
    ("tan(1e3*x)", 0.00157, lambda x: mpmath.tan(1000 * x)),
    ("sin(1/x)", 1e-4, lambda x: mpmath.sin(1 / x)),
    ("cos(x)", 1e12, mpmath.cos),
    ("sin(x)*sin(1e7*x)", 0.3, lambda x: mpmath.sin(x) * mpmath.sin(10**7 * x)),
    ("x + 1e300", 2, lambda x: x + mpmath.mpf("1e200")),
    ("x**3 - 1e25", 2, lambda x: x**3),
    ("(x + 1e15) - 1e15", 1, lambda x: x),
    ("1e-300*x", 2, lambda x: mpmath.mpf("1e-300") * x),
    ("1e-20*x**2", 3, lambda x: mpmath.mpf("1e-20") * x * x),
    ("tanh(1e8*x)", 1e-9, lambda x: mpmath.tanh(10**8 * x)),
    ("exp(-1/x)", 1e-2, lambda x: mpmath.exp(-1 / x)),
    ("sigmoid(x)", 30, lambda x: 1 / (1 + mpmath.exp(-x))),
    ("softplus(x)", -700, lambda x: mpmath.log1p(mpmath.exp(x))),
    ("x**4", 0, lambda x: x**4),
    ("x**1e-3", 1e-8, lambda x: x ** mpmath.mpf("1e-3")),
    ("log(x)", 1e-300, mpmath.ln),
    ("log(1 + x)", -1 + 1e-12, lambda x: mpmath.ln(1 + x)),
    ("asin(x)", 1 - 1e-13, mpmath.asin),
    ("acos(x)", -0.999999, mpmath.acos),
    ("x*log(x)", 1e-200, lambda x: x * mpmath.ln(x)),
    ("abs(x - 1e-12)", 0, lambda x: mpmath.mpf("1e-12") - x),
    ("relu(x)", -1e-30, lambda x: 0 * x),
    ("max(x, 1e-9)", 2e-9, lambda x: x),
    ("sinh(x)", 700, mpmath.sinh),
    ("exp(x)/1e300", 700, lambda x: mpmath.exp(x) * mpmath.mpf("1e-300")),
    # slopes near the largest number of float64
    ("x*1e308", 0.5, lambda x: x * mpmath.mpf("1e308")),
    ("cosh(x)", 710, mpmath.cosh),
    ("1.7e308*x - 1e308", 1, lambda x: x * mpmath.mpf("1.7e308")),
]


@pytest.mark.parametrize(("text", "x", "function"), SLOPES)
def test_right_slopes_are_right_at_every_scale(text, x, function):
    (row,) = gt.parse(text).check(x=x)
    with mpmath.workdps(300):
        exact = mpmath.mpf(x)
        true = float(
            mpmath.diff(function, exact, h=(exact or 1) * mpmath.mpf(10) ** -20)
        )
    assert row.ok is True, row
    assert row.numeric == pytest.approx(true, rel=1e-6, abs=1e-290)


NOTES = [
    ("sqrt(x)", {"x": 0}, None, "no finite slope here; move the point"),
    ("asin(x)", {"x": 1}, None, "no finite slope here; move the point"),
    ("log(x)", {"x": 0}, None, "no finite value here; move the point"),
    ("x**1.5", {"x": 0}, True, "the domain ends here: slope 0 from the right"),
    ("sign(x)", {"x": 0}, None, "the value jumps here; move the point"),
    ("where(x > 0, 1, x)", {"x": 0}, None, "the value jumps here; move the point"),
    ("abs(x - 1e-12)", {"x": 1e-12}, True, "kink: slope -1 from the left, 1 from the"),
    ("1e9 + abs(x)", {"x": 0}, True, "kink: slope -1 from the left, 1 from the right"),
    ("relu(x) - relu(-x)", {"x": 0}, None, "a gate is at its kink or clamp"),
    ("sigmoid(x)", {"x": 40}, True, "float64 rounds it"),
    ("gelu(x)", {"x": -9}, True, "float64 rounds it"),
    ("sqrt(x**2 + y**2)", {"x": 0, "y": 0}, None, "kink: slope -1 from the left"),
    ("exp(x)/exp(x)", {"x": 800}, None, "float64 overflows here; in many digits the"),
    ("log(1 + exp(x))", {"x": 1000}, None, "in many digits the slope is 1"),
    ("sqrt(x**2 + y**2)", {"x": 1e200, "y": 1e200}, None, "the slope is 0.70710678"),
    ("x**2", {"x": 1e200}, True, "in many digits the slope is 2e+200"),
    ("x*1e308", {"x": 2}, True, "in many digits the slope is 1e+308"),
    ("x + 1e308 + 1e308", {"x": 1}, True, "in many digits the slope is 1"),
    ("log(x*1e308)", {"x": 3}, None, "in many digits the slope is 0.33333333"),
    ("1e308*abs(x)", {"x": 0}, True, "kink: slope -1e+308 from the left"),
    ("1/x", {"x": 1e-200}, None, "the slope is larger than float64 holds"),
    ("exp(x)", {"x": 1000}, None, "no finite value here"),
]


@pytest.mark.parametrize(("text", "at", "ok", "note"), NOTES)
def test_what_cannot_be_told_is_undecided_and_says_why(text, at, ok, note):
    for row in gt.parse(text).check(**at):
        assert row.ok is ok, row
        assert note in row.note


TENSORS = [
    ("logsumexp(z)", {"z": [1000.0, -1000.0, 3.0]}),
    ("sum(relu(x)*y)", {"x": [0.0, 1.0, -1.0], "y": [1.0, 2.0, 3.0]}),
    ("sum(W @ x) - 1e13", {"W": [[1.0, 2.0], [3.0, 4.0]], "x": [1e-5, 2.0]}),
    ("mean(1/x)", {"x": [1e-7, 1.0, -1e5]}),
    ("sum(sin(1e8*x))", {"x": [1.0, 2.0]}),
    ("max(x)", {"x": [1.0, 1.0, 0.0]}),
    ("softmax(z)", {"z": [800.0, -800.0]}),
    ("sum(max_pool(x, kernel=(2,)))", {"x": [[1.0, 1.0, 2.0, -1.0]]}),
]


@pytest.mark.parametrize(("text", "at"), TENSORS)
def test_tensors_are_judged_element_by_element(text, at):
    rows = gt.parse(text, {name: np.shape(x) for name, x in at.items()}).check(**at)
    assert len(rows) == sum(np.size(x) for x in at.values())
    assert [row.ok for row in rows] == [True] * len(rows), rows


# ---- faults planted in the table ----


@pytest.fixture
def plant(monkeypatch):
    """Return a function that changes a gate's declaration for this test."""
    caches = [
        *(partials.partial, partials.upstream_times_partial, slopes.slope),
        slopes.gate_facts,
        *(recipe.recipe, values.compiled, precise._pointwise),
        *(precise.pointwise_number, precise._structural, precise._opened),
    ]

    def change(name, **fields):
        monkeypatch.setitem(GATES, name, dataclasses.replace(GATES[name], **fields))
        for cached in caches:
            cached.cache_clear()

    yield change
    monkeypatch.undo()
    for cached in caches:
        cached.cache_clear()


FAULTS = [
    ("sin", {"stable": {0: lambda a: -sympy.cos(a)}}, "sin(x)", 1e5),
    ("sin", {"stable": {0: lambda a: sympy.cos(a) * (1 + 1e-5)}}, "sin(x)", 0.3),
    ("sin", {"stable": {0: lambda a: sympy.cos(a) / 2}}, "sin(1e9*x)", 1),
    ("exp", {"stable": {0: lambda out: out - 1}}, "exp(x) - 1e10", 2),
    ("exp", {"stable": {0: lambda out: 2 * out}}, "exp(-1e6*x**2)", 1e-4),
    ("div", {"stable": {1: lambda b, out: out / b}}, "1/x", 1e-6),
    ("log", {"stable": {0: lambda a: 1 / (a + 1)}}, "log(x)", 1e-5),
    ("sqrt", {"stable": {0: lambda out: 1 / out}}, "sqrt(x)", 1e-5),
    ("tan", {"stable": {0: lambda out: 1 - out**2}}, "tan(x)", 1.5707),
    ("atan", {"stable": {0: lambda a: 1 / (1 + a)}}, "atan(1e6*x)", 1e-7),
    ("mul", {"stable": {0: lambda b: 1.01 * b}}, "x*1e-300", 2),
    ("add", {"stable": {0: lambda: sympy.Rational(1, 2)}}, "x + -1e15", 1),
    ("sub", {"stable": {0: lambda: sympy.S.Zero}}, "x - 1e15", 1),
    ("cos", {"numpy": "np.sin(a)"}, "sin(x)", 0.3),  # its formula is right
]


@pytest.mark.parametrize(("gate", "fields", "text", "x"), FAULTS)
def test_a_wrong_derivative_is_called_wrong(plant, gate, fields, text, x):
    plant(gate, **fields)
    (row,) = gt.parse(text).check(x=x)
    assert row.ok is False, row
    result = CliRunner().invoke(main, ["check", text, "--at", f"x={x!r}"])
    assert result.exit_code == 1
    assert "WRONG" in result.output


def test_a_wrong_adjoint_of_a_tensor_is_called_wrong(plant):
    def halved(tape, call, u):
        return (
            tape.gate("mul", tape.number(0.5), GATES_SUM.adjoint(tape, call, u)[0]),
        )

    plant("sum", adjoint=halved)
    rows = gt.parse("x: (3,)\nsum(x*x)").check(x=[1.0, 2.0, 0.0])
    assert [row.ok for row in rows] == [False, False, True]


GATES_SUM = GATES["sum"]


def test_a_gradient_beyond_the_slopes_of_a_kink_is_wrong(plant):
    kink = dataclasses.replace(GATES["abs"].kink, torch=(2,))
    plant("abs", kink=kink)
    assert [row.ok for row in gt.parse("abs(x)").check(x=0)] == [False]


def test_diff_says_nothing_that_was_not_established(plant):
    plant("sin", stable={0: lambda a: sympy.cos(a) * (1 + 1e-5)})
    result = CliRunner().invoke(main, ["diff", "x*sin(x)"])
    assert result.exit_code == 1
    assert "DOES NOT AGREE" in result.output


# ---- the witnesses themselves ----


def test_no_digits_of_the_arithmetic_are_taken_for_slopes():
    graph = gt.parse("z: (2,)\nsum(softmax(z)) - 1").graph
    rows = check_gradients(graph, {"z": [0.3, -1.2]})  # constant, but for rounding
    assert [row.ok for row in rows] == [True, True], rows


def test_slopes_tell_what_happens_as_the_step_shrinks():
    kinds = {
        name: (found.left.kind, found.right.kind)
        for name, function in [
            ("root", mpmath.sqrt),
            ("square", lambda x: x * x),
            ("sign", mpmath.sign),
            ("cube root", lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x))),
            ("wave", lambda x: x * mpmath.sin(1 / x) if x else mpmath.mpf(0)),
        ]
        for found in [sides(lambda x, f=function: _real(f(x)), 0.0)]
    }
    assert kinds == {
        "root": ("no value", "infinite"),
        "square": ("zero", "zero"),
        "sign": ("jump", "jump"),
        "cube root": ("infinite", "infinite"),
        "wave": ("unsettled", "unsettled"),
    }


def _real(value):
    return mpmath.nan if isinstance(value, mpmath.mpc) else value


def test_a_large_graph_is_judged_by_differences_alone(monkeypatch):
    monkeypatch.setattr(Witness, "sides", lambda *_: None)
    for text, x in [("x**3", 2.0), ("sin(x)", 1e5), ("abs(x)", 0.0)]:
        assert [row.ok for row in gt.parse(text).check(x=x)] == [True]
    assert [row.ok for row in gt.parse("x - 1e15").check(x=1.0)] == [None]


@pytest.mark.parametrize("factor", [1.001, 0.5, -1.0])
def test_functions_of_any_kind_are_judged_by_differences(factor):
    assert compare_at("x", math.cos(1e5) * factor, math.sin, 1e5).ok is False
    assert compare_at("x", math.cos(1e5), math.sin, 1e5).ok is True


def test_a_moved_input_works_out_only_what_it_reaches():
    text = " + ".join(f"sin(x{i}*y{i})" for i in range(150))
    plan = Witness(gt.parse(text).graph, {}).rough
    assert len(plan.cone("x149")) == 3  # of 449 gates
    rows = gt.parse(text).check()
    assert [row.ok for row in rows] == [True] * 300
