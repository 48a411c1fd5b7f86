import numpy as np

SHAPES = {"Wh": (3, 3), "Wt": (3, 3), "bt": (3,)}


class Dense:
    def __init__(self, weights, bias, activation="sigmoid"):
        self.weights = weights
        self.bias = bias
        self.activation = activation

    def forward(self, inputs):
        self.inputs = inputs
        self.z = np.dot(inputs, self.weights) + self.bias
        if self.activation == "sigmoid":
            self.a = 1.0 / (1.0 + np.exp(-self.z))
        else:
            self.a = np.tanh(self.z)
        return self.a

    def backward(self, grad):
        if self.activation == "sigmoid":
            delta = grad * self.a * (1.0 - self.a)
        else:
            delta = grad * (1.0 - self.a ** 2)
        self.dweights = np.dot(self.inputs.T, delta)
        self.dbias = np.sum(delta, axis=0)
        return np.dot(delta, self.weights.T)


class Highway:
    def __init__(self, Wh, Wt, bt):
        self.Wh, self.Wt, self.bt = Wh, Wt, bt

    def forward(self, x):
        cand = np.tanh(x @ self.Wh)
        gate = 1 / (1 + np.exp(-(x @ self.Wt + self.bt)))
        out = gate * cand + (1 - gate) * x
        self.cache = (x, cand, gate)
        return out

    def backward(self, dout):
        x, cand, gate = self.cache
        dcand = dout * gate
        dgate = dout * (cand - x)
        dpre_h = dcand * (1 - cand ** 2)
        dpre_t = dgate * gate * (1 - gate)
        self.dWh = x.T @ dpre_h
        self.dWt = x.T @ dpre_t
        self.dbt = dpre_t.sum(0)
        dx = dout * (1 - gate) + dpre_h @ self.Wh.T + dpre_t @ self.Wt.T
        return dx


class GlobalPoolSoftmax:
    def forward(self, x):
        self.shape = x.shape
        pooled = x.mean(axis=(2, 3))
        e = np.exp(pooled - pooled.max(axis=1, keepdims=True))
        self.probs = e / e.sum(axis=1, keepdims=True)
        return self.probs

    def backward(self, dout):
        N, C, H, W = self.shape
        s = self.probs
        dot = (dout * s).sum(axis=1, keepdims=True)
        dpooled = s * (dout - dot)
        dx = np.ones(self.shape) * dpooled[:, :, None, None] / (H * W)
        return dx
