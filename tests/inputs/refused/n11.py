import numpy as np
class Batcher:
    def __init__(self):
        self.noise = np.random.randn(4)
        self.P = np.random.randn(4, 4)
    def __call__(self, X):
        return X @ self.P + self.noise
augment = Batcher()
def init():
    return {"W1": np.random.randn(4, 8), "W2": np.random.randn(8, 3)}
def forward(X, params):
    return np.tanh(X @ params["W1"]) @ params["W2"]
