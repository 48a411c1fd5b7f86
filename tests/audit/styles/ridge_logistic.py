import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cost_function_reg(theta, X, y, lamb):
    m = len(y)
    h = sigmoid(X @ theta)
    cost = -(y @ np.log(h) + (1 - y) @ np.log(1 - h)) / m
    return cost + lamb / (2 * m) * np.sum(theta[1:] ** 2)


def cost_function_reg_gradient(theta, X, y, lamb):
    m = len(y)
    error = sigmoid(X @ theta) - y
    grad = X.T @ error / m
    grad[1:] = grad[1:] + lamb / m * theta[1:]
    return grad
