"""Functions of a module in PyTorch; this file is read as text and never imported."""

import math

import torch


def tensor(x):
    return torch.as_tensor(x, dtype=torch.float64)


def maximum(a, b):
    return torch.maximum(*torch.broadcast_tensors(tensor(a), tensor(b)))


def minimum(a, b):
    return torch.minimum(*torch.broadcast_tensors(tensor(a), tensor(b)))


def logaddexp(a, b):
    return torch.logaddexp(*torch.broadcast_tensors(tensor(a), tensor(b)))


def where(condition, a, b):
    return torch.where(tensor(condition) != 0, tensor(a), tensor(b))


def power(a, b):
    return tensor(a) ** tensor(b)


def broadcast_to(a, shape):
    return torch.broadcast_to(tensor(a), shape)


def full(shape, value):
    return torch.full(shape, value, dtype=torch.float64)


def expand_dims(a, axes):
    for axis in sorted(axes):
        a = tensor(a).unsqueeze(axis)
    return a


def flip(a, axis=None):
    axes = range(a.ndim) if axis is None else axis
    return torch.flip(a, (axes,) if isinstance(axes, int) else tuple(axes))


def eye(n):
    return torch.eye(n, dtype=torch.float64)


def cumsum(a, axis):
    return torch.cumsum(a, axis)


def pad(x, widths, value=0.0):
    """Put (before, after[, between]) numbers around and between those of an axis."""
    widths = [(*width, 0)[:3] for width in widths] + [(0, 0, 0)] * x.ndim
    pairs = list(zip(x.shape, widths, strict=False))
    sizes = [b + a + n + max(n - 1, 0) * gap for n, (b, a, gap) in pairs]
    inner = [slice(b, b + (n - 1) * (gap + 1) + 1, gap + 1) for n, (b, _, gap) in pairs]
    result = torch.full(sizes, value, dtype=torch.float64)
    result[tuple(inner)] = x
    return result


def softmax(z, axis=-1):
    return torch.softmax(z, axis)


def logsumexp(z, axis=-1, keepdim=False):
    return torch.logsumexp(z, axis, keepdim)


def one_hot(y, classes):
    return torch.nn.functional.one_hot(y.long(), classes).double()


def size(x, axes):
    return math.prod(x.shape[axis] for axis in axes)


def erf(x):
    return torch.erf(tensor(x))


def logdet(a):
    return torch.logdet(a)


def cofactor(a):
    """det(a) a⁻ᵀ, where a has an inverse."""
    return torch.linalg.det(a) * torch.linalg.inv(a).T


def singular_pair(a, place):
    """Return u vᵀ of one singular value; place 0 is the largest, -1 the smallest."""
    u, _, vt = torch.linalg.svd(a, full_matrices=False)
    return torch.outer(u[:, place], vt[place])


def polar(a):
    """U Vᵀ of a = U diag(s) Vᵀ: the nearest matrix with orthonormal columns."""
    u, _, vt = torch.linalg.svd(a, full_matrices=False)
    return u @ vt
