"""Scripts of formulas with parameters: names, numbers, comparisons, kinks."""

from __future__ import annotations

import functools
import math
from importlib import resources

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import witness  # noqa: F401 (JAX in float64)
from formula_networks import generated, own_check

import gradtutor as gt

# formulas of data x, or z, and parameters, some called like what a script has itself
RIGHT = [
    "tanh(x*y)",
    "x*(y > 0) + y",
    "((y > 0) + (y > -9))*y*x",
    "x*y - (x > 0)*(x > -1)",
    "-(x > y)*x + y",
    "exp(x > y)*y",
    "x*N + theta",
    "X*x + loss*gradient",
    "x*np + rng + math",
    "relu(x*y) + relu(x*y)",
    "max(x, y) + min(x, y)*abs(y)",
    "min(x*y, inf) + 1/inf",
    "max(-inf, where(y > 9, inf, y*x))",
]


@pytest.mark.parametrize("text", RIGHT)
def test_a_formula_s_script_passes_its_own_check(text, tmp_path):
    result, path = generated(text, tmp_path)
    assert result.exit_code == 0, result.output
    said = own_check(path)
    assert " ok" in said and "WRONG" not in said and "undecided" not in said, said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x*where(y > 0, 1, 2)", "no gradient reaches the parameter y"),
        ("x*floor(y)", "no gradient reaches the parameter y"),
        ("x*y + log(-2)", "log of -2 gave nan"),
        ("x*y*(50/0)", "division by zero"),
        ("x*y/(1 - 1)", "division by zero"),
        ("where(x > 9, y/0, y*x)", "division by zero"),
    ],
)
def test_what_cannot_be_trained_is_refused(text, said, tmp_path):
    result, _ = generated(text, tmp_path)
    assert result.exit_code == 3
    assert said in result.stderr


def test_a_check_without_a_finite_loss_is_undecided(tmp_path):
    _, path = generated("log(x - 1e3)*y", tmp_path)
    said = own_check(path)
    assert "undecided" in said and "WRONG" not in said, said


def _near_kinks(x):
    return float(np.maximum(0, x - 3e-7 * np.linspace(-1, 1, 9)).sum())


JUDGED = [
    # a loss of one number, the number, a slope, and what is said of it
    (lambda x: max(0.0, x), 0.0, 0.0, "ok: 1 at a kink"),
    (lambda x: max(0.0, x), 0.0, 0.5, "ok"),
    (lambda x: max(0.0, x), 0.0, 1.5, "WRONG"),
    (lambda x: max(0.0, x), 1.0, 0.9, "WRONG"),
    (lambda x: x**3, 1.0, 3.0, "ok"),
    (lambda x: x**3, 1.0, 3.001, "WRONG"),
    (lambda x: x**3, 1e4, 3e8, "ok"),
    (lambda x: 1e12 + x, 1.0, 1.0, "undecided: the loss is not finite, or too large"),
    (lambda x: 1e6 + x, 1.0, 1.0, "ok"),
    (math.sqrt, 0.0, np.inf, "undecided: a gradient is not finite"),
    (lambda x: np.nan, 1.0, 1.0, "undecided: the loss is not finite"),
    (_near_kinks, 1e-9, 5.0, "ok"),  # by the narrowest step
    (lambda x: abs(x) ** 0.5, 0.0, 1e3, "ok"),
    (
        lambda x: x * math.sin(4 * math.log(abs(x) or 1)),
        0.0,
        2.0,
        "undecided: kinks lie",
    ),
]


@pytest.mark.parametrize(("loss", "x", "slope", "said"), JUDGED)
def test_a_scripts_check_says_no_more_than_its_differences_show(
    loss, x, slope, said, capsys
):
    place = resources.files("gradtutor.codegen") / "templates/frame/comparison.j2"
    source = place.read_text("utf-8")
    source = source.replace('{{ on.number("array[index]") }}', "array[index]")
    space = {"np": np, "functools": functools}
    exec(source, space)
    array, slopes = np.array([x]), np.array([slope])
    found = space["compared"]("x", array, slopes, lambda a, i, value: loss(value))
    assert found == said.partition(":")[0]
    told = said.replace("ok: 1 at a kink", "ok (1 at a kink)")
    assert f"  {told}" in capsys.readouterr().out


COUNTED = [
    ("((x > 0) + (y > 0))*x", lambda x, y: ((x > 0) * 1.0 + (y > 0)) * x),
    ("relu(x) + relu(x) + y", lambda x, y: 2 * jax.nn.relu(x) + y),
    ("-(x > 0)*y*x", lambda x, y: -1.0 * (x > 0) * y * x),
    ("((x > 0) - (y > 5))*x*y", lambda x, y: ((x > 0) * 1.0 - (y > 5)) * x * y),
    ("exp(x > 0)*x*y", lambda x, y: jnp.exp((x > 0) * 1.0) * x * y),
    ("abs(x) + relu(x)*y", lambda x, y: jnp.abs(x) + jax.nn.relu(x) * y),
]


@pytest.mark.parametrize("language", ["numpy", "jax"])
@pytest.mark.parametrize(("text", "function"), COUNTED)
def test_comparisons_are_numbers_in_a_function(text, function, language):
    """True + True is True in NumPy: two of them counted as one."""
    from gradtutor.codegen.function.languages import function_text

    space: dict = {}
    exec(function_text(gt.parse(text).graph, ["x", "y"], language), space)
    value, slopes = space["value_and_gradient"](2.0, 3.0)
    assert float(value) == pytest.approx(float(function(2.0, 3.0)), rel=1e-12)
    for name, slope in zip("xy", jax.grad(function, (0, 1))(2.0, 3.0), strict=True):
        assert float(slopes[name]) == pytest.approx(float(slope), rel=1e-12)
