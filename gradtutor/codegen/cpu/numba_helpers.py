"""Compiled twins of the helpers, printed into scripts of the numba backend.

This module is read as text and never imported: numba is needed only by the scripts.
"""

# ruff: noqa: ANN001, ANN201 (printed into scripts as they are)

import math

from numba import njit


@njit(nogil=True, error_model="numpy", cache=True)
def fold_loop(cut, out, sh, sw, dh, dw):
    """Add windows back where they were cut; a channel stays in the cache."""
    C, kh, kw, H, W, N = cut.shape
    for c in range(C):
        out[c] = 0
        for i in range(kh):
            for j in range(kw):
                for h in range(H):
                    for w in range(W):
                        for n in range(N):
                            out[c, sh * h + dh * i, sw * w + dw * j, n] += cut[
                                c, i, j, h, w, n
                            ]


@njit(nogil=True, error_model="numpy", cache=True)
def max_pool_loop(x, kh, kw, sh, sw, out):
    """Take the largest number of every window of x (C, H, W, N)."""
    C, H, W, N = out.shape
    for c in range(C):
        for h in range(H):
            for w in range(W):
                for n in range(N):
                    out[c, h, w, n] = x[c, sh * h, sw * w, n]
                for i in range(kh):
                    for j in range(kw):
                        for n in range(N):
                            value = x[c, sh * h + i, sw * w + j, n]
                            out[c, h, w, n] = max(out[c, h, w, n], value)


@njit(nogil=True, error_model="numpy", cache=True)
def max_unpool_loop(x, m, u, kh, kw, sh, sw, out):
    """Send each window's gradient u to the first of its elements that equals m."""
    C, H, W, N = u.shape
    zero = out.dtype.type(0)
    for c in range(C):
        out[c] = zero
        rest = u[c].copy()  # what no element of the window has taken yet
        for h in range(H):
            for w in range(W):
                for i in range(kh):
                    for j in range(kw):
                        for n in range(N):
                            hit = x[c, sh * h + i, sw * w + j, n] == m[c, h, w, n]
                            left = rest[h, w, n]
                            taken = left if hit else zero
                            out[c, sh * h + i, sw * w + j, n] += taken
                            rest[h, w, n] -= taken


@njit(nogil=True, error_model="numpy", cache=True)
def softmax_cross_entropy(z, y, out):
    """Return the mean of -log softmax(z)[y], and write its gradient by z into out."""
    N, K = z.shape
    loss = 0.0
    share = out.dtype.type(1 / N)
    for n in range(N):
        top = z[n].max()
        total = out.dtype.type(0)
        for k in range(K):
            out[n, k] = math.exp(z[n, k] - top)
            total += out[n, k]
        label = int(y[n])
        loss += math.log(total) + top - z[n, label]
        scale = share / total
        for k in range(K):
            out[n, k] *= scale
        out[n, label] -= share
    return loss / N
