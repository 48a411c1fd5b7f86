import numpy as np


class DropNet:
    def __init__(self, p=0.7, reg=0.2):
        rng = np.random.default_rng(0)
        self.params = {
            "W1": rng.normal(size=(4, 6)), "b1": rng.normal(size=6),
            "W2": rng.normal(size=(6, 6)), "b2": rng.normal(size=6),
            "W3": rng.normal(size=(6, 3)), "b3": rng.normal(size=3),
        }
        self.p, self.reg = p, reg

    def loss(self, X, y):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        W3, b3 = self.params["W3"], self.params["b3"]
        N = X.shape[0]
        np.random.seed(3)
        a1 = X @ W1 + b1
        h1 = np.maximum(0, a1)
        m1 = (np.random.rand(*h1.shape) < self.p) / self.p
        d1 = h1 * m1
        a2 = d1 @ W2 + b2
        h2 = np.maximum(0, a2)
        m2 = (np.random.rand(*h2.shape) < self.p) / self.p
        d2 = h2 * m2
        scores = d2 @ W3 + b3
        shifted = scores - scores.max(axis=1, keepdims=True)
        probs = np.exp(shifted)
        probs /= probs.sum(axis=1, keepdims=True)
        loss = -np.log(probs[np.arange(N), y]).mean()
        loss += self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2) + np.sum(W3 * W3))

        grads = {}
        dscores = probs.copy()
        dscores[np.arange(N), y] -= 1
        dscores /= N
        grads["W3"] = d2.T @ dscores + 2 * self.reg * W3
        grads["b3"] = dscores.sum(axis=0)
        dd2 = dscores @ W3.T
        dh2 = dd2 * m2
        da2 = dh2 * (a2 > 0)
        grads["W2"] = d1.T @ da2 + 2 * self.reg * W2
        grads["b2"] = da2.sum(axis=0)
        dd1 = da2 @ W2.T
        dh1 = dd1 * m1
        da1 = dh1 * (a1 > 0)
        grads["W1"] = X.T @ da1 + 2 * self.reg * W1
        grads["b1"] = da1.sum(axis=0)
        return loss, grads
