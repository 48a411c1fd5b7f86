import numpy as np


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def self_attention(x, Wq, Wk, Wv, Wo):
    q = x @ Wq
    k = x @ Wk
    v = x @ Wv
    T = x.shape[1]
    scale = 1 / np.sqrt(q.shape[-1])
    s = np.einsum("bid,bjd->bij", q, k) * scale
    s = np.where(np.tril(np.ones((T, T))) == 1, s, -1e9)
    p = softmax(s)
    ctx = np.einsum("bij,bjd->bid", p, v)
    out = ctx @ Wo
    return out, (x, q, k, v, p, ctx, scale, Wq, Wk, Wv, Wo)


def self_attention_backward(dout, cache):
    x, q, k, v, p, ctx, scale, Wq, Wk, Wv, Wo = cache
    dWo = np.einsum("bid,bie->de", ctx, dout)
    dctx = dout @ Wo.T
    dv = np.einsum("bij,bid->bjd", p, dctx)
    dp = np.einsum("bid,bjd->bij", dctx, v)
    ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True))
    dqk = ds * scale
    dq = np.einsum("bij,bjd->bid", dqk, k)
    dk = np.einsum("bij,bid->bjd", dqk, q)
    dWq = np.einsum("btd,bte->de", x, dq)
    dWk = np.einsum("btd,bte->de", x, dk)
    dWv = np.einsum("btd,bte->de", x, dv)
    dx = dq @ Wq.T + dk @ Wk.T + dv @ Wv.T
    return dx, dWq, dWk, dWv, dWo
