import numpy as np


def huber_loss(pred, target, delta=0.5):
    r = pred - target
    small = np.abs(r) <= delta
    return np.where(small, 0.5 * r ** 2, delta * (np.abs(r) - 0.5 * delta)).mean()


def huber_loss_grad(pred, target, delta=0.5):
    r = pred - target
    small = np.abs(r) <= delta
    return np.where(small, r, delta * np.sign(r)) / r.size


def triplet_loss(anchor, positive, negative, margin=1.0):
    dp = np.sum((anchor - positive) ** 2, axis=1)
    dn = np.sum((anchor - negative) ** 2, axis=1)
    return np.maximum(0, dp - dn + margin).mean()


def triplet_loss_grad(anchor, positive, negative, margin=1.0):
    N = anchor.shape[0]
    dp = np.sum((anchor - positive) ** 2, axis=1)
    dn = np.sum((anchor - negative) ** 2, axis=1)
    active = ((dp - dn + margin) > 0)[:, None] / N
    d_anchor = active * (2 * (anchor - positive) - 2 * (anchor - negative))
    d_positive = active * -2 * (anchor - positive)
    d_negative = active * 2 * (anchor - negative)
    return d_anchor, d_positive, d_negative


def gaussian_nll(mu, logvar, t):
    return 0.5 * np.mean(logvar + (t - mu) ** 2 * np.exp(-logvar))


def gaussian_nll_grad(mu, logvar, t):
    n = mu.size
    inv = np.exp(-logvar)
    dmu = -(t - mu) * inv / n
    dlogvar = 0.5 * (1 - (t - mu) ** 2 * inv) / n
    return dmu, dlogvar
