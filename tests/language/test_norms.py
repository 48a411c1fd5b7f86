"""A norm of some order is another of a matrix than of a vector; witness: JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import gradtutor as gt
from gradtutor.errors import TutorError
from gradtutor.evaluate import node_values

A = np.array([[1.0, -2.0, 0.5], [3.0, 4.0, -1.5]])
X = np.array([1.0, -2.0, 0.25])
jax.config.update("jax_enable_x64", True)
NORM = jnp.linalg.norm
NORMS = [
    ("np.linalg.norm(A, 1)", A, lambda a: NORM(a, 1)),
    ("norm(A, -1)", A, lambda a: NORM(a, -1)),
    ("jnp.linalg.norm(A, ord=jnp.inf)", A, lambda a: NORM(a, jnp.inf)),
    ("torch.linalg.norm(A, -inf)", A, lambda a: NORM(a, -jnp.inf)),
    ("norm(A, float('inf'))", A, lambda a: NORM(a, jnp.inf)),
    ("norm(A, 1, axis=(0, 1))", A, lambda a: NORM(a, 1)),
    ("torch.linalg.matrix_norm(A, 1)", A, lambda a: NORM(a, 1)),
    ("np.linalg.norm(A)", A, NORM),
    ("norm(A, 'fro')", A, NORM),
    (r"\|A\|_1", A, lambda a: NORM(a, 1)),
    (r"\|A\|_\infty", A, lambda a: NORM(a, jnp.inf)),
    (r"\|A\|_F^2", A, lambda a: NORM(a) ** 2),
    ("‖A‖₁**2", A, lambda a: NORM(a, 1) ** 2),
    # PyTorch's own norm and that of vectors take all numbers
    ("torch.norm(A, 1)", A, lambda a: jnp.abs(a).sum()),
    ("torch.norm(A, p=2)", A, NORM),
    ("A.norm(p=1)", A, lambda a: jnp.abs(a).sum()),
    ("torch.linalg.vector_norm(A, 3)", A, lambda a: NORM(a.ravel(), 3)),
    # along an axis, of vectors, of columns
    ("sum(norm(A, 1, axis=1))", A, lambda a: NORM(a, 1, axis=1).sum()),
    ("sum(np.linalg.norm(A, 3, axis=0))", A, lambda a: NORM(a, 3, axis=0).sum()),
    ("norm(x, 0)", X, lambda x: NORM(x, 0)),
    ("norm(x, 1)", X, lambda x: NORM(x, 1)),
    (r"\|x\|_2^2", X, lambda x: jnp.sum(x**2)),
    ("norm(x, -inf)", X, lambda x: NORM(x, -jnp.inf)),
    ("norm(x, -1)", X, lambda x: NORM(x, -1)),
    ("norm(B, 2)", X[:, None], lambda b: NORM(b, 2)),
    ("norm(B, 'nuc')", X[None], lambda b: NORM(b, "nuc")),
]


@pytest.mark.parametrize(("text", "value", "truth"), NORMS)
@pytest.mark.parametrize("given", [True, False])
def test_a_norm_is_the_one_its_rank_means(text, value, truth, given):
    (name,) = {"A", "B", "x"} & set(gt.parse(text, {"B": (2, 1)}).inputs)
    if name == "B" and not given:
        return  # what a column is, only its shape tells
    circuit = gt.parse(text, {name: value.shape} if given else {})
    trace = circuit.trace(**{name: value})
    np.testing.assert_allclose(trace.values[trace.output], truth(value), rtol=1e-12)
    slope = jax.grad(lambda a: truth(a) * 1.0)(value)
    np.testing.assert_allclose(trace.node_gradients[name], slope, atol=1e-12)


@pytest.mark.parametrize("text", ["norm(A, 3)", "jnp.linalg.norm(A, ord=p)"])
@pytest.mark.parametrize("shapes", [{}, {"A": (2, 3)}])
def test_a_norm_without_a_meaning_is_refused_with_what_can_be_written(text, shapes):
    with pytest.raises(TutorError) as caught:
        gt.parse(text, shapes)
    assert "norm(flatten(A), 2), or norm(A)" in str(caught.value)
    assert "norm of order" in str(caught.value)


SINGULAR = [(text, order) for order, texts in {
    2: ("norm(A, 2)", r"\|A\|_2", "torch.linalg.matrix_norm(A, 2)", "σ_max(A)",
        r"\|A\|_{\text{op}}", "‖A‖₂", r"\sigma_{\max}(A)", "spectral_norm(A)"),
    -2: ("norm(A, -2)", r"\sigma_{\min}(A)"),
    "nuc": ("norm(A, 'nuc')", r"\|A\|_*", "torch.norm(A, 'nuc')", "‖A‖_*",
            r"\lVert A \rVert_{*}", "nuclear_norm(A)"),
}.items() for text in texts]  # fmt: skip


@pytest.mark.parametrize("text, order", SINGULAR)
@pytest.mark.parametrize("declared", [{}, {"A": (2, 3)}])
def test_a_norm_of_singular_values_is_that_of_jax(text, order, declared):
    graph = gt.parse(text, declared).graph
    assert graph.nodes["A"]["shape"] == declared.get("A", ("n", "m"))
    given = {"A": np.array([[1.0, -2.0, 0.5], [0.3, 4.0, 1.0]])}
    ours = node_values(graph, given)[graph.graph["output"]]
    assert ours == pytest.approx(float(NORM(given["A"], order)), rel=1e-12)
    notes = (graph.graph.get("reading") or {"notes": []})["notes"]
    assert order == "nuc" or "spectral" in text or "σ" in text or "sig" in text or notes


def test_a_matrix_given_later_is_no_vector():
    circuit = gt.parse("norm(weights, 1)")
    assert circuit.value(weights=[1.0, -2.0]) == 3
    with pytest.raises(TutorError, match="declare it before"):
        circuit.value(weights=A)
