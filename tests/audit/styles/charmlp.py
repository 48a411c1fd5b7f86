import numpy as np

vocab_size = 27
block_size = 3
n_embd, n_hidden = 10, 64
rng = np.random.default_rng(0)
params = {
    "C": rng.normal(size=(vocab_size, n_embd)),
    "W1": rng.normal(size=(block_size * n_embd, n_hidden)) * 0.2,
    "b1": rng.normal(size=n_hidden) * 0.01,
    "W2": rng.normal(size=(n_hidden, vocab_size)) * 0.01,
    "b2": np.zeros(vocab_size),
}


def forward(X, Y, params):
    """X: (B, block_size) indices of characters, Y: (B,) the next ones."""
    emb = params["C"][X]
    flat = emb.reshape(len(X), -1)
    h = np.tanh(flat @ params["W1"] + params["b1"])
    logits = h @ params["W2"] + params["b2"]
    logits = logits - logits.max(1, keepdims=True)
    probs = np.exp(logits)
    probs /= probs.sum(1, keepdims=True)
    loss = -np.log(probs[np.arange(len(X)), Y]).mean()
    return loss, (X, Y, flat, h, probs)


def backward(params, cache):
    X, Y, flat, h, probs = cache
    n = len(X)
    dlogits = probs.copy()
    dlogits[np.arange(n), Y] -= 1
    dlogits /= n
    grads = {}
    grads["W2"] = h.T @ dlogits
    grads["b2"] = dlogits.sum(0)
    dh = dlogits @ params["W2"].T
    dpre = dh * (1 - h * h)
    grads["W1"] = flat.T @ dpre
    grads["b1"] = dpre.sum(0)
    demb = (dpre @ params["W1"].T).reshape(n, block_size, n_embd)
    dC = np.zeros_like(params["C"])
    np.add.at(dC, X, demb)
    grads["C"] = dC
    return grads
