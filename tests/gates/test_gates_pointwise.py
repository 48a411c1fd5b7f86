"""Every pointwise gate against JAX and against mpmath at 40 digits."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy
from witness import SPECIAL, WITNESSES, Witness, close, exactly, points

from gradtutor.calculus import backward_graph, partial
from gradtutor.evaluate import node_values, run
from gradtutor.gates import GATES, SPELLINGS, TIE_RULES, Pointwise
from gradtutor.gates.symbols import ARGUMENTS, OUT
from gradtutor.graph import check_graph, with_shapes
from gradtutor.language import parse_formula

POINTWISE = [name for name, gate in GATES.items() if isinstance(gate, Pointwise)]
NAMES = ("a", "b", "c")


def written(name: str) -> str:
    """Write the gate as a person does, on a, b and c."""
    gate = GATES[name]
    if gate.infix:
        return f"a {gate.infix} b"
    if gate.prefix:
        return f"{gate.prefix}a"
    return f"{name}({', '.join(NAMES[: gate.arity[0]])})"


def report(
    what: str, columns: list[np.ndarray], ours: np.ndarray, other: np.ndarray
) -> str:
    """Tell the points at which two results differ, with both numbers."""
    rows = [
        f"  {what} at {tuple(float(column[i]) for column in columns)}: "
        f"gradtutor {ours[i]!r}, witness {other[i]!r}"
        for i in range(min(8, len(ours)))
    ]
    return "\n".join(["", *rows, f"  {len(ours)} points in all"])


def agree(what, columns, ours, other, allowed=0.0, excuse=False):
    ours = np.broadcast_to(ours, columns[0].shape)
    bad = ~(close(ours, other, allowed) | excuse)
    shown = [column[bad] for column in columns]
    assert not bad.any(), report(what, shown, ours[bad], np.asarray(other)[bad])


def floor(witness: Witness, columns: list[np.ndarray]) -> np.ndarray:
    return witness.floor * np.minimum(1 + abs(columns[0]), 50)


def ours_at(name: str, columns: list[np.ndarray], ties: str = "torch"):
    """Take a gate through the language, its backward graph and NumPy."""
    given = dict(zip(NAMES, columns, strict=False))
    trace = run(parse_formula(f"v = {written(name)}\nsum(v)"), given, ties)
    check_graph(trace.backward.graph)
    return trace.values["v"], [trace.node_gradients[arg] for arg in given]


def jax_partials(witness: Witness, columns: list[np.ndarray]) -> tuple[jax.Array, ...]:
    which = tuple(range(len(columns)))
    return jax.grad(lambda *args: witness.jax(*args).sum(), which)(*columns)


def test_every_pointwise_gate_has_a_witness():
    assert set(POINTWISE) == set(WITNESSES)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", POINTWISE)
def test_value_and_partials_equal_mpmath_and_jax(name):
    witness = WITNESSES[name]
    columns = points(witness.domains)
    assert len(columns[0]) >= 60
    value, partials = ours_at(name, columns)
    allowed = floor(witness, columns)
    truth = exactly(witness.mpmath, columns)
    agree(f"{name} (mpmath)", columns, value, truth, allowed)
    theirs = np.asarray(witness.jax(*map(jnp.asarray, columns)))
    agree(
        f"{name} (JAX)", columns, value, theirs, allowed, excuse=~close(theirs, truth)
    )
    jax_slopes = jax_partials(witness, columns)
    for i, (ours, theirs) in enumerate(zip(partials, jax_slopes, strict=True)):
        truth = exactly(witness.partials[i], columns)
        agree(f"d{name}/d{NAMES[i]} (mpmath)", columns, ours, truth, allowed)
        theirs = np.asarray(theirs)
        excuse = ~close(theirs, truth)  # where JAX is the less accurate, mpmath decides
        agree(f"d{name}/d{NAMES[i]} (JAX)", columns, ours, theirs, allowed, excuse)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", POINTWISE)
def test_jax_seldom_needs_mpmath_to_decide(name):
    """So that the excuse above stays an exception, away from the extremes."""
    witness = WITNESSES[name]
    columns = points(witness.domains)
    usual = np.all([~np.isin(column, SPECIAL) for column in columns], axis=0)
    columns = [column[usual] for column in columns]
    allowed = floor(witness, columns) + 1e-15
    for i, theirs in enumerate(jax_partials(witness, columns)):
        truth = exactly(witness.partials[i], columns)
        assert close(np.asarray(theirs), truth, allowed).mean() > 0.98


@pytest.mark.parametrize("ties", TIE_RULES)
@pytest.mark.parametrize("name", [n for n in POINTWISE if GATES[n].kink])
def test_a_tie_rule_changes_nothing_away_from_the_kink(name, ties):
    witness = WITNESSES[name]
    columns = points(witness.domains)
    right = columns[1] if name in ("max", "min") else np.zeros(())
    columns = [column[columns[0] != right] for column in columns]
    _, partials = ours_at(name, columns, ties)
    for i, ours in enumerate(partials):
        truth = exactly(witness.partials[i], columns)
        agree(f"d{name}/d{NAMES[i]} under {ties}", columns, ours, truth)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", POINTWISE)
def test_second_derivatives_equal_jax(name):
    witness = WITNESSES[name]
    rng = np.random.default_rng(7)
    columns = [rng.uniform(0.1, 0.9, 200) * 2.0 for _ in witness.domains]
    if "above 1" in witness.domains:
        columns = [column + 1 for column in columns]
    if "unit" in witness.domains:
        columns = [column - 1 for column in columns]
    elif set(witness.domains) == {"real"}:
        columns = [column * rng.choice([-1, 1], 200) for column in columns]
    given = dict(zip(NAMES, columns, strict=False))
    graph = parse_formula(written(name))
    graph = with_shapes(graph, dict.fromkeys(given, (200,)))
    first = backward_graph(graph)
    which = tuple(range(len(columns)))
    for i, arg in enumerate(given):
        theirs = jax.grad(
            lambda *args, i=i: jax_partials(witness, list(args))[i].sum(), which
        )(*columns)
        rows = dict.fromkeys(given, np.zeros(200))
        if arg in first.of_node:
            second = backward_graph(first.graph, first.of_node[arg])
            check_graph(second.graph)
            wanted = {
                key: second.of_node[key] for key in given if key in second.of_node
            }
            values = node_values(second.graph, given, wanted.values())
            rows |= {key: values[node] for key, node in wanted.items()}
        for key, other in zip(given, theirs, strict=True):
            what = f"d²{name}/d{arg}d{key}"
            agree(what, columns, rows[key], np.asarray(other), 1e-13)


# ---- corners of a domain ----

WHOLE_POWERS = [
    # a, b, a**b, b*a**(b-1)
    (-2.0, 3.0, -8.0, 12.0),
    (-2.0, -1.0, -0.5, -0.25),
    (-0.5, 2.0, 0.25, -1.0),
    (0.0, 1.0, 0.0, 1.0),
    (0.0, 2.0, 0.0, 0.0),
    (0.0, 0.0, 1.0, 0.0),
    (3.0, 0.0, 1.0, 0.0),
]


@pytest.mark.parametrize("a, b, power, slope", WHOLE_POWERS)
@pytest.mark.parametrize("exponent", ["a**b", "a**{b}"])
def test_powers_of_negative_numbers_and_of_zero(a, b, power, slope, exponent):
    graph = parse_formula(exponent.format(b=f"({b})"))
    trace = run(graph, {"a": a, "b": b})
    assert trace.values[trace.output] == power
    assert trace.node_gradients["a"] == slope


def test_the_slope_of_zero_to_the_b_by_b_is_zero():
    assert run(parse_formula("a**b"), {"a": 0.0, "b": 2.0}).node_gradients["b"] == 0.0


def test_a_stable_sigmoid_has_no_nan_at_plus_and_minus_1000():
    for name in ("sigmoid", "swish", "softplus", "tanh", "gelu"):
        value, (slope,) = ours_at(name, [np.array([-1000.0, 1000.0])])
        assert np.isfinite(value).all() and np.isfinite(slope).all(), name


@pytest.mark.parametrize("name", ["relu", "abs", "max", "min", "leaky_relu", "tanh"])
def test_a_nan_is_not_hidden(name):
    columns = [np.array([np.nan]), np.array([1.0])][: GATES[name].arity[0]]
    value, _ = ours_at(name, columns)
    assert np.isnan(value).all()


def test_leaky_relu_has_pytorchs_default_slope():
    trace = run(parse_formula("leaky_relu(x)"), {"x": -2.0})
    assert trace.values[trace.output] == -0.02
    assert trace.node_gradients["x"] == 0.01


# ---- what a gate declares ----

LOGISTIC = sympy.Function("sigmoid")


@pytest.mark.parametrize(
    "name, position", [(n, i) for n in POINTWISE for i in GATES[n].via_output]
)
def test_sympy_proves_each_stable_form_equal_to_the_derivative(name, position):
    gate = GATES[name]
    positive = name in ("pow", "sign", "sqrt")  # a**b and sign have a corner at 0
    symbols = sympy.symbols("a b c", positive=True) if positive else ARGUMENTS
    rename = dict(zip(ARGUMENTS, symbols, strict=True))
    formula = gate.formula.xreplace(rename)
    if name in ("floor", "round"):  # flat between the steps
        formula = sympy.Integer(7)
    stated = gate.via_output[position].subs(OUT, gate.formula)
    stated = stated.subs(rename).replace(LOGISTIC, lambda x: 1 / (1 + sympy.exp(-x)))
    difference = stated - formula.diff(symbols[position])
    if name == "tanh":  # sympy needs it in exponentials
        difference = difference.rewrite(sympy.exp)
    assert sympy.simplify(difference) == 0, f"{stated} is not d({formula})"


TIES = [
    # gate, point, then the partials under torch, left, right and both
    ("relu", (0.0,), (0,), (0,), (1,), (1,)),
    ("abs", (0.0,), (0,), (-1,), (1,), (0,)),
    ("max", (2.0, 2.0), (0.5, 0.5), (1, 0), (0, 1), (1, 1)),
    ("min", (2.0, 2.0), (0.5, 0.5), (1, 0), (0, 1), (1, 1)),
    ("leaky_relu", (0.0, 0.25), (0.25, 0), (0.25, 0), (1, 0), (1, 0)),
]


def test_every_kink_is_in_the_table_of_ties():
    assert {row[0] for row in TIES} == {n for n in POINTWISE if GATES[n].kink}


@pytest.mark.parametrize("rule", range(4), ids=TIE_RULES)
@pytest.mark.parametrize("row", TIES, ids=lambda row: row[0])
def test_ties_are_as_stated(row, rule):
    name, point, *stated = row
    _, partials = ours_at(name, [np.array([x]) for x in point], TIE_RULES[rule])
    assert [float(p[0]) for p in partials] == list(stated[rule])


def test_max_of_a_value_with_itself_passes_the_whole_gradient_under_torch():
    assert run(parse_formula("max(x, x)"), {"x": 3.0}).node_gradients["x"] == 1.0


def test_partials_read_as_in_a_textbook():
    assert str(partial("pow", 0, power=(None, 2.0))) == "2*a"
    assert str(partial("mul", 0)) == "b"
    assert str(partial("relu", 0, "right")) == "Piecewise((1, a >= 0), (0, True))"


def test_no_spelling_means_two_gates():
    spellings = [s for gate in GATES.values() for s in (gate.name, *gate.aliases)]
    assert sorted(spellings) == sorted(SPELLINGS)


@pytest.mark.parametrize("name", POINTWISE)
def test_every_gate_says_what_it_does_to_a_gradient(name):
    assert GATES[name].role and GATES[name].sign
    assert GATES[name].arity[0] == len(WITNESSES[name].domains)
