"""Rules for HIPS autograd."""

import autograd.numpy as np
from autograd import grad
from autograd.extend import defvjp, primitive


@primitive
def logsumexp(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def logsumexp_vjp(ans, x):
    shape = x.shape
    return lambda g: np.full(shape, g) * np.exp(x - np.full(shape, ans))


defvjp(logsumexp, logsumexp_vjp)


@primitive
def affine(x, W, b):
    return np.dot(x, W) + b


defvjp(
    affine,
    lambda ans, x, W, b: lambda g: np.dot(g, W.T),
    lambda ans, x, W, b: lambda g: np.dot(x.T, g),
    lambda ans, x, W, b: lambda g: np.sum(g, axis=0),
)


@primitive
def mse(pred, target):
    return np.mean((pred - target) ** 2)


defvjp(mse, lambda ans, pred, target: lambda g: g * 2 * (pred - target) / pred.size, None)

if __name__ == "__main__":
    print(grad(lambda x: logsumexp(x**2))(np.ones(3)))
