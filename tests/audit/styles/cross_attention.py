import numpy as np


class CrossAttention:
    def __init__(self, Wq, Wk, Wv):
        self.Wq, self.Wk, self.Wv = Wq, Wk, Wv

    def forward(self, x, mem):
        self.x, self.mem = x, mem
        self.Q = x @ self.Wq
        self.K = mem @ self.Wk
        self.V = mem @ self.Wv
        d = self.Q.shape[1]
        S = self.Q @ self.K.T / np.sqrt(d)
        e = np.exp(S - S.max(axis=1, keepdims=True))
        self.A = e / e.sum(axis=1, keepdims=True)
        self.H = self.A @ self.V
        return x + self.H

    def backward(self, dout):
        d = self.Q.shape[1]
        dH = dout
        dV = self.A.T @ dH
        dA = dH @ self.V.T
        dS = self.A * (dA - np.sum(dA * self.A, axis=1, keepdims=True))
        dS = dS / np.sqrt(d)
        dQ = dS @ self.K
        dK = dS.T @ self.Q
        self.dWq = self.x.T @ dQ
        self.dWk = self.mem.T @ dK
        self.dWv = self.mem.T @ dV
        dx = dout + dQ @ self.Wq.T
        dmem = dK @ self.Wk.T + dV @ self.Wv.T
        return dx, dmem
