import numpy as np


def init_params(n_in=6, n_hid=3, seed=1):
    rng = np.random.RandomState(seed)
    return {"W": rng.randn(n_in, n_hid), "b": np.zeros(n_hid), "c": np.zeros(n_in)}


def sigm(a):
    return 1. / (1. + np.exp(-a))


def loss_and_grads(params, X):
    """Tied-weights autoencoder. X: (N, n_in)"""
    W, b, c = params["W"], params["b"], params["c"]
    N = X.shape[0]
    h = sigm(X @ W + b)
    r = h @ W.T + c
    diff = r - X
    loss = 0.5 * np.sum(diff ** 2) / N

    dr = diff / N
    dc = dr.sum(axis=0)
    dh = dr @ W
    da = dh * h * (1 - h)
    dW = X.T @ da + dr.T @ h
    db = da.sum(axis=0)
    return loss, {"W": dW, "b": db, "c": dc}
