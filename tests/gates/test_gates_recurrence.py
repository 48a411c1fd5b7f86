"""Recurrent cells as gates: values, gradients, and the gates that they open into."""

import jax
import jax.numpy as jnp
import pytest
from gate_checks import check_first, check_opened, check_second, tensors

from gradtutor.language import SourceError, parse_formula

STEPS = 3


def states(step):
    """Run a step over the rows of z, from zeros; c goes beside h."""

    def run(z, u, *bias):
        h = c = jnp.zeros((z.shape[1], u.shape[0]))
        made = [h]
        for row in z:
            h, c = step(row, h @ u + (bias[0] if bias else 0), h, c)
            made.append(h)
        return jnp.stack(made)

    return run


def lstm(z, reach, _h, c):
    i, f, g, o = jnp.split(z + reach, 4, axis=1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def gru(z, reach, h, c):
    r, u, n = jnp.split(z, 3, axis=1)
    hr, hu, hn = jnp.split(reach, 3, axis=1)
    u = jax.nn.sigmoid(u + hu)
    n = jnp.tanh(n + jax.nn.sigmoid(r + hr) * hn)
    return (1 - u) * n + u * h, c


CELLS = {
    "tanh": (lambda z, a, _h, c: (jnp.tanh(z + a), c), 1),
    "relu": (lambda z, a, _h, c: (jax.nn.relu(z + a), c), 1),
    "sigmoid": (lambda z, a, _h, c: (jax.nn.sigmoid(z + a), c), 1),
    "lstm": (lstm, 4),
    "gru": (gru, 3),
}


def flipped(function):
    return lambda z, *rest: function(z[::-1], *rest)[::-1]


def slope(function):
    """Return what sends a gradient of the states back to z."""

    def run(u, z, *rest):
        return jax.vjp(lambda z: function(z, *rest), z)[1](u)[0]

    return run


CASES = [
    case
    for name, (step, parts) in CELLS.items()
    for ours in [states(step)]
    for z, u, c in [((STEPS, 2, 2 * parts), (2, 2 * parts), (2 * parts,))]
    for options in [f'cell="{name}"']
    for case in [
        ("recurrence", f"recurrence(a, b, {options})", (z, u), ours),
        ("recurrence", f"recurrence(a, b, c, {options}, bias=True)", (z, u, c), ours),
        ("recurrence", f"recurrence(a, b, {options}, backwards=True)", (z, u),
         flipped(ours)),
        ("recurrence_slope", f"recurrence_slope(a, b, c, {options})",
         ((STEPS + 1, 2, 2), z, u), slope(ours)),
    ]
]  # fmt: skip
OPENED = [
    (gate, shapes, {"cell": name, "backwards": back, "bias": bias} | more)
    for name, (_, parts) in CELLS.items()
    for back, bias in [(False, True), (True, False)]
    for rest in [((STEPS, 2, 2 * parts), (2, 2 * parts), *[(2 * parts,)] * bias)]
    for gate, shapes, more in [
        ("recurrence", rest, {}),
        *[("recurrence_slope", ((STEPS + 1, 2, 2), *rest), {"of": of, "ties": "torch"})
          for of in ("z", "reach")],
    ]
]  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[1])
def test_value_and_gradients_equal_jax(case):
    check_first(case)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("case", CASES[12::3], ids=lambda case: case[1])
def test_second_derivatives_equal_jax(case):
    check_second(case)


@pytest.mark.parametrize("gate, shapes, attrs", OPENED)
def test_an_opened_gate_equals_the_closed_one(gate, shapes, attrs):
    check_opened(gate, list(tensors(shapes).values()), attrs)


MISFITS = [
    ("a: (3, 2)\nb: (2, 2)\nrecurrence(a, b)", "takes z (T, N, columns)"),
    ("a: (T, 2, 2)\nb: (2, 2)\nrecurrence(a, b)", "takes z (T, N, columns)"),
    ("a: (3, 2, 2)\nb: (2, 3)\nrecurrence(a, b)", "(units, 1 units)"),
    ("a: (3, 2, 3)\nb: (2, 2)\nrecurrence(a, b)", "end with 2 columns"),
    ('a: (3, 2, 8)\nb: (2, 6)\nrecurrence(a, b, cell="lstm")', "(units, 4 units)"),
    ("a: (3, 2, 2)\nb: (2, 2)\nrecurrence(a, b, bias=True)", "third argument"),
    ("a: (3, 2, 2)\nb: (2, 2)\nrecurrence(a, b, b)", "third argument"),
    ('a: (3, 2, 2)\nb: (2, 2)\nrecurrence(a, b, cell="rnn")', "one of 'tanh'"),
    ("u: (3, 2, 2)\na: (3, 2, 2)\nb: (2, 2)\nrecurrence_slope(u, a, b)",
     "is no gradient of states (4, 2, 2)"),
]  # fmt: skip


@pytest.mark.parametrize("text, words", MISFITS)
def test_shapes_that_do_not_fit_are_told_in_words(text, words):
    with pytest.raises(SourceError) as caught:
        parse_formula(text)
    assert words in str(caught.value)
