import numpy as np
def init_params(n_in, n_h, n_out):
    return {"W1": np.random.randn(n_in, n_h), "b1": np.zeros(n_h), "W2": np.random.randn(n_h, n_out)}
def forward_with_noise(X, params):
    h = np.tanh(X @ params["W1"] + params["b1"])
    return h @ params["W2"] * 2
def forward(X, params):
    h = np.maximum(0, X @ params["W1"] + params["b1"])
    h[h > 6] = 6
    return h @ params["W2"]
n_in, n_h, n_out = 4, 8, 3
params = init_params(n_in, n_h, n_out)
