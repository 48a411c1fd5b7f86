import numpy as np


def bag_loss(E, W, b, tokens, y):
    emb = E[tokens]
    bag = emb.mean(axis=1)
    logits = bag @ W + b
    logits = logits - logits.max(axis=1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -logp[np.arange(len(y)), y].mean()


def bag_loss_grad(E, W, b, tokens, y):
    N, L = tokens.shape
    emb = E[tokens]
    bag = emb.mean(axis=1)
    logits = bag @ W + b
    ex = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = ex / ex.sum(axis=1, keepdims=True)
    dlogits = p.copy()
    dlogits[np.arange(N), y] -= 1
    dlogits /= N
    dW = bag.T @ dlogits
    db = dlogits.sum(axis=0)
    dbag = dlogits @ W.T
    demb = np.repeat(dbag[:, None, :], L, axis=1) / L
    dE = np.zeros_like(E)
    np.add.at(dE, tokens, demb)
    return dE, dW, db
