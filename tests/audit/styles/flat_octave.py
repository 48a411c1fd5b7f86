import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_gradient(z):
    return sigmoid(z) * (1 - sigmoid(z))


def nnCostFunction(nn_params, input_layer_size, hidden_layer_size, num_labels, X, y, lamb):
    split = hidden_layer_size * (input_layer_size + 1)
    Theta1 = nn_params[:split].reshape((hidden_layer_size, input_layer_size + 1))
    Theta2 = nn_params[split:].reshape((num_labels, hidden_layer_size + 1))
    m = X.shape[0]
    J = 0
    Theta1_grad = np.zeros(Theta1.shape)
    Theta2_grad = np.zeros(Theta2.shape)

    for t in range(m):
        a1 = np.hstack((1, X[t]))
        z2 = Theta1.dot(a1)
        a2 = np.hstack((1, sigmoid(z2)))
        z3 = Theta2.dot(a2)
        a3 = sigmoid(z3)
        yt = np.zeros(num_labels)
        yt[y[t]] = 1
        J += (-yt * np.log(a3) - (1 - yt) * np.log(1 - a3)).sum()

        d3 = a3 - yt
        d2 = Theta2[:, 1:].T.dot(d3) * sigmoid_gradient(z2)
        Theta1_grad += np.outer(d2, a1)
        Theta2_grad += np.outer(d3, a2)

    J = J / m + lamb / (2 * m) * ((Theta1[:, 1:] ** 2).sum() + (Theta2[:, 1:] ** 2).sum())
    Theta1_grad /= m
    Theta2_grad /= m
    Theta1_grad[:, 1:] += lamb / m * Theta1[:, 1:]
    Theta2_grad[:, 1:] += lamb / m * Theta2[:, 1:]
    return J, np.r_[Theta1_grad.ravel(), Theta2_grad.ravel()]
