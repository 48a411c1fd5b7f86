import numpy as np


class Agent:
    def __init__(self, n_in=8, n_hidden=5):
        self.model = {"W1": np.random.randn(n_hidden, n_in) / np.sqrt(n_in),
                      "W2": np.random.randn(n_hidden) / np.sqrt(n_hidden)}

    def policy_forward(self, x):
        h = np.tanh(self.model["W1"] @ x)
        logp = self.model["W2"] @ h
        p = 1.0 / (1.0 + np.exp(-logp))
        return p, h

    def policy_backward(self, epx, eph, epdlogp):
        dW2 = (eph.T @ epdlogp).ravel()
        dh = np.outer(epdlogp, self.model["W2"])
        dh *= 1 - eph ** 2
        dW1 = dh.T @ epx
        return {"W1": dW1, "W2": dW2}
