import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def unpack(theta, n_in, n_hid, n_out):
    k = n_hid * n_in
    W1 = theta[0:k].reshape((n_hid, n_in))
    b1 = theta[k:k + n_hid]
    W2 = theta[k + n_hid:k + n_hid + n_out * n_hid].reshape((n_out, n_hid))
    b2 = theta[k + n_hid + n_out * n_hid:k + n_hid + n_out * n_hid + n_out]
    return W1, b1, W2, b2

def sparse_autoencoder_cost(theta, visible_size, hidden_size, lambda_, data):
    n = hidden_size * visible_size
    W1 = theta[0:n].reshape(hidden_size, visible_size)
    W2 = theta[n:2 * n].reshape(visible_size, hidden_size)
    b1 = theta[2 * n:2 * n + hidden_size]
    b2 = theta[2 * n + hidden_size:2 * n + hidden_size + visible_size]
    m = data.shape[1]
    a2 = sigmoid(W1.dot(data) + b1[:, None])
    a3 = sigmoid(W2.dot(a2) + b2[:, None])
    cost = np.sum((a3 - data) ** 2) / (2 * m) + (lambda_ / 2) * (np.sum(W1 ** 2) + np.sum(W2 ** 2))
    delta3 = (a3 - data) * a3 * (1 - a3)
    delta2 = W2.T.dot(delta3) * a2 * (1 - a2)
    W1grad = delta2.dot(data.T) / m + lambda_ * W1
    W2grad = delta3.dot(a2.T) / m + lambda_ * W2
    b1grad = delta2.sum(axis=1) / m
    b2grad = delta3.sum(axis=1) / m
    grad = np.concatenate((W1grad.reshape(n), W2grad.reshape(n), b1grad, b2grad))
    return cost, grad
