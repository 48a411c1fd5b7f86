"""Linear algebra in mpmath's numbers, which NumPy has in float64 alone.

Arrays have mpmath's numbers as elements; the digits are those of ``mpmath.workdps``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

Apply = Callable[..., Any]


def _solved(a: Any, b: Any) -> Any:
    """Return A⁻¹b; nan where A has no inverse."""
    try:
        found = mpmath.lu_solve(mpmath.matrix(a.tolist()), mpmath.matrix(b.tolist()))
    except ZeroDivisionError:
        return np.full(b.shape, mpmath.nan, dtype=object)
    return np.array(found.tolist(), dtype=object).reshape(b.shape)


def _inverted(a: Any) -> Any:
    """Return A⁻¹, column by column."""
    one = np.array(mpmath.eye(len(a)).tolist(), dtype=object)
    return np.stack([_solved(a, column) for column in one], axis=1)


#: What NumPy's linear algebra does in float64 alone.
MATRIX_GATES: dict[str, Apply] = {
    "inv": _inverted,
    "solve": lambda a, b: (
        _solved(a, b)
        if b.ndim == 1
        else np.stack([_solved(a, column) for column in b.T], axis=1)
    ),
    "det": lambda a: mpmath.det(mpmath.matrix(a.tolist())),
}


# ---- singular values, A = U diag(s) Vᵀ ----


def _decomposed(a: Any) -> tuple[Any, Any, Any]:
    """Return U, s and Vᵀ; mpmath has them for no more columns than rows."""
    if a.shape[0] < a.shape[1]:
        u, s, vt = _decomposed(a.T)
        return vt.T, s, u.T
    u, s, vt = mpmath.svd_r(mpmath.matrix(a.tolist()))
    arrays = [np.array(one.tolist(), dtype=object) for one in (u, vt)]
    return arrays[0], np.array(list(s), dtype=object), arrays[1]


def _singular_pair(a: Any, place: int = 0) -> Any:
    u, _, vt = _decomposed(a)
    return np.outer(u[:, place], vt[place])


def _polar(a: Any) -> Any:
    u, _, vt = _decomposed(a)
    return u @ vt


def _slope(a: Any, w: Any, weights: Any) -> Any:
    """Return how U diag(weights) Vᵀ changes when a changes by w."""
    u, s, vt = _decomposed(a)
    e = u.T @ w @ vt.T
    turned = np.array(
        [
            [
                _turned(e[i, j], e[j, i], s[[i, j]], weights[[i, j]])
                for j in range(len(s))
            ]
            for i in range(len(s))
        ],
        dtype=object,
    )
    share = np.array([g / one if g else g for g, one in zip(weights, s, strict=True)])
    left = (w - u @ (u.T @ w)) @ vt.T * share
    right = (share[:, None] * u.T) @ (w - (w @ vt.T) @ vt)
    return u @ turned @ vt + left @ vt + u @ right


def _turned(one: Any, other: Any, s: Any, weights: Any) -> Any:
    """Return an entry of Uᵀ d(U diag(g) Vᵀ) V."""
    even, odd = (one + other) / 2, (one - other) / 2
    rise, total = weights[0] - weights[1], weights[0] + weights[1]
    first = even * rise / (s[0] - s[1]) if rise else mpmath.mpf(0)
    return first + (odd * total / (s[0] + s[1]) if total and odd else 0)


def _unit(count: int, place: int) -> Any:
    weights = np.full(count, mpmath.mpf(0), dtype=object)
    weights[place] = mpmath.mpf(1)
    return weights


SINGULAR_GATES: dict[str, Apply] = {
    "singular_value": lambda a, place=0: _decomposed(a)[1][place],
    "nuclear_norm": lambda a: sum(_decomposed(a)[1], mpmath.mpf(0)),
    "singular_pair": _singular_pair,
    "polar": _polar,
    "singular_pair_slope": lambda a, w, place=0: _slope(
        a, w, _unit(min(a.shape), place)
    ),
    "polar_slope": lambda a, w: _slope(a, w, np.full(min(a.shape), mpmath.mpf(1))),
}
