"""Gates that move numbers, Σ∏ and normalisation: against JAX, twice differentiated."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gate_checks import (
    LABELS,
    PICKS,
    check_adjoint,
    check_first,
    check_opened,
    check_second,
)

from gradtutor.language import SourceError, parse_formula

M, T = (3, 4), (2, 3, 4)
AXES = [(0, M), (-1, T), ((0, 2), T), ((1,), M), (None, M), (0, (1, 4))]


def einsum(text, *shapes):
    """Return a case of the Σ∏ gate, in NumPy's own words."""
    names = ", ".join("abc"[: len(shapes)])
    words = text.replace(" ", "")
    return (
        "einsum",
        f'einsum("{text}", {names})',
        shapes,
        lambda *args: jnp.einsum(words, *args),
    )


def padded(widths, value=0.0):
    """Return a case of the pad gate, which is XLA's Pad."""
    full = [(*width, 0)[:3] for width in widths] + [(0, 0, 0)] * (3 - len(widths))
    return (
        "pad",
        f"pad(a, widths={widths}, value={value})",
        (T,),
        lambda a: jax.lax.pad(a, value, full),
    )


def sliced(shape, *cuts):
    """Return a case of the slice gate, which is Python's."""
    where = tuple(slice(*cut) for cut in cuts)
    return "slice", f"slice(a, cuts={cuts})", (shape,), lambda a: a[where]


def standardized(a, axis, eps):
    centred = a - a.mean(axis, keepdims=True)
    return centred / jnp.sqrt((centred**2).mean(axis, keepdims=True) + eps)


CASES = [
    # ---- sums of products ----
    einsum("ij,jk->ik", M, (4, 5)),
    einsum("ij,jk->ki", M, (4, 5)),
    einsum("ij,jk->k", M, (4, 5)),
    einsum("ij,jk->", M, (4, 5)),
    einsum("ij,ij->ij", M, M),
    einsum("ij,kl->lkji", M, (2, 5)),
    einsum("ij->ji", M),
    einsum("ij->", M),
    einsum("ij->j", M),
    einsum("ij->i", M),
    einsum("ijk->kj", T),
    einsum("i,i->", (4,), (4,)),
    einsum("i,j->", (4,), (3,)),
    einsum("ij,k->ij", M, (2,)),
    einsum(",ij->ji", (), M),
    einsum("->", ()),
    einsum("bij,bjk->bik", T, (2, 4, 5)),
    einsum("bij , bjk -> b i k", T, (2, 4, 1)),
    einsum("ij,jk,kl->il", M, (4, 2), (2, 5)),
    einsum("ij,jk,i->ki", M, (4, 5), (3,)),
    einsum("ij,k,l->l", M, (2,), (5,)),
    einsum("Ni,ij,Nj->N", M, (4, 4), M),
    ("einsum", 'einsum("ij,kj->ik", a, a)', (M,), lambda a: a @ a.T),
    *[("einsum", f'einsum("{text}", a)', (shape,),
       lambda a, text=text: jnp.einsum(text, a))
      for text, shape in (("iij->ij", (3, 3, 4)), ("iji", (3, 2, 3)),
                          ("iii", (3, 3, 3)))],
    ("einsum", 'einsum("iij,j->i", a, b)', ((3, 3, 4), (4,)),
     lambda a, b: jnp.einsum("iij,j->i", a, b)),
    ("einsum", 'einsum("ij,jk,kl->il", a, a, a)', ((3, 3),), lambda a: a @ a @ a),
    # ---- reshape and transpose ----
    *[("reshape", f"reshape(a, shape={new})", (old,), lambda a, new=new: a.reshape(new))
      for old, new in ((M, (2, 6)), (M, (2, -1)), (M, (-1,)), (M, (12,)), (T, (6, -1)),
                       (T, (4, 3, 2)), ((1,), ()), ((), (1,)), ((), (1, -1, 1)),
                       ((1, 1), ()))],
    ("reshape", "reshape(a)", (T,), jnp.ravel),
    *[("transpose", f"transpose(a, axes={axes})", (T,),
       lambda a, axes=axes: a.transpose(axes))
      for axes in ((2, 0, 1), (0, 1, 2), (1, 0, 2), (1, 2, 0), (-1, 0, -2), None)],
    ("transpose", "permute(a, axes=(0,))", ((3,),), lambda a: a),
    ("transpose", "permute(a, axes=())", ((),), lambda a: a),
    # ---- pad and slice ----
    padded(((1, 2), (0, 0))),
    padded(((0, 1), (2, 0), (1, 1))),
    padded(((1, 2, 3),)),
    padded(((0, 0, 1), (0, 0, 2), (3, 0))),
    padded(((0, 0),)),
    padded(((2, 1), (0, 0, 1)), value=-2.5),
    ("pad", "pad(a, widths=((1, 1, 4),))", ((1,),), lambda a: jnp.pad(a, 1)),
    sliced((7,), (0, 5, 2)),
    sliced((7,), (1, 7, 3)),
    sliced((7,), (2, 3)),
    sliced((7,), (3, None)),
    sliced((7,), (None, 4)),
    sliced((7,), (None, None, 3)),
    sliced((7,), (0, 7, 10)),
    sliced((1,), (0, 1)),
    sliced(T, (0, 2, 1), (1, None, 1)),
    sliced(T, (1, 2), (0, None), (0, 4, 2)),
    ("slice", "slice(a)", (M,), lambda a: a),
    # ---- index ----
    ("index", "a[1]", ((4,),), lambda a: a[1]),
    ("index", "a[-1]", ((4,),), lambda a: a[-1]),
    ("index", "a[1:]", ((4,),), lambda a: a[1:]),
    ("index", "a[:-2]", ((4,),), lambda a: a[:-2]),
    ("index", "a[0]", (T,), lambda a: a[0]),
    ("index", "a[:, -1]", (T,), lambda a: a[:, -1]),
    ("index", "a[1, ::2, 1]", (T,), lambda a: a[1, ::2, 1]),
    # ---- cumsum ----
    ("cumsum", "cumsum(a)", ((5,),), jnp.cumsum),
    ("cumsum", "cumsum(a, 0)", (T,), lambda a: jnp.cumsum(a, 0)),
    ("cumsum", "np.cumsum(a, axis=1)", (T,), lambda a: jnp.cumsum(a, 1)),
    *[("flip", f"flip(a, axis={axis})", (T,), lambda a, axis=axis: jnp.flip(a, axis))
      for axis in (None, 0, -1, (0, 2), (0, 1, 2))],
    ("flip", "flip(a)", ((),), lambda a: a),
    *[("concat", f"concat(a, b, axis={axis})", shapes,
       lambda a, b, axis=axis: jnp.concatenate((a, b), axis))
      for axis, shapes in ((0, (M, (2, 4))), (1, (M, (3, 1))), (-1, (T, T)),
                           (1, (T, (2, 5, 4))), (0, ((1,), (3,))))],
    ("concat", "concat(a, a)", (M,), lambda a: jnp.concatenate((a, a))),
    # ---- gather and scatter ----
    *[("gather", "gather(a, i)", (shape,), lambda a: a[PICKS])
      for shape in ((4,), (4, 3), (4, 3, 2))],
    ("gather", "gather(a, k)", ((4, 3),), lambda a: a[2]),
    ("gather", "embedding(a, y)*b", ((4, 3), (3, 3)), lambda a, b: a[LABELS] * b),
    *[("scatter_add", "scatter_add(a, i, b)", ((2, 3, *rest), (4, *rest)),
       lambda a, b: jnp.zeros_like(b).at[PICKS].add(a))
      for rest in ((), (3,), (3, 2))],
    ("scatter_add", "scatter_add(a, k, b)", ((3,), (4, 3)),
     lambda a, b: jnp.zeros_like(b).at[2].add(a)),
    # ---- normalisation ----
    *[("variance", f"variance(a, axis={axis}, keepdims={keep})", (shape,),
       lambda a, axis=axis, keep=keep: jnp.var(a, axis, keepdims=keep))
      for axis, shape in (*AXES, (None, ()), (None, T))
      for keep in (False, True)],
    *[("standardize", f"standardize(a, axis={axis}, eps={eps})", (shape,),
       lambda a, axis=axis, eps=eps: standardized(a, axis, eps))
      for axis, shape in AXES
      for eps in (1e-5, 0.1)],
    ("standardize", "standardize(a)*b", (M, M),
     lambda a, b: standardized(a, 0, 1e-5) * b),
]  # fmt: skip
IDS = [f"{i}-{text}" for i, (_, text, *_) in enumerate(CASES)]


@pytest.mark.sampled(6)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_value_and_gradients_equal_jax(case):
    check_first(case)


@pytest.mark.sampled(8)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_second_derivatives_equal_jax(case):
    check_second(case)


# ---- ⟨A x, u⟩ = ⟨x, Aᵀ u⟩ ----

LINEAR = [
    # text in a, shape of a
    ('einsum("ij,jk->ki", a, K)', (3, 4)),
    ('einsum("jk,ijl,k->li", K, a, k)', (2, 4, 5)),
    ('einsum("ij->j", a)', (3, 4)),
    ("reshape(a, shape=(2, -1))", (3, 4)),
    ("transpose(a, axes=(2, 0, 1))", T),
    ("pad(a, widths=((1, 2, 1), (0, 3)))", M),
    ("slice(a, cuts=((0, 3, 2), (1, 4)))", M),
    ("a[0, 1:]", M),
    ("cumsum(a, axis=0)", M),
    ("flip(a, axis=1)", M),
    ("concat(a, K)*2 - concat(0*a, K)*2", (4, 2)),
    ("concat(a, 3*a, axis=1)", M),
    ("gather(a, i)", (4, 3)),
    ("scatter_add(a, i, K)", (2, 3, 2)),
]


@pytest.mark.parametrize("text, shape", LINEAR)
def test_the_adjoint_of_a_linear_map_passes_the_dot_product_test(text, shape):
    check_adjoint(text, shape, {"K": (4, 2), "k": (2,), "i": PICKS})


OPENED = [
    *[("index", (T,), {"at": at})
      for at in ((0,), (-1, (1, None, 2)), ((None, 1, None),))],
    *[("variance", (T,), {"axis": axis, "keepdims": keep})
      for axis in (None, 0, (0, 2)) for keep in (False, True)],
    *[("standardize", (T,), {"axis": axis}) for axis in (None, 0, (0, 2))],
    ("standardize", ((5,),), {"axis": 0, "eps": 0.5}),
]  # fmt: skip


@pytest.mark.parametrize("gate, shapes, attrs", OPENED)
def test_an_opened_gate_equals_the_closed_one(gate, shapes, attrs):
    rng = np.random.default_rng(5)
    check_opened(gate, [rng.normal(size=shape) for shape in shapes], attrs)


# ---- shapes that do not fit ----

MISFITS = [
    ('a: (3, 4)\neinsum("ij,jk->ik", a)', "is for 2 operand(s), not 1"),
    ('a: (3, 4)\neinsum("i->i", a)', "i has 1 letters, its operand is (3, 4)"),
    ('a: (3, 4)\nb: (3, 4)\neinsum("ij,jk->ik", a, b)', "j is 4 and 3"),
    ('a: (3, 3, 4)\neinsum("iij,jjk->ik", a, a)', "only once in an operand"),
    ('a: (3, 4)\neinsum("ii->i", a)', "a square matrix"),
    ('a: (3, 4)\neinsum("ij->ijj", a)', "only once in an operand"),
    ('a: (3, 4)\neinsum("ij->ik", a)', "a letter that no operand has"),
    ("a: (3, 4)\neinsum(a)", "write the letters of every operand"),
    ("a: (3, 4)\nreshape(a, shape=(5, -1))", "(3, 4) has 12 elements"),
    ("a: (3, 4)\nreshape(a, shape=(-1, -1))", "cannot take the shape (-1, -1)"),
    ("a: (3, 4)\nreshape(a, shape=(-3, -4))", "cannot take the shape (-3, -4)"),
    ("a: (3, 4)\nreshape(a, shape=(0, -1))", "cannot take the shape (0, -1)"),
    ("a: (3, N)\nreshape(a, shape=(5, -1))", "3*N elements"),
    ("a: (3, 4)\ntranspose(a, axes=(1,))", "no order of the 2 axes"),
    ("a: (3, 4)\ntranspose(a, axes=(0, 0))", "no order of the 2 axes"),
    ("a: (3, 4)\ntranspose(a, axes=(3, 2))", "no order of the 2 axes"),
    ("a: (3, 4)\ntranspose(a, axes=(0, -3))", "no order of the 2 axes"),
    ("a: (3,)\npad(a, widths=((1, 1), (1, 1)))", "for the axes of (3,)"),
    ("a: (3,)\npad(a, widths=((None, 1),))", "not (before, after[, between])"),
    ("a: (3,)\npad(a, widths=((-1, 1),))", "must not be negative"),
    ("a: (3, N)\npad(a, widths=((0, 0), (1, 1)))", "unknown size N cannot be padded"),
    ("a: (7,)\nslice(a, cuts=((0, 9),))", "does not lie in a size of 7"),
    ("a: (7,)\nslice(a, cuts=((5, 5),))", "does not lie in a size of 7"),
    ("a: (7,)\nslice(a, cuts=((-2, None),))", "does not lie in a size of 7"),
    ("a: (7,)\nslice(a, cuts=((0, 5, 0),))", "does not lie in a size of 7"),
    ("a: (7,)\nslice(a, cuts=((0, 5), (0, 1)))", "2 cuts are too many"),
    ("a: (7,)\na[7]", "the index 7 is outside of 7 numbers"),
    ("a: (7,)\na[0, 1]", "(7,) has 1 axes, the index 2"),
    ("a: (7,)\na[3:3]", "is empty"),
    ("a: (N,)\na[0]", "an unknown size N cannot be indexed"),
    ("a: (N,)\nslice(a, cuts=((0, 5),))", "unknown size N cannot be cut"),
    ("a: (3, 4)\nflip(a, axis=2)", "axis 2 is outside"),
    ("a: (3, 4)\nb: (3, 5)\nconcat(a, b)", "cannot be joined along axis 0"),
    ("a: (3,)\nb: ()\nconcat(a, b)", "(3,) and () cannot be joined"),
    ("a: (3, 4)\nb: (3,)\nconcat(a, b, axis=1)", "(3, 4) and (3,) cannot be joined"),
    ("a: (3, 4)\nb: (3, 4)\nconcat(a, b, axis=None)", "along one axis"),
    ("a: (3, 4)\nb: (3, 4)\nconcat(a, b, axis=(0, 1))", "along one axis"),
    ("a: (N,)\nb: (3,)\nconcat(a, b)", "cannot be joined along axis 0"),
    ("a: ()\nb: (3,)\ngather(a, b)", "not of a single number"),
    ("a: (3, 2)\nb: (4,)\nc: (5, 2)\nscatter_add(a, b, c)", "are not rows of (5, 2)"),
    ("a: (3, 4)\nvariance(a, axis=2)", "axis 2 is outside"),
    ("a: ()\nstandardize(a)", "axis 0 is outside"),
]


@pytest.mark.parametrize("text, words", MISFITS)
def test_shapes_that_do_not_fit_are_told_in_words(text, words):
    with pytest.raises(SourceError) as caught:
        parse_formula(text)
    assert words in caught.value.message
