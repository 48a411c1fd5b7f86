import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gru_forward(xs, h0, Wz, Uz, Wr, Ur, Wc, Uc):
    hs = {-1: h0}
    zs, rs, cs = {}, {}, {}
    for t in range(len(xs)):
        zs[t] = sigmoid(Wz @ xs[t] + Uz @ hs[t - 1])
        rs[t] = sigmoid(Wr @ xs[t] + Ur @ hs[t - 1])
        cs[t] = np.tanh(Wc @ xs[t] + Uc @ (rs[t] * hs[t - 1]))
        hs[t] = (1 - zs[t]) * hs[t - 1] + zs[t] * cs[t]
    out = np.stack([hs[t] for t in range(len(xs))])
    return out, (xs, hs, zs, rs, cs, Wz, Uz, Wr, Ur, Wc, Uc)


def gru_backward(dout, cache):
    xs, hs, zs, rs, cs, Wz, Uz, Wr, Ur, Wc, Uc = cache
    dWz, dUz = np.zeros_like(Wz), np.zeros_like(Uz)
    dWr, dUr = np.zeros_like(Wr), np.zeros_like(Ur)
    dWc, dUc = np.zeros_like(Wc), np.zeros_like(Uc)
    dxs = np.zeros_like(xs)
    dh_next = np.zeros_like(hs[-1])
    for t in reversed(range(len(xs))):
        dh = dout[t] + dh_next
        dz = dh * (cs[t] - hs[t - 1])
        dc = dh * zs[t]
        dac = dc * (1 - cs[t] ** 2)
        drh = Uc.T @ dac
        dr = drh * hs[t - 1]
        daz = dz * zs[t] * (1 - zs[t])
        dar = dr * rs[t] * (1 - rs[t])
        dWc += np.outer(dac, xs[t])
        dUc += np.outer(dac, rs[t] * hs[t - 1])
        dWz += np.outer(daz, xs[t])
        dUz += np.outer(daz, hs[t - 1])
        dWr += np.outer(dar, xs[t])
        dUr += np.outer(dar, hs[t - 1])
        dxs[t] = Wc.T @ dac + Wz.T @ daz + Wr.T @ dar
        dh_next = dh * (1 - zs[t]) + drh * rs[t] + Uz.T @ daz + Ur.T @ dar
    return dxs, dh_next, dWz, dUz, dWr, dUr, dWc, dUc
