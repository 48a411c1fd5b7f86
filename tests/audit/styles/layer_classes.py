import numpy as np


class Linear:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.grads = {}

    def forward(self, inp):
        self.inp = inp
        return inp @ self.W + self.b

    def backward(self, grad_out):
        self.grads["W"] = self.inp.T @ grad_out
        self.grads["b"] = grad_out.sum(axis=0)
        return grad_out @ self.W.T


class Softplus:
    def forward(self, z):
        self.z = z
        return np.log(1 + np.exp(z))

    def backward(self, grad_out):
        return grad_out / (1 + np.exp(-self.z))


class ELU:
    def __init__(self, alpha=1.5):
        self.alpha = alpha

    def forward(self, z):
        self.z = z
        return np.where(z > 0, z, self.alpha * (np.exp(z) - 1))

    def backward(self, grad_out):
        slope = np.where(self.z > 0, 1.0, self.alpha * np.exp(self.z))
        return grad_out * slope


class LayerNorm:
    def __init__(self, gamma, beta, eps=1e-6):
        self.gamma, self.beta, self.eps = gamma, beta, eps

    def forward(self, x):
        mean = x.mean(axis=-1, keepdims=True)
        var = x.var(axis=-1, keepdims=True)
        self.inv_std = 1.0 / np.sqrt(var + self.eps)
        self.normed = (x - mean) * self.inv_std
        return self.gamma * self.normed + self.beta

    def backward(self, grad_out):
        self.dgamma = (grad_out * self.normed).sum(axis=0)
        self.dbeta = grad_out.sum(axis=0)
        g = grad_out * self.gamma
        mean_g = g.mean(axis=-1, keepdims=True)
        mean_gn = (g * self.normed).mean(axis=-1, keepdims=True)
        return self.inv_std * (g - mean_g - self.normed * mean_gn)
