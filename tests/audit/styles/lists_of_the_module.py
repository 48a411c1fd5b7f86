"""Layers in lists of the module; the results in another order, and without names."""

import numpy as np

K, D = 3, 4
all_weights = [None] * (K + 1)
all_biases = [None] * (K + 1)
all_weights[0] = np.random.normal(size=(D, 1))
all_biases[0] = np.random.normal(size=(D, 1))
for layer in range(1, K):
    all_weights[layer] = np.random.normal(size=(D, D))
    all_biases[layer] = np.random.normal(size=(D, 1))
all_weights[-1] = np.random.normal(size=(1, D))
all_biases[-1] = np.random.normal(size=(1, 1))
net_input = np.ones((1, 1)) * 1.2
y = np.ones((1, 1)) * 2.0


def network_output(net_input, all_weights, all_biases):
    depth = len(all_weights) - 1
    all_f, all_h = [None] * (depth + 1), [None] * (depth + 1)
    all_h[0] = net_input
    for layer in range(depth):
        all_f[layer] = all_biases[layer] + all_weights[layer] @ all_h[layer]
        all_h[layer + 1] = np.maximum(all_f[layer], 0)
    all_f[depth] = all_biases[depth] + all_weights[depth] @ all_h[depth]
    net_output = all_f[depth]
    return net_output, all_f, all_h


def least_squares_loss(net_output, y):
    return np.sum((net_output - y) * (net_output - y))


def backward_pass(all_weights, all_biases, all_f, all_h, y):
    all_dl_dweights, all_dl_dbiases = [None] * (K + 1), [None] * (K + 1)
    all_dl_df = [None] * (K + 1)
    all_dl_df[K] = 2 * (all_f[K] - y)
    for layer in range(K, -1, -1):
        all_dl_dbiases[layer] = np.array(all_dl_df[layer])
        all_dl_dweights[layer] = all_dl_df[layer] @ all_h[layer].T
        dl_dh = all_weights[layer].T @ all_dl_df[layer]
        if layer > 0:
            all_dl_df[layer - 1] = (all_f[layer - 1] > 0) * dl_dh
    return all_dl_dweights, all_dl_dbiases


def dense_forward(x, W, b):
    z = x @ W + b
    return np.tanh(z), (x, W, z)


def dense_backward(dout, cache):
    x, W, z = cache
    dz = dout * (1 - np.tanh(z) ** 2)
    return x.T @ dz, dz.sum(axis=0), dz @ W.T
