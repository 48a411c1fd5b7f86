"""A neuron that is trained number by number, and one without a loss in it."""

import numpy as np


def sigmoid(t):
    return 1 / (1 + np.exp(-t))


def sigmoid_derivative(p):
    return p * (1 - p)


def mse_loss(y_true, y_pred):
    return ((y_true - y_pred) ** 2).mean()


class Neuron:
    def __init__(self):
        self.w1 = np.random.normal()
        self.w2 = np.random.normal()
        self.b = np.random.normal()

    def feedforward(self, x):
        return sigmoid(self.w1 * x[0] + self.w2 * x[1] + self.b)

    def train(self, data, all_y_trues):
        learn_rate = 0.1
        for epoch in range(1000):
            for x, y_true in zip(data, all_y_trues):
                total = self.w1 * x[0] + self.w2 * x[1] + self.b
                y_pred = sigmoid(total)

                d_L_d_ypred = -2 * (y_true - y_pred)
                d_ypred_d_total = sigmoid_derivative(y_pred)

                self.w1 -= learn_rate * d_L_d_ypred * d_ypred_d_total * x[0]
                self.w2 -= learn_rate * d_L_d_ypred * d_ypred_d_total * x[1]
                self.b -= learn_rate * d_L_d_ypred * d_ypred_d_total
            if epoch % 100 == 0:
                y_preds = np.apply_along_axis(self.feedforward, 1, data)
                print(epoch, mse_loss(all_y_trues, y_preds))


class LogisticRegression:
    def __init__(self, lr=0.01, n_iters=1000):
        self.lr = lr
        self.n_iters = n_iters
        self.weights = None
        self.bias = None

    def fit(self, X, y):
        n_samples, n_features = X.shape
        self.weights = np.zeros(n_features)
        self.bias = 0
        for _ in range(self.n_iters):
            predicted = sigmoid(X @ self.weights + self.bias)
            dw = X.T @ (predicted - y) / n_samples
            db = np.sum(predicted - y) / n_samples
            self.weights -= self.lr * dw
            self.bias -= self.lr * db


class NeuralNetwork:
    def __init__(self, x, y):
        self.input = x
        self.weights1 = np.random.rand(self.input.shape[1], 4)
        self.weights2 = np.random.rand(4, 1)
        self.y = y
        self.output = np.zeros(self.y.shape)

    def feedforward(self):
        self.layer1 = sigmoid(np.dot(self.input, self.weights1))
        self.output = sigmoid(np.dot(self.layer1, self.weights2))

    def backprop(self):
        delta2 = 2 * (self.y - self.output) * sigmoid_derivative(self.output)
        d_weights2 = np.dot(self.layer1.T, delta2)
        delta1 = np.dot(delta2, self.weights2.T) * sigmoid_derivative(self.layer1)
        d_weights1 = np.dot(self.input.T, delta1)
        self.weights1 += d_weights1
        self.weights2 += d_weights2
