import numpy as np


class Network(object):
    def __init__(self, sizes):
        self.num_layers = len(sizes)
        self.biases = [np.random.randn(y, 1) for y in sizes[1:]]
        self.weights = [np.random.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]

    def feedforward(self, a):
        for b, w in zip(self.biases[:-1], self.weights[:-1]):
            a = np.tanh(np.dot(w, a) + b)
        return np.dot(self.weights[-1], a) + self.biases[-1]

    def total_cost(self, x, y):
        return 0.5 * np.sum((self.feedforward(x) - y) ** 2)

    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        acts = [x]
        a = x
        for b, w in zip(self.biases[:-1], self.weights[:-1]):
            a = np.tanh(np.dot(w, a) + b)
            acts.append(a)
        out = np.dot(self.weights[-1], a) + self.biases[-1]
        delta = out - y
        for l in range(len(self.weights) - 1, -1, -1):
            nabla_b[l] = delta
            nabla_w[l] = np.dot(delta, acts[l].transpose())
            if l > 0:
                delta = np.dot(self.weights[l].transpose(), delta) * (1 - acts[l] ** 2)
        return (nabla_b, nabla_w)
