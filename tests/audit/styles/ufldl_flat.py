import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sparse_autoencoder_cost(theta, visible_size, hidden_size, lambda_, rho, beta, data):
    W1 = theta[0:hidden_size * visible_size].reshape(hidden_size, visible_size)
    W2 = theta[hidden_size * visible_size:2 * hidden_size * visible_size].reshape(visible_size, hidden_size)
    b1 = theta[2 * hidden_size * visible_size:2 * hidden_size * visible_size + hidden_size]
    b2 = theta[2 * hidden_size * visible_size + hidden_size:]
    m = data.shape[1]
    a2 = sigmoid(W1.dot(data) + b1[:, None])
    h = sigmoid(W2.dot(a2) + b2[:, None])
    rho_hat = a2.mean(axis=1)
    cost = np.sum((h - data) ** 2) / (2 * m) + (lambda_ / 2) * (np.sum(W1 ** 2) + np.sum(W2 ** 2)) + \
        beta * np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))
    sparsity = -rho / rho_hat + (1 - rho) / (1 - rho_hat)
    delta3 = -(data - h) * h * (1 - h)
    delta2 = (W2.T.dot(delta3) + beta * sparsity[:, None]) * a2 * (1 - a2)
    W1grad = delta2.dot(data.T) / m + lambda_ * W1
    W2grad = delta3.dot(a2.T) / m + lambda_ * W2
    b1grad = delta2.sum(axis=1) / m
    b2grad = delta3.sum(axis=1) / m
    grad = np.concatenate((W1grad.reshape(-1), W2grad.reshape(-1), b1grad, b2grad))
    return cost, grad
