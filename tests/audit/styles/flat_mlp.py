import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def unroll(nn_params, n_in, n_hid, n_out):
    cut1 = n_hid * n_in
    cut2 = cut1 + n_hid
    cut3 = cut2 + n_out * n_hid
    W1 = nn_params[:cut1].reshape(n_hid, n_in)
    b1 = nn_params[cut1:cut2]
    W2 = nn_params[cut2:cut3].reshape(n_out, n_hid)
    b2 = nn_params[cut3:]
    return W1, b1, W2, b2


def nn_cost_function(nn_params, n_in, n_hid, n_out, X, Y, lmbda):
    W1, b1, W2, b2 = unroll(nn_params, n_in, n_hid, n_out)
    m = X.shape[0]
    Z1 = X @ W1.T + b1
    H = sigmoid(Z1)
    Z2 = H @ W2.T + b2
    P = sigmoid(Z2)
    J = -(Y * np.log(P) + (1 - Y) * np.log(1 - P)).sum() / m
    J += lmbda / (2 * m) * ((W1 ** 2).sum() + (W2 ** 2).sum())

    delta_out = (P - Y) / m
    W2_grad = delta_out.T @ H
    b2_grad = delta_out.sum(axis=0)
    delta_hid = (delta_out @ W2) * H * (1 - H)
    W1_grad = delta_hid.T @ X
    b1_grad = delta_hid.sum(axis=0)
    W1_grad += lmbda / m * W1
    W2_grad += lmbda / m * W2
    grad = np.concatenate((W1_grad.ravel(), b1_grad, W2_grad.ravel(), b2_grad))
    return J, grad
