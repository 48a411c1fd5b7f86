import numpy as np

SHAPES = {"U": (4, 2), "V": (3, 2), "bu": (4,), "bi": (3,), "R": (4, 3), "mask": (4, 3)}


def mf_cost(U, V, bu, bi, R, mask, lam):
    pred = U @ V.T + bu[:, None] + bi[None, :]
    err = (pred - R) * mask
    return 0.5 * np.sum(err ** 2) + 0.5 * lam * (np.sum(U ** 2) + np.sum(V ** 2))


def mf_cost_grad(U, V, bu, bi, R, mask, lam):
    pred = U @ V.T + bu[:, None] + bi[None, :]
    err = (pred - R) * mask
    dpred = err * mask
    dU = dpred @ V + lam * U
    dV = dpred.T @ U + lam * V
    dbu = dpred.sum(axis=1)
    dbi = dpred.sum(axis=0)
    return dU, dV, dbu, dbi
