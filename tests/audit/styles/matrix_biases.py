import numpy as np


def cost(U, V, bu, bi, R, M, lam):
    """Collaborative filtering with biases; M is 1 where a rating is known."""
    pred = U @ V.T + bu[:, None] + bi[None, :]
    err = M * (R - pred)
    return 0.5 * np.sum(err ** 2) + 0.5 * lam * (np.sum(U ** 2) + np.sum(V ** 2))


def cost_grad(U, V, bu, bi, R, M, lam):
    pred = U @ V.T + bu[:, None] + bi[None, :]
    err = M * (R - pred)
    dU = -err @ V + lam * U
    dV = -err.T @ U + lam * V
    dbu = -err.sum(axis=1)
    dbi = -err.sum(axis=0)
    return dU, dV, dbu, dbi
