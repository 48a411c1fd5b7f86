"""Index calculus: every proof holds, wrong adjoints are refused, JAX agrees."""

from __future__ import annotations

from dataclasses import replace

import jax
import numpy as np
import pytest
import sympy
import witness  # noqa: F401 (JAX in float64)
from sympy import KroneckerDelta

from gradtutor.calculus.index.differentiation import contracted, slope
from gradtutor.calculus.index.normal_form import canonical
from gradtutor.calculus.index.notation import (
    IndexClashError,
    indices,
    size,
    total,
    value,
)
from gradtutor.calculus.index.proofs import PROOFS, check, proof_of, proof_text, prove
from gradtutor.calculus.index.writing import written
from gradtutor.evaluate import run
from gradtutor.language import parse_formula

CASES = [(gate, operand) for gate, about in PROOFS.items() for operand in about]
U, W, X, Z = map(sympy.IndexedBase, "UWXZ")
Y = sympy.IndexedBase("Y", integer=True)
a, b, c, h, i, k, n, o, p, t = indices("a b c h i k n o p t")
j, q, r, w = indices("j q r w")
N, K, C, D, L, M, O, s, d = map(size, [*"NKCDLMOsd"])  # noqa: E741
pad = sympy.Symbol("pad", integer=True, nonnegative=True)
EXP, ABOVE = sympy.exp, sympy.Symbol("U", real=True)


# ---- proofs ----


@pytest.mark.parametrize(("gate", "operand"), CASES)
def test_the_declared_adjoint_is_the_derived_one(gate, operand):
    proof = proof_of(gate, operand)
    assert proof.equal, proof_text(proof)
    assert check(PROOFS[gate][operand])


def test_a_derivation_reads_from_the_forward_formula_to_the_verdict():
    assert proof_text(proof_of("conv1d", 1)).splitlines() == [
        "conv1d, operand 1: proved",
        "Z[o,h,n] = Σ_c Σ_i X[c, s h + d i − pad, n] W[o,c,i], "
        "where X is 0 outside its places",
        "∂Z[o,h,n]/∂W[a,b,t] = Σ_c Σ_i X[c, s h + d i − pad, n] δ[a,o] δ[b,c] δ[i,t] "
        "= X[b, s h + d t − pad, n] δ[a,o]",
        "W̄[a,b,t] = Σ_o Σ_h Σ_n U[o,h,n] X[b, s h + d t − pad, n] δ[a,o] "
        "= Σ_h Σ_n U[a,h,n] X[b, s h + d t − pad, n]",
        "declared: Σ_h Σ_n U[a,h,n] X[b, s h + d t − pad, n], which is Σ U windows(X)",
        "both have the same normal form",
    ]


# ---- refusals ----


def x_adjoint(weights=None, delta=None, above=None, taps=K):
    """Return conv1d's adjoint in x with one part replaced."""
    weights = W[o, a, i] if weights is None else weights
    delta = KroneckerDelta(p + pad, s * h + d * i) if delta is None else delta
    above = U[o, h, b] if above is None else above
    return total(above * weights * delta, (o, O), (i, taps), (h, M))


def w_adjoint(place, above=U[a, h, n], row=b):
    return total(above * X[row, place, n], (h, M), (n, N))


(K1, M1, s1, d1), (K2, M2, s2, d2) = ([size(x + m) for x in "KMsd"] for m in "12")
pad1, pad2 = (sympy.Symbol(f"pad{m}", integer=True, nonnegative=True) for m in "12")
FOLD2 = KroneckerDelta(p + pad1, s1 * h + d1 * i) * KroneckerDelta(
    q + pad2, s2 * w + d2 * j
)
OVER2 = ((o, O), (i, K1), (j, K2), (h, M1), (w, M2))
NORM = total(EXP(Z[a, k]), (k, K))
SOFTMAX, TRUTH = EXP(Z[a, b]) / NORM, KroneckerDelta(b, Y[a])

# gate, operand, what is wrong, the wrong adjoint
WRONG = [
    ("matmul", 0, "no transpose", total(U[a, k] * W[k, b], (k, K))),
    ("matmul", 0, "wrong range", total(U[a, k] * W[b, k], (k, D))),
    ("matmul", 0, "swapped result", total(U[b, k] * W[a, k], (k, K))),
    ("matmul", 1, "no transpose", total(X[a, n] * U[n, b], (n, N))),
    ("matmul", 1, "swapped result", total(X[n, b] * U[n, a], (n, N))),
    ("matmul", 1, "twice", 2 * total(X[n, a] * U[n, b], (n, N))),
    ("conv1d", 0, "flipped kernel", x_adjoint(weights=W[o, a, K - 1 - i])),
    ("conv1d", 0, "channels swapped", x_adjoint(weights=W[a, o, i])),
    ("conv1d", 0, "no shift", x_adjoint(delta=KroneckerDelta(p, s * h + d * i))),
    (
        "conv1d",
        0,
        "shift the other way",
        x_adjoint(delta=KroneckerDelta(p - pad, s * h + d * i)),
    ),
    ("conv1d", 0, "no stride", x_adjoint(delta=KroneckerDelta(p + pad, h + d * i))),
    (
        "conv1d",
        0,
        "stride and dilation swapped",
        x_adjoint(delta=KroneckerDelta(p + pad, d * h + s * i)),
    ),
    ("conv1d", 0, "taps over M", x_adjoint(taps=M)),
    ("conv1d", 1, "no shift", w_adjoint(s * h + d * t)),
    ("conv1d", 1, "no dilation", w_adjoint(s * h + t - pad)),
    ("conv1d", 1, "flipped kernel", w_adjoint(s * h + d * (K - 1 - t) - pad)),
    ("conv1d", 1, "channels swapped", w_adjoint(s * h + d * t - pad, U[b, h, n], a)),
    ("conv2d", 0, "axes swapped", total(U[o, h, w, b] * W[o, a, j, i] * FOLD2, *OVER2)),
    (
        "conv2d",
        0,
        "channels swapped",
        total(U[o, h, w, b] * W[a, o, i, j] * FOLD2, *OVER2),
    ),
    (
        "conv2d",
        1,
        "axes swapped",
        total(
            U[a, h, w, n] * X[b, s1 * h + d1 * r - pad1, s2 * w + d2 * t - pad2, n],
            *((h, M1), (w, M2), (n, N)),
        ),
    ),
    (
        "conv2d",
        1,
        "one shift missing",
        total(
            U[a, h, w, n] * X[b, s1 * h + d1 * t, s2 * w + d2 * r - pad2, n],
            *((h, M1), (w, M2), (n, N)),
        ),
    ),
    ("cross_entropy", 0, "without 1/N", ABOVE * (SOFTMAX - TRUTH)),
    ("cross_entropy", 0, "without the truth", ABOVE * SOFTMAX / N),
    ("cross_entropy", 0, "sign", ABOVE * (TRUTH - SOFTMAX) / N),
    (
        "cross_entropy",
        0,
        "labels swapped",
        ABOVE * (SOFTMAX - KroneckerDelta(a, Y[b])) / N,
    ),
    (
        "cross_entropy",
        0,
        "softmax over rows",
        ABOVE * (EXP(Z[a, b]) / total(EXP(Z[n, b]), (n, N)) - TRUTH) / N,
    ),
    ("two_layers", 1, "one layer", total(X[n, a] * U[n, b], (n, N))),
]


@pytest.mark.parametrize(
    ("gate", "operand", "declared"),
    [pytest.param(g, at, bad, id=f"{g}-{at}-{what}") for g, at, what, bad in WRONG],
)
def test_a_wrong_adjoint_is_refused(gate, operand, declared):
    proof = prove(replace(PROOFS[gate][operand], declared=declared))
    assert not proof.equal, proof_text(proof)
    assert "NOT proved" in proof_text(proof)


@pytest.mark.parametrize(
    ("gate", "operand", "declared"),
    [
        ("matmul", 1, total(X[n, b] * U[n, a], (n, N))),
        ("conv1d", 0, x_adjoint(weights=W[o, a, K - 1 - i])),
        ("conv1d", 1, w_adjoint(s * h + d * t)),
        ("cross_entropy", 0, ABOVE * (SOFTMAX - TRUTH)),
    ],
)
def test_the_second_witness_refuses_it_too(gate, operand, declared):
    assert not check(replace(PROOFS[gate][operand], declared=declared))


def test_every_part_of_the_two_layer_adjoint_matters():
    statement = PROOFS["two_layers"][1]
    for part in statement.declared.function.args:
        less = statement.declared.function / part
        declared = sympy.Sum(less, *statement.declared.limits)
        assert not prove(replace(statement, declared=declared)).equal


# ---- the engine ----


def test_a_delta_is_contracted_only_between_equal_ranges():
    short = total(X[n] * KroneckerDelta(n, a), (n, 4))
    assert contracted(short, {a: 4}) == X[a]
    assert contracted(short, {a: 5}) == short
    assert canonical(short, {a: 5}) != X[a]


def test_summed_names_and_the_order_of_sums_do_not_matter():
    left = total(X[n, k] * X[k, o], (n, 4), (k, 4), (o, 4))
    right = total(X[o, n] * X[n, k], (k, 4), (o, 4), (n, 4))
    other = total(X[o, n] * X[o, k], (k, 4), (o, 4), (n, 4))
    assert canonical(left, {}) == canonical(right, {}) != canonical(other, {})


def test_a_sum_over_nothing_counts():
    assert canonical(total(X[a], (n, N)), {a: K}) == N * X[a]


def test_squares_of_sums_are_products_over_two_indices():
    square = total(X[n], (n, N)) ** 2
    assert canonical(square, {}) == canonical(total(X[n] * X[k], (n, N), (k, N)), {})
    assert written(contracted(slope(square, X[a]), {a: N})) == "Σ_n 2 X[n]"


def test_a_summed_index_that_is_taken_is_an_error():
    with pytest.raises(IndexClashError):
        slope(total(X[n], (n, N)), X[n])
    with pytest.raises(IndexClashError):
        canonical(total(X[n] * total(X[n], (n, N)), (n, N)), {})
    with pytest.raises(IndexClashError):
        canonical(total(X[b], (b, N)), {b: N})


def test_a_one_hot_sum_and_a_picked_entry_have_one_slope():
    picked, hot = Z[n, Y[n]], total(Z[n, k] * KroneckerDelta(k, Y[n]), (k, K))
    sizes = {n: N, a: N, b: K}
    forms = {canonical(slope(form, Z[a, b]), sizes) for form in (picked, hot)}
    assert len(forms) == 1


# ---- numbers, against JAX and against the gates themselves ----

AXES = {1: ("NCH", "OIH", "NCH"), 2: ("NCHW", "OIHW", "NCHW")}
# rank, sizes of x, kernel, then stride, padding (before, after), dilation per axis
CONVOLUTIONS = [
    (1, (5,), (3,), (2,), ((1, 1),), (2,)),
    (1, (6,), (2,), (1,), ((0, 0),), (1,)),
    (1, (7,), (3,), (3,), ((2, 1),), (1,)),
    (1, (6,), (2,), (2,), ((0, 3),), (3,)),
    (2, (4, 3), (2, 2), (2, 1), ((1, 1), (0, 0)), (2, 1)),
    (2, (5, 4), (3, 2), (1, 2), ((1, 0), (2, 1)), (1, 2)),
    (2, (4, 5), (2, 3), (1, 1), ((0, 0), (0, 0)), (1, 1)),
    (2, (3, 4), (2, 2), (1, 2), ((1, 0), (1, 0)), (1, 1)),
]


def entries(array):
    return {place: array[place].item() for place in np.ndindex(array.shape)}


def evaluated(formula, statement, arrays, numbers):
    """Return the gradient as an array: the formula's value at each entry."""
    name = statement.target.base.name
    names = [index.name for index in statement.target.indices]
    tensors = {key: entries(array) for key, array in arrays.items()}
    result = np.zeros(arrays[name].shape)
    for place in np.ndindex(result.shape):
        scope = {**numbers, **dict(zip(names, place, strict=True))}
        result[place] = value(formula, tensors, scope)
    return result


def convolution_numbers(rank, sizes, kernel, stride, padding, dilation, out):
    marks = [""] if rank == 1 else ["1", "2"]
    before = [pair[0] for pair in padding]
    columns = {"L": sizes, "K": kernel, "s": stride, "pad": before, "d": dilation}
    columns["M"] = out
    return {
        key + m: v
        for key, row in columns.items()
        for m, v in zip(marks, row, strict=True)
    }


def by_jax(rank, stride, padding, dilation):
    def convolved(x, weights):
        z = jax.lax.conv_general_dilated(
            jax.numpy.moveaxis(x, -1, 0),
            weights,
            stride,
            padding,
            rhs_dilation=dilation,
            dimension_numbers=AXES[rank],
        )
        return jax.numpy.moveaxis(z, 0, -1)

    return convolved


def drawn(case):
    """Return x, w, u and JAX's gradients in x and w."""
    rank, sizes, kernel, stride, padding, dilation = case
    rng = np.random.default_rng(rank)
    x, weights = rng.normal(size=(2, *sizes, 2)), rng.normal(size=(3, 2, *kernel))
    z, pull = jax.vjp(by_jax(rank, stride, padding, dilation), x, weights)
    u = rng.normal(size=z.shape)
    return x, weights, u, pull(u)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("case", CONVOLUTIONS, ids=str)
def test_convolution_formulas_agree_with_jax(case):
    x, weights, u, expected = drawn(case)
    arrays = {"X": x, "W": weights, "U": u}
    numbers = convolution_numbers(*case, u.shape[1:-1]) | {"C": 2, "O": 3, "N": 2}
    gate = f"conv{case[0]}d"
    for operand, gradient in enumerate(expected):
        statement = PROOFS[gate][operand]
        for formula in (proof_of(gate, operand).derived, statement.declared):
            found = evaluated(formula, statement, arrays, numbers)
            np.testing.assert_allclose(found, gradient, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", CONVOLUTIONS, ids=str)
def test_the_convolution_gate_agrees_with_jax(case):
    x, weights, u, expected = drawn(case)
    _, _, _, stride, padding, dilation = case
    options = f"stride={stride}, padding={padding}, dilation={dilation}"
    graph = parse_formula(f"sum(u * conv(x, w, {options}))")
    ours = run(graph, {"u": u, "x": x, "w": weights}).input_gradients()
    for name, gradient in zip("xw", expected, strict=True):
        np.testing.assert_allclose(ours[name], gradient, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("numbers", [(1, 0, 1), (2, 1, 2), (3, 2, 1)], ids=str)
def test_the_convolution_gate_in_numbers_agrees_with_jax(numbers):
    stride, padding, dilation = numbers
    case = (1, (7,), (3,), (stride,), ((padding, padding),), (dilation,))
    x, weights, u, expected = drawn(case)
    options = f"stride={stride}, padding={padding}, dilation={dilation}"
    graph = parse_formula(f"sum(u * conv(x, w, {options}))")
    ours = run(graph, {"u": u, "x": x, "w": weights}).input_gradients()
    for name, gradient in zip("xw", expected, strict=True):
        np.testing.assert_allclose(ours[name], gradient, rtol=1e-12, atol=1e-12)


PRODUCTS = {
    # statement: shapes of x, w and of the gradient u that arrives at x @ w
    "matmul": ((3, 4), (4, 2), (3, 2)),
    "matrix_vector": ((3, 4), (4,), (3,)),
    "vector_matrix": ((4,), (4, 2), (2,)),
    "inner_product": ((4,), (4,), ()),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_products_agree_with_jax_and_with_the_gate(name):
    rng = np.random.default_rng(0)
    x, weights, u = (np.asarray(rng.normal(size=shape)) for shape in PRODUCTS[name])
    expected = jax.grad(lambda x, w: (u * (x @ w)).sum(), (0, 1))(x, weights)
    arrays = {"X": x, "W": weights} | ({"U": u} if u.ndim else {})
    numbers = {"N": 3, "D": 4, "K": 2} | ({} if u.ndim else {"U": float(u)})
    ours = run(parse_formula("sum(u * (x @ w))"), {"u": u, "x": x, "w": weights})
    for operand, input_ in enumerate("xw"):
        statement, proof = PROOFS[name][operand], proof_of(name, operand)
        found = evaluated(proof.derived, statement, arrays, numbers)
        np.testing.assert_allclose(found, expected[operand], rtol=1e-12)
        np.testing.assert_allclose(ours.input_gradients()[input_], expected[operand])


def test_cross_entropy_agrees_with_jax_and_with_the_gate():
    z, labels = np.random.default_rng(1).normal(size=(3, 4)), np.array([2, 0, 3])

    def loss(z):
        return -1.7 * jax.nn.log_softmax(z)[np.arange(3), labels].mean()

    found = evaluated(
        proof_of("cross_entropy", 0).derived,
        PROOFS["cross_entropy"][0],
        {"Z": z, "Y": labels},
        {"N": 3, "K": 4, "U": 1.7},
    )
    ours = run(parse_formula("1.7 * cross_entropy(z, y)"), {"z": z, "y": labels})
    np.testing.assert_allclose(found, jax.grad(loss)(z), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(
        ours.input_gradients()["z"], found, rtol=1e-12, atol=1e-14
    )


def test_two_layers_agree_with_jax():
    rng = np.random.default_rng(2)
    x, weights, v, u = (rng.normal(size=s) for s in ((3, 2), (2, 4), (4, 2), (3, 2)))

    def inner(weights):
        return (u * jax.numpy.tanh(jax.numpy.tanh(x @ weights) @ v)).sum()

    found = evaluated(
        proof_of("two_layers", 1).derived,
        PROOFS["two_layers"][1],
        {"X": x, "W": weights, "V": v, "U": u},
        {"N": 3, "D": 2, "H": 4, "K": 2},
    )
    np.testing.assert_allclose(found, jax.grad(inner)(weights), rtol=1e-12, atol=1e-14)
