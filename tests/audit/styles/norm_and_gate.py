import numpy as np


class PowerNorm:
    def __init__(self, gain, eps=1e-5):
        self.gain, self.eps = gain, eps

    def forward(self, x):
        self.centered = x - x.mean(axis=1, keepdims=True)
        self.scale = np.sqrt((self.centered ** 2).mean(axis=1, keepdims=True) + self.eps)
        self.out = self.centered / self.scale
        return self.out * self.gain

    def backward(self, dout):
        n = dout.shape[1]
        self.dgain = (dout * self.out).sum(axis=0)
        dnorm = dout * self.gain
        dscale = -(dnorm * self.centered).sum(axis=1, keepdims=True) / self.scale ** 2
        dcentered = dnorm / self.scale + dscale * self.centered / (n * self.scale)
        return dcentered - dcentered.mean(axis=1, keepdims=True)


def glu_forward(a, b):
    gate = 1 / (1 + np.exp(-b))
    return a * gate, (a, gate)


def glu_backward(dout, cache):
    a, gate = cache
    da = dout * gate
    dgate = dout * a
    db = dgate * gate * (1 - gate)
    return da, db


def cosine_forward(u, v):
    nu = np.sqrt((u ** 2).sum(axis=1))
    nv = np.sqrt((v ** 2).sum(axis=1))
    dot = (u * v).sum(axis=1)
    return dot / (nu * nv), (u, v, nu, nv, dot)


def cosine_backward(dout, cache):
    u, v, nu, nv, dot = cache
    cos = dot / (nu * nv)
    du = dout[:, None] * (v / (nu * nv)[:, None] - (cos / nu ** 2)[:, None] * u)
    dv = dout[:, None] * (u / (nu * nv)[:, None] - (cos / nv ** 2)[:, None] * v)
    return du, dv
