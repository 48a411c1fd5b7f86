import numpy as np

def causal_attention_forward(x, Wq, Wk, Wv):
    T, C = x.shape
    q = x @ Wq
    k = x @ Wk
    v = x @ Wv
    scores = q @ k.T / np.sqrt(q.shape[-1])
    mask = np.tril(np.ones((T, T)))
    scores = np.where(mask == 1, scores, -np.inf)
    scores = scores - scores.max(axis=-1, keepdims=True)
    att = np.exp(scores)
    att = att / att.sum(axis=-1, keepdims=True)
    y = att @ v
    return y, (x, Wq, Wk, Wv, q, k, v, att)

def causal_attention_backward(dy, cache):
    x, Wq, Wk, Wv, q, k, v, att = cache
    datt = dy @ v.T
    dv = att.T @ dy
    dscores = att * (datt - (datt * att).sum(axis=-1, keepdims=True))
    dscores /= np.sqrt(q.shape[-1])
    dq = dscores @ k
    dk = dscores.T @ q
    dWq = x.T @ dq
    dWk = x.T @ dk
    dWv = x.T @ dv
    dx = dq @ Wq.T + dk @ Wk.T + dv @ Wv.T
    return dx, dWq, dWk, dWv
