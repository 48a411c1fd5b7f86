import numpy as np

def multihead_forward(X, Wq, Wk, Wv, Wo, n_heads=2):
    B, T, C = X.shape
    hd = C // n_heads
    q = (X @ Wq).reshape(B, T, n_heads, hd).transpose(0, 2, 1, 3)
    k = (X @ Wk).reshape(B, T, n_heads, hd).transpose(0, 2, 1, 3)
    v = (X @ Wv).reshape(B, T, n_heads, hd).transpose(0, 2, 1, 3)
    s = q @ k.transpose(0, 1, 3, 2) / np.sqrt(hd)
    e = np.exp(s - s.max(-1, keepdims=True))
    a = e / e.sum(-1, keepdims=True)
    y = (a @ v).transpose(0, 2, 1, 3).reshape(B, T, C)
    out = y @ Wo
    return out, (X, Wq, Wk, Wv, Wo, q, k, v, a, y, n_heads)

def multihead_backward(dout, cache):
    X, Wq, Wk, Wv, Wo, q, k, v, a, y, n_heads = cache
    B, T, C = X.shape
    hd = C // n_heads
    dWo = y.reshape(-1, C).T @ dout.reshape(-1, C)
    dy = dout @ Wo.T
    dy = dy.reshape(B, T, n_heads, hd).transpose(0, 2, 1, 3)
    da = dy @ v.transpose(0, 1, 3, 2)
    dv = a.transpose(0, 1, 3, 2) @ dy
    ds = a * (da - (da * a).sum(-1, keepdims=True))
    ds = ds / np.sqrt(hd)
    dq = ds @ k
    dk = ds.transpose(0, 1, 3, 2) @ q
    dq = dq.transpose(0, 2, 1, 3).reshape(B * T, C)
    dk = dk.transpose(0, 2, 1, 3).reshape(B * T, C)
    dv = dv.transpose(0, 2, 1, 3).reshape(B * T, C)
    Xf = X.reshape(B * T, C)
    dWq = Xf.T @ dq
    dWk = Xf.T @ dk
    dWv = Xf.T @ dv
    dX = (dq @ Wq.T + dk @ Wk.T + dv @ Wv.T).reshape(B, T, C)
    return dX, dWq, dWk, dWv, dWo
