"""Pairs of singular vectors of a matrix, and how they turn."""

# ruff: noqa: ANN001, ANN201 (printed into scripts, without annotations)

import numpy as np


def singular_pair(a, place):
    """Return u vᵀ of one singular value; place 0 is the largest, -1 the smallest."""
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    return np.outer(u[:, place], vt[place])


def polar(a):
    """U Vᵀ of a = U diag(s) Vᵀ: the nearest matrix with orthonormal columns."""
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    return u @ vt


def singular_pair_slope(a, w, place):
    """How u vᵀ of one singular value changes when a changes by w."""
    weights = np.zeros(min(a.shape))
    weights[place] = 1.0
    return weighted_pairs_slope(a, w, weights)


def polar_slope(a, w):
    """How U Vᵀ changes when a changes by w."""
    return weighted_pairs_slope(a, w, np.ones(min(a.shape)))


def weighted_pairs_slope(a, w, g):
    """How U diag(g) Vᵀ changes when a changes by w, with g held."""
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    e = u.T @ w @ vt.T
    rises = g[:, None] - g
    gaps = np.where(rises == 0, 1.0, s[:, None] - s)
    ends = s[:, None] + s + (s[:, None] + s == 0)
    turned = (e + e.T) / 2 * (rises / gaps) + (e - e.T) / 2 * (g[:, None] + g) / ends
    share = np.where(g == 0, 0.0, g / np.where(g == 0, 1.0, s))
    left = (w - u @ (u.T @ w)) @ vt.T * share
    right = (share[:, None] * u.T) @ (w - (w @ vt.T) @ vt)
    return u @ turned @ vt + left @ vt + u @ right
