"""Windows, convolution and pooling against JAX, to the second derivative."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gate_checks import (
    check_adjoint,
    check_first,
    check_opened,
    check_second,
    rounded,
    tensors,
)
from window_oracles import (
    avg_pool,
    conv,
    first_largest,
    max_pool,
    maximum_over,
    windows,
)

from gradtutor.language import SourceError, parse_formula


def written(attrs):
    """Write attributes as keyword arguments of the formula language."""
    return "".join(
        f", {key}={value!r}".replace("'", '"') for key, value in attrs.items()
    )


def shape_of(function, *shapes, **attrs):
    """Return the shape of a result without computing it."""
    args = [jax.ShapeDtypeStruct(np.shape(tensors((x,))["a"]), float) for x in shapes]
    return jax.eval_shape(lambda *xs: function(*xs, **attrs), *args).shape


def windows_case(shape, **attrs):
    return (
        "windows",
        f"windows(a{written(attrs)})",
        (shape,),
        lambda a: windows(a, **attrs),
    )


def fold_case(shape, **attrs):
    """Return a case of the adjoint of windows, as JAX transposes it."""
    cut = shape_of(windows, shape, **attrs)

    def fold(a, b):
        return jax.vjp(lambda x: windows(x, **attrs), jnp.zeros_like(b))[1](a)[0]

    return "fold", f"fold(a, b{written(attrs)})", (cut, shape), fold


def conv_case(x, w, **attrs):
    return (
        "conv",
        f"conv(a, b{written(attrs)})",
        (x, w),
        lambda a, b: conv(a, b, **attrs),
    )


def transpose_case(x, w, **attrs):
    """Return a case of the adjoint of conv in its first argument, as JAX has it."""
    above = shape_of(conv, x, w, **attrs)

    def function(a, b, c):
        return jax.vjp(lambda x: conv(x, b, **attrs), jnp.zeros_like(c))[1](a)[0]

    text = f"conv_transpose(a, b, c{written(attrs)})"
    return "conv_transpose", text, (above, w, x), function


def pool_cases(x, **attrs):
    """Max and average pooling and what sends their gradient back."""
    text, pooled = written(attrs), shape_of(max_pool, x, **attrs)

    def unpool(pool):
        return lambda a, u: jax.vjp(lambda x: pool(x, **attrs), a)[1](u)[0]

    return [
        ("max_pool", f"max_pool(a{text})", (x,), lambda a: max_pool(a, **attrs)),
        ("avg_pool", f"avg_pool(a{text})", (x,), lambda a: avg_pool(a, **attrs)),
        (
            "max_unpool",
            f"max_unpool(a, max_pool(a{text}), b{text})",
            (x, pooled),
            unpool(max_pool),
        ),
        (
            "mean_unpool",
            f"mean_unpool(a, b{text})",
            (x, pooled),
            unpool(avg_pool),
        ),
    ]


WINDOWS = [
    # shape, attributes
    ((2, 7), {"kernel": (3,)}),
    ((2, 7, 2), {"kernel": (3,), "stride": (2,), "dilation": (1,)}),
    ((2, 9), {"kernel": (3,), "stride": 3, "dilation": 3}),
    ((1, 1), {"kernel": (1,)}),
    ((2, 6, 1), {"kernel": (6,)}),
    ((2, 6), {"kernel": (2,), "stride": 4}),
    ((2, 5, 6), {"kernel": (3, 2)}),
    ((2, 5, 6, 2), {"kernel": (2, 3), "stride": (2, 1), "dilation": (1, 2)}),
    ((1, 5, 6, 2), {"kernel": (2, 2), "stride": 2}),
    ((2, 7, 7), {"kernel": (3, 3), "stride": 2, "dilation": 2}),
]
CONVOLUTIONS = [
    # x, w, attributes
    ((3, 7), (4, 3, 3), {}),
    ((3, 7, 2), (4, 3, 3), {"stride": 2, "padding": 1}),
    ((3, 8, 2), (4, 3, 3), {"stride": 3, "padding": ((2, 0),)}),
    ((3, 8), (4, 3, 4), {"padding": "same"}),
    ((3, 8), (4, 3, 4), {"padding": "same", "dilation": 3}),
    ((3, 9), (4, 3, 3), {"padding": "valid", "stride": 2, "dilation": 2}),
    ((4, 8, 2), (6, 2, 3), {"groups": 2, "padding": 2}),
    ((3, 6), (3, 1, 2), {"groups": 3, "stride": (2,)}),
    ((1, 1), (1, 1, 1), {}),
    ((2, 1, 2), (2, 2, 3), {"padding": 1}),
    ((2, 3), (2, 2, 5), {"padding": ((0, 2),)}),
    ((2, 4), (2, 2, 1), {"padding": 2, "stride": 3}),
    ((3, 5, 6), (4, 3, 3, 2), {}),
    ((2, 5, 6, 2), (4, 2, 3, 3), {"stride": 2, "padding": 1}),
    ((2, 5, 6, 2), (3, 2, 2, 3), {"padding": "same"}),
    ((2, 6, 7), (3, 2, 2, 4), {"padding": "same", "dilation": (2, 1)}),
    ((2, 5, 6, 2), (3, 2, 3, 3), {"padding": ((1, 0), (1, 0))}),
    ((2, 5, 6, 2), (3, 2, 3, 3), {"padding": ((0, 2), (1, 0)), "stride": (2, 1)}),
    ((2, 7, 7, 2), (3, 2, 3, 3), {"dilation": 2, "padding": (1, 2), "stride": (1, 2)}),
    ((4, 5, 5, 2), (6, 2, 3, 3), {"groups": 2, "padding": 1, "stride": 2}),
    ((4, 5, 5), (4, 1, 2, 2), {"groups": 4}),
    ((2, 3, 3, 2), (2, 2, 3, 3), {}),
    ((2, 2, 3), (2, 2, 1, 1), {"stride": 2}),
]
POOLS = [
    # x, attributes
    ((2, 6), {"kernel": (2,)}),
    ((2, 7, 2), {"kernel": (3,), "stride": 2}),
    ((2, 7, 2), {"kernel": (3,), "stride": 1, "padding": 1}),
    ((2, 7), {"kernel": (2,), "stride": 3, "padding": ((0, 1),)}),
    ((2, 8), {"kernel": (4,), "stride": 1, "padding": "same"}),
    ((2, 9), {"kernel": (3,), "stride": 2, "dilation": 2, "padding": 1}),
    ((1, 1), {"kernel": (1,)}),
    # as many numbers in the windows as in x, and yet they overlap
    ((2, 8), {"kernel": (4,), "stride": 3}),
    ((2, 4, 3), {"kernel": (2, 1), "stride": (1, 2)}),
    (rounded(2, 9, 2), {"kernel": (3,), "stride": 1}),
    (np.ones((1, 6)), {"kernel": (3,), "stride": 2, "padding": 1}),
    ((2, 5, 6), {"kernel": (2, 2)}),
    ((2, 5, 6, 2), {"kernel": (3, 2), "stride": (1, 2)}),
    ((2, 5, 6, 2), {"kernel": (3, 3), "stride": 2, "padding": 1}),
    ((2, 5, 5), {"kernel": (2, 3), "stride": 1, "padding": "same"}),
    ((2, 5, 6, 2), {"kernel": (2, 3), "padding": ((1, 0), (0, 1)), "stride": (2, 1)}),
    ((2, 7, 7), {"kernel": (2, 2), "stride": 1, "dilation": (3, 2)}),
    ((2, 3, 4, 2), {"kernel": (3, 4)}),
    (rounded(2, 6, 6, 2), {"kernel": (3, 3), "stride": 1, "padding": 1}),
    (rounded(2, 6, 6), {"kernel": (2, 2), "stride": 2}),
    (-np.ones((2, 4, 4, 1)), {"kernel": (3, 3), "stride": 1, "padding": 1}),
]
TIED = rounded(2, 3, 4)

CASES = [
    *[windows_case(shape, **attrs) for shape, attrs in WINDOWS],
    *[fold_case(shape, **attrs) for shape, attrs in WINDOWS],
    *[
        ("maximum_over", f"maximum_over(a, axis={axis}, keepdims={keep})", (x,),
         lambda a, axis=axis, keep=keep: maximum_over(a, axis, keep))
        for axis in (None, 0, -1, (0, 2), (2, 0))
        for keep in (False, True)
        for x in ((2, 3, 4), TIED)
    ],
    ("maximum_over", "maximum_over(a)", ((),), lambda a: a),
    *[("first_winner", f"first_winner(a, axis={axis})*a", (x,),
       lambda a, axis=axis: first_largest(a, axis) * a)
      for axis in (None, 0, -1, (0, 2), (1, 2)) for x in ((2, 3, 4), TIED)],
    ("first_winner", "first_winner(a)*a", ((),), lambda a: a),
    *[conv_case(x, w, **attrs) for x, w, attrs in CONVOLUTIONS],
    ("conv", "conv(a, a)", ((2, 2, 2),), lambda a: conv(a, a)),
    *[transpose_case(x, w, **attrs) for x, w, attrs in CONVOLUTIONS],
    *[case for x, attrs in POOLS for case in pool_cases(x, **attrs)],
]  # fmt: skip
IDS = [f"{i}-{text}" for i, (_, text, *_) in enumerate(CASES)]


@pytest.mark.sampled(12)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_value_and_gradients_equal_jax(case):
    check_first(case)


@pytest.mark.sampled(8)
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_second_derivatives_equal_jax(case):
    check_second(case)


# ---- ⟨A x, u⟩ = ⟨x, Aᵀ u⟩, in each argument that is linear ----


def linear_cases():
    """Yield (text that is linear in a, shape of a, the other arguments)."""
    for shape, attrs in WINDOWS:
        cut, text = shape_of(windows, shape, **attrs), written(attrs)
        yield f"windows(a{text})", shape, {}
        yield f"fold(a, b{text})", cut, {"b": shape}
    for x, w, attrs in CONVOLUTIONS:
        u, text = shape_of(conv, x, w, **attrs), written(attrs)
        yield f"conv(a, b{text})", x, {"b": w}
        yield f"conv(b, a{text})", w, {"b": x}
        yield f"conv_transpose(a, b, c{text})", u, {"b": w, "c": x}
        yield f"conv_transpose(b, a, c{text})", w, {"b": u, "c": x}
    for x, attrs in POOLS:
        image, text = tensors((x,))["a"], written(attrs)
        pooled = shape_of(max_pool, x, **attrs)
        yield f"avg_pool(a{text})", image.shape, {}
        yield f"mean_unpool(b, a{text})", pooled, {"b": x}
        yield f"max_unpool(b, max_pool(b{text}), a{text})", pooled, {"b": x}


LINEAR = list(linear_cases())


@pytest.mark.sampled(6)
@pytest.mark.parametrize("text, shape, others", LINEAR, ids=lambda x: str(x)[:60])
def test_the_adjoint_of_a_linear_map_passes_the_dot_product_test(text, shape, others):
    check_adjoint(text, shape, others)


# ---- composites, opened and closed ----

OPENED = [
    *[("conv", (x, w), attrs) for x, w, attrs in CONVOLUTIONS],
    *[
        ("conv_transpose", (shape_of(conv, x, w, **attrs), w, x), attrs)
        for x, w, attrs in CONVOLUTIONS
    ],
    *[(name, (x,), attrs) for x, attrs in POOLS for name in ("max_pool", "avg_pool")],
]


@pytest.mark.sampled(6)
@pytest.mark.parametrize("gate, shapes, attrs", OPENED, ids=lambda x: str(x)[:60])
def test_an_opened_gate_equals_the_closed_one(gate, shapes, attrs):
    check_opened(gate, list(tensors(shapes).values()), attrs)


# ---- shapes that do not fit ----

MISFITS = [
    ("a: (3,)\nwindows(a, kernel=2)", "windows take (C, L, N), not (3,)"),
    ("a: (3, 4)\nwindows(a, kernel=(2, 2))", "windows take (C, H, W, N), not (3, 4)"),
    ("a: (3, 4)\nwindows(a, kernel=5)", "a kernel of 5 is larger than its input of 4"),
    ("a: (3, 4)\nwindows(a, kernel=3, dilation=2)", "(dilated to 5) is larger"),
    ("a: (3, N)\nwindows(a, kernel=2)", "windows need a known size, not N"),
    ("a: (3, 4)\nwindows(a, kernel=2, stride=0)", "are at least 1"),
    ("a: (3, 4, 4)\nwindows(a, kernel=(2, 2), stride=(2,))", "needs 2 number(s)"),
    ("a: (3, 4)\nwindows(a, kernel=2, dilation=(1, 1))", "needs 1 number(s)"),
    ("a: (3, 4)\nwindows(a, kernel=())", "kernel (): windows are 1-D or 2-D"),
    ("a: (3, 4, 4, 4)\nwindows(a, kernel=(2, 2, 2))", "windows are 1-D or 2-D"),
    ("a: (3, 2, 4)\nb: (3, 4)\nfold(a, b, kernel=2)", "are not the windows of (3, 4)"),
    ("a: (3, 4)\nmaximum_over(a, axis=2)", "axis 2 is outside"),
    ("a: (3, 4)\nfirst_winner(a, axis=(0, 0))", "twice"),
    ("x: (3, 8)\nw: (3, 3)\nconv(x, w)", "a convolution takes x (C, L, N)"),
    ("x: (3, 8)\nw: (4, 3, 3, 3)\nconv(x, w)", "not (3, 8) with (4, 3, 3, 3)"),
    ("x: (3, 8)\nw: (4, 2, 3)\nconv(x, w)", "take 2 channels, x (3, 8) has 3"),
    ("x: (4, 8)\nw: (3, 2, 3)\nconv(x, w, groups=2)", "in 2 group(s)"),
    ("x: (3, 8)\nw: (4, 3, 3)\nconv(x, w, groups=0)", "groups is a number from 1 on"),
    ("x: (3, 8)\nw: (4, 3, 3)\nconv(x, w, groups=None)", "groups is a number"),
    ("x: (3, 8)\nw: (4, 3, 9)\nconv(x, w)", "a kernel of 9 is larger"),
    ("x: (3, 8)\nw: (4, 3, 3)\nconv(x, w, stride=0)", "are at least 1"),
    ("x: (3, 8)\nw: (4, 3, 3)\nconv(x, w, stride=None)", "stride None needs 1"),
    ("x: (3, 8)\nw: (4, 3, 3)\nconv(x, w, stride=((1,),))", "needs 1 number(s)"),
    ("x: (3, 8)\nw: (4, 3, 3)\nconv(x, w, padding=-1)", "must not be negative"),
    ("x: (3, 8)\nw: (4, 3, 3)\nconv(x, w, padding=((-1, 2),))", "not be negative"),
    ("x: (3, 8)\nw: (4, 3, 3)\nconv(x, w, padding=(1, 2))", "needs 1 number(s)"),
    ("x: (3, 8)\nw: (4, 3, 3)\nconv(x, w, padding=((1, 2, 3),))", "needs 2 number(s)"),
    ("x: (3, 8)\nw: (4, 3, 3)\nconv(x, w, padding=None)", "needs 1 number(s)"),
    ("x: (C, 8)\nw: (4, 3, 3)\nconv(x, w)", "must be known numbers"),
    ("x: (2, 4)\nw: (3, 2, 2)\nu: (3, 4)\nconv_transpose(u, w, x)", "is no gradient"),
    ("x: (8,)\nmax_pool(x)", "pooling takes (C, L, N), not (8,)"),
    ("x: (3, 8)\nmax_pool(x, kernel=(2, 2))", "pooling takes (C, H, W, N)"),
    ("x: (3, 8)\nmax_pool(x, kernel=())", "windows are 1-D or 2-D"),
    ("x: (3, 8)\nmax_pool(x, kernel=None)", "windows are 1-D or 2-D"),
    ("x: (3, 8)\nmax_pool(x, kernel=2, padding=2)", "more than half the kernel"),
    ("x: (3, 8)\navg_pool(x, kernel=2, padding=-1)", "must not be negative"),
    ("x: (3, 8)\navg_pool(x, kernel=2, stride=-1)", "are at least 1"),
    ("x: (2, 4)\nu: (2, 3)\nmean_unpool(x, u)", "is no gradient of the pooling"),
    ("x: (2, 4)\nm: (2, 3)\nu: (2, 2)\nmax_unpool(x, m, u)", "is no gradient"),
]


@pytest.mark.parametrize("text, words", MISFITS)
def test_shapes_that_do_not_fit_are_told_in_words(text, words):
    with pytest.raises(SourceError) as caught:
        parse_formula(text)
    assert words in caught.value.message
