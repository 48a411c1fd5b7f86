import numpy as np


def vae_forward(x, We, Wm, Wv, Wd, noise):
    h = np.tanh(x @ We)
    mu = h @ Wm
    logvar = h @ Wv
    std = np.exp(0.5 * logvar)
    z = mu + std * noise
    recon = z @ Wd
    diff = recon - x
    rec_loss = 0.5 * np.sum(diff ** 2)
    kl = -0.5 * np.sum(1 + logvar - mu ** 2 - np.exp(logvar))
    return rec_loss + kl


def vae_backward(x, We, Wm, Wv, Wd, noise):
    h = np.tanh(x @ We)
    mu = h @ Wm
    logvar = h @ Wv
    std = np.exp(0.5 * logvar)
    z = mu + std * noise
    diff = z @ Wd - x
    drecon = diff
    dWd = z.T @ drecon
    dz = drecon @ Wd.T
    dmu = dz + mu
    dstd = dz * noise
    dlogvar = 0.5 * std * dstd + 0.5 * (np.exp(logvar) - 1)
    dWm = h.T @ dmu
    dWv = h.T @ dlogvar
    dh = dmu @ Wm.T + dlogvar @ Wv.T
    dpre = dh * (1 - h ** 2)
    dWe = x.T @ dpre
    return {"We": dWe, "Wm": dWm, "Wv": dWv, "Wd": dWd}
