"""Matrix algebra, and products with very long matrices."""

# ruff: noqa: ANN001, ANN201 (printed into scripts, without annotations)

import numpy as np


def logdet(a):
    """Log of the determinant, nan where that is negative; it does not overflow."""
    sign, size = np.linalg.slogdet(a)
    return np.where(sign >= 0, size, np.nan)[()]


def cofactor(a):
    """det(a) a⁻ᵀ from the singular values: right where a has no inverse, too."""
    u, s, vt = np.linalg.svd(a)
    others = np.array([np.prod(np.delete(s, i)) for i in range(len(s))])
    return np.linalg.det(u) * np.linalg.det(vt) * (u * others) @ vt


def kron_left(u, b):
    """Sum the blocks of u, weighted by b: what a of np.kron(a, b) gets back."""
    sizes = [
        n
        for whole, part in zip(u.shape, b.shape, strict=True)
        for n in (whole // part, part)
    ]
    inner = tuple(range(1, 2 * u.ndim, 2))
    return (u.reshape(sizes) * np.expand_dims(b, tuple(i - 1 for i in inner))).sum(
        inner
    )


def kron_right(u, a):
    """Sum the blocks of u, weighted by a: what b of np.kron(a, b) gets back."""
    sizes = [
        n
        for whole, part in zip(u.shape, a.shape, strict=True)
        for n in (part, whole // part)
    ]
    outer = tuple(range(0, 2 * u.ndim, 2))
    return (u.reshape(sizes) * np.expand_dims(a, tuple(i + 1 for i in outer))).sum(
        outer
    )


def wide_dot(a, b, slices, out):
    """Write a @ b into out, slice by slice of b's columns: each fits the cache."""
    parts = b.reshape(len(b), slices, -1).transpose(1, 0, 2)
    np.matmul(a, parts, out=out.reshape(len(a), slices, -1).transpose(1, 0, 2))


def row_dots(a, b, out):
    """Write the dot of each row of a with that of b; their product is not written."""
    np.matmul(a[:, None, :], b[:, :, None], out=out[:, None, None])


def long_dot(a, b, slices, out):
    """Write a @ b.T into out, for rows of many numbers: the sum over slices of them.

    The larger matrix comes first, which BLAS does up to twice as fast.
    """
    if slices == 1:
        out[...] = np.matmul(b, a.T).T
        return
    first = b.reshape(len(b), slices, -1).transpose(1, 0, 2)
    second = a.reshape(len(a), slices, -1).transpose(1, 2, 0)
    out[...] = np.matmul(first, second).sum(axis=0).T
