"""Lists and made arrays in the midst of a formula; witness: JAX."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from click.testing import CliRunner

import gradtutor as gt
from gradtutor.cli import main

jax.config.update("jax_enable_x64", True)
INF = jnp.inf
soft, lse = jax.nn.softmax, jax.nn.logsumexp
# text, the point, the same in JAX
LISTS = [
    ("logsumexp([-inf, 1, x])", {"x": 2.0}, lambda x: lse(jnp.array([-INF, 1, x]))),
    ("softmax([x, -np.inf, 2]) @ [1, 2, 3]", {"x": 0.5},
     lambda x: soft(jnp.array([x, -INF, 2])) @ jnp.array([1.0, 2, 3])),
    ("sum(softmax(z + [0, -math.inf, 0])*[1, 2, 3])", {"z": [1.0, 2, 3]},
     lambda z: (soft(z + jnp.array([0, -INF, 0])) * jnp.array([1, 2, 3])).sum()),
    ("logsumexp(where(m > 0, z, float('-inf')))", {"m": [1.0, -1], "z": [2.0, 3]},
     lambda m, z: lse(jnp.where(m > 0, z, -INF))),
    ("sum(softmax(s + where(tril(ones(2, 2)) > 0, 0, -inf)) @ [[1, 2], [3, 5]])",
     {"s": [[1.0, 2], [3, 4]]},
     lambda s: (soft(s + jnp.where(jnp.tril(jnp.ones((2, 2))) > 0, 0, -INF))
                @ jnp.array([[1.0, 2], [3, 5]])).sum()),
    ("max([x, y, -inf])", {"x": 1.0, "y": 2.0}, jnp.maximum),
    ("max(x, -torch.inf)", {"x": 1.0}, lambda x: x),
    ("det([[x, 1], [2, y]])", {"x": 3.0, "y": 1.0},
     lambda x, y: jnp.linalg.det(jnp.array([[x, 1], [2, y]]))),
    ("np.linalg.norm([x, y])", {"x": 3.0, "y": 4.0}, jnp.hypot),
    ("np.array([1, 2]) @ x", {"x": [3.0, 4]}, lambda x: jnp.array([1.0, 2]) @ x),
    ("v = [x, 2*x]\nsum(v**2)", {"x": 3.0}, lambda x: 5 * x**2),
]  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("text", "at", "truth"), LISTS)
def test_a_list_in_a_formula_is_a_constant_or_its_parts(text, at, truth):
    circuit = gt.parse(text, {name: np.shape(x) for name, x in at.items()})
    assert list(at) == circuit.variables
    given = [jnp.asarray(x) for x in at.values()]
    assert circuit.value(**at) == pytest.approx(float(truth(*given)), rel=1e-12)
    slopes = jax.grad(lambda *a: truth(*a) * 1.0, tuple(range(len(given))))(*given)
    for name, slope in zip(at, slopes, strict=True):
        np.testing.assert_allclose(circuit.gradients(**at)[name], slope, atol=1e-12)
        derivative = str(circuit.diff(name))
        assert gt.parse(derivative, {n: np.shape(x) for n, x in at.items()})


def test_a_formula_of_a_list_alone_is_differentiated_by_it():
    circuit = gt.parse("logsumexp([-inf, 1])")
    assert circuit.value() == 1
    assert list(circuit.gradients()["c1"]) == [0, 1]
    assert math.isinf(circuit.trace().values["c1"][0])


REFUSED = [
    ("Rational(1)", "as in Rational(1, 2)"),
    ("select(1)", "as in select("),
    ("Piecewise(x)", "as in Piecewise("),
    ("float('abc')", "as in float('inf')"),
    ("stack(x, axis=1)", "as in stack([x, y]"),
    ("[]", "list"),
    ("[[y, -inf, 0], ones(2)] @ y", "sizes are known"),
    ("torch.norm(None, inf)", "norm"),
    ("[[1, 2], [3]] @ x", "differ in length"),
    ("W: parameter (3,)\nW @ x", "x: (3,) or x: (N, 3)"),
    ("W: parameter (3, 2)\nmean((x @ W - y)**2)", "x has no declaration"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
@pytest.mark.parametrize("command", ["render", "diff", "check"])
def test_what_is_no_list_is_refused_with_what_to_write(command, text, said):
    result = CliRunner().invoke(main, [command, text])
    assert (result.exit_code, said in result.stderr) == (3, True), result.stderr
