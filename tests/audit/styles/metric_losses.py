import numpy as np


def triplet_loss(a, p, n, margin=1.0):
    dp = np.sum((a - p) ** 2, axis=1)
    dn = np.sum((a - n) ** 2, axis=1)
    return np.maximum(0, dp - dn + margin).mean()


def triplet_loss_grad(a, p, n, margin=1.0):
    dp = np.sum((a - p) ** 2, axis=1)
    dn = np.sum((a - n) ** 2, axis=1)
    active = (dp - dn + margin > 0)[:, None] / len(a)
    da = 2 * (n - p) * active
    dP = -2 * (a - p) * active
    dN = 2 * (a - n) * active
    return da, dP, dN


def huber_loss(pred, target, delta=1.0):
    e = pred - target
    small = np.abs(e) <= delta
    return np.mean(np.where(small, 0.5 * e ** 2, delta * (np.abs(e) - 0.5 * delta)))


def huber_loss_grad(pred, target, delta=1.0):
    e = pred - target
    small = np.abs(e) <= delta
    return np.where(small, e, delta * np.sign(e)) / e.size


def gaussian_nll(mu, logvar, y):
    return np.mean(0.5 * (logvar + (y - mu) ** 2 / np.exp(logvar)))


def gaussian_nll_grad(mu, logvar, y):
    m = mu.size
    var = np.exp(logvar)
    dmu = (mu - y) / var / m
    dlogvar = 0.5 * (1 - (y - mu) ** 2 / var) / m
    return dmu, dlogvar
