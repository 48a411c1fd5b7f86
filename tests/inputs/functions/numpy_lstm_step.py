import numpy as np
# LSTM cell
def sigmoid(x):
    return 1. / (1 + np.exp(-x))
def lstm_step(x, h, c, W, U, b):
    a = np.dot(W, x) + np.dot(U, h) + b
    i, f, o, g = np.split(a, 4)
    i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)
    g = np.tanh(g)
    c_next = f * c + i * g
    h_next = o * np.tanh(c_next)
    return h_next, c_next
n, m = 2, 3
lstm_step(np.ones(m), np.zeros(n), np.zeros(n), np.ones((4*n, m)), np.ones((4*n, n)), np.zeros(4*n))
