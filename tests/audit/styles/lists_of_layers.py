import numpy as np

def relu(z): return np.maximum(z, 0)

def forward(X, weights, biases):
    """k-layer net; weights: list of matrices"""
    acts = [X]
    pre = []
    a = X
    for i, (W, b) in enumerate(zip(weights, biases)):
        z = a @ W + b
        pre.append(z)
        a = relu(z) if i < len(weights) - 1 else z
        acts.append(a)
    return a, acts, pre

def backward(dout, weights, biases, acts, pre):
    dWs, dbs = [None] * len(weights), [None] * len(weights)
    delta = dout
    for i in reversed(range(len(weights))):
        if i < len(weights) - 1:
            delta = delta * (pre[i] > 0)
        dWs[i] = acts[i].T @ delta
        dbs[i] = delta.sum(axis=0)
        delta = delta @ weights[i].T
    return dWs, dbs
