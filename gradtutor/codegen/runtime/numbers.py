"""Functions of each number, and over axes."""

# ruff: noqa: ANN001, ANN201 (printed into scripts, without annotations)

import numpy as np


def size(x, axes):
    """Count the elements along some axes."""
    return np.prod(np.take(x.shape, axes))


def erf(x):
    """Return the error function, of as many numbers at once as the cache holds."""
    x = np.asarray(x)
    result = np.empty(x.size, np.result_type(x, np.float32))
    numbers, step = x.reshape(-1), 8192
    for first in range(0, x.size, step):
        result[first : first + step] = erf_at(numbers[first : first + step])
    return result.reshape(x.shape)[()]


def erf_at(x):
    """Return the error function by the rational approximations of Cody (1969).

    erf(x) is x P(x²) / Q(x²) near 0 and 1 - exp(-x²) R(x) / S(x) for larger x.
    """
    near = (
        (0.18577770618460315, 1.0),
        (3.1611237438705656, 23.601290952344122),
        (113.86415415105016, 244.02463793444417),
        (377.485237685302, 1282.6165260773723),
        (3209.3775891384694, 2844.2368334391706),
    )
    far = (
        (2.1531153547440385e-8, 1.0),
        (0.5641884969886701, 15.744926110709835),
        (8.883149794388376, 117.6939508913125),
        (66.11919063714163, 537.1811018620099),
        (298.6351381974001, 1621.3895745666903),
        (881.952221241769, 3290.7992357334596),
        (1712.0476126340707, 4362.619090143247),
        (2051.0783778260717, 3439.3676741437216),
        (1230.3393547979972, 1230.3393548037494),
    )
    reach = np.minimum(np.abs(x), 6)  # from there on it is 1
    square = reach * reach
    inner = x * horner_ratio(square, near)
    outer = 1 - np.exp(-square) * horner_ratio(reach, far)
    return np.where(reach < 0.46875, inner, np.copysign(outer, x))


def horner_ratio(x, coefficients):
    """Divide two polynomials; pairs of coefficients, the highest power's first."""
    above, below = (one * x for one in coefficients[0])
    for p, q in coefficients[1:-1]:
        above += p
        above *= x
        below += q
        below *= x
    p, q = coefficients[-1]
    return (above + p) / (below + q)


def first_winner(x, axis):
    """Mark the first of the largest numbers over some axes with 1, all else with 0."""
    axes = tuple(range(x.ndim)) if axis is None else np.atleast_1d(axis) % x.ndim
    rest = [i for i in range(x.ndim) if i not in axes]
    order = (*rest, *axes)
    rows = x.transpose(order).reshape([x.shape[i] for i in rest] + [-1])
    won = rows.argmax(axis=-1)[..., None] == np.arange(rows.shape[-1])
    won = won.reshape([x.shape[i] for i in order]).transpose(np.argsort(order))
    return won.astype(x.dtype)


def standardize(x, axis=None, eps=1e-5):
    """Shift and scale x to mean 0 and variance 1 over some axes."""
    centred = x - x.mean(axis=axis, keepdims=True)
    return centred / np.sqrt(x.var(axis=axis, keepdims=True) + eps)
