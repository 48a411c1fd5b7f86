import cupy as cp

class BatchNorm:
    def __init__(self, dim, eps=1e-5):
        self.gamma = cp.ones(dim)
        self.beta = cp.zeros(dim)
        self.eps = eps

    def forward(self, x):
        self.mu = x.mean(axis=0)
        self.xc = x - self.mu
        self.var = (self.xc ** 2).mean(axis=0)
        self.inv_std = 1.0 / cp.sqrt(self.var + self.eps)
        self.xn = self.xc * self.inv_std
        return self.gamma * self.xn + self.beta

    def backward(self, dout):
        N = dout.shape[0]
        self.dbeta = dout.sum(axis=0)
        self.dgamma = (dout * self.xn).sum(axis=0)
        dxn = dout * self.gamma
        dvar = (dxn * self.xc).sum(axis=0) * -0.5 * self.inv_std ** 3
        dmu = -(dxn * self.inv_std).sum(axis=0)
        dx = dxn * self.inv_std + dvar * 2 * self.xc / N + dmu / N
        return dx
