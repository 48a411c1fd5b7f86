import numpy as np


def sigm(v):
    return 1 / (1 + np.exp(-v))


def lstm_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    H = h0.shape[1]
    h = np.zeros((N, T, H))
    hprev, cprev = h0, np.zeros_like(h0)
    steps = []
    for t in range(T):
        a = x[:, t] @ Wx + hprev @ Wh + b
        i = sigm(a[:, :H])
        f = sigm(a[:, H:2 * H])
        o = sigm(a[:, 2 * H:3 * H])
        g = np.tanh(a[:, 3 * H:])
        c = f * cprev + i * g
        tc = np.tanh(c)
        hnew = o * tc
        steps.append((x[:, t], hprev, cprev, i, f, o, g, c, tc))
        h[:, t] = hnew
        hprev, cprev = hnew, c
    return h, (steps, Wx, Wh, x.shape)


def lstm_backward(dh, cache):
    steps, Wx, Wh, shape = cache
    N, T, D = shape
    H = dh.shape[2]
    dx = np.zeros(shape)
    dWx = np.zeros_like(Wx)
    dWh = np.zeros_like(Wh)
    db = np.zeros(4 * H)
    dhnext = np.zeros((N, H))
    dcnext = np.zeros((N, H))
    for t in reversed(range(T)):
        xt, hprev, cprev, i, f, o, g, c, tc = steps[t]
        dht = dh[:, t] + dhnext
        do = dht * tc
        dc = dcnext + dht * o * (1 - tc ** 2)
        df = dc * cprev
        di = dc * g
        dg = dc * i
        dcnext = dc * f
        da = np.hstack([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g ** 2)])
        dx[:, t] = da @ Wx.T
        dhnext = da @ Wh.T
        dWx += xt.T @ da
        dWh += hprev.T @ da
        db += da.sum(axis=0)
    dh0 = dhnext
    return dx, dh0, dWx, dWh, db
