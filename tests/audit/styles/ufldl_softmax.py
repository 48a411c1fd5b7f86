import numpy as np

SHAPES = {"data": (3, 5), "labels": "5:0..1"}


def softmax_cost(theta, num_classes, input_size, lambda_, data, labels):
    theta = theta.reshape(num_classes, input_size)
    m = data.shape[1]
    ground_truth = np.zeros((num_classes, m))
    ground_truth[labels, np.arange(m)] = 1
    scores = theta.dot(data)
    scores = scores - scores.max(axis=0)
    probs = np.exp(scores)
    probs = probs / probs.sum(axis=0)
    cost = -(ground_truth * np.log(probs)).sum() / m + lambda_ / 2 * (theta ** 2).sum()
    theta_grad = -(ground_truth - probs).dot(data.T) / m + lambda_ * theta
    return cost, theta_grad.ravel()


def sparse_cost(theta, visible, hidden, lambda_, rho, beta, data):
    W1 = theta[:hidden * visible].reshape(hidden, visible)
    W2 = theta[hidden * visible:2 * hidden * visible].reshape(visible, hidden)
    b1 = theta[2 * hidden * visible:2 * hidden * visible + hidden]
    b2 = theta[2 * hidden * visible + hidden:]
    m = data.shape[1]
    a2 = 1 / (1 + np.exp(-(W1.dot(data) + b1[:, None])))
    a3 = 1 / (1 + np.exp(-(W2.dot(a2) + b2[:, None])))
    rho_hat = a2.mean(axis=1)
    diff = a3 - data
    cost = 0.5 * (diff ** 2).sum() / m
    cost += lambda_ / 2 * ((W1 ** 2).sum() + (W2 ** 2).sum())
    cost += beta * (rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))).sum()

    delta3 = diff * a3 * (1 - a3)
    sparsity = beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))
    delta2 = (W2.T.dot(delta3) + sparsity[:, None]) * a2 * (1 - a2)
    W1_grad = delta2.dot(data.T) / m + lambda_ * W1
    W2_grad = delta3.dot(a2.T) / m + lambda_ * W2
    b1_grad = delta2.sum(axis=1) / m
    b2_grad = delta3.sum(axis=1) / m
    return cost, np.concatenate([W1_grad.ravel(), W2_grad.ravel(), b1_grad, b2_grad])
