import numpy as np


def relu(z):
    return np.maximum(z, 0)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def network_cost(params, d, h, k, X, y, weight_decay):
    n = X.shape[0]
    i = 0
    W1 = params[i:i + d * h].reshape(d, h)
    i += d * h
    b1 = params[i:i + h]
    i += h
    W2 = params[i:i + h * k].reshape(h, k)
    i += h * k
    b2 = params[i:i + k]

    hidden_in = X.dot(W1) + b1
    hidden = relu(hidden_in)
    prob = softmax(hidden.dot(W2) + b2)
    cost = -np.log(prob[np.arange(n), y]).sum() / n
    cost += 0.5 * weight_decay * (np.sum(W1 * W1) + np.sum(W2 * W2))

    err = prob.copy()
    err[np.arange(n), y] -= 1
    err = err / n
    gW2 = hidden.T.dot(err) + weight_decay * W2
    gb2 = err.sum(axis=0)
    back = err.dot(W2.T)
    back = back * (hidden_in > 0)
    gW1 = X.T.dot(back) + weight_decay * W1
    gb1 = back.sum(axis=0)
    grad = np.zeros_like(params)
    grad[:d * h] = gW1.ravel()
    grad[d * h:d * h + h] = gb1
    grad[d * h + h:d * h + h + h * k] = gW2.ravel()
    grad[d * h + h + h * k:] = gb2
    return cost, grad
